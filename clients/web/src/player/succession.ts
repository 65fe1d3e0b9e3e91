/** From one track to the next: ready in time, and joined, faded over or started after it. */

import { crossfade } from "../app/settings";
import { trackEnded } from "../connect/shadow";
import type { Deck } from "./deck";
import { made, pair, swap } from "./decks";
import { warm } from "./media";
import * as plays from "./plays";
import type { ReasonEnd } from "./plays";
import * as queues from "./queue";
import { entry, isLossless, jumps, queue } from "./state";

// The next track gets ready when this much of the current one is left.
const READY_S = 25;
export const TICK_MS = 200;
const TAIL_MS = 100;

let upcoming: { key: number; ready: Promise<void>; isJoined: boolean } | undefined;
let handover: ReturnType<typeof setTimeout> | undefined;
// Until then the other deck still sounds, by `performance.now()`.
let fadingUntil = 0;

/** Looks how much is left: `over` is called when it is time to fade, for so many seconds. */
export function approach(deck: Deck, over: (fading: number) => void): void {
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
    handover = setTimeout(() => over(seconds), Math.max(0, wait * 1000));
  }
}

/** Whether the other deck is about to take over. */
export function isLeaving(): boolean {
  return handover !== undefined;
}

/** The track goes on for now. */
export function stay(): void {
  clearTimeout(handover);
  handover = undefined;
}

/** What was got ready is not needed. */
export function forget(): void {
  upcoming = undefined;
}

/** Lets go of what was got ready, if another track follows now. */
export function reconsider(): void {
  if (upcoming && upcoming.key === following()?.next.key) return;
  forget();
  made()[0]?.cut();
}

/** The joined track has begun in the same deck; false if that is not the one that follows. */
export function passed(): boolean {
  const found = following();
  const last = entry.value?.track.duration_ms ?? 0;
  if (!found || upcoming?.key !== found.next.key) return false;
  forget();
  queue.value = found.after;
  trackEnded();
  plays.end("finished", last / 1000);
  plays.begin(found.next.track, found.after, "trackdone", 0, true);
  isLossless.value = pair()[0].isLossless;
  jumps.value += 1;
  return true;
}

/**
 * The next track becomes the current one: it plays by the other deck if that is ready, and is
 * still to be started if it is `unready`. Throws what the deck does.
 */
export async function handOver(
  reason: ReasonEnd,
  fading: number,
): Promise<"plays" | "unready" | "end"> {
  stay();
  const found = following();
  if (!found) return "end";
  const { after, next } = found;
  const ready = upcoming?.key === next.key && !upcoming.isJoined ? upcoming.ready : undefined;
  queue.value = after;
  trackEnded();
  if (!ready) return "unready";
  const [last, coming] = pair();
  plays.end(reason, last.position);
  swap();
  forget();
  try {
    await ready;
    coming.fade("in", fading);
    if (fading > 0) last.fade("out", fading);
    await coming.play();
    plays.begin(next.track, after, "trackdone", 0, true);
    jumps.value += 1;
  } finally {
    quieten(last, fading * 1000 + TAIL_MS);
  }
  return "plays";
}

function quieten(last: Deck, tail: number): void {
  fadingUntil = performance.now() + tail;
  setTimeout(() => {
    if (made()[1] === last && upcoming === undefined) last.unload();
  }, tail);
}

/** Lets the next track follow in the same deck, or loads it into the other one. */
function getReady(): void {
  const next = following()?.next;
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
    forget();
    deck.cut();
  });
}

/** Seconds that two tracks sound together: none within a lossless album, or if turned off. */
function overlap(): number {
  const next = following()?.next.track;
  const now = entry.value?.track;
  if (!next || !now) return 0;
  const sameAlbum = next.album.id === now.album.id && made()[0]?.isLossless === true;
  const shorter = Math.min(next.duration_ms, now.duration_ms) / 1000;
  return sameAlbum ? 0 : Math.min(crossfade.value, shorter / 4);
}

/** What comes after the current entry by itself, and the queue as it is then. */
function following(): { after: queues.Queue; next: queues.Entry } | undefined {
  const after = queues.next(queue.value, false);
  const next = after && queues.current(after);
  return after && next ? { after, next } : undefined;
}
