import { describe, expect, it } from "vitest";

import { read } from "../src/connect/events";
import { gainFor } from "../src/player/loudness";
import { kidOf, kidsOf } from "../src/player/keys";
import { lastDays } from "../src/studio/chart";
import { plain } from "../src/ui/format";
import { clock } from "../src/ui/time";
import { de } from "../src/i18n/de";
import { en } from "../src/i18n/en";

describe("loudness", () => {
  it("brings tracks to −14 LUFS", () => {
    expect(gainFor({ integrated_lufs: -8, true_peak_db: 0 })).toBeCloseTo(10 ** (-6 / 20));
    expect(gainFor({ integrated_lufs: -17, true_peak_db: -9 })).toBeCloseTo(10 ** (3 / 20));
  });

  it("never lifts a peak above the ceiling", () => {
    expect(gainFor({ integrated_lufs: -24, true_peak_db: -3 })).toBeCloseTo(10 ** (2 / 20));
  });

  it("leaves alone what was not measured", () => {
    expect(gainFor({ integrated_lufs: -Infinity, true_peak_db: 0 })).toBe(1);
  });
});

describe("key ids", () => {
  it("are the track's id in bytes", () => {
    expect(kidOf("63AhViCdTHyB1k56X1W5Xr")).toBe("xwqJz-a6tCMo2FMFckpHWQ");
    expect(kidOf("0000000000000000000001")).toBe("AAAAAAAAAAAAAAAAAAAAAQ");
  });

  it("are two where there is something lossless", () => {
    const track_id = "0000000000000000000001";
    const aac = { name: "aac96", codec: "aac", bitrate: 96_000, lossless: false };
    const flac = { name: "flac", codec: "flac", bitrate: 0, lossless: true };
    expect(kidsOf({ track_id, renditions: [aac] })).toEqual([kidOf(track_id)]);
    const both = kidsOf({ track_id, renditions: [aac, flac] });
    expect(both).toEqual([kidOf(track_id), "_____________________g"]);
  });
});

describe("server-sent events", () => {
  it("have a name and data", () => {
    expect(read('id: 7\nevent: state\ndata: {"version":7}')).toEqual({
      name: "state",
      data: { version: 7 },
    });
    expect(read("retry: 1000")).toBeUndefined();
  });
});

describe("texts", () => {
  it("have the same places to fill in every language", () => {
    const places = (text: unknown): string[] =>
      [...new Set(JSON.stringify(text).match(/\{\w+\}/g) ?? [])].sort();
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      expect([key, places(de[key])]).toEqual([key, places(en[key])]);
    }
  });

  it("are plain where they come with HTML's entities", () => {
    expect(plain("R&amp;B &#x27;90 &#38; &lt;b&gt;")).toBe("R&B '90 & <b>");
    expect(plain("&nothing; &#99999999; & so on")).toBe("&nothing; &#99999999; & so on");
  });

  it("say how long something is", () => {
    expect([clock(0), clock(65_000), clock(3_723_000)]).toEqual(["0:00", "1:05", "1:02:03"]);
  });
});

describe("days of plays", () => {
  it("are complete and summed over tracks", () => {
    const today = new Date("2026-03-02T12:00:00Z");
    const days = lastDays(
      3,
      [
        { date: "2026-03-01", plays: 2 },
        { date: "2026-03-01", plays: 3 },
        { date: "2026-01-01", plays: 9 },
      ],
      today,
    );
    expect(days).toEqual([
      { date: "2026-02-28", plays: 0 },
      { date: "2026-03-01", plays: 5 },
      { date: "2026-03-02", plays: 0 },
    ]);
  });
});
