/** Every page but home, by its path. */

import "../ui/styles/others.css";

import type { ComponentChildren } from "preact";

import { AlbumPage, TrackPage } from "../pages/album";
import { ArtistPage } from "../pages/artist";
import { Devices } from "../pages/devices";
import { Downloads } from "../pages/downloads";
import { Library } from "../pages/library";
import { Liked } from "../pages/liked";
import { Missing } from "../pages/missing";
import { MixPage } from "../pages/mix";
import { Now } from "../pages/now";
import { PlaylistPage } from "../pages/playlist";
import { Queue } from "../pages/queue";
import { Search } from "../pages/search";
import { Settings } from "../pages/settings";
import { UserPage } from "../pages/user";
import { later } from "./later";
import { matches, path } from "./router";

// Few people make music, and those who do not need not load this.
const Studio = later(() => import("../pages/studio").then((page) => page.Studio));
const Release = later(() => import("../pages/release").then((page) => page.Release));

type Parameters = Record<string, string>;

const PAGES: [string, (parameters: Parameters) => ComponentChildren][] = [
  ["/search", () => <Search />],
  ["/collection", () => <Library />],
  ["/collection/tracks", () => <Liked />],
  ["/album/:id", ({ id = "" }) => <AlbumPage key={id} id={id} />],
  ["/track/:id", ({ id = "" }) => <TrackPage key={id} id={id} />],
  ["/artist/:id", ({ id = "" }) => <ArtistPage key={id} id={id} />],
  ["/playlist/:id", ({ id = "" }) => <PlaylistPage key={id} id={id} />],
  ["/mix/:id", ({ id = "" }) => <MixPage key={id} id={id} />],
  ["/user/:id", ({ id = "" }) => <UserPage key={id} id={id} />],
  ["/queue", () => <Queue />],
  ["/now-playing", () => <Now />],
  ["/devices", () => <Devices />],
  ["/downloads", () => <Downloads />],
  ["/settings", () => <Settings />],
  ["/studio", () => <Studio />],
  ["/studio/release/:id", ({ id = "" }) => <Release key={id} id={id} />],
];

export function Others() {
  for (const [pattern, show] of PAGES) {
    const parameters = matches(pattern, path.value);
    if (parameters) return <>{show(parameters)}</>;
  }
  return <Missing />;
}
