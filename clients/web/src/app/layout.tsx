/** The frame: where to go on the left (or below, on a phone), the page, and the player. */

import {
  ArrowDownToLine,
  AudioLines,
  Heart,
  House,
  Library,
  Plus,
  Search,
  Settings,
} from "lucide-preact";
import type { ComponentChildren } from "preact";

import { isArtist, status } from "../auth/session";
import { t } from "../i18n";
import { create, playlists } from "../library/playlists";
import { isHelpShown } from "../player/keyboard";
import { Cover } from "../ui/cover";
import { Toasts } from "../ui/toasts";
import { later } from "./later";
import { PlayerBar } from "./player_bar";
import { navigate, path } from "./router";

const Shortcuts = later(
  () => import("./rest").then((rest) => rest.Shortcuts),
  () => null,
);

export function Layout({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#content">
        {t("app.skip")}
      </a>
      <div class="frame">
        <Sidebar />
        <main id="content" tabIndex={-1}>
          {status.value === "offline" && (
            <p class="banner" role="status">
              {t("app.offline")}
            </p>
          )}
          {children}
        </main>
      </div>
      <PlayerBar />
      <TabBar />
      <Toasts />
      {isHelpShown.value && <Shortcuts />}
    </>
  );
}

function Sidebar() {
  return (
    <aside class="sidebar">
      <a class="brand" href="/">
        <img src="/icon.svg" alt="" width="28" height="28" />
        {t("app.name")}
      </a>
      <nav aria-label={t("nav.main")}>
        <Place to="/" icon={<House />} text={t("nav.home")} />
        <Place to="/search" icon={<Search />} text={t("nav.search")} />
        <Place to="/collection" icon={<Library />} text={t("nav.library")} />
        <Place to="/downloads" icon={<ArrowDownToLine />} text={t("nav.downloads")} />
        {isArtist.value && <Place to="/studio" icon={<AudioLines />} text={t("nav.studio")} />}
      </nav>
      <section class="own" aria-label={t("nav.playlists")}>
        <header>
          <h2>{t("nav.playlists")}</h2>
          <button class="icon" aria-label={t("library.new")} onClick={() => void createAndShow()}>
            <Plus size={18} aria-hidden="true" />
          </button>
        </header>
        <ul>
          <li>
            <a href="/collection/tracks" aria-current={currentAt("/collection/tracks")}>
              <span class="cover liked small" aria-hidden="true">
                <Heart size={16} fill="currentColor" />
              </span>
              <span class="name">{t("library.liked")}</span>
            </a>
          </li>
          {playlists.value.map((playlist) => (
            <li key={playlist.id}>
              <a
                href={`/playlist/${playlist.id}`}
                aria-current={currentAt(`/playlist/${playlist.id}`)}
              >
                <Cover images={playlist.images} size={36} seed={playlist.uri} kind="playlist" />
                <span class="name">{playlist.name}</span>
              </a>
            </li>
          ))}
        </ul>
      </section>
      <nav class="sidebar-end" aria-label={t("nav.profile")}>
        <Place to="/settings" icon={<Settings />} text={t("nav.settings")} />
      </nav>
    </aside>
  );
}

function TabBar() {
  return (
    <nav class="tabs" aria-label={t("nav.main")}>
      <Place to="/" icon={<House />} text={t("nav.home")} />
      <Place to="/search" icon={<Search />} text={t("nav.search")} />
      <Place to="/collection" icon={<Library />} text={t("nav.library.short")} />
      <Place to="/settings" icon={<Settings />} text={t("nav.settings")} />
    </nav>
  );
}

function Place({ to, icon, text }: { to: string; icon: ComponentChildren; text: string }) {
  return (
    <a href={to} aria-current={currentAt(to)}>
      <span aria-hidden="true">{icon}</span>
      <span>{text}</span>
    </a>
  );
}

function currentAt(to: string): "page" | undefined {
  return path.value === to ? "page" : undefined;
}

async function createAndShow(): Promise<void> {
  const id = await create();
  if (id !== undefined) navigate(`/playlist/${id}`);
}
