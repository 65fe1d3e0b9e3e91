/** The listener's playlists, as the sidebar and the menus show them. */

import { signal } from "@preact/signals";

import * as api from "../api/library";
import type { SimplePlaylist, Track } from "../api/types";
import { t } from "../i18n";
import { invalidate } from "../ui/resource";
import { toast } from "../ui/toasts";
import { isMix } from "./mixes";

export const playlists = signal<readonly SimplePlaylist[]>([]);

const MOST = 500;

/** Reads them anew; without an answer the known ones stay. */
export async function refresh(): Promise<void> {
  try {
    const found: SimplePlaylist[] = [];
    let more = true;
    while (more && found.length < MOST) {
      const page = await api.playlists(found.length);
      found.push(...page.items.filter((each) => each !== null));
      more = page.next !== null && page.items.length > 0;
    }
    // Mixes have a place of their own.
    playlists.value = found.filter((each) => !isMix(each));
  } catch {
    // The pages that need them say so.
  }
}

/** A new playlist with these tracks; answers its id, or undefined if it could not be made. */
export async function create(tracks: Track[] = [], name?: string): Promise<string | undefined> {
  const title = name ?? t("playlist.new", { n: playlists.value.length + 1 });
  try {
    const made = await api.createPlaylist({ name: title, description: "", public: false });
    if (tracks.length > 0) {
      await api.addItems(
        made.id,
        tracks.map((track) => track.uri),
      );
    }
    toast(t("playlist.created", { name: title }));
    await refresh();
    invalidate("library");
    return made.id;
  } catch {
    toast(t("error.title"), "bad");
    return undefined;
  }
}

export async function add(playlist: SimplePlaylist, tracks: Track[]): Promise<void> {
  try {
    await api.addItems(
      playlist.id,
      tracks.map((track) => track.uri),
    );
    toast(t("playlist.added", { name: playlist.name }));
    invalidate(`playlist/${playlist.id}`);
  } catch {
    toast(t("error.title"), "bad");
  }
}
