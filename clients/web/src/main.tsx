import { effect } from "@preact/signals";
import { render } from "preact";

import { App, Others } from "./app/app";
import { follow, isHome } from "./app/router";
import { apply } from "./app/settings";
import { register } from "./app/updates";
import { filtersExplicit, lookAgain, resume, start, status } from "./auth/session";
import * as device from "./connect/device";
import { refresh } from "./library/playlists";
import { load } from "./offline/store";
import { leaveOut } from "./player/controls";
import { prepare } from "./player/local";
import { openOnGesture } from "./player/graph";
import { listen } from "./player/keyboard";
import { publish } from "./player/media_session";
import { deliver } from "./player/plays";

const SETTLED_MS = 600;

async function run(): Promise<void> {
  const root = document.getElementById("app");
  if (!root) throw new Error("the page has no place for the app");
  if (!isHome.value) void Others.prepare();
  await apply();
  follow();
  // The page that the sign-in leads back to goes on by itself.
  const starting = location.pathname === "/callback" ? undefined : start();
  render(<App />, root);
  const kept = load();
  window.addEventListener("online", () => void resume());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void lookAgain().catch(() => undefined);
  });
  filtersExplicit.subscribe((filters) => {
    if (filters) leaveOut((track) => track.explicit);
  });
  openOnGesture();
  listen();
  publish();
  effect(() => {
    if (status.value === "in") entered();
    if (status.value === "in" || status.value === "offline") {
      setTimeout(() => void settle(kept), SETTLED_MS);
    }
  });
  await Promise.all([starting, kept]);
  register();
}

function entered(): void {
  void refresh();
  deliver();
  device.begin();
}

/** Gets what the first view did not need; `kept`: when it is known what was downloaded. */
async function settle(kept: Promise<void>): Promise<void> {
  prepare();
  await Promise.all([kept, Others.prepare()]);
  if (status.value !== "in") return;
  const rest = await import("./app/rest").catch(() => undefined);
  await rest?.renew();
}

void run();
