/** A track's media: leave to fetch it, its key, and its first bytes before anybody asks. */

import { ApiError } from "../api/error";
import { call } from "../api/http";
import type { Licence, Stream } from "../api/types";
import { quality, type Quality } from "../app/settings";
import { deviceId } from "../connect/identity";
import { remote } from "../connect/remote";
import * as downloads from "../offline/store";
import { kidOf, kidsOf } from "./keys";
import { Fetcher } from "./fetching";

export interface Media {
  stream: Stream;
  /** May come after the first bytes: only sound needs the keys. */
  licence: Promise<Licence>;
}

const KEPT = 6;
const MARGIN_MS = 60_000;

const opened = new Map<string, Promise<Media>>();
const ahead = new Map<string, Map<string, Promise<ArrayBuffer>>>();

/** Opens a track; throws `ApiError`. What is downloaded opens without a network. */
export function open(trackId: string): Promise<Media> {
  const known = opened.get(trackId);
  if (known) return known;
  const media = reallyOpen(trackId);
  opened.set(trackId, media);
  media.then(
    ({ stream, licence }) => {
      licence.catch(() => forget(trackId, media));
      const left = stream.expires_at * 1000 - Date.now() - MARGIN_MS;
      setTimeout(() => forget(trackId, media), Math.min(Math.max(left, 0), 2 ** 31 - 1));
    },
    () => forget(trackId, media),
  );
  trim(opened);
  return media;
}

/** Opens a track and fetches what its first seconds need, so that it starts at once. */
export async function warm(trackId: string): Promise<void> {
  // Asking for a stream here would end the one on another device.
  if (remote.value || ahead.has(trackId)) return;
  const bytes = new Map<string, Promise<ArrayBuffer>>();
  ahead.set(trackId, bytes);
  trim(ahead);
  try {
    const { stream } = await open(trackId);
    const text = async (url: string): Promise<string> =>
      new TextDecoder().decode(await early(bytes, url));
    // The playlist lies beside the manifest: it need not be waited for.
    const rung = stream.renditions[startLevel(stream)]?.name ?? "";
    const start = new URL(`${rung}.m3u8`, stream.manifest_url).href;
    const [playlist] = await Promise.all([text(start), text(stream.manifest_url)]);
    const init = /#EXT-X-MAP:URI="([^"]+)"/.exec(playlist)?.[1];
    const [first] = addresses(playlist, start);
    await Promise.all([
      init && early(bytes, new URL(init, start).href),
      first && early(bytes, first),
    ]);
  } catch {
    // Playing the track will say what is wrong with it.
    ahead.delete(trackId);
  }
}

const START_LEVEL = 1;
export const RUNGS: Record<Exclude<Quality, "auto">, string> = {
  low: "aac96",
  normal: "aac160",
  high: "aac320",
  lossless: "flac",
};

/** The rung that playing starts on, counted from the lowest. */
export function startLevel({ renditions }: Stream): number {
  const wanted = quality.value;
  if (wanted === "auto") return Math.min(START_LEVEL, renditions.length - 1);
  const index = renditions.findIndex(({ name }) => name === RUNGS[wanted]);
  return index >= 0 ? index : renditions.length - 1;
}

export const fetcher = new Fetcher(lookup, async (url) => {
  const trackId = trackOf(url);
  if (trackId === undefined) return;
  opened.delete(trackId);
  await open(trackId);
});

/** The 800 peaks of a track's waveform, 0 to 1. */
export async function peaks(trackId: string, signal: AbortSignal): Promise<Float32Array> {
  const { stream } = await open(trackId);
  const { data } = await fetcher.get(stream.peaks_url, signal);
  return Float32Array.from(new Uint8Array(data), (value) => value / 255);
}

/** The addresses that a playlist names, in its order. */
export function addresses(playlist: string, base: string): string[] {
  return playlist
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"))
    .map((line) => new URL(line, base).href);
}

async function reallyOpen(trackId: string): Promise<Media> {
  const kept = await downloads.open(trackId);
  if (kept) return { stream: kept.stream, licence: Promise.resolve(kept.licence) };
  const session = deviceId();
  const query = { session, device_id: session };
  const askLicence = (kids: string[]): Promise<Licence> =>
    call("POST", "/v1/licence", {
      body: { kids, type: "temporary", session, device_id: session },
      cache: "no-store",
    });
  const asked = askLicence([kidOf(trackId)]);
  asked.catch(() => undefined);
  const stream = await call<Stream>("GET", `/v1/tracks/${trackId}/stream`, {
    query,
    cache: "no-store",
  });
  // The stream begins a session; a key that was asked for before that may have been refused.
  const kids = kidsOf(stream);
  const given = kids.length > 1 ? askLicence(kids) : asked.catch(() => askLicence(kids));
  return { stream, licence: given.then(withKeys) };
}

function withKeys(licence: Licence): Licence {
  if (licence.keys.length === 0) throw new ApiError(403, "There is no key for this track");
  return licence;
}

async function lookup(url: string): Promise<ArrayBuffer | undefined> {
  const trackId = trackOf(url);
  const waiting = trackId === undefined ? undefined : ahead.get(trackId)?.get(url);
  // A copy: players take the bytes away with them.
  if (waiting) return (await waiting.catch(() => undefined))?.slice(0);
  return downloads.bytes(url);
}

function early(bytes: Map<string, Promise<ArrayBuffer>>, url: string): Promise<ArrayBuffer> {
  const known = bytes.get(url);
  if (known) return known;
  const fetched = downloads.bytes(url).then(async (kept) => {
    if (kept) return kept;
    const answer = await fetch(url, { credentials: "same-origin" });
    if (!answer.ok) throw new ApiError(answer.status, "The media cannot be fetched");
    return answer.arrayBuffer();
  });
  bytes.set(url, fetched);
  fetched.catch(() => bytes.delete(url));
  return fetched;
}

function trackOf(url: string): string | undefined {
  return /\/media\/([0-9A-Za-z]{22})\//.exec(url)?.[1];
}

function forget(trackId: string, media: Promise<Media>): void {
  if (opened.get(trackId) === media) opened.delete(trackId);
}

function trim(map: Map<string, unknown>): void {
  while (map.size > KEPT) {
    const [oldest] = map.keys();
    if (oldest === undefined) return;
    map.delete(oldest);
  }
}
