/** Server-sent events over fetch: `EventSource` cannot carry a token. */

import { ApiError } from "../api/error";
import { send } from "../api/http";
import { freshToken } from "../auth/token";
import { pause } from "../ui/time";

export interface ServerEvent {
  name: string;
  data: unknown;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
// The platform pings every 15 s: who hears nothing for longer is cut off.
const SILENCE_MS = 40_000;

/** Tells of every event until the signal ends it, connecting again as often as it must. */
export async function follow(
  path: string,
  query: Record<string, string>,
  tell: (event: ServerEvent) => void,
  connected: (is: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await once(path, query, signal, (event) => {
        if (failures >= 0) connected(true);
        failures = 0;
        if (event.name === "token_expired") void freshToken().catch(() => undefined);
        else tell(event);
      });
    } catch (error) {
      if (signal.aborted || (error instanceof ApiError && error.status === 401)) return;
      failures += 1;
    }
    connected(false);
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
    await pause(longest * (0.5 + Math.random() / 2), signal).catch(() => undefined);
  }
}

async function once(
  path: string,
  query: Record<string, string>,
  signal: AbortSignal,
  tell: (event: ServerEvent) => void,
): Promise<void> {
  const silence = new AbortController();
  const both = AbortSignal.any([signal, silence.signal]);
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const answer = await send("GET", path, { query, signal: both, cache: "no-store" });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!reader) return;
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      const parts = (rest + value).split("\n\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const event = read(part);
        if (event) tell(event);
      }
    }
  } finally {
    clearTimeout(timer);
  }
}

/** One event of the stream; undefined for what carries none. */
export function read(part: string): ServerEvent | undefined {
  let name = "message";
  const data: string[] = [];
  for (const line of part.split("\n")) {
    const [field, value] = [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)];
    if (field === "event") name = value.trim();
    else if (field === "data") data.push(value.trim());
  }
  if (data.length === 0) return undefined;
  return { name, data: JSON.parse(data.join("\n")) };
}
