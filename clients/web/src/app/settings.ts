/** What the listener chose for this browser. Kept in local storage; nothing secret is among it. */

import { effect, signal, type Signal } from "@preact/signals";

import { speak } from "../i18n";
import { wanted, type Language } from "../i18n/language";

export type Theme = "auto" | "light" | "dark";
export type Quality = "auto" | "low" | "normal" | "high" | "lossless";

const PREFIX = "cadenza.setting.";

export const theme = kept<Theme>("theme", "auto");
export const quality = kept<Quality>("quality", "auto");
export const normalise = kept("normalise", true);
export const crossfade = kept("crossfade", 2);
export const singleKeys = kept("keys", true);
export const volume = kept("volume", 0.8);
export const chosenLanguage = kept<Language | "">("language", "");
export const deviceName = kept("device", browserName());
/** Whether the listener was asked which artists they like. */
export const wasAsked = kept("asked", false);
export const recentSearches = kept<string[]>("searches", []);

/** Puts the settings that show everywhere into effect. */
export async function apply(): Promise<void> {
  effect(() => {
    const chosen = theme.value;
    if (chosen === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = chosen;
  });
  await speak(wanted());
}

function kept<T>(name: string, initial: T): Signal<T> {
  const key = PREFIX + name;
  const setting = signal(read(key, initial));
  let first = true;
  effect(() => {
    const value = JSON.stringify(setting.value);
    if (!first) localStorage.setItem(key, value);
    first = false;
  });
  return setting;
}

function read<T>(key: string, initial: T): T {
  try {
    const text = localStorage.getItem(key);
    return text === null ? initial : (JSON.parse(text) as T);
  } catch {
    return initial;
  }
}

function browserName(): string {
  const agent = navigator.userAgent;
  const names: [RegExp, string][] = [
    [/Firefox\//, "Firefox"],
    [/Edg\//, "Edge"],
    [/Chrome\//, "Chrome"],
    [/Safari\//, "Safari"],
  ];
  return names.find(([pattern]) => pattern.test(agent))?.[1] ?? "Web player";
}
