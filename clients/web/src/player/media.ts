/** A track's media: leave to fetch it, its key, and its first bytes before anybody asks. */

import { ApiError } from "../api/error";
import { call } from "../api/http";
import type { Licence, Stream } from "../api/types";
import { quality } from "../app/settings";
import { deviceId } from "../connect/identity";
import { remote } from "../connect/remote";
import * as downloads from "../offline/store";
import { kidOf, kidsOf } from "./keys";
import { Fetcher } from "./fetching";
import { renditionFor, throughput } from "./ladder";
import { parse } from "./playlist";

export interface Media {
  stream: Stream;
  /** May come after the first bytes: only sound needs the keys. */
  licence: Promise<Licence>;
  /** Asks for the keys anew; those of downloads last. */
  renew?: () => Promise<Licence>;
}

const KEPT = 6;
const FIRST = ["init.mp4", "00001.m4s"];
const MARGIN_MS = 60_000;
// Browsers count no longer.
const LONGEST_MS = 2 ** 31 - 1;

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
      setTimeout(() => forget(trackId, media), Math.min(Math.max(left, 0), LONGEST_MS));
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
    const rung = renditionFor(stream, quality.value, throughput.bitsPerSecond)?.name ?? "";
    const url = new URL(`${rung}.m3u8`, stream.manifest_url).href;
    // What the platform calls the first files: asked for together with the list that names them.
    const likely = FIRST.map((name) => new URL(`${rung}/${name}`, url).href);
    const [list] = await Promise.all([url, ...likely].map((each) => early(bytes, each)));
    const { init, segments } = parse(new TextDecoder().decode(list), url);
    await Promise.all([init, segments[0]?.url ?? init].map((each) => early(bytes, each)));
  } catch {
    // Playing the track will say what is wrong with it.
    ahead.delete(trackId);
  }
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
  const renew = (): Promise<Licence> => askLicence(kids).then(withKeys);
  return { stream, licence: given.then(withKeys), renew };
}

function withKeys(licence: Licence): Licence {
  if (licence.keys.length === 0) throw new ApiError(403, "There is no key for this track");
  return licence;
}

async function lookup(url: string): Promise<ArrayBuffer | undefined> {
  const trackId = trackOf(url);
  const waiting = trackId === undefined ? undefined : ahead.get(trackId)?.get(url);
  const early = waiting && (await waiting.catch(() => undefined));
  if (early) return early;
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
