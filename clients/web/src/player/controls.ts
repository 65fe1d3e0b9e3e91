/** The player as the listener has it: what plays, here or on another device, and every command. */

import { computed } from "@preact/signals";

import { ApiError } from "../api/error";
import * as api from "../api/player";
import type { Context, Track } from "../api/types";
import { volume } from "../app/settings";
import { startOf } from "../connect/commands";
import { deviceId } from "../connect/identity";
import * as shadow from "../connect/shadow";
import * as there from "../connect/remote";
import { remote } from "../connect/remote";
import { t } from "../i18n";
import type { Key } from "../i18n/en";
import { toast } from "../ui/toasts";
import * as here from "./local";
import * as queues from "./queue";
import { canPlay, hindranceOf } from "./playable";
import type { Repeat, Source } from "./queue";

export const track = computed<Track | undefined>(() =>
  remote.value ? (remote.value.state.item ?? undefined) : here.entry.value?.track,
);
export const isPlaying = computed(() => remote.value?.state.is_playing ?? here.isPlaying.value);
export const isWaiting = computed(() => !remote.value && here.isWaiting.value);
export const isShuffled = computed(
  () => remote.value?.state.shuffle_state ?? here.queue.value.shuffle,
);
export const repeat = computed<Repeat>(
  () => remote.value?.state.repeat_state ?? here.queue.value.repeat,
);
export const context = computed<Context | null>(
  () => (remote.value ? remote.value.state.context : here.queue.value.source.context) ?? null,
);
export const loudness = computed(() => {
  const percent = remote.value?.state.device?.volume_percent;
  return percent === undefined || percent === null ? volume.value : percent / 100;
});

export function positionMs(): number {
  return remote.value ? there.positionMs(remote.value) : here.position() * 1000;
}

export function durationMs(): number {
  return remote.value ? (track.value?.duration_ms ?? 0) : here.duration() * 1000;
}

/** Whether this track, in this context, is the one that plays. */
export function isCurrent(trackId: string): boolean {
  return track.value?.id === trackId;
}

/** Starts tracks at one of them, or anywhere if the order is shuffled and none is named. */
export async function start(source: Source, tracks: Track[], first?: number): Promise<void> {
  const device = remote.value?.state.device?.id;
  if (device) {
    const wanted = tracks[first ?? 0];
    await told(
      api.play(device, {
        context: source.context,
        uris: tracks.map((each) => each.uri),
        offset: first === undefined ? undefined : wanted?.uri,
      }),
    );
    return;
  }
  const playing = here.start(source, tracks, first);
  tellStart();
  await playing;
}

export async function toggle(): Promise<void> {
  if (isPlaying.value) await pause();
  else await play();
}

export async function play(): Promise<void> {
  if (!remote.value) {
    shadow.tell(() => api.play(deviceId()));
    await here.play();
    return;
  }
  there.expect({ is_playing: true });
  await told(api.play(undefined));
}

export async function pause(): Promise<void> {
  if (!remote.value) {
    here.pause();
    shadow.tell(() => api.pause(deviceId()));
    return;
  }
  there.expect({ is_playing: false });
  await told(api.pause());
}

export async function next(): Promise<void> {
  if (remote.value) return told(api.next());
  const skipping = here.skipNext();
  tellStart();
  await skipping;
}

export async function previous(): Promise<void> {
  if (remote.value) return told(api.previous());
  const skipping = here.skipPrevious();
  tellStart();
  await skipping;
}

/** To a track that is to come. */
export async function jump(key: number): Promise<void> {
  const jumping = here.jump(key);
  tellStart();
  await jumping;
}

export async function seek(ms: number): Promise<void> {
  if (remote.value) {
    there.expect({ progress_ms: ms });
    return told(api.seek(ms));
  }
  here.seek(ms / 1000);
  shadow.tell(() => api.seek(Math.max(0, ms), deviceId()));
}

export async function setShuffle(on: boolean): Promise<void> {
  if (remote.value) {
    there.expect({ shuffle_state: on });
    return told(api.shuffle(on));
  }
  here.change(queues.setShuffle(here.queue.value, on));
  shadow.tell(() => api.shuffle(on, deviceId()));
}

export async function setRepeat(state: Repeat): Promise<void> {
  if (remote.value) {
    there.expect({ repeat_state: state });
    return told(api.repeat(state));
  }
  here.change({ ...here.queue.value, repeat: state });
  shadow.tell(() => api.repeat(state, deviceId()));
}

const REPEATS: Record<Repeat, Repeat> = { off: "context", context: "track", track: "off" };

export function cycleRepeat(): Promise<void> {
  return setRepeat(REPEATS[repeat.value]);
}

let volumeTimer: ReturnType<typeof setTimeout> | undefined;

/** 0 to 1. */
export function setVolume(position: number): void {
  const wanted = Math.max(0, Math.min(1, position));
  if (!remote.value) {
    volume.value = wanted;
    return;
  }
  const device = remote.value.state.device;
  if (device) there.expect({ device: { ...device, volume_percent: Math.round(wanted * 100) } });
  clearTimeout(volumeTimer);
  volumeTimer = setTimeout(() => void told(api.volume(wanted * 100)), 150);
}

let loudBefore = 0.8;

export function toggleMute(): void {
  if (loudness.value > 0) {
    loudBefore = loudness.value;
    setVolume(0);
  } else {
    setVolume(loudBefore);
  }
}

export async function enqueue(wanted: Track[], options: { first?: boolean } = {}): Promise<void> {
  const tracks = wanted.filter(canPlay);
  if (tracks.length === 0) {
    const filtered = wanted.some((each) => hindranceOf(each) === "explicit");
    toast(t(filtered ? "track.filtered" : "track.unplayable"), "bad");
    return;
  }
  if (remote.value) {
    for (const each of tracks) await told(api.enqueue(each.uri));
  } else {
    here.change(queues.enqueue(here.queue.value, tracks, options));
    for (const each of tracks) shadow.tell(() => api.enqueue(each.uri, deviceId()));
    if (!here.entry.value) await here.skipNext();
  }
  const [first] = tracks;
  if (first) toast(t("track.queued", { name: first.name }));
}

/** What is not wanted is not played: it leaves the queue, and gives way if it is playing. */
export function leaveOut(isUnwanted: (track: Track) => boolean): void {
  const playing = track.value;
  if (!remote.value) here.change(queues.without(here.queue.value, isUnwanted));
  if (playing && isPlaying.value && isUnwanted(playing)) void next();
}

/** Tells the platform what begins here. */
function tellStart(): void {
  const start = startOf(0);
  if (start) shadow.tell(() => here.begun().then(() => api.play(deviceId(), start)));
}

/** A command to another device; what goes wrong is said, not thrown. */
async function told(command: Promise<void>): Promise<void> {
  try {
    await command;
  } catch (error) {
    const name = remote.value?.state.device?.name ?? "";
    toast(t(refusalOf(error), { name }), "bad");
    void there.refresh().catch(() => undefined);
  }
}

function refusalOf(error: unknown): Key {
  if (!(error instanceof ApiError)) return "devices.unavailable";
  if (error.reason === "CONTEXT_DISALLOW") return "track.filtered";
  return error.isMissing ? "devices.gone" : "devices.unavailable";
}
