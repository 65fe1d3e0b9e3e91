/** Keeps a media element fed: the segments of one track after another, a little ahead of the ear. */

import type { Stream } from "../api/types";
import type { Buffer } from "./buffer";
import type { Fetcher } from "./fetching";
import { renditionFor, throughput, typeOf, type Rendition } from "./ladder";
import { lengthOf } from "./mp4";
import { parse, type Playlist } from "./playlist";

/** A track on the element's timeline. */
export interface Part {
  readonly stream: Stream;
  /** Seconds on the timeline; infinite until all before it is known to its end. */
  start: number;
  /** Seconds; infinite until its first bytes are there. */
  length: number;
  /** What was fetched last. */
  rendition: Rendition | undefined;
}

interface Due {
  part: Part;
  rendition: Rendition;
  playlist: Playlist;
  index: number;
}

const AHEAD_S = 30;
const BEHIND_S = 5;
// Playlists give times in milliseconds, and encoders may begin a little later than they say.
const ROUNDING_S = 0.25;
const END_S = 0.02;
const GAP_S = 0.5;

export class Feed {
  readonly parts: Part[] = [];
  private readonly playlists = new Map<string, Promise<Playlist>>();
  private begun: { part: Part; rendition: Rendition } | undefined;
  private readonly life = new AbortController();
  private turn = new AbortController();
  private wake: () => void = () => undefined;

  constructor(
    private readonly audio: HTMLMediaElement,
    private readonly buffer: Buffer,
    private readonly fetcher: Fetcher,
    private readonly quality: () => Parameters<typeof renditionFor>[1],
    private readonly failed: (error: Error) => void,
  ) {
    audio.addEventListener("timeupdate", this.look);
  }

  /** A track that follows those that are there. */
  add(stream: Stream): Part {
    const start = this.parts.length === 0 ? 0 : Infinity;
    const part = { stream, start, length: Infinity, rendition: undefined };
    this.parts.push(part);
    this.place();
    this.wake();
    return part;
  }

  /** Takes back what follows the first part. */
  async cut(): Promise<void> {
    const [first, second] = this.parts;
    if (!first || !second) return;
    this.parts.length = 1;
    this.turn.abort();
    if (Number.isFinite(second.start)) {
      this.begun = undefined;
      await this.buffer.remove(second.start, Infinity);
    }
    this.restart();
  }

  /** The first part is over. */
  shift(): void {
    this.parts.shift();
  }

  /** Begins, or begins anew. */
  restart(): void {
    this.turn.abort();
    this.turn = new AbortController();
    const { signal } = this.turn;
    this.run(signal).catch((error: unknown) => {
      if (!signal.aborted) this.failed(error instanceof Error ? error : new Error(String(error)));
    });
  }

  /** The element was moved: what is under way for it is still of use if it was not moved far. */
  moved(): void {
    const at = this.audio.currentTime;
    if (this.buffer.endFrom(at) > at) this.wake();
    else this.restart();
  }

  /** Another quality from now on: what is there of the last one is heard for some seconds yet. */
  async renew(): Promise<void> {
    const at = this.audio.currentTime;
    const part = this.parts.find(({ start, length }) => at < start + length);
    const playlist = part?.rendition && (await this.playlistOf(part, part.rendition));
    const next = playlist?.segments.find(({ end }) => part && part.start + end > at + 1);
    if (!part || !next || part.start + next.end >= part.start + part.length) return;
    this.turn.abort();
    await this.buffer.remove(part.start + next.end, Infinity);
    this.begun = undefined;
    this.restart();
  }

  stop(): void {
    this.turn.abort();
    this.life.abort();
    this.audio.removeEventListener("timeupdate", this.look);
  }

  private readonly look = (): void => this.wake();

  private async run(signal: AbortSignal): Promise<void> {
    let last = "";
    for (;;) {
      signal.throwIfAborted();
      const woken = new Promise<void>((resolve) => (this.wake = resolve));
      const at = this.audio.currentTime;
      const end = this.buffer.endFrom(at);
      const due = end - at < AHEAD_S ? await this.due(end) : "enough";
      signal.throwIfAborted();
      if (due === "enough") {
        await woken;
      } else if (due === undefined) {
        await this.buffer.end();
        await woken;
      } else {
        const now = `${due.playlist.segments[due.index]?.url} ${end}`;
        if (now === last) this.bridge(due, at, end);
        const fits = now === last || (await this.bring(due, signal));
        last = fits && now !== last ? now : "";
        if (!fits) await woken;
      }
    }
  }

  /** What comes at this place of the timeline; undefined after the end of everything. */
  private async due(at: number): Promise<Due | undefined> {
    const part = this.parts.find(({ start, length }) => at < start + length - END_S);
    if (!part || !Number.isFinite(part.start)) return undefined;
    const rendition = renditionFor(part.stream, this.quality(), throughput.bitsPerSecond);
    if (!rendition) throw new Error("the track has no renditions");
    const playlist = await this.playlistOf(part, rendition);
    const isNext = at > this.audio.currentTime;
    const within = Math.max(0, at - part.start) + (isNext ? ROUNDING_S : 0);
    const found = playlist.segments.findIndex(({ end }) => end > within);
    const index = found >= 0 ? found : playlist.segments.length - 1;
    return { part, rendition, playlist, index };
  }

  /** Fetches a segment, and what has to stand before it; false where there is no room now. */
  private async bring({ part, rendition, playlist, index }: Due, signal: AbortSignal): Promise<boolean> {
    const url = playlist.segments[index]?.url ?? "";
    const isOther = this.begun?.part !== part || this.begun.rendition.name !== rendition.name;
    const [init, segment] = await Promise.all([
      isOther ? this.fetcher.get(playlist.init, signal) : undefined,
      this.fetcher.get(url, signal),
    ]);
    signal.throwIfAborted();
    if (segment.ms !== undefined) throughput.add(segment.data.byteLength, segment.ms);
    if (init) {
      if (!Number.isFinite(part.length)) {
        part.length = lengthOf(init.data) ?? playlist.segments.at(-1)?.end ?? 0;
        this.place();
      }
      const end = part.start + part.length;
      await this.buffer.begin(typeOf(rendition), part.start, end, init.data);
      this.begun = { part, rendition };
    }
    part.rendition = rendition;
    return this.fit(segment.data);
  }

  /** A segment is there and does not hold what its playlist says: the ear is led past that. */
  private bridge({ part, playlist, index }: Due, at: number, end: number): void {
    const next = this.buffer.startAfter(at);
    if (end === at && next !== undefined && next - at < GAP_S) {
      this.audio.currentTime = next;
    } else if (end > part.start && index === playlist.segments.length - 1) {
      part.length = end - part.start;
      this.place();
    } else {
      throw new Error("a segment leaves a gap");
    }
  }

  private async fit(data: ArrayBuffer): Promise<boolean> {
    for (const isLast of [false, true]) {
      try {
        await this.buffer.append(data);
        return true;
      } catch (error) {
        const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
        if (!isFull) throw error;
        if (!isLast) await this.buffer.remove(0, this.audio.currentTime - BEHIND_S);
      }
    }
    return false;
  }

  /** Each part begins where the one before it ends, to the sample. */
  private place(): void {
    for (const [index, part] of this.parts.entries()) {
      const before = this.parts[index - 1];
      if (before) part.start = before.start + before.length;
    }
  }

  private playlistOf({ stream }: Part, { name }: Rendition): Promise<Playlist> {
    const url = new URL(`${name}.m3u8`, stream.manifest_url).href;
    const known = this.playlists.get(url);
    if (known) return known;
    const asked = this.fetcher
      .get(url, this.life.signal)
      .then(({ data }) => parse(new TextDecoder().decode(data), url));
    this.playlists.set(url, asked);
    asked.catch(() => this.playlists.delete(url));
    return asked;
  }
}
