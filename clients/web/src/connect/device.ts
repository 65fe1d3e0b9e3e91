/**
 * This tab as a device: it is told what to play, and tells what it plays.
 *
 * What its own listener does happens at once and is passed on; `done` is the last command that it
 * has carried out, so that the echo of its own ones and late ones change nothing.
 */

import { effect } from "@preact/signals";

import { ApiError } from "../api/error";
import * as api from "../api/devices";
import type { Command, Told } from "../api/devices";
import type { Device } from "../api/types";
import * as playerApi from "../api/player";
import { deviceName, volume } from "../app/settings";
import { t } from "../i18n";
import * as here from "../player/local";
import { toast } from "../ui/toasts";
import { carryOut, startOf } from "./commands";
import { follow, type ServerEvent } from "./events";
import { deviceId, deviceType } from "./identity";
import * as remote from "./remote";
import * as shadow from "./shadow";

const HEARTBEAT_MS = 10_000;
const REPORT_SOON_MS = 120;

let following: AbortController | undefined;
let wishes: Promise<unknown> = Promise.resolve();
let waiting = 0;
let done = 0;
let turn = -1;
let positioned = 0;
let isActive = false;
let reporting: ReturnType<typeof setTimeout> | undefined;

/** From now on other devices see this one; without the platform it plays all the same. */
export function begin(): void {
  if (following) return;
  following = new AbortController();
  const { signal } = following;
  const query = { device_id: deviceId(), session: deviceId() };
  void register().then(() =>
    follow("/v1/me/player/events", query, heard, () => undefined, signal),
  );
  const beat = setInterval(() => void stillHere(), HEARTBEAT_MS);
  signal.addEventListener("abort", () => clearInterval(beat));
  shadow.connect(pass, () => void advance());
  effect(() => {
    void [here.isPlaying.value, here.jumps.value, volume.value, here.entry.value];
    reportSoon();
  });
  let name = deviceName.value;
  effect(() => {
    if (deviceName.value !== name) void register();
    name = deviceName.value;
  });
  window.addEventListener("pagehide", () => void api.leave(deviceId()).catch(() => undefined));
  window.addEventListener("pageshow", (event) => event.persisted && void register());
}

export function end(): void {
  following?.abort();
  following = undefined;
  isActive = false;
}

/** Tells all of what plays here; afterwards another device can go on with it. */
export async function hand(): Promise<void> {
  const start = startOf();
  if (!isActive && start) pass(() => playerApi.play(deviceId(), start));
  await wishes;
  await report();
}

async function register(): Promise<void> {
  await api
    .register(deviceId(), {
      name: deviceName.value,
      type: deviceType(),
      supports_volume: true,
      volume_percent: percent(),
    })
    .catch(() => undefined);
}

/** A beat while nothing plays; what plays is told as a report, which says more. */
async function stillHere(): Promise<void> {
  try {
    if (isActive) await report();
    else await api.heartbeat(deviceId());
  } catch (error) {
    if (error instanceof ApiError && error.isMissing) await register();
  }
}

/** Sends a wish after those before it, and then sees that both sides agree. */
function pass(wish: () => Promise<unknown>): void {
  if (!following || !navigator.onLine) return;
  waiting += 1;
  wishes = wishes
    .then(wish)
    .catch(() => undefined)
    .finally(() => {
      waiting -= 1;
    })
    .then(() => (waiting === 0 ? agree() : undefined));
}

/** Takes what the platform has after our own wishes as done, if it is what plays here. */
async function agree(): Promise<void> {
  const told = await ask().catch(() => undefined);
  if (!told || waiting > 0) return;
  take(told);
  await report().catch(() => undefined);
}

function ask(): Promise<Command> {
  return api.report(deviceId(), state());
}

function take(told: Told): void {
  done = told.command_version;
  turn = told.turn;
  positioned = told.positioned;
  isActive = told.device_id === deviceId();
}

async function report(): Promise<void> {
  const told = await ask();
  // A report's answer tells what a lost event would have told.
  if (told.command_version > done) obey(told);
}

function reportSoon(): void {
  clearTimeout(reporting);
  if (!isActive) return;
  reporting = setTimeout(() => {
    if (waiting === 0) void report().catch(() => undefined);
  }, REPORT_SOON_MS);
}

function state(): api.Report {
  return {
    command_version: done,
    timestamp: Date.now(),
    is_playing: here.isPlaying.value,
    position_ms: Math.round(here.position() * 1000),
    uri: here.entry.value?.track.uri ?? null,
    volume_percent: percent(),
  };
}

/** A track came to its end by itself: the platform goes on too, and follows us if it disagrees. */
async function advance(): Promise<void> {
  if (!isActive) return;
  const ended = turn;
  pass(async () => {
    const told = await api.advance(deviceId(), ended);
    const start = startOf();
    take(told);
    if (start && told.uri !== here.entry.value?.track.uri) {
      await playerApi.play(deviceId(), start);
    }
  });
}

function heard({ name, data }: ServerEvent): void {
  if (name === "command") {
    const told = data as Command;
    if (told.command_version > done && waiting === 0) obey(told);
  } else if (name === "state") {
    shown(data as Told);
  } else if (name === "devices") {
    remote.devices.value = (data as { devices: Device[] }).devices;
  } else if (name === "session_taken_over") {
    if (!here.isPlaying.value) return;
    here.stop("stopped");
    toast(t("player.taken"), "bad");
  }
}

function obey(told: Command): void {
  const moved = told.positioned > positioned || told.turn !== turn;
  take(told);
  if (!isActive) {
    if (told.device_id && here.isPlaying.value) here.stop("stopped");
    return;
  }
  void carryOut(told, moved).then(reportSoon);
}

/** What plays elsewhere, as views show it. */
function shown(told: Told): void {
  const now = remote.known.value?.state;
  const same = now?.item?.uri === told.uri && now.device?.id === told.device_id;
  if (!same) {
    void remote.refresh().catch(() => undefined);
    return;
  }
  remote.tell({
    ...now,
    is_playing: told.is_playing,
    progress_ms: told.position_ms,
    repeat_state: told.repeat_state,
    shuffle_state: told.shuffle_state,
  });
}

function percent(): number {
  return Math.round(volume.value * 100);
}
