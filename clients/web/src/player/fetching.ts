/** Fetching media with patience: it keeps trying while the network is away, and says so. */

import { signal } from "@preact/signals";

import { pause } from "../ui/time";

/** What stands between the listener and the music just now. */
export type Trouble = "network" | "server";
export const trouble = signal<Trouble | undefined>(undefined);

/** The media is gone, or may not be had. */
export class MediaRefused extends Error {
  constructor(readonly status: number) {
    super(`The media cannot be fetched (${status})`);
    this.name = "MediaRefused";
  }
}

/** Asks anew for leave to fetch what lies at this address. */
export type Renew = (url: string) => Promise<void>;
/** Bytes that are at hand already. */
export type Lookup = (url: string) => Promise<ArrayBuffer | undefined>;

const TRIES = 60;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8000;
const SILENCE_MS = 8000;
const SHOWN_AFTER = 2;

export interface Fetched {
  data: ArrayBuffer;
  /** How long it was under way; undefined for what was at hand. */
  ms?: number;
}

export class Fetcher {
  constructor(
    private readonly lookup: Lookup,
    private readonly renew: Renew,
  ) {}

  /** The bytes at an address; throws `MediaRefused`, or the signal's reason. */
  async get(url: string, signal: AbortSignal): Promise<Fetched> {
    try {
      return await this.patiently(url, signal);
    } catch (error) {
      // Nobody waits for it any more.
      trouble.value = undefined;
      throw error;
    }
  }

  private async patiently(url: string, signal: AbortSignal): Promise<Fetched> {
    const kept = await this.lookup(url);
    if (kept) return { data: kept };
    let renewed = false;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.attempt(url, signal);
      if (typeof outcome !== "number") {
        trouble.value = undefined;
        return outcome;
      }
      if (outcome === 403 && !renewed) {
        renewed = true;
        await this.renew(url);
        continue;
      }
      if (outcome >= 400 && outcome < 500 && outcome !== 408 && outcome !== 429) {
        throw new MediaRefused(outcome);
      }
      if (attempt >= TRIES) throw new MediaRefused(outcome);
      if (attempt >= SHOWN_AFTER || !navigator.onLine) {
        trouble.value = outcome === 0 ? "network" : "server";
      }
      await untilNextTry(attempt, signal);
    }
  }

  /** The bytes, or the status of a failure: 0 if there was no answer, or it fell silent. */
  private async attempt(url: string, signal: AbortSignal): Promise<Fetched | number> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const begun = performance.now();
    try {
      const answer = await fetch(url, {
        signal: AbortSignal.any([signal, silence.signal]),
        credentials: "same-origin",
      });
      if (!answer.ok) return answer.status;
      const data = await answer.arrayBuffer();
      return { data, ms: performance.now() - begun };
    } catch {
      signal.throwIfAborted();
      return 0;
    } finally {
      clearTimeout(timer);
    }
  }
}

async function untilNextTry(attempt: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  const waiting = new AbortController();
  const wake = (): void => waiting.abort();
  window.addEventListener("online", wake, { once: true });
  try {
    await pause(longest * (0.5 + Math.random() / 2), AbortSignal.any([signal, waiting.signal]));
  } catch {
    signal.throwIfAborted();
  } finally {
    window.removeEventListener("online", wake);
  }
}
