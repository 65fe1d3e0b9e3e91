/** What keeps a track from playing, as the listener is told of it. */

import { ApiError } from "../api/error";
import { MediaRefused } from "./fetching";
import { isOpen } from "./graph";

export type Problem = "explicit" | "key" | "media" | "unavailable" | "network";

export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) {
    if (error.status === 0 || error.status >= 500) return "network";
    if (error.reason === "EXPLICIT_FILTER") return "explicit";
    return error.status === 403 ? "key" : "unavailable";
  }
  if (error instanceof MediaRefused && error.status === 403) return "key";
  return "media";
}

/** A newer wish came in between: not a failure. */
export function isInterruption(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError" && isOpen();
}
