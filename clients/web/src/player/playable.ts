/** Which tracks can be played, and what keeps the others from it. */

import type { SimpleTrack } from "../api/types";
import { filtersExplicit } from "../auth/session";

export type Hindrance = "explicit" | "unavailable";

export function hindranceOf(track: SimpleTrack): Hindrance | undefined {
  if (track.is_local) return "unavailable";
  // What was said of the filter may have been said before the listener changed their mind.
  const lasting = track.restrictions?.reason !== "explicit";
  if (track.is_playable === false && lasting) return "unavailable";
  return filtersExplicit.value && track.explicit ? "explicit" : undefined;
}

export function canPlay(track: SimpleTrack): boolean {
  return hindranceOf(track) === undefined;
}
