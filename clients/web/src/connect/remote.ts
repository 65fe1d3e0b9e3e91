/** The player elsewhere: what plays on another device, as it was last told. */

import { computed, signal } from "@preact/signals";

import * as api from "../api/player";
import type { Device, PlayerState, Track } from "../api/types";
import { deviceId } from "./identity";

export interface Remote {
  state: PlayerState;
  /** When it was as the state says, by `Date.now()`. */
  at: number;
}

export const devices = signal<readonly Device[]>([]);
export const upcoming = signal<readonly Track[]>([]);
/** The last that is known of the player, wherever it plays. */
export const known = signal<Remote | undefined>(undefined);

/** Set while another device is the active one. */
export const remote = computed(() => {
  const device = known.value?.state.device;
  if (!device?.is_active || device.id === deviceId()) return undefined;
  return known.value;
});

export function positionMs({ state, at }: Remote): number {
  const passed = state.is_playing ? Date.now() - at : 0;
  return Math.min((state.progress_ms ?? 0) + passed, state.item?.duration_ms ?? 0);
}

/** Shows a command's effect before the device says that it was done. */
export function expect(change: Partial<PlayerState>): void {
  const now = known.value;
  if (!now) return;
  const state = { ...now.state, progress_ms: positionMs(now), ...change };
  known.value = { state, at: Date.now() };
}

export function tell(state: PlayerState | undefined): void {
  known.value = state && { state, at: Date.now() };
}

/** Asks for everything; throws `ApiError`. */
export async function refresh(): Promise<void> {
  const [found, state] = await Promise.all([api.devices(), api.state()]);
  devices.value = found;
  tell(state);
  if (remote.value) upcoming.value = (await api.queue()).queue;
}
