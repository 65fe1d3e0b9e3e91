/** Mixes made for the listener, what they think of tracks and artists, and radio. */

import { call } from "./http";
import type { Mix, Page, SimpleMix, Track } from "./types";

const own = { cache: "no-cache" } as const;
const MOST = 50;

/** `more`: a standing wish; `undo`: as if nothing had been said. */
export type Opinion = "hide" | "less" | "more";

export interface Said {
  uri: string;
  kind: Opinion;
}

export async function mixes(): Promise<SimpleMix[]> {
  const page = await call<Page<SimpleMix>>("GET", "/v1/me/mixes", {
    query: { limit: MOST },
    ...own,
  });
  return page.items;
}

export function mix(id: string): Promise<Mix> {
  return call("GET", `/v1/me/mixes/${id}`, own);
}

/** The oldest first. */
export async function opinions(): Promise<Said[]> {
  return (await call<{ items: Said[] }>("GET", "/v1/me/feedback", own)).items;
}

/** `uri` of a track or an artist. */
export function say(uri: string, kind: Opinion | "undo"): Promise<void> {
  return call("POST", "/v1/me/feedback", { body: { uri, kind } });
}

/** Tracks that go with a track, which comes first, or with an artist. */
export async function radio(type: "track" | "artist", id: string): Promise<Track[]> {
  const answer = await call<{ tracks: Track[] }>("GET", `/v1/radio/${type}/${id}`, {
    query: { limit: MOST },
    ...own,
  });
  return answer.tracks;
}
