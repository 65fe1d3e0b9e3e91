/** Downloads as they lie in this browser: encrypted media, wrapped keys, and what they are of. */

import { computed, signal } from "@preact/signals";

import type { Image, Stream, Track } from "../api/types";
import * as db from "./db";
import * as keys from "./keys";

/** Media and covers, by their addresses. The service worker reads covers from here too. */
export const CACHE = "cadenza-downloads";

/** An album or a playlist that was downloaded. */
export interface Collection {
  uri: string;
  name: string;
  /** Whom it is by. */
  by: string;
  image: Image | undefined;
  trackIds: string[];
  addedAt: number;
}

export interface KeptTrack {
  track: Track;
  stream: Stream;
  urls: string[];
  bytes: number;
}

export const collections = signal<readonly Collection[]>([]);
export const tracks = signal<ReadonlyMap<string, KeptTrack>>(new Map());
export const usedBytes = computed(() =>
  [...tracks.value.values()].reduce((sum, kept) => sum + kept.bytes, 0),
);

/** Reads what is there; without it nothing is known to be downloaded. */
export async function load(): Promise<void> {
  try {
    const [kept, known] = await Promise.all([
      db.all<KeptTrack>("tracks"),
      db.all<Collection>("collections"),
    ]);
    tracks.value = new Map(kept.map((each) => [each.track.id, each]));
    collections.value = known.sort((one, other) => other.addedAt - one.addedAt);
  } catch {
    // A private window may refuse: the player works without downloads.
  }
}

export function collection(uri: string): Collection | undefined {
  return collections.value.find((each) => each.uri === uri);
}

export async function keepTrack(kept: KeptTrack): Promise<void> {
  await db.put("tracks", kept.track.id, kept);
  tracks.value = new Map(tracks.value).set(kept.track.id, kept);
}

export async function keepCollection(kept: Collection): Promise<void> {
  await db.put("collections", kept.uri, kept);
  collections.value = [kept, ...collections.value.filter((each) => each.uri !== kept.uri)];
}

/** Forgets a collection, and those of its tracks that no other one has. */
export async function removeCollection(uri: string): Promise<void> {
  const gone = collection(uri);
  await db.remove("collections", [uri]);
  collections.value = collections.value.filter((each) => each.uri !== uri);
  const wanted = new Set(collections.value.flatMap((each) => each.trackIds));
  await removeTracks((gone?.trackIds ?? []).filter((id) => !wanted.has(id)));
}

/** Forgets everything; shown as gone when it is. */
export async function removeAll(): Promise<void> {
  await caches.delete(CACHE);
  await keys.drop([...tracks.value.keys()]);
  await Promise.all([db.clear("collections"), db.clear("tracks")]);
  collections.value = [];
  tracks.value = new Map();
}

/** A downloaded track's stream and key, if its licence still holds. */
export async function open(
  trackId: string,
): Promise<{ stream: Stream; licence: Awaited<ReturnType<typeof keys.licenceOf>> & {} } | undefined> {
  const kept = tracks.value.get(trackId);
  if (!kept) return undefined;
  const licence = await keys.licenceOf(trackId);
  // Only the rendition that was downloaded, so that playing offline never asks for another.
  const renditions = kept.stream.renditions.filter(({ name }) =>
    kept.urls.some((url) => url.endsWith(`/${name}.m3u8`)),
  );
  return licence && { stream: { ...kept.stream, renditions, expires_at: Infinity }, licence };
}

/** The downloaded bytes at an address. */
export async function bytes(url: string): Promise<ArrayBuffer | undefined> {
  const trackId = /\/media\/([0-9A-Za-z]{22})\//.exec(url)?.[1];
  if (trackId === undefined || !tracks.value.has(trackId)) return undefined;
  const answer = await (await caches.open(CACHE)).match(url);
  return answer?.arrayBuffer();
}

async function removeTracks(ids: string[]): Promise<void> {
  const cache = await caches.open(CACHE);
  for (const id of ids) {
    const kept = tracks.value.get(id);
    await Promise.all((kept?.urls ?? []).map((url) => cache.delete(url)));
  }
  await db.remove("tracks", ids);
  await keys.drop(ids);
  const left = new Map(tracks.value);
  for (const id of ids) left.delete(id);
  tracks.value = left;
}
