import type { ComponentChildren } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useEffect } from "preact/hooks";

import { status } from "../auth/session";
import { t } from "../i18n";
import { AlbumPage, TrackPage } from "../pages/album";
import { ArtistPage } from "../pages/artist";
import { Devices } from "../pages/devices";
import { Downloads } from "../pages/downloads";
import { Home } from "../pages/home";
import { Library } from "../pages/library";
import { Liked } from "../pages/liked";
import { MixPage } from "../pages/mix";
import { Missing } from "../pages/missing";
import { Now } from "../pages/now";
import { PlaylistPage } from "../pages/playlist";
import { Queue } from "../pages/queue";
import { Search } from "../pages/search";
import { Settings } from "../pages/settings";
import { UserPage } from "../pages/user";
import { Callback, Welcome } from "../pages/welcome";
import { Skeleton } from "../ui/parts";
import { Layout } from "./layout";
import { matches, path, visit } from "./router";

// Few people make music, and those who do not need not load this.
const Studio = lazy(() => import("../pages/studio").then((page) => page.Studio));
const Release = lazy(() => import("../pages/release").then((page) => page.Release));

type Parameters = Record<string, string>;

const PAGES: [string, (parameters: Parameters) => ComponentChildren][] = [
  ["/", () => <Home />],
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

export function App() {
  useFocusOnNavigation();
  const who = status.value;
  if (path.value === "/callback" && who !== "in") return <Callback />;
  if (who === "starting") return <Starting />;
  if (who === "out") return <Welcome />;
  return (
    <Layout>
      <Suspense fallback={<Skeleton kind="rows" />}>{current()}</Suspense>
    </Layout>
  );
}

function current(): ComponentChildren {
  for (const [pattern, show] of PAGES) {
    const parameters = matches(pattern, path.value);
    if (parameters) return show(parameters);
  }
  return <Missing />;
}

/** Those who hear the page rather than see it are taken to its beginning. */
function useFocusOnNavigation(): void {
  const count = visit.value;
  useEffect(() => {
    if (count > 0) document.getElementById("content")?.focus({ preventScroll: true });
  }, [count]);
}

function Starting() {
  return (
    <p class="starting" role="status">
      <span class="unseen">{t("welcome.starting")}</span>
    </p>
  );
}
