/** Media keys and the lock screen. */

import { effect } from "@preact/signals";

import * as controls from "./controls";
import { jumps } from "./state";

const SKIP_MS = 10_000;

export function publish(): void {
  const session = navigator.mediaSession;
  if (!session) return;
  const actions: [MediaSessionAction, MediaSessionActionHandler][] = [
    ["play", () => void controls.play()],
    ["pause", () => void controls.pause()],
    ["stop", () => void controls.pause()],
    ["previoustrack", () => void controls.previous()],
    ["nexttrack", () => void controls.next()],
    ["seekto", ({ seekTime }) => void controls.seek((seekTime ?? 0) * 1000)],
    [
      "seekbackward",
      ({ seekOffset }) => void controls.seek(controls.positionMs() - by(seekOffset)),
    ],
    ["seekforward", ({ seekOffset }) => void controls.seek(controls.positionMs() + by(seekOffset))],
  ];
  for (const [action, handler] of actions) {
    try {
      session.setActionHandler(action, handler);
    } catch {
      // Browsers know different ones.
    }
  }
  effect(() => {
    const track = controls.track.value;
    session.metadata = track
      ? new MediaMetadata({
          title: track.name,
          artist: track.artists.map((artist) => artist.name).join(", "),
          album: track.album.name,
          artwork: track.album.images.map(({ url, width, height }) => ({
            src: url,
            sizes: `${width ?? 0}x${height ?? 0}`,
            type: "image/jpeg",
          })),
        })
      : null;
  });
  effect(() => {
    const playing = controls.isPlaying.value;
    void jumps.value;
    session.playbackState = controls.track.value ? (playing ? "playing" : "paused") : "none";
    const duration = controls.durationMs() / 1000;
    if (duration > 0) {
      const position = Math.min(controls.positionMs() / 1000, duration);
      session.setPositionState({ duration, position, playbackRate: 1 });
    }
  });
}

function by(offset: number | undefined): number {
  return offset === undefined ? SKIP_MS : offset * 1000;
}
