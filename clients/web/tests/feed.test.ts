import { beforeEach, describe, expect, it, vi } from "vitest";

import type { Stream } from "../src/api/types";
import type { Buffer } from "../src/player/buffer";
import { Feed } from "../src/player/feed";
import type { Fetcher } from "../src/player/fetching";
import aac from "./files/aac.mp4?inline";

// What the head of the test's file says, and what its playlists cut it into.
const LENGTH_S = 24;
const SEGMENT_S = 6;

const head = Uint8Array.from(atob(aac.split(",")[1] ?? ""), (each) => each.charCodeAt(0)).buffer;

function stream(id: string, names = ["aac160"]): Stream {
  const renditions = names.map((name) => ({
    name,
    codec: name === "flac" ? "flac" : "aac",
    bitrate: Number(name.slice(3)) * 1000 || 0,
    lossless: name === "flac",
  }));
  return { manifest_url: `https://here/media/${id}/master.m3u8`, renditions } as Stream;
}

/** Answers playlists of four segments; a segment's bytes say when it is heard. */
class FakeFetcher {
  readonly asked: string[] = [];
  segments = LENGTH_S / SEGMENT_S;

  async get(url: string, signal: AbortSignal): Promise<{ data: ArrayBuffer }> {
    signal.throwIfAborted();
    this.asked.push(url.replace("https://here/media/", ""));
    if (url.endsWith(".m3u8")) return { data: this.playlist(url) };
    if (url.endsWith("init.mp4")) return { data: head };
    const number = Number(/(\d+)\.m4s$/.exec(url)?.[1]);
    return { data: new Float64Array([(number - 1) * SEGMENT_S, number * SEGMENT_S]).buffer };
  }

  private playlist(url: string): ArrayBuffer {
    const name = /(\w+)\.m3u8$/.exec(url)?.[1];
    const lines = [`#EXT-X-MAP:URI="${name}/init.mp4"`];
    for (let number = 1; number <= this.segments; number++) {
      lines.push(`#EXTINF:${SEGMENT_S},`, `${name}/0000${number}.m4s`);
    }
    return new TextEncoder().encode(lines.join("\n")).buffer as ArrayBuffer;
  }
}

/** Keeps ranges of seconds in place of sound. */
class FakeBuffer {
  ranges: [number, number][] = [];
  readonly begun: [string, number, number][] = [];
  isEnded = false;
  full = 0;

  endFrom(at: number): number {
    for (const [start, end] of this.ranges) if (start <= at + 0.05 && end > at) return end;
    return at;
  }

  startAfter(at: number): number | undefined {
    return this.ranges.find(([start]) => start > at)?.[0];
  }

  async begin(type: string, start: number, end: number): Promise<void> {
    this.begun.push([type, start, end]);
  }

  async append(data: ArrayBuffer): Promise<void> {
    if (this.full > 0) {
      this.full -= 1;
      throw new DOMException("full", "QuotaExceededError");
    }
    const [, offset = 0, cut = 0] = this.begun.at(-1) ?? [];
    const [from = 0, to = 0] = new Float64Array(data);
    this.isEnded = false;
    this.add(offset + from, Math.min(offset + to, cut));
  }

  async remove(from: number, to: number): Promise<void> {
    this.ranges = this.ranges
      .flatMap(([start, end]): [number, number][] => [
        [start, Math.min(end, from)],
        [Math.max(start, to), end],
      ])
      .filter(([start, end]) => start < end);
  }

  async end(): Promise<void> {
    this.isEnded = true;
  }

  private add(from: number, to: number): void {
    const all = [...this.ranges, [from, to] as [number, number]].sort(([one], [other]) => one - other);
    this.ranges = [];
    for (const [start, end] of all) {
      const last = this.ranges.at(-1);
      if (last && start <= last[1]) last[1] = Math.max(last[1], end);
      else this.ranges.push([start, end]);
    }
  }
}

let audio: EventTarget & { currentTime: number };
let buffer: FakeBuffer;
let fetcher: FakeFetcher;
let failed: ReturnType<typeof vi.fn<(error: Error) => void>>;
let quality: "auto" | "low" | "lossless";
let feed: Feed;

beforeEach(() => {
  audio = Object.assign(new EventTarget(), { currentTime: 0 });
  buffer = new FakeBuffer();
  fetcher = new FakeFetcher();
  failed = vi.fn();
  quality = "auto";
  feed = new Feed(
    audio as unknown as HTMLMediaElement,
    buffer as unknown as Buffer,
    fetcher as unknown as Fetcher,
    () => quality,
    failed,
  );
});

async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

async function hear(seconds: number): Promise<void> {
  audio.currentTime = seconds;
  audio.dispatchEvent(new Event("timeupdate"));
  await settle();
}

describe("an element that is fed", () => {
  it("gets a whole track, once, and is told of its end", async () => {
    feed.add(stream("a"));
    feed.restart();
    await settle();

    expect(buffer.ranges).toEqual([[0, LENGTH_S]]);
    expect(buffer.begun).toEqual([['audio/mp4; codecs="mp4a.40.2"', 0, LENGTH_S]]);
    expect(fetcher.asked).toEqual([
      "a/aac160.m3u8",
      "a/aac160/init.mp4",
      ...[1, 2, 3, 4].map((number) => `a/aac160/0000${number}.m4s`),
    ]);
    expect(buffer.isEnded).toBe(true);
    expect(failed).not.toHaveBeenCalled();
  });

  it("gets the next track where the last one ends, when that is near", async () => {
    feed.add(stream("a"));
    feed.restart();
    await settle();
    feed.add(stream("b"));
    await settle();

    expect(buffer.begun.at(-1)).toEqual(['audio/mp4; codecs="mp4a.40.2"', LENGTH_S, 2 * LENGTH_S]);
    expect(buffer.ranges).toEqual([[0, 30]]);
    await hear(20);
    expect(buffer.ranges).toEqual([[0, 2 * LENGTH_S]]);
    expect(buffer.isEnded).toBe(true);
  });

  it("loses a track again that is not to follow", async () => {
    feed.add(stream("a"));
    feed.restart();
    await settle();
    feed.add(stream("b"));
    await settle();
    await feed.cut();
    await settle();

    expect(buffer.ranges).toEqual([[0, LENGTH_S]]);
    expect(feed.parts).toHaveLength(1);
    expect(buffer.isEnded).toBe(true);
  });

  it("goes on where it was moved to", async () => {
    fetcher.segments = 20;
    feed.add(stream("a"));
    audio.currentTime = 13;
    feed.restart();
    await settle();

    expect(fetcher.asked.slice(2, 4)).toEqual(["a/aac160/00003.m4s", "a/aac160/00004.m4s"]);
    audio.currentTime = 1;
    feed.moved();
    await settle();
    expect(buffer.endFrom(1)).toBe(LENGTH_S);
    expect(fetcher.asked.filter((url) => url.endsWith("00003.m4s"))).toHaveLength(1);
  });

  it("makes room where there is none", async () => {
    feed.add(stream("a"));
    audio.currentTime = 12;
    feed.restart();
    await settle();
    buffer.ranges = [[0, 12]];
    buffer.full = 1;
    await hear(12);

    expect(buffer.ranges).toEqual([[7, LENGTH_S]]);
    expect(failed).not.toHaveBeenCalled();
  });

  it("waits where there is still none", async () => {
    buffer.full = 2;
    feed.add(stream("a"));
    feed.restart();
    await settle();
    expect(buffer.ranges).toEqual([]);

    await hear(0);
    expect(buffer.ranges).toEqual([[0, LENGTH_S]]);
  });

  it("takes up another quality soon, and hears out what is near", async () => {
    feed.add(stream("a", ["aac96", "aac160", "flac"]));
    feed.restart();
    await settle();
    quality = "lossless";
    await feed.renew();
    await settle();

    expect(buffer.begun.map(([type]) => type)).toEqual([
      'audio/mp4; codecs="mp4a.40.2"',
      'audio/mp4; codecs="flac"',
    ]);
    expect(fetcher.asked.filter((url) => url.includes("flac/0"))).toEqual([
      "a/flac/00002.m4s",
      "a/flac/00003.m4s",
      "a/flac/00004.m4s",
    ]);
  });

  it("is content with a track that is shorter than was said", async () => {
    fetcher.segments = 3;
    feed.add(stream("a"));
    feed.restart();
    await settle();

    expect(buffer.isEnded).toBe(true);
    expect(feed.parts[0]?.length).toBe(3 * SEGMENT_S);
    expect(failed).not.toHaveBeenCalled();
  });

  it("says what cannot be had", async () => {
    fetcher.get = () => Promise.reject(new Error("gone"));
    feed.add(stream("a"));
    feed.restart();
    await settle();

    expect(failed).toHaveBeenCalledWith(new Error("gone"));
  });

  it("asks for nothing after it was stopped", async () => {
    feed.add(stream("a"));
    feed.restart();
    feed.stop();
    const { length } = fetcher.asked;
    await settle();

    expect(fetcher.asked.length).toBeLessThanOrEqual(length + 1);
    expect(failed).not.toHaveBeenCalled();
  });
});
