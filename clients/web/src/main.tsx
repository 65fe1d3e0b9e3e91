import { effect } from "@preact/signals";
import { render } from "preact";

import { App } from "./app/app";
import { follow } from "./app/router";
import { apply } from "./app/settings";
import { register } from "./app/updates";
import { filtersExplicit, lookAgain, resume, start, status } from "./auth/session";
import * as device from "./connect/device";
import { refresh } from "./library/playlists";
import { load } from "./offline/store";
import { renew } from "./offline/download";
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
  await apply();
  follow();
  render(<App />, root);
  await load();
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
    if (status.value === "in" || status.value === "offline") setTimeout(prepare, SETTLED_MS);
  });
  // The page that the sign-in leads back to goes on by itself.
  if (location.pathname !== "/callback") await start();
  register();
}

function entered(): void {
  void refresh();
  deliver();
  device.begin();
  void renew();
}

void run();
