/** What storage says of who listens in this browser; nothing secret is among it. */

const KNOWN = "cadenza.known";
const PROFILE = "cadenza.profile";

/** Whether somebody signed in here: strangers cause no vain refresh. */
export function isKnown(): boolean {
  return localStorage.getItem(KNOWN) !== null;
}

/** Their public profile as it was told last. */
export function profile<T>(): T | undefined {
  const kept = localStorage.getItem(PROFILE);
  return kept === null ? undefined : (JSON.parse(kept) as T);
}

export function keepKnown(): void {
  localStorage.setItem(KNOWN, "1");
}

export function keepProfile(me: object): void {
  localStorage.setItem(PROFILE, JSON.stringify(me));
}

export function forgetKnown(): void {
  localStorage.removeItem(KNOWN);
  localStorage.removeItem(PROFILE);
}
