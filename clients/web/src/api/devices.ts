/** What a device says and is told. */

import { call } from "./http";

/** What is to be played; see the platform's own description of it. Times in ms. */
export interface Told {
  version: number;
  command_version: number;
  action: string;
  device_id: string;
  turn: number;
  positioned: number;
  context_uri: string;
  uri: string;
  duration_ms: number;
  position_ms: number;
  now: number;
  is_playing: boolean;
  repeat_state: "off" | "context" | "track";
  shuffle_state: boolean;
  queued: number;
  executed: number;
}

export interface Command extends Told {
  volume_percent: number;
}

export interface Report {
  command_version: number;
  timestamp: number;
  is_playing: boolean;
  position_ms: number;
  uri: string | null;
  volume_percent: number;
}

export interface Registration {
  name: string;
  type: string;
  supports_volume: boolean;
  volume_percent: number;
}

export function register(id: string, device: Registration): Promise<void> {
  return call("PUT", `/v1/me/devices/${id}`, { body: device });
}

export function leave(id: string): Promise<void> {
  return call("DELETE", `/v1/me/devices/${id}`, { keepalive: true });
}

export function heartbeat(id: string): Promise<void> {
  return call("POST", `/v1/me/devices/${id}/heartbeat`);
}

export function report(id: string, state: Report): Promise<Command> {
  return call("POST", `/v1/me/devices/${id}/state`, { body: state });
}

export function advance(id: string, turn: number): Promise<Command> {
  return call("POST", `/v1/me/devices/${id}/advance`, { body: { turn } });
}
