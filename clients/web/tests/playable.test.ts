import { afterEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "../src/api/error";
import type { Me, Track } from "../src/api/types";
import { me } from "../src/auth/session";
import { canPlay, hindranceOf } from "../src/player/playable";
import { problemOf } from "../src/player/problems";

// It asks which browser this is.
vi.mock("../src/player/graph", () => ({ isOpen: () => true }));

function track(said: Partial<Track> = {}): Track {
  return { id: "t", explicit: false, ...said } as Track;
}

function filters(filter_enabled: boolean): void {
  me.value = { explicit_content: { filter_enabled, filter_locked: false } } as Me;
}

const RESTRICTED = { is_playable: false, restrictions: { reason: "explicit" } };

afterEach(() => {
  me.value = undefined;
});

describe("what can be played", () => {
  it("is all that the platform offers, for who filters nothing", () => {
    expect(canPlay(track({ explicit: true }))).toBe(true);
    expect(hindranceOf(track({ is_playable: false }))).toBe("unavailable");
    expect(hindranceOf(track({ is_local: true }))).toBe("unavailable");
  });

  it("is nothing explicit for who filters it, whatever was said of it before", () => {
    filters(true);
    expect(hindranceOf(track({ explicit: true, is_playable: true }))).toBe("explicit");
    expect(hindranceOf(track({ explicit: true, ...RESTRICTED }))).toBe("explicit");
    expect(canPlay(track())).toBe(true);
  });

  it("is explicit again at once when the filter is turned off", () => {
    filters(false);
    expect(canPlay(track({ explicit: true, ...RESTRICTED }))).toBe(true);
  });

  it("is unavailable before it is filtered", () => {
    filters(true);
    const elsewhere = { is_playable: false, restrictions: { reason: "market" } };
    expect(hindranceOf(track({ explicit: true, ...elsewhere }))).toBe("unavailable");
  });
});

it("a refusal of what is explicit is told apart from other refusals", () => {
  expect(problemOf(new ApiError(403, "turned off", "EXPLICIT_FILTER"))).toBe("explicit");
  expect(problemOf(new ApiError(403, "elsewhere", "SESSION_TAKEN_OVER"))).toBe("key");
});
