/** How hls.js fetches: through our own patient fetcher. */

import type {
  FragmentLoaderContext,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderContext,
  LoaderStats,
} from "hls.js";

import { fetcher } from "./media";
import { MediaRefused } from "./fetching";

export class PatientLoader implements Loader<LoaderContext> {
  context: LoaderContext | null = null;
  readonly stats: LoaderStats = {
    aborted: false,
    loaded: 0,
    retry: 0,
    total: 0,
    chunkCount: 0,
    bwEstimate: 0,
    loading: { start: 0, first: 0, end: 0 },
    parsing: { start: 0, end: 0 },
    buffering: { start: 0, first: 0, end: 0 },
  };
  private readonly stopper = new AbortController();
  private callbacks: LoaderCallbacks<LoaderContext> | null = null;

  load(
    context: LoaderContext | FragmentLoaderContext,
    _: LoaderConfiguration,
    callbacks: LoaderCallbacks<LoaderContext>,
  ): void {
    this.context = context;
    this.callbacks = callbacks;
    this.stats.loading.start = performance.now();
    void this.fetch(context);
  }

  abort(): void {
    if (this.stats.loading.end > 0 || this.stats.aborted) return;
    this.stats.aborted = true;
    this.stopper.abort();
    if (this.context) this.callbacks?.onAbort?.(this.stats, this.context, null);
  }

  destroy(): void {
    this.callbacks = null;
    this.stats.aborted = true;
    this.stopper.abort();
  }

  private async fetch(context: LoaderContext): Promise<void> {
    try {
      const { data, firstAt } = await fetcher.get(context.url, this.stopper.signal);
      if (this.stats.aborted) return;
      const stats = this.stats;
      stats.loading.first = Math.max(firstAt, stats.loading.start);
      stats.loading.end = Math.max(performance.now(), stats.loading.first);
      stats.loaded = stats.total = data.byteLength;
      const body = context.responseType === "arraybuffer" ? data : playlist(data);
      const answer = { url: context.url, data: body, code: 200 };
      this.callbacks?.onSuccess(answer, stats, context, null);
    } catch (error) {
      if (this.stats.aborted) return;
      const code = error instanceof MediaRefused ? error.status : 0;
      const text = error instanceof Error ? error.message : "";
      this.callbacks?.onError({ code, text }, context, null, this.stats);
    }
  }
}

/** Without the key lines: keys are our own concern, and the light build refuses what has them. */
function playlist(data: ArrayBuffer): string {
  return new TextDecoder().decode(data).replace(/^#EXT-X-KEY:.*\n/gm, "");
}
