/** A source buffer of Media Source Extensions whose steps follow one another. */

/** Safari on phones has its own kind, which also says when the page is to fetch nothing. */
type Source = typeof MediaSource;
const Kind = (): Source =>
  (globalThis as { ManagedMediaSource?: Source }).ManagedMediaSource ?? MediaSource;

// Between the samples of two files there may be a rounding error.
const TOLERANCE_S = 0.05;

export class Buffer {
  private type = "";
  private steps: Promise<unknown> = Promise.resolve();

  private sink: SourceBuffer | undefined;

  private constructor(
    private readonly source: MediaSource,
    private readonly audio: HTMLMediaElement,
  ) {}

  /** Opens a new one in the element. */
  static async open(audio: HTMLMediaElement): Promise<Buffer> {
    const source = new (Kind())();
    const url = URL.createObjectURL(source);
    audio.disableRemotePlayback = true;
    const opened = heard(source, "sourceopen");
    audio.src = url;
    await opened;
    URL.revokeObjectURL(url);
    return new Buffer(source, audio);
  }

  /** Where what is there from `at` on without a gap ends; `at` itself where nothing is there. */
  endFrom(at: number): number {
    const ranges = this.sink?.buffered;
    for (let index = 0; ranges && index < ranges.length; index++) {
      if (ranges.start(index) <= at + TOLERANCE_S && ranges.end(index) > at) return ranges.end(index);
    }
    return at;
  }

  /** Where the next that is there begins. */
  startAfter(at: number): number | undefined {
    const ranges = this.sink?.buffered;
    for (let index = 0; ranges && index < ranges.length; index++) {
      if (ranges.start(index) > at) return ranges.start(index);
    }
    return undefined;
  }

  /** Data of this type that is to stand from `start` to `end`, in seconds; the rest is cut off. */
  begin(type: string, start: number, end: number, init: ArrayBuffer): Promise<void> {
    return this.step(async () => {
      this.sink ??= this.source.addSourceBuffer(type);
      const { sink } = this;
      if (this.type && this.type !== type) sink.changeType(type);
      this.type = type;
      if (sink.timestampOffset !== start) sink.timestampOffset = start;
      sink.appendWindowEnd = Infinity;
      sink.appendWindowStart = start;
      sink.appendWindowEnd = end;
      await this.settled(() => sink.appendBuffer(init));
    });
  }

  /** Throws `QuotaExceededError` where there is no room. */
  append(data: ArrayBuffer): Promise<void> {
    return this.step(() => this.settled((sink) => sink.appendBuffer(data)));
  }

  remove(from: number, to: number): Promise<void> {
    return this.step(async () => {
      if (this.sink && from < to) await this.settled((sink) => sink.remove(from, to));
    });
  }

  /** Nothing comes after what is there. */
  end(): Promise<void> {
    return this.step(() => {
      if (this.source.readyState === "open") this.source.endOfStream();
    });
  }

  /** How long the whole is to be taken for, in seconds. */
  setDuration(seconds: number): Promise<void> {
    return this.step(() => {
      if (this.source.readyState === "open" && !this.sink?.updating) this.source.duration = seconds;
    });
  }

  private step(work: () => Promise<void> | void): Promise<void> {
    const done = this.steps.then(work);
    this.steps = done.catch(() => undefined);
    return done;
  }

  private async settled(act: (sink: SourceBuffer) => void): Promise<void> {
    const { sink } = this;
    if (!sink) throw new DOMException("nothing was begun", "InvalidStateError");
    const done = heard(sink, "updateend", "error");
    act(sink);
    if ((await done) === "error") throw new Error(this.audio.error?.message ?? "cannot be decoded");
  }
}

/** The first of these events. */
function heard(target: EventTarget, ...names: string[]): Promise<string> {
  return new Promise((resolve) => {
    const hear = (event: Event): void => {
      for (const name of names) target.removeEventListener(name, hear);
      resolve(event.type);
    };
    for (const name of names) target.addEventListener(name, hear);
  });
}
