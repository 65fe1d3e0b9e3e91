/** Playing in this browser: what is to be heard, from where, and every command to it. */

import type { Track } from "../api/types";
import type { Deck, DeckEvent } from "./deck";
import { follow, made, pair } from "./decks";
import { resume } from "./graph";
import { warm } from "./media";
import { canPlay } from "./playable";
import * as plays from "./plays";
import type { ReasonEnd, ReasonStart } from "./plays";
import { isInterruption, problemOf } from "./problems";
import * as queues from "./queue";
import type { Queue, Source } from "./queue";
import { entry, isLossless, isPlaying, isWaiting, jumps, problem, queue } from "./state";
import * as succession from "./succession";

export { entry, isPlaying, isWaiting, jumps, queue } from "./state";

const SKIP_AFTER_FAILURE_MS = 1500;
const MOST_FAILURES = 3;
const BEGUN_MS = 1000;

let failures = 0;
let ticking: ReturnType<typeof setInterval> | undefined;

follow(heard);

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
  return made()[0]?.position ?? 0;
}

export function duration(): number {
  const known = made()[0]?.duration ?? 0;
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
  succession.stay();
  plays.end(last, position());
  problem.value = undefined;
  isWaiting.value = true;
  isPlaying.value = true;
  void resume();
  const [deck, other] = pair();
  if (other.trackId) other.unload();
  succession.forget();
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
  succession.stay();
  isPlaying.value = false;
  isWaiting.value = false;
  for (const deck of made()) deck.pause();
  plays.hold();
}

/** Ends playing here, because it goes on elsewhere or nowhere. */
export function stop(reason: ReasonEnd = "stopped"): void {
  pause();
  plays.end(reason, position());
}

export function seek(seconds: number): void {
  succession.stay();
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
  succession.reconsider();
}

function heard(deck: Deck, event: DeckEvent, error?: Error): void {
  if (event === "playing") {
    isWaiting.value = false;
    failures = 0;
    isLossless.value = deck.isLossless;
    jumps.value += 1;
    ticking ??= setInterval(tick, succession.TICK_MS);
  } else if (event === "waiting") {
    isWaiting.value = isPlaying.value;
  } else if (event === "passed") {
    if (!succession.passed()) void goOn();
  } else if (event === "ended") {
    void goOn();
  } else if (event === "paused") {
    // The browser may pause by itself: a call comes in, a headset is taken off.
    if (isPlaying.value && !deck.audio.ended && !succession.isLeaving() && deck.trackId) {
      isPlaying.value = false;
      plays.hold();
    }
  } else {
    failed(error);
  }
}

function tick(): void {
  const [deck] = made();
  if (!deck || !isPlaying.value || deck.audio.paused) return;
  plays.heard(deck.position);
  succession.approach(deck, (fading) => void goOn(fading));
}

/** The track is over, or nearly so: on to the next. */
async function goOn(fading = 0): Promise<void> {
  try {
    const came = await succession.handOver("finished", fading);
    if (came === "end") finish();
    else if (came === "unready") await playCurrent(0, "trackdone", "finished");
  } catch (error) {
    if (!isInterruption(error)) failed(error);
  }
}

/** The queue is at its end: it stands at its beginning again, paused. */
function finish(): void {
  plays.end("finished", duration());
  isPlaying.value = false;
  isWaiting.value = false;
  const start = { ...queue.value, at: 0, interlude: undefined };
  void cue(start, 0);
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
