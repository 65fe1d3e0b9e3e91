/** The position as views show it: renewed while something plays and somebody looks. */

import { useEffect, useState } from "preact/hooks";

import { isPlaying, positionMs, track } from "./controls";
import { jumps } from "./state";
import { known } from "../connect/remote";

/** Milliseconds. `everyMs`: how smooth. */
export function usePosition(everyMs = 500): number {
  const [position, setPosition] = useState(positionMs);
  const playing = isPlaying.value;
  const id = track.value?.id;
  const jumped = jumps.value;
  const told = known.value;
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === "visible") setPosition(positionMs());
    };
    look();
    if (!playing) {
      // A seek while paused needs a moment until the element is there.
      const later = setTimeout(look, 120);
      return () => clearTimeout(later);
    }
    const timer = setInterval(look, everyMs);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [playing, id, jumped, told, everyMs]);
  return position;
}
