/** What this browser, and this tab of it, are called among a person's devices. */

const BROWSER = "cadenza.browser";
const TAB = "cadenza.tab";

let browser: string | undefined;
let tab: string | undefined;

/** The browser, which keeps downloads: the same for as long as it keeps its storage. */
export function browserId(): string {
  browser ??= kept(localStorage, BROWSER);
  return browser;
}

/** This tab, which plays: a device and a session of its own. */
export function deviceId(): string {
  tab ??= kept(sessionStorage, TAB);
  return tab;
}

export function deviceType(): "Smartphone" | "Computer" {
  const coarse = matchMedia("(pointer: coarse)").matches;
  return coarse && Math.min(screen.width, screen.height) < 600 ? "Smartphone" : "Computer";
}

function kept(storage: Storage, key: string): string {
  const known = storage.getItem(key);
  if (known !== null) return known;
  const made = crypto.randomUUID();
  storage.setItem(key, made);
  return made;
}
