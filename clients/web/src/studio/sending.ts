/**
 * Sending a file through a resumable upload session of Cloud Storage.
 *
 * Source: https://cloud.google.com/storage/docs/performing-resumable-uploads
 */

import { pause } from "../ui/time";

// Cloud Storage takes all chunks but the last in multiples of 256 KiB.
const CHUNK_BYTES = 8 * 1024 * 1024;
const MOST_FAILURES = 30;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/** The session is gone: the file has to be asked for anew. */
export class SessionLost extends Error {}

/** Cloud Storage does not take the file. */
export class SendingFailed extends Error {}

export interface Progress {
  /** Bytes that Cloud Storage has. */
  moved: (bytes: number) => void;
  interrupted: () => void;
}

/** Resolves when Cloud Storage has every byte; goes on from where an earlier attempt was. */
export async function sendFile(
  file: Blob,
  url: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  let stored: number | undefined;
  while (stored === undefined || stored < file.size) {
    const before: number | undefined = stored;
    stored =
      before === undefined
        ? await put(url, undefined, `bytes */${file.size}`, file.size, signal)
        : await chunk(file, url, before, signal);
    if (stored !== undefined && stored > (before ?? -1)) {
      failures = 0;
      progress.moved(stored);
      continue;
    }
    failures += 1;
    if (failures > MOST_FAILURES) throw new SendingFailed("interrupted too often");
    stored = undefined;
    progress.interrupted();
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
    await pause(longest * (0.5 + Math.random() / 2), signal);
  }
}

function chunk(
  file: Blob,
  url: string,
  start: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const end = Math.min(start + CHUNK_BYTES, file.size);
  const range = `bytes ${start}-${end - 1}/${file.size}`;
  return put(url, file.slice(start, end), range, file.size, signal);
}

/** How many bytes are stored, or undefined if that cannot be told just now. */
async function put(
  url: string,
  body: Blob | undefined,
  range: string,
  size: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: "PUT",
      headers: { "Content-Range": range },
      body: body ?? "",
      signal,
    });
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
  if (answer.status === 308) {
    const found = /bytes=0-(\d+)/.exec(answer.headers.get("Range") ?? "");
    return found ? Number(found[1]) + 1 : 0;
  }
  if (answer.ok) return size;
  if (answer.status === 404 || answer.status === 410) throw new SessionLost();
  if (PASSING.has(answer.status)) return undefined;
  throw new SendingFailed(`Cloud Storage answered ${answer.status}`);
}
