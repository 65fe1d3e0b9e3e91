/** What is likely to be played next is fetched before it is asked for. */

import type { Track } from "../api/types";
import { isPlaying, isShuffled } from "./controls";
import { warm } from "./media";
import { canPlay } from "./playable";

/** Somebody points at the button that plays all of these. */
export function warmFirst(tracks: readonly Track[]): void {
  const first = tracks.find(canPlay);
  if (first && !isShuffled.value && !isPlaying.value) void warm(first.id);
}
