/** Calls to the Web API: tokens, errors, and patience with what passes. */

import { freshToken, token } from "../auth/token";
import { pause } from "../ui/time";
import { address, type Query } from "./address";
import { ApiError } from "./error";

export interface Call {
  query?: Query;
  body?: unknown;
  /** Sent as it is, with this media type, in place of `body`. */
  raw?: { data: BodyInit; type: string };
  signal?: AbortSignal;
  /** "no-cache" asks again whether what the browser keeps still holds. */
  cache?: RequestCache;
  keepalive?: boolean;
  /** Only if it is still as this ETag says. */
  ifMatch?: string;
}

const TRIES = 3;
const FIRST_PAUSE_MS = 300;
const PASSING = new Set([429, 500, 502, 503, 504]);

/** The JSON that a call answers, or undefined where it answers nothing. Throws `ApiError`. */
export async function call<T>(method: string, path: string, options: Call = {}): Promise<T> {
  const answer = await send(method, path, options);
  if (answer.status === 204) return undefined as T;
  const text = await answer.text();
  if (!text) return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    // A few calls answer a bare text, such as a snapshot.
    return text as T;
  }
}

/** The answer itself, which is a success. */
export async function send(method: string, path: string, options: Call = {}): Promise<Response> {
  // What only reads may be asked again; so may what the contract calls idempotent.
  const tries = method === "POST" ? 1 : TRIES;
  for (let attempt = 1; ; attempt++) {
    const answer = await authorised(method, path, options);
    if (answer.ok) return answer;
    if (attempt >= tries || !PASSING.has(answer.status)) throw await failure(answer);
    await pause(wait(attempt, answer), options.signal);
  }
}

async function authorised(method: string, path: string, options: Call): Promise<Response> {
  const answer = await request(method, path, options, await token());
  if (answer.status !== 401) return answer;
  return request(method, path, options, await freshToken());
}

async function request(
  method: string,
  path: string,
  options: Call,
  bearer: string,
): Promise<Response> {
  const headers = new Headers({ Authorization: `Bearer ${bearer}` });
  if (options.ifMatch) headers.set("If-Match", options.ifMatch);
  let body: BodyInit | undefined;
  if (options.raw) {
    body = options.raw.data;
    headers.set("Content-Type", options.raw.type);
  } else if (options.body !== undefined) {
    body = JSON.stringify(options.body);
    headers.set("Content-Type", "application/json");
  }
  try {
    return await fetch(address(path, options.query), {
      method,
      headers,
      body,
      signal: options.signal,
      cache: options.cache,
      keepalive: options.keepalive,
      credentials: "same-origin",
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "The network does not answer");
  }
}

/** Milliseconds until the next try: what the answer asks for, else longer each time, with jitter. */
function wait(attempt: number, answer: Response): number {
  const asked = Number(answer.headers.get("Retry-After"));
  if (asked > 0) return Math.min(asked, 10) * 1000;
  return FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
}

async function failure(answer: Response): Promise<ApiError> {
  const text = await answer.text().catch(() => "");
  try {
    const { error } = JSON.parse(text) as { error: { message?: string; reason?: string } };
    return new ApiError(answer.status, error.message ?? answer.statusText, error.reason);
  } catch {
    return new ApiError(answer.status, answer.statusText || `HTTP ${answer.status}`);
  }
}
