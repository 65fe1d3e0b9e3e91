/** One media element that plays one track at a time. The player has two, to pass from one to the other. */

import type Hls from "hls.js";

import { normalise, quality, type Quality } from "../app/settings";
import { connect, now, type Input } from "./graph";
import { Keys } from "./keys";
import { gainFor } from "./loudness";
import { open, RUNGS, startLevel, type Media } from "./media";

export type DeckEvent = "playing" | "waiting" | "ended" | "paused" | "failed";

const FADE_STEPS = 32;

type HlsModule = typeof import("hls.js/light");
let library: Promise<HlsModule> | undefined;

/** Loads the playing library, once; it is not part of the first page. */
export function loadLibrary(): Promise<HlsModule> {
  library ??= import("hls.js/light");
  library.catch(() => {
    library = undefined;
  });
  return library;
}

export class Deck {
  readonly audio = new Audio();
  trackId = "";
  media: Media | undefined;
  private readonly keys = new Keys(this.audio);
  private input: Input | undefined;
  private hls: Hls | undefined;
  private loading = 0;

  constructor(private readonly tell: (deck: Deck, event: DeckEvent, error?: Error) => void) {
    this.audio.preload = "auto";
    const on = (name: string, event: DeckEvent): void =>
      this.audio.addEventListener(name, () => this.trackId && this.tell(this, event));
    on("playing", "playing");
    on("waiting", "waiting");
    on("ended", "ended");
    on("pause", "paused");
    this.audio.addEventListener("error", () => {
      const { error } = this.audio;
      if (this.trackId && error) this.fail(new Error(error.message));
    });
  }

  /** Seconds. */
  get position(): number {
    return this.audio.currentTime;
  }

  get duration(): number {
    const { duration } = this.audio;
    if (Number.isFinite(duration) && duration > 0) return duration;
    return (this.media?.stream.duration_ms ?? 0) / 1000;
  }

  get isLossless(): boolean {
    const level = this.hls?.levels[this.hls.currentLevel];
    return level?.audioCodec?.toLowerCase() === "flac";
  }

  /** Gets a track ready from `at` seconds on, without sound; throws `ApiError`. */
  async load(trackId: string, at = 0): Promise<void> {
    const turn = ++this.loading;
    this.unload();
    this.trackId = trackId;
    const [{ default: HlsLight, Events }, { PatientLoader }, media] = await Promise.all([
      loadLibrary(),
      import("./loader"),
      open(trackId),
    ]);
    if (turn !== this.loading) return;
    this.media = media;
    // The data may come before the key: the element waits for it by itself.
    const unlocked = this.keys.use(media.licence);
    unlocked.catch(() => undefined);
    const hls = new HlsLight({
      loader: PatientLoader,
      enableWorker: false,
      emeEnabled: false,
      startPosition: at,
      startLevel: startLevel(media.stream),
      startFragPrefetch: true,
      testBandwidth: false,
      abrEwmaDefaultEstimate: 1_000_000,
      maxBufferLength: 30,
      maxMaxBufferLength: 60,
      backBufferLength: 60,
      // The loader has patience enough of its own.
      fragLoadPolicy: NO_RETRIES,
      playlistLoadPolicy: NO_RETRIES,
      manifestLoadPolicy: NO_RETRIES,
    });
    this.hls = hls;
    hls.on(Events.ERROR, (_, data) => {
      if (data.fatal) this.fail(new MediaFailed(data.details, data.response?.code ?? 0));
    });
    hls.on(Events.MANIFEST_PARSED, () => this.chooseRung(quality.value));
    hls.loadSource(media.stream.manifest_url);
    hls.attachMedia(this.audio);
    if (this.input) this.setLevel();
    await unlocked;
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
    this.audio.currentTime = Math.max(0, Math.min(seconds, this.duration));
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
    this.input.level.gain.value = normalise.value ? gainFor(this.media.stream.loudness) : 1;
  }

  chooseRung(wanted: Quality): void {
    const hls = this.hls;
    if (!hls) return;
    // By itself it never goes up to lossless: that costs several times as much data.
    hls.autoLevelCapping = rungIndex(hls.levels, "high");
    hls.nextLevel = wanted === "auto" ? -1 : rungIndex(hls.levels, wanted);
  }

  unload(): void {
    this.trackId = "";
    this.media = undefined;
    this.hls?.destroy();
    this.hls = undefined;
    this.audio.pause();
    this.audio.removeAttribute("src");
  }

  private fail(error: Error): void {
    if (this.trackId) this.tell(this, "failed", error);
  }
}

/** hls.js cannot go on. */
export class MediaFailed extends Error {
  constructor(
    details: string,
    readonly status: number,
  ) {
    super(details);
    this.name = "MediaFailed";
  }
}

const NO_RETRIES = {
  default: {
    maxTimeToFirstByteMs: Infinity,
    maxLoadTimeMs: Infinity,
    timeoutRetry: null,
    errorRetry: null,
  },
};

/** The rung of that name, or the best there is. */
function rungIndex(levels: { url: string[] }[], wanted: Exclude<Quality, "auto">): number {
  const index = levels.findIndex((level) => level.url[0]?.includes(`/${RUNGS[wanted]}.m3u8`));
  return index >= 0 ? index : levels.length - 1;
}
