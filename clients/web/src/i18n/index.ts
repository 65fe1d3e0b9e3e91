/** The app's texts in the listener's language: one catalogue a language, English is always there. */

import { signal } from "@preact/signals";

import { en, type Catalogue, type Key } from "./en";
import type { Language } from "./language";

type Values = Record<string, string | number>;

const texts = signal<Catalogue>(en);
export const language = signal<Language>("en");

export async function speak(tag: Language): Promise<void> {
  texts.value = tag === "de" ? (await import("./de")).de : en;
  language.value = tag;
  document.documentElement.lang = tag;
}

/** The text with its `{names}` filled in; `n` chooses between singular and plural. */
export function t(key: Key, values: Values = {}): string {
  const entry = texts.value[key];
  const text =
    typeof entry === "string" ? entry : entry[plural(Number(values["n"] ?? 0))];
  return text.replace(/\{(\w+)\}/g, (_, name: string) => shown(values[name]));
}

/** A moment as people say it: `3 March 2026`. `date` may be a year, a month or a day. */
export function day(date: string): string {
  const [year, month, number] = date.split("-").map(Number) as [number, number?, number?];
  if (month === undefined) return year > 0 ? String(year) : "";
  const options: Intl.DateTimeFormatOptions = { year: "numeric", month: "long", timeZone: "UTC" };
  if (number !== undefined) options.day = "numeric";
  return new Intl.DateTimeFormat(language.value, options).format(
    Date.UTC(year, month - 1, number ?? 1),
  );
}

export function moment(date: Date): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium" }).format(date);
}

/** Hours and minutes of something long. */
export function length(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return t("length.seconds", { n: Math.round(ms / 1000) });
  if (minutes < 60) return t("length.minutes", { n: minutes });
  return t("length.hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
}

export function bytes(count: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return new Intl.NumberFormat(language.value, {
    style: "unit",
    unit: units[unit],
    maximumFractionDigits: value < 10 && unit > 1 ? 1 : 0,
  }).format(value);
}

function plural(n: number): "one" | "other" {
  return new Intl.PluralRules(language.value).select(n) === "one" ? "one" : "other";
}

function shown(value: string | number | undefined): string {
  if (typeof value === "number") return new Intl.NumberFormat(language.value).format(value);
  return value ?? "";
}
