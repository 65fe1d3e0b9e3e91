/** What artists do: uploads, releases, plays. */

import { call, send } from "./http";
import type { Upload } from "./types";

export interface UploadRequest {
  filename: string;
  size: number;
  sha256: string;
  kind: "audio" | "image";
  group: string;
}

export function upload(request: UploadRequest): Promise<Upload> {
  return call("POST", "/v1/uploads", { body: request });
}

const MOST_IDS = 100;

/** All of the artist's own, the newest first. */
export async function uploads(): Promise<Upload[]> {
  const found: Upload[] = [];
  let after: string | null | undefined;
  do {
    const page = await call<{ uploads: Upload[]; next: string | null }>("GET", "/v1/uploads", {
      query: { limit: MOST_IDS, after: after ?? undefined },
      cache: "no-store",
    });
    found.push(...page.uploads);
    after = page.next;
  } while (after);
  return found.sort((one, other) => other.created_at.localeCompare(one.created_at));
}

/** A release as its owner sees it. */
export interface Release {
  id: string;
  name: string;
  genres: string[];
  label: string;
  copyright: string;
  release_date: string;
  upc: string;
}

export async function release(id: string): Promise<{ state: Release; etag: string }> {
  const answer = await send("GET", `/v1/albums/${id}/edit`, { cache: "no-store" });
  return {
    state: (await answer.json()) as Release,
    etag: answer.headers.get("ETag") ?? "",
  };
}

export function editRelease(
  id: string,
  change: Partial<Omit<Release, "id">>,
  etag: string,
): Promise<Release> {
  return call("PUT", `/v1/albums/${id}`, { body: change, ifMatch: etag || undefined });
}

export interface TrackCount {
  track_id: string;
  total: number;
  days: { date: string; plays: number }[];
}

const MOST_COUNTED = 50;

export async function playCounts(ids: string[], days: number): Promise<TrackCount[]> {
  const parts: Promise<{ tracks: TrackCount[] }>[] = [];
  for (let at = 0; at < ids.length; at += MOST_COUNTED) {
    const some = ids.slice(at, at + MOST_COUNTED).join(",");
    parts.push(call("GET", "/v1/plays/counts", { query: { ids: some, days }, cache: "no-store" }));
  }
  return (await Promise.all(parts)).flatMap((answer) => answer.tracks);
}
