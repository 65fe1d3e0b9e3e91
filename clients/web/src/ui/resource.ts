/** Asking for something and showing what there is: the last answer at once, a fresh one soon after. */

import { signal, type Signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { ApiError } from "../api/error";

export interface Resource<T> {
  data: T | undefined;
  error: ApiError | undefined;
  isLoading: boolean;
}

interface Kept {
  state: Signal<Resource<unknown>>;
  ask: () => Promise<void>;
}

const MOST_KEPT = 60;
const kept = new Map<string, Kept>();

/** `key` names what is asked for; undefined asks for nothing. */
export function useResource<T>(
  key: string | undefined,
  ask: () => Promise<T>,
): Resource<T> & { again: () => void; set: (data: T) => void } {
  const entry = useMemo(() => keep(key ?? "", ask), [key]);
  useEffect(() => {
    if (key !== undefined) void entry.ask();
  }, [key]);
  return {
    ...(entry.state.value as Resource<T>),
    again: () => void entry.ask(),
    set: (data: T) => {
      entry.state.value = { data, error: undefined, isLoading: false };
    },
  };
}

/** Shown pages ask again for what changed. */
export function invalidate(prefix: string): void {
  for (const [key, entry] of kept) if (key.startsWith(prefix)) void entry.ask();
}

export function forgetAll(): void {
  kept.clear();
}

function keep<T>(key: string, ask: () => Promise<T>): Kept {
  const known = kept.get(key);
  if (known) {
    kept.delete(key);
    kept.set(key, known);
    return known;
  }
  const state = signal<Resource<unknown>>({ data: undefined, error: undefined, isLoading: true });
  let turn = 0;
  const entry: Kept = {
    state,
    ask: async () => {
      const mine = ++turn;
      state.value = { ...state.peek(), isLoading: true };
      try {
        const data = await ask();
        if (mine === turn) state.value = { data, error: undefined, isLoading: false };
      } catch (error) {
        if (mine !== turn) return;
        const reason = error instanceof ApiError ? error : new ApiError(-1, String(error));
        // What was there before stays, unless it is known to be gone.
        const data = reason.isMissing ? undefined : state.peek().data;
        state.value = { data, error: reason, isLoading: false };
      }
    },
  };
  if (key) kept.set(key, entry);
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT) break;
    kept.delete(oldest);
  }
  return entry;
}
