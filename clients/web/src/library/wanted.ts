/** What is left of a mix after what its listener said, by the platform's own rules. */

import type { Opinion } from "../api/mixes";
import type { Track } from "../api/types";

/** By URI. */
export type Opinions = ReadonlyMap<string, Opinion>;

/** Those that are still wanted, in their order: of whom less is wanted, the first one stays. */
export function wanted<T>(
  rows: readonly T[],
  trackOf: (row: T) => Track,
  opinions: Opinions,
): T[] {
  const heard = new Set<string>();
  return rows.filter((row) => {
    const track = trackOf(row);
    if (isHidden(track, opinions)) return false;
    const fewer = track.artists.filter(({ uri }) => opinions.get(uri) === "less");
    if (fewer.some(({ uri }) => heard.has(uri))) return false;
    for (const { uri } of fewer) heard.add(uri);
    return true;
  });
}

/** A track that was pointed at is hidden, however it was put; an artist's only if asked. */
export function isHidden(track: Track, opinions: Opinions): boolean {
  const own = opinions.get(track.uri);
  if (own === "hide" || own === "less") return true;
  return track.artists.some(({ uri }) => opinions.get(uri) === "hide");
}
