/**
 * What the first view shows, asked for while the app and the token are still on their way.
 *
 * Only for answers that are the same for everybody: the edge gives what it keeps of those without
 * asking for a token (docs/decisions/0026). Where it keeps none, nothing is lost: they are asked
 * for again, with a token.
 */

import { address } from "./address";

const NEW_RELEASES = 24;

const asked = new Map<string, Promise<unknown>>();

/** Where home's new releases are: with a named market they are the same for everybody. */
export function newReleasesPath(market?: string): string {
  return address("/v1/browse/new-releases", { limit: NEW_RELEASES, market });
}

export function askEarly(path: string): void {
  asked.set(path, ask(path));
}

/** What came of it, once: later on it may be out of date. */
export async function early<T>(path: string): Promise<T | undefined> {
  const found = asked.get(path);
  asked.delete(path);
  return (await found) as T | undefined;
}

async function ask(path: string): Promise<unknown> {
  try {
    const answer = await fetch(path, { credentials: "omit" });
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
}
