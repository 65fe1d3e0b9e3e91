/** Play reports: what was heard, kept in the browser until the platform has it. */

import { ApiError } from "../api/error";
import { call } from "../api/http";
import type { Track } from "../api/types";
import { deviceId, deviceType } from "../connect/identity";
import * as db from "../offline/db";
import type { Queue } from "./queue";

export type ReasonStart = "clickrow" | "playbtn" | "trackdone" | "fwdbtn" | "backbtn" | "remote";
export type ReasonEnd = "finished" | "skipped" | "paused" | "stopped" | "error" | "lost";

/** One play, as `POST /v1/plays` takes it. Times in ms, `started_at` since the epoch. */
interface Report {
  play_id: string;
  track_id: string;
  album_id: string;
  started_at: number;
  ms_played: number;
  start_position_ms: number;
  end_position_ms: number;
  duration_ms: number;
  reason_start: ReasonStart;
  reason_end: ReasonEnd;
  context_uri: string;
  device_id: string;
  device_type: string;
  seeks: number;
  shuffle: boolean;
  offline: boolean;
}

const MOST_SENT = 500;
const SEND_EVERY_MS = 20_000;
const SAVE_EVERY_MS = 5000;
// More than this between two looks is a jump, not listening.
const LONGEST_STEP_S = 2;

let current: Report | undefined;
let lastPosition: number | undefined;
let savedAt = 0;
let sending: Promise<void> | undefined;
let scheduled: ReturnType<typeof setTimeout> | undefined;

/** A track begins at `at` seconds. */
export function begin(
  track: Track,
  queue: Queue,
  why: ReasonStart,
  at: number,
  playing: boolean,
): void {
  current = {
    play_id: crypto.randomUUID(),
    track_id: track.id,
    album_id: track.album.id,
    started_at: Date.now(),
    ms_played: 0,
    start_position_ms: Math.round(at * 1000),
    end_position_ms: Math.round(at * 1000),
    duration_ms: track.duration_ms,
    reason_start: why,
    reason_end: "lost",
    context_uri: queue.source.context?.uri ?? "",
    device_id: deviceId(),
    device_type: deviceType(),
    seeks: 0,
    shuffle: queue.shuffle,
    offline: !navigator.onLine,
  };
  lastPosition = playing ? at : undefined;
}

/** It is being heard, and is at this position (seconds) now. */
export function heard(position: number): void {
  if (!current) return;
  const step = lastPosition === undefined ? 0 : position - lastPosition;
  if (step > 0 && step < LONGEST_STEP_S) current.ms_played += step * 1000;
  lastPosition = position;
  current.end_position_ms = Math.round(position * 1000);
  if (!navigator.onLine) current.offline = true;
  if (Date.now() - savedAt > SAVE_EVERY_MS) void save(current);
}

export function hold(): void {
  lastPosition = undefined;
  if (current) void save(current);
}

export function resume(): void {
  lastPosition = undefined;
}

export function sought(from: number, to: number): void {
  if (!current) return;
  heard(from);
  current.seeks += 1;
  lastPosition = to;
}

export function end(reason: ReasonEnd, position: number): void {
  if (!current) return;
  heard(position);
  const report = { ...current, reason_end: reason };
  current = undefined;
  lastPosition = undefined;
  if (report.ms_played < 1 && reason !== "error") {
    void db.remove("plays", [report.play_id]);
    return;
  }
  void save(report).then(() => schedule());
}

/** Sends what is kept from now on, whenever there is a network. */
export function deliver(): void {
  window.addEventListener("online", () => void send());
  // The page may go at once: what is being heard is kept as it stands.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && current) void save(current);
  });
  void send();
}

/** Resolves when everything that could be sent was. */
export function send(): Promise<void> {
  sending ??= reallySend().finally(() => {
    sending = undefined;
  });
  return sending;
}

function schedule(after = SEND_EVERY_MS / 10): void {
  clearTimeout(scheduled);
  scheduled = setTimeout(() => void send(), after);
}

async function reallySend(): Promise<void> {
  for (;;) {
    const kept = await db.all<Report>("plays", MOST_SENT);
    const ready = kept.filter((report) => report.play_id !== current?.play_id);
    if (ready.length === 0 || !navigator.onLine) return;
    try {
      await call("POST", "/v1/plays", { body: { plays: ready.map(rounded) } });
    } catch (error) {
      // A batch that is wrong as a whole would be wrong again; anything else may pass.
      if (!(error instanceof ApiError) || error.status !== 400) {
        schedule(SEND_EVERY_MS);
        return;
      }
    }
    await db.remove(
      "plays",
      ready.map((report) => report.play_id),
    );
  }
}

function rounded(report: Report): Report {
  return { ...report, ms_played: Math.round(report.ms_played) };
}

async function save(report: Report): Promise<void> {
  savedAt = Date.now();
  await db.put("plays", report.play_id, { ...report }).catch(() => undefined);
}
