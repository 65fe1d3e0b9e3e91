import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import type { Reason, Track } from "../src/api/types";
import { speak } from "../src/i18n";
import { isMix, reasonOf, textOf, titleOf } from "../src/library/mixes";
import { wanted, type Opinions } from "../src/library/wanted";

function track(id: string, ...artists: string[]): Track {
  return {
    id,
    uri: `track:${id}`,
    artists: artists.map((artist) => ({ id: artist, name: artist, uri: `artist:${artist}` })),
  } as Track;
}

const TRACKS = [track("1", "x"), track("2", "y"), track("3", "x", "y"), track("4", "y")];

function left(opinions: [string, "hide" | "less" | "more"][]): string {
  return wanted(TRACKS, (each) => each, new Map(opinions) as Opinions)
    .map((each) => each.id)
    .join("");
}

describe("what is left of a mix", () => {
  it("is everything until something was said", () => {
    expect(left([])).toBe("1234");
    expect(left([["artist:x", "more"]])).toBe("1234");
  });

  it("is without a hidden track, and without all of a hidden artist's", () => {
    expect(left([["track:2", "hide"]])).toBe("134");
    expect(left([["track:2", "less"]])).toBe("134");
    expect(left([["artist:y", "hide"]])).toBe("1");
  });

  it("has one track of whom less is wanted, and it counts for each of its artists", () => {
    expect(left([["artist:x", "less"]])).toBe("124");
    expect(
      left([
        ["artist:y", "less"],
        ["track:2", "hide"],
      ]),
    ).toBe("13");
  });
});

describe("a mix", () => {
  const daily = { kind: "daily-mix", name: "Daily Mix 3", description: "Ana, Bo and more" };

  beforeAll(() => vi.stubGlobal("document", { documentElement: {} }));
  afterAll(() => vi.unstubAllGlobals());

  it("is named in the listener's language", async () => {
    expect([titleOf(daily), textOf(daily)]).toEqual(["Daily Mix 3", "Ana, Bo and more"]);
    await speak("de");
    expect([titleOf(daily), textOf(daily)]).toEqual(["Tagesmix 3", "Ana, Bo und mehr"]);
    await speak("en");
  });

  it("of a kind that came later keeps the platform's own words", () => {
    const later = { kind: "time-capsule", name: "Capsule", description: "Then." };
    expect([titleOf(later), textOf(later)]).toEqual(["Capsule", "Then."]);
    expect(reasonOf({ kind: "then", about: "", text: "You were there" })).toBe("You were there");
  });

  it("says why a track is in it, with a name if there is one", () => {
    const reason = (kind: string, about = ""): Reason => ({ kind, about, text: "?" });
    expect(reasonOf(reason("because", "Ana"))).toBe("Because you like Ana");
    expect(reasonOf(reason("because"))).toBe("Goes with what you like");
    expect(reasonOf(reason("popular"))).toBe("Many people are playing this");
  });

  it("belongs to the platform", () => {
    expect(isMix({ owner: { id: "cadenza" } })).toBe(true);
    expect(isMix({ owner: { id: "somebody" } })).toBe(false);
  });
});
