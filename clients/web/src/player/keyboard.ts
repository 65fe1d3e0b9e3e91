/** Single keys that control the player wherever the listener is. They can be turned off. */

import { signal } from "@preact/signals";

import { navigate } from "../app/router";
import { singleKeys } from "../app/settings";
import type { Key } from "../i18n/en";
import { toggle as toggleSaved } from "../library/saved";
import * as controls from "./controls";

export const isHelpShown = signal(false);

/** For the list of shortcuts: keys, and what they do. */
export const SHORTCUTS: [string[], Key][] = [
  [["Space"], "keys.play"],
  [["←", "→"], "keys.seek"],
  [["Shift ←", "Shift →"], "keys.skip"],
  [["↑", "↓"], "keys.volume"],
  [["M"], "keys.mute"],
  [["L"], "keys.like"],
  [["S"], "keys.shuffle"],
  [["R"], "keys.repeat"],
  [["/"], "keys.search"],
  [["Q"], "keys.queue"],
  [["F"], "keys.now"],
  [["?"], "keys.help"],
];

const SEEK_MS = 5000;
const VOLUME_STEP = 0.05;

const ACTIONS: Record<string, () => void> = {
  " ": () => void controls.toggle(),
  ArrowLeft: () => void controls.seek(controls.positionMs() - SEEK_MS),
  ArrowRight: () => void controls.seek(controls.positionMs() + SEEK_MS),
  "Shift+ArrowLeft": () => void controls.previous(),
  "Shift+ArrowRight": () => void controls.next(),
  ArrowUp: () => controls.setVolume(controls.loudness.value + VOLUME_STEP),
  ArrowDown: () => controls.setVolume(controls.loudness.value - VOLUME_STEP),
  m: controls.toggleMute,
  l: () => {
    const uri = controls.track.value?.uri;
    if (uri) void toggleSaved(uri);
  },
  s: () => void controls.setShuffle(!controls.isShuffled.value),
  r: () => void controls.cycleRepeat(),
  "/": () => navigate("/search"),
  q: () => navigate("/queue"),
  f: () => navigate("/now-playing"),
  "?": () => {
    isHelpShown.value = true;
  },
};
// These scroll the page or press what has the focus; a player that stands still leaves them be.
const NEEDS_TRACK = new Set([" ", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

export function listen(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!singleKeys.value || isBusy(event)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const isSkip = event.shiftKey && key.startsWith("Arrow");
    const action = ACTIONS[isSkip ? `Shift+${key}` : key];
    if (!action || (NEEDS_TRACK.has(event.key) && !controls.track.value)) return;
    event.preventDefault();
    action();
  });
}

/** Whether the key belongs to what has the focus. */
function isBusy(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  if (document.querySelector("dialog[open], [role=menu]")) return true;
  if (target.isContentEditable || target.matches("input, textarea, select")) return true;
  if (event.key === " ") return target.matches("button, a, summary, [role]");
  return event.key.startsWith("Arrow") && target.matches(".handle, [role=tab], [role=radio]");
}
