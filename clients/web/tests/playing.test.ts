import { describe, expect, it } from "vitest";

import { renditionFor, Throughput, type Rendition } from "../src/player/ladder";
import { lengthOf } from "../src/player/mp4";
import { parse } from "../src/player/playlist";
import aac from "./files/aac.mp4?inline";
import flac from "./files/flac.mp4?inline";

/** The bytes of a `data:` address. */
function bytes(url: string): ArrayBuffer {
  return Uint8Array.from(atob(url.split(",")[1] ?? ""), (each) => each.charCodeAt(0)).buffer;
}

describe("the length of a track", () => {
  it("is exact to the sample, in lossless", () => {
    expect((lengthOf(bytes(flac)) ?? 0) * 44_100).toBeCloseTo(24 * 44_100, 6);
  });

  it("leaves out what the encoder put before it", () => {
    expect((lengthOf(bytes(aac)) ?? 0) * 44_100).toBeCloseTo(24 * 44_100, 6);
  });

  it("is not guessed", () => {
    expect(lengthOf(bytes(flac).slice(0, 200))).toBeUndefined();
    expect(lengthOf(new ArrayBuffer(0))).toBeUndefined();
    expect(lengthOf(new Uint8Array(64).buffer)).toBeUndefined();
  });
});

describe("a playlist", () => {
  const text = `#EXTM3U
#EXT-X-MAP:URI="flac/init.mp4"
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:,"
#EXTINF:6.014,
flac/00001.m4s
#EXTINF:2.5,
flac/00002.m4s
#EXT-X-ENDLIST`;

  it("names its files and when they are heard", () => {
    expect(parse(text, "https://here/media/a/flac.m3u8")).toEqual({
      init: "https://here/media/a/flac/init.mp4",
      segments: [
        { url: "https://here/media/a/flac/00001.m4s", start: 0, end: 6.014 },
        { url: "https://here/media/a/flac/00002.m4s", start: 6.014, end: 8.514 },
      ],
    });
  });

  it("is nothing else", () => {
    expect(() => parse("<html>", "https://here/")).toThrow(SyntaxError);
    expect(() => parse(text.replace(/#EXTINF[^]*/, ""), "https://here/")).toThrow(SyntaxError);
  });
});

describe("the rendition", () => {
  const lossy = (bitrate: number): Rendition => ({
    name: `aac${bitrate / 1000}`,
    codec: "aac",
    bitrate,
    lossless: false,
  });
  const whole = { name: "flac", codec: "flac", bitrate: 0, lossless: true };
  const renditions = [lossy(96_000), lossy(160_000), lossy(320_000), whole];
  const chosen = (...[quality, rate]: [Parameters<typeof renditionFor>[1], number?]) =>
    renditionFor({ renditions }, quality, rate)?.name;

  it("is what the listener chose, or the best there is besides", () => {
    expect([chosen("low"), chosen("lossless", 10)]).toEqual(["aac96", "flac"]);
    expect(renditionFor({ renditions: renditions.slice(0, 3) }, "lossless", 10)?.name).toBe("aac320");
  });

  it("follows the connection with room to spare, and is never lossless by itself", () => {
    expect(chosen("auto")).toBe("aac160");
    expect([50_000, 150_000, 250_000, 460_000, 1e9].map((rate) => chosen("auto", rate))).toEqual([
      "aac96", "aac96", "aac160", "aac320", "aac320",
    ]);
    expect(renditionFor({ renditions: [whole] }, "auto", undefined)?.name).toBe("flac");
    expect(renditionFor({ renditions: [] }, "auto", undefined)).toBeUndefined();
  });

  it("is chosen by what came lately, not by a single answer", () => {
    const throughput = new Throughput();
    throughput.add(1000, 1);
    expect(throughput.bitsPerSecond).toBeUndefined();
    throughput.add(100_000, 800);
    expect(throughput.bitsPerSecond).toBe(1_000_000);
    throughput.add(100_000, 8000);
    expect(throughput.bitsPerSecond).toBe(640_000);
  });
});
