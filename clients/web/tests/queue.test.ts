import { describe, expect, it } from "vitest";

import type { Track } from "../src/api/types";
import * as queues from "../src/player/queue";
import { NOTHING, type Queue } from "../src/player/queue";

const source = { context: null, name: "" };

function track(id: string, artist = id): Track {
  return { id, name: id, uri: `spotify:track:${id}`, artists: [{ id: artist, name: "", uri: "" }] } as Track;
}

function queueOf(ids: string, first = 0, before: Queue = NOTHING): Queue {
  return queues.begin(before, source, [...ids].map((id) => track(id)), first);
}

function played(queue: Queue | undefined, most = 20): string {
  let names = "";
  while (queue && names.length < most) {
    names += queues.current(queue)?.track.id ?? "";
    queue = queues.next(queue, false);
  }
  return names;
}

describe("a queue", () => {
  it("plays its context in order, from where it begins, to its end", () => {
    expect(played(queueOf("abcd", 1))).toBe("bcd");
  });

  it("plays what was queued by hand first, then goes on where it was", () => {
    const queue = queues.enqueue(queueOf("abc"), [track("x"), track("y")]);
    expect(played(queue)).toBe("axybc");
  });

  it("puts before the others what is to play next", () => {
    const queue = queues.enqueue(queues.enqueue(queueOf("ab"), [track("x")]), [track("y")], {
      first: true,
    });
    expect(played(queue)).toBe("ayxb");
  });

  it("repeats the context, and a track until somebody skips it", () => {
    expect(played({ ...queueOf("ab"), repeat: "context" }, 5)).toBe("ababa");
    const one: Queue = { ...queueOf("ab"), repeat: "track" };
    expect(played(one, 3)).toBe("aaa");
    expect(queues.current(queues.next(one, true) as Queue)?.track.id).toBe("b");
  });

  it("shuffles everything once, and goes on in order when it is turned off", () => {
    const queue = queues.setShuffle(queueOf("abcdefgh", 3), true);
    const names = played(queue);
    expect(names[0]).toBe("d");
    expect([...names].sort().join("")).toBe("abcdefgh");
    expect(played(queues.setShuffle(queue, false))).toBe("defgh");
  });

  it("keeps an artist's tracks apart where it can", () => {
    const artists = "xxxxyyyyzzzz";
    const tracks = [...artists].map((artist, index) => track(String(index), artist));
    for (let round = 0; round < 50; round++) {
      const queue = queues.begin({ ...NOTHING, shuffle: true }, source, tracks, 0);
      const order = queue.order.map((index) => artists[index]);
      const pairs = order.slice(1).filter((artist, place) => artist === order[place]).length;
      expect(pairs).toBeLessThanOrEqual(3);
    }
  });

  it("steps back, out of what was queued by hand too", () => {
    const queue = queues.next(queues.enqueue(queueOf("abc", 1), [track("x")]), true) as Queue;
    expect(queues.current(queues.previous(queue) as Queue)?.track.id).toBe("b");
    expect(queues.previous(queueOf("abc"))).toBeUndefined();
  });

  it("forgets an entry and jumps to another", () => {
    const queue = queueOf("abcd");
    const [, second, third] = queue.entries;
    expect(played(queues.remove(queue, second?.key ?? 0))).toBe("acd");
    expect(played(queues.jump(queue, third?.key ?? 0))).toBe("cd");
  });

  it("leaves out what is not wanted, of what is to come", () => {
    const queue = queues.enqueue(queueOf("abcb", 1), [track("x"), track("b")]);
    expect(played(queues.without(queue, ({ id }) => id === "b"))).toBe("bxc");
  });

  it("moves what was queued by hand", () => {
    const queue = queues.enqueue(queueOf("a"), [track("x"), track("y"), track("z")]);
    expect(played(queues.moveQueued(queue, 2, 0))).toBe("azxy");
  });
});
