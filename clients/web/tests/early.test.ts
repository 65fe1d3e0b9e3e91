import { afterEach, describe, expect, it, vi } from "vitest";

import { askEarly, early, newReleasesPath } from "../src/api/early";
import { wanted } from "../src/i18n/language";

afterEach(() => vi.unstubAllGlobals());

function answering(answer: () => Promise<Response>): ReturnType<typeof vi.fn> {
  const asked = vi.fn(answer);
  vi.stubGlobal("fetch", asked);
  return asked;
}

describe("what is asked for early", () => {
  const path = newReleasesPath("SE");

  it("is asked for once, without a token or a cookie, and given once", async () => {
    const asked = answering(() => Promise.resolve(Response.json({ albums: 1 })));
    askEarly(path);
    expect(await early(path)).toEqual({ albums: 1 });
    expect(await early(path)).toBeUndefined();
    expect(asked.mock.calls).toEqual([[path, { credentials: "omit" }]]);
  });

  it("is nothing where the edge keeps none, or there is no network", async () => {
    answering(() => Promise.resolve(new Response("", { status: 401 })));
    askEarly(path);
    expect(await early(path)).toBeUndefined();
    answering(() => Promise.reject(new TypeError("no network")));
    askEarly(path);
    expect(await early(path)).toBeUndefined();
    answering(() => Promise.resolve(new Response("<html>")));
    askEarly(path);
    expect(await early(path)).toBeUndefined();
  });

  it("is of the market that was named", async () => {
    answering(() => Promise.resolve(Response.json({})));
    askEarly(path);
    expect(await early(newReleasesPath("DE"))).toBeUndefined();
    expect(await early(newReleasesPath())).toBeUndefined();
    expect(newReleasesPath()).not.toContain("market");
  });
});

describe("the language", () => {
  function speaking(chosen: string | null, ...languages: string[]): void {
    vi.stubGlobal("localStorage", { getItem: () => chosen });
    vi.stubGlobal("navigator", { languages });
  }

  it("is what was chosen here", () => {
    speaking('"de"', "en-GB");
    expect(wanted()).toBe("de");
  });

  it("is else the first of the browser's that there are texts in", () => {
    speaking(null, "fr-FR", "de-AT", "en");
    expect(wanted()).toBe("de");
    speaking('""', "en-GB", "de");
    expect(wanted()).toBe("en");
  });

  it("is English where nothing fits", () => {
    speaking('"toString"', "constructor", "fr");
    expect(wanted()).toBe("en");
    speaking(null);
    expect(wanted()).toBe("en");
  });
});
