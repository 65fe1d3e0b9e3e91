/** The player family: devices, what plays on them, and commands to them. */

import { call } from "./http";
import type { Context, CursorPage, Device, PlayerQueue, PlayerState, PlayHistory } from "./types";

const fresh = { cache: "no-store" } as const;

export async function devices(): Promise<Device[]> {
  const answer = await call<{ devices: Device[] }>("GET", "/v1/me/player/devices", fresh);
  return answer.devices;
}

/** Undefined where nothing plays anywhere. */
export function state(): Promise<PlayerState | undefined> {
  return call("GET", "/v1/me/player", { query: { market: "from_token" }, ...fresh });
}

export function queue(): Promise<PlayerQueue> {
  return call("GET", "/v1/me/player/queue", fresh);
}

export function recentlyPlayed(limit = 50): Promise<CursorPage<PlayHistory>> {
  return call("GET", "/v1/me/player/recently-played", { query: { limit }, ...fresh });
}

export interface Start {
  context?: Context | null;
  /** Taken where there is no context, or none that the platform knows. */
  uris?: string[];
  offset?: number | string;
  positionMs?: number;
}

/** Whether the platform can tell by itself what a context holds; other ones are told by track. */
export function isResolvable(context: Context | null | undefined): context is Context {
  return !!context && context.type !== "mix" && context.type !== "radio";
}

export function play(device: string | undefined, start?: Start): Promise<void> {
  const body = start && {
    ...(isResolvable(start.context) ? { context_uri: start.context.uri } : { uris: start.uris }),
    ...(start.offset !== undefined && {
      offset: typeof start.offset === "number" ? { position: start.offset } : { uri: start.offset },
    }),
    ...(start.positionMs !== undefined && { position_ms: Math.round(start.positionMs) }),
  };
  return call("PUT", "/v1/me/player/play", { query: { device_id: device }, body });
}

// Without a device, these are for the one that is active.

export function pause(device?: string): Promise<void> {
  return call("PUT", "/v1/me/player/pause", { query: { device_id: device } });
}

export function next(): Promise<void> {
  return call("POST", "/v1/me/player/next");
}

export function previous(): Promise<void> {
  return call("POST", "/v1/me/player/previous");
}

export function seek(positionMs: number, device?: string): Promise<void> {
  const query = { position_ms: Math.round(positionMs), device_id: device };
  return call("PUT", "/v1/me/player/seek", { query });
}

export function repeat(state: "off" | "context" | "track", device?: string): Promise<void> {
  return call("PUT", "/v1/me/player/repeat", { query: { state, device_id: device } });
}

export function shuffle(state: boolean, device?: string): Promise<void> {
  return call("PUT", "/v1/me/player/shuffle", { query: { state, device_id: device } });
}

export function volume(percent: number): Promise<void> {
  const query = { volume_percent: Math.round(percent) };
  return call("PUT", "/v1/me/player/volume", { query });
}

export function enqueue(uri: string, device?: string): Promise<void> {
  return call("POST", "/v1/me/player/queue", { query: { uri, device_id: device } });
}

export function transfer(device: string, play: boolean): Promise<void> {
  return call("PUT", "/v1/me/player", { body: { device_ids: [device], play } });
}
