/** Which rendition to fetch: what the listener chose, or what the connection carries. */

import type { Stream } from "../api/types";
import type { Quality } from "../app/settings";

export type Rendition = Stream["renditions"][number];

const NAMES: Record<Exclude<Quality, "auto">, string> = {
  low: "aac96",
  normal: "aac160",
  high: "aac320",
  lossless: "flac",
};
const START = "aac160";
// So much of what the connection carried lately is counted on.
const SHARE = 0.7;
// Fewer bytes say more of the way there than of its width.
const LEAST_BYTES = 30_000;
const WEIGHT = 0.4;

/** How many bits a second the connection has carried lately. */
export class Throughput {
  private rate: number | undefined;

  get bitsPerSecond(): number | undefined {
    return this.rate;
  }

  add(bytes: number, ms: number): void {
    if (bytes < LEAST_BYTES || ms <= 0) return;
    const measured = (bytes * 8000) / ms;
    this.rate = this.rate === undefined ? measured : this.rate + WEIGHT * (measured - this.rate);
  }
}

/** Of all that this page fetches. */
export const throughput = new Throughput();

/** The wished rendition, or else the best there is; by itself it never chooses lossless. */
export function renditionFor(
  { renditions }: Pick<Stream, "renditions">,
  wanted: Quality,
  bitsPerSecond: number | undefined,
): Rendition | undefined {
  if (wanted !== "auto") {
    return renditions.find(({ name }) => name === NAMES[wanted]) ?? renditions.at(-1);
  }
  const lossy = renditions.filter(({ lossless }) => !lossless);
  const some = lossy.length > 0 ? lossy : renditions;
  const rising = some.toSorted((one, other) => one.bitrate - other.bitrate);
  if (bitsPerSecond === undefined) return rising.find(({ name }) => name === START) ?? rising[0];
  return rising.findLast(({ bitrate }) => bitrate <= bitsPerSecond * SHARE) ?? rising[0];
}

export function typeOf({ codec }: Rendition): string {
  return codec === "flac" ? 'audio/mp4; codecs="flac"' : 'audio/mp4; codecs="mp4a.40.2"';
}
