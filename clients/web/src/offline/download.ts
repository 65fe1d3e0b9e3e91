/** Downloading: a licence that lasts, then every file of one rendition, into this browser. */

import { signal } from "@preact/signals";

import { ApiError } from "../api/error";
import { call } from "../api/http";
import type { Image, Licence, Stream, Track } from "../api/types";
import { quality } from "../app/settings";
import { browserId } from "../connect/identity";
import { kidsOf } from "../player/keys";
import { renditionFor } from "../player/ladder";
import { canPlay } from "../player/playable";
import { parse } from "../player/playlist";
import * as keys from "./keys";
import * as store from "./store";
import { CACHE, type Collection, type KeptTrack } from "./store";

/** How far each download is, 0 to 1, by the collection's URI. */
export const progress = signal<ReadonlyMap<string, number>>(new Map());

const AT_ONCE = 4;
const TRIES = 4;
// Where a licence does not say, it holds as long as the plan's rules promise.
const LICENCE_DAYS = 30;
const DAY_MS = 86_400_000;

const running = new Map<string, AbortController>();

export interface Wanted {
  uri: string;
  name: string;
  by: string;
  image: Image | undefined;
  tracks: Track[];
}

/** Downloads all of it; throws `ApiError`, or an `AbortError` if it is stopped. */
export async function download(wanted: Wanted): Promise<void> {
  if (running.has(wanted.uri)) return;
  const stopper = new AbortController();
  running.set(wanted.uri, stopper);
  report(wanted.uri, 0);
  void navigator.storage?.persist?.();
  try {
    const fresh = wanted.tracks.filter(canPlay);
    for (const [index, track] of fresh.entries()) {
      await downloadTrack(track, stopper.signal, (part) =>
        report(wanted.uri, (index + part) / fresh.length),
      );
    }
    await store.keepCollection(collectionOf(wanted, fresh));
    if (wanted.image) await keepImages([wanted.image.url]);
  } finally {
    running.delete(wanted.uri);
    report(wanted.uri, undefined);
  }
}

export function stop(uri: string): void {
  running.get(uri)?.abort();
}

/** Renews the licences that end within a week; without a network they stay as they are. */
export async function renew(): Promise<void> {
  for (const [trackId, { stream }] of store.tracks.value) {
    const ends = (await keys.expiryOf(trackId)) ?? 0;
    if (ends - Date.now() < 7 * DAY_MS) await keepLicence(stream).catch(() => undefined);
  }
}

async function downloadTrack(
  track: Track,
  signal: AbortSignal,
  moved: (part: number) => void,
): Promise<void> {
  const stream = await call<Stream>("GET", `/v1/tracks/${track.id}/stream`, {
    signal,
    cache: "no-store",
  });
  await keepLicence(stream);
  const cache = await caches.open(CACHE);
  const urls = await planOf(stream, signal);
  let bytes = 0;
  let done = 0;
  const left = [...urls];
  const worker = async (): Promise<void> => {
    for (let url = left.shift(); url !== undefined; url = left.shift()) {
      const answer = (await cache.match(url)) ?? (await fetched(url, signal));
      const data = await answer.arrayBuffer();
      bytes += data.byteLength;
      const type = answer.headers.get("Content-Type") ?? "application/octet-stream";
      await cache.put(url, new Response(data, { headers: { "Content-Type": type } }));
      done += 1;
      moved(done / urls.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const covers = track.album.images.map((image) => image.url);
  await keepImages(covers);
  await store.keepTrack({ track, stream, urls, bytes } satisfies KeptTrack);
}

/** The files of the wished rendition. */
async function planOf(stream: Stream, signal: AbortSignal): Promise<string[]> {
  const chosen = renditionFor(stream, quality.value, undefined);
  if (!chosen) throw new ApiError(404, "There is nothing to download");
  const url = new URL(`${chosen.name}.m3u8`, stream.manifest_url).href;
  const { init, segments } = parse(await (await fetched(url, signal)).text(), url);
  return [url, init, ...segments.map((segment) => segment.url), stream.peaks_url];
}

async function keepLicence(stream: Stream): Promise<void> {
  const licence = await call<Licence>("POST", "/v1/licence", {
    body: { kids: kidsOf(stream), type: "persistent-license", device_id: browserId() },
    cache: "no-store",
  });
  const given = licence.expires_at;
  const expiresAt = given ? given * 1000 : Date.now() + LICENCE_DAYS * DAY_MS;
  await keys.keep(stream.track_id, licence, expiresAt);
}

async function keepImages(urls: string[]): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.all(
    urls.map(async (url) => {
      if (!(await cache.match(url))) await cache.add(url).catch(() => undefined);
    }),
  );
}

async function fetched(url: string, signal: AbortSignal): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await fetch(url, { signal, credentials: "same-origin" });
      if (answer.ok) return answer;
      if (answer.status < 500 || attempt >= TRIES) {
        throw new ApiError(answer.status, "A file of the download cannot be fetched");
      }
    } catch (error) {
      if (error instanceof ApiError || signal.aborted || attempt >= TRIES) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 300 * 2 ** attempt * Math.random()));
  }
}

function collectionOf(wanted: Wanted, tracks: Track[]): Collection {
  return {
    uri: wanted.uri,
    name: wanted.name,
    by: wanted.by,
    image: wanted.image,
    trackIds: tracks.map((track) => track.id),
    addedAt: Date.now(),
  };
}

function report(uri: string, part: number | undefined): void {
  const next = new Map(progress.value);
  if (part === undefined) next.delete(uri);
  else next.set(uri, part);
  progress.value = next;
}
