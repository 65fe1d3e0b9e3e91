/** One media element that plays a track, and others joined to it. The player has two. */

import { normalise, quality } from "../app/settings";
import { Buffer } from "./buffer";
import { Feed, type Part } from "./feed";
import { connect, now, type Input } from "./graph";
import { Keys } from "./keys";
import { gainFor } from "./loudness";
import { fetcher, open, type Media } from "./media";

/** `passed`: the joined track has begun. */
export type DeckEvent = "playing" | "waiting" | "passed" | "ended" | "paused" | "failed";

const FADE_STEPS = 32;
// In these seconds a quieter joined track's level is mostly reached.
const LEVEL_S = 4;

export class Deck {
  readonly audio = new Audio();
  trackId = "";
  media: Media | undefined;
  private readonly keys = new Keys(this.audio);
  private input: Input | undefined;
  private feed: Feed | undefined;
  private joined: { trackId: string; media: Media | undefined } | undefined;
  private loading = 0;
  // Where to begin, in seconds; it may be moved while the track is being opened.
  private at = 0;

  constructor(private readonly tell: (deck: Deck, event: DeckEvent, error?: Error) => void) {
    this.audio.preload = "auto";
    const on = (name: string, event: DeckEvent): void =>
      this.audio.addEventListener(name, () => this.trackId && this.tell(this, event));
    on("playing", "playing");
    on("waiting", "waiting");
    on("ended", "ended");
    on("pause", "paused");
    this.audio.addEventListener("timeupdate", () => this.look());
    this.audio.addEventListener("error", () => {
      const { error } = this.audio;
      if (this.trackId && error) this.fail(new Error(error.message));
    });
  }

  /** Seconds within the track. */
  get position(): number {
    return this.feed ? Math.max(0, this.audio.currentTime - this.start) : this.at;
  }

  get duration(): number {
    const length = this.part?.length ?? Infinity;
    return Number.isFinite(length) ? length : (this.media?.stream.duration_ms ?? 0) / 1000;
  }

  get isLossless(): boolean {
    return this.part?.rendition?.lossless ?? false;
  }

  /** Gets a track ready from `at` seconds on, without sound; throws `ApiError`. */
  async load(trackId: string, at = 0): Promise<void> {
    const turn = ++this.loading;
    this.unload();
    this.trackId = trackId;
    this.at = at;
    const opening = Buffer.open(this.audio);
    const media = await open(trackId);
    if (turn !== this.loading) return;
    this.media = media;
    // The data may come before the key: the element waits for it by itself.
    const unlocked = this.keys.use(media.licence, media.renew);
    unlocked.catch(() => undefined);
    const buffer = await opening;
    if (turn !== this.loading) return;
    const feed = new Feed(
      this.audio,
      buffer,
      fetcher,
      () => quality.value,
      (error) => this.fail(error),
    );
    this.feed = feed;
    feed.add(media.stream);
    if (this.at > 0) this.audio.currentTime = Math.min(this.at, this.duration);
    void buffer.setDuration(media.stream.duration_ms / 1000).catch(() => undefined);
    feed.restart();
    if (this.input) this.setLevel();
    await unlocked;
  }

  /** Lets another track follow without a gap; throws `ApiError`. */
  async join(trackId: string): Promise<void> {
    const { feed, loading } = this;
    const joined = { trackId, media: undefined as Media | undefined };
    this.joined = joined;
    const media = await open(trackId);
    if (this.joined !== joined || loading !== this.loading || !feed) return;
    joined.media = media;
    feed.add(media.stream);
    this.easeTo(media);
    await this.keys.use(media.licence, media.renew);
  }

  /** What was joined is not to follow after all. */
  cut(): void {
    if (!this.joined) return;
    this.joined = undefined;
    void this.feed?.cut();
  }

  /** Looks whether the joined track has begun. */
  look(): void {
    const next = this.feed?.parts[1];
    if (!next || !this.joined?.media || this.audio.currentTime < next.start) return;
    const { trackId, media } = this.joined;
    this.joined = undefined;
    this.feed?.shift();
    this.trackId = trackId;
    this.media = media;
    this.tell(this, "passed");
  }

  /** Opens the way to the speakers; only after a gesture. */
  wire(): Input {
    this.input ??= connect(this.audio);
    this.setLevel();
    return this.input;
  }

  async play(): Promise<void> {
    this.wire();
    await this.audio.play();
  }

  pause(): void {
    this.audio.pause();
  }

  seek(seconds: number): void {
    if (!this.feed) {
      this.at = Math.max(0, seconds);
      return;
    }
    const within = Math.max(0, Math.min(seconds, this.duration));
    this.audio.currentTime = this.start + within;
    this.feed.moved();
  }

  /** Goes to silence or full sound over some seconds, at equal power. */
  fade(direction: "in" | "out", seconds: number): void {
    const { fade } = this.wire();
    const from = now();
    fade.gain.cancelScheduledValues(from);
    if (seconds <= 0) {
      fade.gain.setValueAtTime(direction === "in" ? 1 : 0, from);
      return;
    }
    const curve = Float32Array.from({ length: FADE_STEPS }, (_, step) => {
      const part = (step / (FADE_STEPS - 1)) * (Math.PI / 2);
      return direction === "in" ? Math.sin(part) : Math.cos(part);
    });
    fade.gain.setValueCurveAtTime(curve, from, seconds);
  }

  setLevel(): void {
    if (!this.input || !this.media) return;
    const { gain } = this.input.level;
    gain.cancelScheduledValues(now());
    gain.value = this.levelOf(this.media);
  }

  /** Takes up another quality for what was not fetched yet. */
  renew(): void {
    void this.feed?.renew().catch(() => undefined);
  }

  unload(): void {
    this.trackId = "";
    this.media = undefined;
    this.joined = undefined;
    this.at = 0;
    this.feed?.stop();
    this.feed = undefined;
    this.keys.rest();
    this.audio.pause();
    this.audio.removeAttribute("src");
  }

  private get part(): Part | undefined {
    return this.feed?.parts[0];
  }

  private get start(): number {
    return this.part?.start ?? 0;
  }

  /** Tracks that belong together keep their levels to each other, unless one would distort. */
  private easeTo(next: Media): void {
    const gain = this.input?.level.gain;
    const wanted = this.levelOf(next);
    if (gain && wanted < gain.value) gain.setTargetAtTime(wanted, now(), LEVEL_S / 3);
  }

  private levelOf({ stream }: Media): number {
    return normalise.value ? gainFor(stream.loudness) : 1;
  }

  private fail(error: Error): void {
    if (this.trackId) this.tell(this, "failed", error);
  }
}
