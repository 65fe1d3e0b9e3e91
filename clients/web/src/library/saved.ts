/** What is in the listener's library, by URI: hearts and bookmarks follow it everywhere. */

import { signal } from "@preact/signals";

import * as api from "../api/library";
import { ApiError } from "../api/error";
import { t } from "../i18n";
import { invalidate } from "../ui/resource";
import { toast } from "../ui/toasts";

const GATHER_MS = 30;

const known = signal<ReadonlyMap<string, boolean>>(new Map());
let wanted = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

export function isSaved(uri: string): boolean {
  return known.value.get(uri) ?? false;
}

/** Finds out about these, those of a moment together. */
export function lookUp(uris: string[]): void {
  for (const uri of uris) if (!known.peek().has(uri)) wanted.add(uri);
  if (wanted.size > 0) timer ??= setTimeout(() => void ask(), GATHER_MS);
}

/** These are in the library for sure. */
export function learn(uris: string[], saved = true): void {
  const next = new Map(known.peek());
  for (const uri of uris) next.set(uri, saved);
  known.value = next;
}

/** Shown at once, and taken back if the platform refuses. */
export async function toggle(uri: string): Promise<void> {
  const saved = !isSaved(uri);
  learn([uri], saved);
  try {
    await (saved ? api.save(uri) : api.unsave(uri));
    if (uri.includes(":track:")) toast(t(saved ? "track.liked" : "track.unliked"));
    invalidate("library");
  } catch (error) {
    learn([uri], !saved);
    toast(error instanceof ApiError && error.isOffline ? t("error.offline") : t("error.title"), "bad");
  }
}

export function forget(): void {
  known.value = new Map();
}

async function ask(): Promise<void> {
  timer = undefined;
  const uris = [...wanted];
  wanted = new Set();
  try {
    const answers = await api.contains(uris);
    const next = new Map(known.peek());
    for (const [index, uri] of uris.entries()) next.set(uri, answers[index] ?? false);
    known.value = next;
  } catch {
    // Hearts stay empty; the page itself says what is wrong.
  }
}
