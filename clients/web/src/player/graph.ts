/** The way the sound takes: decks into one volume, and out. */

import { effect } from "@preact/signals";

import { volume } from "../app/settings";
import { amplitude } from "./loudness";

let context: AudioContext | undefined;
let master: GainNode | undefined;

export interface Input {
  /** Evens out loudness. */
  level: GainNode;
  /** Fades in and out. */
  fade: GainNode;
}

/** Browsers let a page sound only after a touch or a key: the first one opens the way. */
export function openOnGesture(): void {
  const gestures = ["pointerdown", "keydown", "touchend"] as const;
  const open = (): void => {
    void resume();
    for (const gesture of gestures) document.removeEventListener(gesture, open, true);
  };
  for (const gesture of gestures) document.addEventListener(gesture, open, true);
}

export async function resume(): Promise<void> {
  const { audio } = output();
  if (audio.state === "suspended") await audio.resume();
}

export function isOpen(): boolean {
  return context !== undefined;
}

export function now(): number {
  return output().audio.currentTime;
}

/** Leads an element's sound to the output. */
export function connect(element: HTMLMediaElement): Input {
  const { audio, end } = output();
  const level = audio.createGain();
  const fade = audio.createGain();
  audio.createMediaElementSource(element).connect(level).connect(fade).connect(end);
  return { level, fade };
}

function output(): { audio: AudioContext; end: GainNode } {
  if (context === undefined || master === undefined) {
    context = new AudioContext({ latencyHint: "playback" });
    master = context.createGain();
    master.connect(context.destination);
    const gain = master.gain;
    effect(() => {
      gain.value = amplitude(volume.value);
    });
  }
  return { audio: context, end: master };
}
