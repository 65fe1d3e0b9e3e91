/** What plays next: a context in its order or shuffled, and what was queued by hand before it. */

import type { Context, Track } from "../api/types";

export type Repeat = "off" | "context" | "track";

export interface Entry {
  /** Its own in this queue, however often a track is in it. */
  key: number;
  track: Track;
  queued?: boolean;
}

export interface Source {
  context: Context | null;
  name: string;
}

/** A queue is never changed: each step gives a new one. */
export interface Queue {
  source: Source;
  entries: readonly Entry[];
  /** Indexes into `entries`, in playing order. */
  order: readonly number[];
  /** Where in `order` the context is. */
  at: number;
  queued: readonly Entry[];
  /** Plays in place of `order[at]` while it does. */
  interlude: Entry | undefined;
  shuffle: boolean;
  repeat: Repeat;
}

let lastKey = 0;

export const NOTHING: Queue = {
  source: { context: null, name: "" },
  entries: [],
  order: [],
  at: 0,
  queued: [],
  interlude: undefined,
  shuffle: false,
  repeat: "off",
};

export function begin(before: Queue, source: Source, tracks: Track[], first?: number): Queue {
  const entries = tracks.map(entry);
  const start = first ?? (before.shuffle ? Math.floor(Math.random() * entries.length) : 0);
  const order = before.shuffle ? shuffled(entries, start) : entries.map((_, index) => index);
  return {
    ...before,
    source,
    entries,
    order,
    at: before.shuffle ? 0 : start,
    interlude: undefined,
  };
}

export function current(queue: Queue): Entry | undefined {
  return queue.interlude ?? queue.entries[queue.order[queue.at] ?? -1];
}

/** Adds what a long context has besides what it began with. */
export function extend(queue: Queue, tracks: Track[]): Queue {
  const more = tracks.map(entry);
  const indexes = more.map((_, index) => queue.entries.length + index);
  const entries = [...queue.entries, ...more];
  const tail = queue.shuffle ? mixed(indexes) : indexes;
  return { ...queue, entries, order: [...queue.order, ...tail] };
}

/** The queue one track on, or undefined at its end. `asked`: by the listener, not by the track's end. */
export function next(queue: Queue, asked: boolean): Queue | undefined {
  if (!asked && queue.repeat === "track" && current(queue)) return queue;
  const [first, ...rest] = queue.queued;
  if (first) return { ...queue, queued: rest, interlude: first };
  if (queue.at + 1 < queue.order.length) {
    return { ...queue, at: queue.at + 1, interlude: undefined };
  }
  if (queue.repeat === "off" || queue.entries.length === 0) return undefined;
  const order = queue.shuffle ? shuffled(queue.entries) : queue.order;
  return { ...queue, order, at: 0, interlude: undefined };
}

export function previous(queue: Queue): Queue | undefined {
  if (queue.interlude) return { ...queue, interlude: undefined };
  if (queue.at > 0) return { ...queue, at: queue.at - 1 };
  if (queue.repeat === "context") return { ...queue, at: queue.order.length - 1 };
  return undefined;
}

export function setShuffle(queue: Queue, shuffle: boolean): Queue {
  if (shuffle === queue.shuffle) return queue;
  const playing = queue.order[queue.at] ?? 0;
  if (!shuffle) {
    return { ...queue, shuffle, order: queue.entries.map((_, index) => index), at: playing };
  }
  return { ...queue, shuffle, order: shuffled(queue.entries, playing), at: 0 };
}

export function enqueue(queue: Queue, tracks: Track[], { first = false } = {}): Queue {
  const added = tracks.map((track) => ({ ...entry(track), queued: true }));
  const queued = first ? [...added, ...queue.queued] : [...queue.queued, ...added];
  return { ...queue, queued };
}

/** What comes after the current track, at most so many of the context. */
export function upcoming(queue: Queue, most: number): Entry[] {
  const following = queue.order.slice(queue.at + 1, queue.at + 1 + most);
  return following.map((index) => queue.entries[index]).filter((each) => each !== undefined);
}

export function remove(queue: Queue, key: number): Queue {
  const queued = queue.queued.filter((each) => each.key !== key);
  const order = queue.order.filter(
    (index, place) => place <= queue.at || queue.entries[index]?.key !== key,
  );
  return { ...queue, queued, order };
}

/** Without those that are to come and not wanted. */
export function without(queue: Queue, isUnwanted: (track: Track) => boolean): Queue {
  const queued = queue.queued.filter((each) => !isUnwanted(each.track));
  const order = queue.order.filter((index, place) => {
    const track = queue.entries[index]?.track;
    return place <= queue.at || !track || !isUnwanted(track);
  });
  return { ...queue, queued, order };
}

/** Jumps to an entry that is to come; what was queued before it is passed over. */
export function jump(queue: Queue, key: number): Queue {
  const among = queue.queued.findIndex((each) => each.key === key);
  if (among >= 0) {
    return { ...queue, interlude: queue.queued[among], queued: queue.queued.slice(among + 1) };
  }
  const at = queue.order.findIndex((index) => queue.entries[index]?.key === key);
  return at < 0 ? queue : { ...queue, at, interlude: undefined };
}

/** Moves what was queued by hand. */
export function moveQueued(queue: Queue, from: number, to: number): Queue {
  const queued = [...queue.queued];
  const [moved] = queued.splice(from, 1);
  if (moved) queued.splice(to, 0, moved);
  return { ...queue, queued };
}

function entry(track: Track): Entry {
  lastKey += 1;
  return { key: lastKey, track };
}

/** Every index once, `first` before all; an artist does not follow itself where that can be. */
function shuffled(entries: readonly Entry[], first?: number): number[] {
  const others = mixed(entries.map((_, index) => index).filter((index) => index !== first));
  const order = first === undefined || !entries[first] ? others : [first, ...others];
  const artist = (place: number): string | undefined =>
    entries[order[place] ?? -1]?.track.artists[0]?.id;
  for (let place = 1; place < order.length - 1; place++) {
    if (artist(place) !== artist(place - 1)) continue;
    const other = order.findIndex((_, at) => at > place && artist(at) !== artist(place - 1));
    if (other < 0) break;
    [order[place], order[other]] = [order[other] as number, order[place] as number];
  }
  return order;
}

function mixed(indexes: number[]): number[] {
  const result = [...indexes];
  for (let at = result.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [result[at], result[other]] = [result[other] as number, result[at] as number];
  }
  return result;
}
