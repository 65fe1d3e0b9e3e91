/** Playing in this browser: two decks, a queue, and the way from one track to the next. */

import { computed, effect, signal } from "@preact/signals";

import type { Track } from "../api/types";
import { crossfade, normalise, quality } from "../app/settings";
import { trackEnded } from "../connect/shadow";
import { Deck, type DeckEvent } from "./deck";
import { resume } from "./graph";
import { warm } from "./media";
import { canPlay } from "./playable";
import * as plays from "./plays";
import type { ReasonEnd, ReasonStart } from "./plays";
import { isInterruption, problemOf, type Problem } from "./problems";
import * as queues from "./queue";
import { NOTHING, type Queue, type Source } from "./queue";

export const queue = signal<Queue>(NOTHING);
export const isPlaying = signal(false);
export const isWaiting = signal(false);
export const problem = signal<Problem | undefined>(undefined);
export const isLossless = signal(false);
/** Changes at each jump in time, for whoever follows the position. */
export const jumps = signal(0);
export const entry = computed(() => queues.current(queue.value));

// The next track gets ready when this much of the current one is left.
const READY_S = 25;
const TICK_MS = 200;
const SKIP_AFTER_FAILURE_MS = 1500;
const MOST_FAILURES = 3;
const TAIL_MS = 100;
const BEGUN_MS = 1000;

let decks: [Deck, Deck] | undefined;
let upcoming: { key: number; ready: Promise<void>; isJoined: boolean } | undefined;
let handover: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
// Until then the other deck still sounds, by `performance.now()`.
let fadingUntil = 0;
let ticking: ReturnType<typeof setInterval> | undefined;

function pair(): [Deck, Deck] {
  if (!decks) {
    decks = [new Deck(heard), new Deck(heard)];
    effect(() => {
      void quality.value;
      for (const deck of decks ?? []) deck.renew();
    });
    effect(() => {
      void normalise.value;
      for (const deck of decks ?? []) deck.setLevel();
    });
  }
  return decks;
}

/** Has everything ready that a first click needs. */
export function prepare(): void {
  pair();
}

/** Resolves when what was started is heard, or a while has passed: until then nothing is more urgent. */
export function begun(): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      resolve();
      queueMicrotask(() => stop());
    };
    const timer = setTimeout(done, BEGUN_MS);
    const stop = isWaiting.subscribe((waiting) => {
      if (!waiting) done();
    });
  });
}

/** Seconds. */
export function position(): number {
  return decks?.[0].position ?? 0;
}

export function duration(): number {
  const known = decks?.[0].duration ?? 0;
  return known > 0 ? known : (entry.value?.track.duration_ms ?? 0) / 1000;
}

export async function start(
  source: Source,
  tracks: Track[],
  first?: number,
  at = 0,
): Promise<void> {
  const playable = tracks.filter(canPlay);
  if (playable.length === 0) return;
  const wanted = first === undefined ? undefined : tracks[first];
  const index = wanted ? Math.max(0, playable.indexOf(wanted)) : undefined;
  queue.value = queues.begin(queue.value, source, playable, index);
  await playCurrent(at, "clickrow", "skipped");
}

/** Starts the current entry of the queue. */
export async function playCurrent(
  at = 0,
  why: ReasonStart = "clickrow",
  last: ReasonEnd = "skipped",
): Promise<void> {
  const now = entry.value;
  if (!now) return;
  cancelHandover();
  plays.end(last, position());
  problem.value = undefined;
  isWaiting.value = true;
  isPlaying.value = true;
  void resume();
  const [deck, other] = pair();
  if (other.trackId) other.unload();
  upcoming = undefined;
  if (at === 0) void warm(now.track.id);
  try {
    await deck.load(now.track.id, at);
    if (entry.value?.key !== now.key) return;
    plays.begin(now.track, queue.value, why, at, isPlaying.value);
    jumps.value += 1;
    if (!isPlaying.value) return;
    deck.fade("in", 0);
    await deck.play();
  } catch (error) {
    if (entry.value?.key === now.key && !isInterruption(error)) failed(error);
  }
}

/** Shows a track, paused where it is to go on. */
export async function cue(next: Queue, at: number): Promise<void> {
  queue.value = next;
  const now = entry.value;
  if (!now) return;
  isPlaying.value = false;
  await pair()[0].load(now.track.id, at).catch(failed);
  jumps.value += 1;
}

export async function play(): Promise<void> {
  if (!entry.value) return;
  const [deck] = pair();
  if (deck.trackId !== entry.value.track.id || problem.value) {
    await playCurrent(position(), "playbtn");
    return;
  }
  isPlaying.value = true;
  void resume();
  deck.fade("in", 0);
  plays.resume();
  await deck.play().catch((error: unknown) => {
    if (!isInterruption(error)) failed(error);
  });
}

export function pause(): void {
  cancelHandover();
  isPlaying.value = false;
  isWaiting.value = false;
  for (const deck of decks ?? []) deck.pause();
  plays.hold();
}

/** Ends playing here, because it goes on elsewhere or nowhere. */
export function stop(reason: ReasonEnd = "stopped"): void {
  pause();
  plays.end(reason, position());
}

export function seek(seconds: number): void {
  cancelHandover();
  plays.sought(position(), seconds);
  pair()[0].seek(seconds);
  jumps.value += 1;
}

export async function skipNext(): Promise<void> {
  const after = queues.next(queue.value, true);
  if (!after) return;
  queue.value = after;
  await playCurrent(0, "fwdbtn");
}

/** To the track before, or to the start of this one if it has played for a while. */
export async function skipPrevious(): Promise<void> {
  const before = queues.previous(queue.value);
  if (position() > 3 || !before) {
    seek(0);
    return;
  }
  queue.value = before;
  await playCurrent(0, "backbtn");
}

export async function jump(key: number): Promise<void> {
  queue.value = queues.jump(queue.value, key);
  await playCurrent();
}

export function change(next: Queue): void {
  queue.value = next;
  const after = queues.next(next, false);
  if (upcoming && upcoming.key === (after && queues.current(after)?.key)) return;
  upcoming = undefined;
  decks?.[0].cut();
}

function heard(deck: Deck, event: DeckEvent, error?: Error): void {
  if (deck !== decks?.[0]) return;
  if (event === "playing") {
    isWaiting.value = false;
    failures = 0;
    isLossless.value = deck.isLossless;
    jumps.value += 1;
    ticking ??= setInterval(tick, TICK_MS);
  } else if (event === "waiting") {
    isWaiting.value = isPlaying.value;
  } else if (event === "passed") {
    passed();
  } else if (event === "ended") {
    void handOver("finished");
  } else if (event === "paused") {
    // The browser may pause by itself: a call comes in, a headset is taken off.
    if (isPlaying.value && !deck.audio.ended && !handover && deck.trackId) {
      isPlaying.value = false;
      plays.hold();
    }
  } else {
    failed(error);
  }
}

function tick(): void {
  const deck = decks?.[0];
  if (!deck || !isPlaying.value || deck.audio.paused) return;
  plays.heard(deck.position);
  const left = deck.duration - deck.position;
  if (left > READY_S) return;
  getReady();
  if (upcoming?.isJoined) {
    if (left < TICK_MS / 1000) setTimeout(() => deck.look(), Math.max(0, left * 1000));
    return;
  }
  const seconds = overlap();
  const wait = left - seconds;
  if (!handover && wait < 2 * (TICK_MS / 1000) && upcoming) {
    handover = setTimeout(() => void handOver("finished", seconds), Math.max(0, wait * 1000));
  }
}

/** Lets the next track follow in the same deck, or loads it into the other one. */
function getReady(): void {
  const after = queues.next(queue.value, false);
  const next = after && queues.current(after);
  if (!next || upcoming?.key === next.key) return;
  if (performance.now() < fadingUntil) return;
  const [deck, other] = pair();
  const isJoined = overlap() === 0;
  const ready = warm(next.track.id).then(() =>
    isJoined ? deck.join(next.track.id) : other.load(next.track.id),
  );
  const mine = { key: next.key, ready, isJoined };
  upcoming = mine;
  ready.catch(() => {
    if (upcoming !== mine) return;
    upcoming = undefined;
    deck.cut();
  });
}

/** Seconds that two tracks sound together: none within a lossless album, or if turned off. */
function overlap(): number {
  const after = queues.next(queue.value, false);
  const next = after && queues.current(after)?.track;
  const now = entry.value?.track;
  if (!next || !now) return 0;
  const sameAlbum = next.album.id === now.album.id && decks?.[0].isLossless === true;
  const shorter = Math.min(next.duration_ms, now.duration_ms) / 1000;
  return sameAlbum ? 0 : Math.min(crossfade.value, shorter / 4);
}

/** The joined track has begun in the same deck. */
function passed(): void {
  const after = queues.next(queue.value, false);
  const next = after && queues.current(after);
  const last = entry.value?.track.duration_ms ?? 0;
  if (!after || !next || upcoming?.key !== next.key) {
    void handOver("finished");
    return;
  }
  upcoming = undefined;
  queue.value = after;
  trackEnded();
  plays.end("finished", last / 1000);
  plays.begin(next.track, after, "trackdone", 0, true);
  isLossless.value = pair()[0].isLossless;
  jumps.value += 1;
}

/** The other deck takes over with the next track. */
async function handOver(reason: ReasonEnd, fading = 0): Promise<void> {
  cancelHandover();
  const after = queues.next(queue.value, false);
  const next = after && queues.current(after);
  if (!after || !next) {
    finish();
    return;
  }
  const ready = upcoming?.key === next.key && !upcoming.isJoined ? upcoming.ready : undefined;
  queue.value = after;
  if (!ready || !decks) {
    trackEnded();
    await playCurrent(0, "trackdone", reason);
    return;
  }
  const [last, coming] = decks;
  trackEnded();
  plays.end(reason, last.position);
  decks = [coming, last];
  upcoming = undefined;
  try {
    await ready;
    coming.fade("in", fading);
    if (fading > 0) last.fade("out", fading);
    await coming.play();
    plays.begin(next.track, after, "trackdone", 0, true);
    jumps.value += 1;
  } catch (error) {
    if (!isInterruption(error)) failed(error);
  }
  const tail = fading * 1000 + TAIL_MS;
  fadingUntil = performance.now() + tail;
  setTimeout(() => {
    if (decks?.[1] === last && upcoming === undefined) last.unload();
  }, tail);
}

/** The queue is at its end: it stands at its beginning again, paused. */
function finish(): void {
  plays.end("finished", duration());
  isPlaying.value = false;
  isWaiting.value = false;
  const start = { ...queue.value, at: 0, interlude: undefined };
  void cue(start, 0);
}

function cancelHandover(): void {
  clearTimeout(handover);
  handover = undefined;
}

function failed(error: unknown): void {
  plays.end("error", position());
  isWaiting.value = false;
  problem.value = problemOf(error);
  failures += 1;
  const canGoOn = problem.value !== "key" && problem.value !== "network";
  const more = queues.next(queue.value, true);
  if (!canGoOn || !more || failures > MOST_FAILURES || !isPlaying.value) {
    isPlaying.value = false;
    return;
  }
  const at = entry.value?.key;
  setTimeout(() => {
    if (entry.value?.key !== at || !isPlaying.value) return;
    queue.value = more;
    void playCurrent(0, "trackdone", "error");
  }, SKIP_AFTER_FAILURE_MS);
}
