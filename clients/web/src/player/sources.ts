/** What can be played as a whole: albums, artists, playlists, liked songs, downloads. */

import * as catalog from "../api/catalog";
import * as library from "../api/library";
import * as mixes from "../api/mixes";
import { ApiError } from "../api/error";
import type { Album, Mix, PlaylistItem, SimpleTrack, Track } from "../api/types";
import { t } from "../i18n";
import { titleOf } from "../library/mixes";
import * as store from "../offline/store";
import { toast } from "../ui/toasts";
import * as controls from "./controls";
import type { Source } from "./queue";

const MOST = 10_000;

export function itemTrack(item: PlaylistItem): Track | undefined {
  return item.item ?? item.track ?? undefined;
}

/** An album's tracks with their album. */
export function tracksOf(album: Album, tracks: SimpleTrack[] = album.tracks.items): Track[] {
  const { tracks: _, copyrights: __, genres: ___, label: ____, ...simple } = album;
  return tracks.map((track) => ({ ...track, album: simple, popularity: 0 }));
}

/** Every track of an album; throws `ApiError`. */
export async function allOfAlbum(id: string): Promise<{ album: Album; tracks: Track[] }> {
  const album = await catalog.album(id);
  const found = [...album.tracks.items];
  while (found.length < album.tracks.total && found.length < MOST) {
    const page = await catalog.albumTracks(id, found.length);
    if (page.items.length === 0) break;
    found.push(...page.items);
  }
  return { album, tracks: tracksOf(album, found) };
}

/** Every track of a playlist; throws `ApiError`. */
export async function allOfPlaylist(id: string): Promise<{ name: string; tracks: Track[] }> {
  const playlist = await library.playlist(id);
  const first = playlist.items ?? playlist.tracks;
  const found = [...(first?.items ?? [])];
  const total = first?.total ?? 0;
  while (found.length < total && found.length < MOST) {
    const page = await library.playlistItems(id, found.length);
    if (page.items.length === 0) break;
    found.push(...page.items);
  }
  const tracks = found.map(itemTrack).filter((track) => track !== undefined);
  return { name: playlist.name, tracks };
}

export async function allSaved(): Promise<Track[]> {
  const found: Track[] = [];
  for (;;) {
    const page = await library.savedTracks(found.length);
    found.push(...page.items.map((saved) => saved.track));
    if (page.next === null || page.items.length === 0 || found.length >= MOST) return found;
  }
}

export function playAlbum(id: string, first?: number): Promise<void> {
  return orSay(async () => {
    const { album, tracks } = await allOfAlbum(id);
    const context = { type: "album", uri: album.uri };
    await controls.start({ context, name: album.name }, tracks, first);
  });
}

export function playPlaylist(id: string, first?: number): Promise<void> {
  return orSay(async () => {
    const { name, tracks } = await allOfPlaylist(id);
    const context = { type: "playlist", uri: `spotify:playlist:${id}` };
    await controls.start({ context, name }, tracks, first);
  });
}

export function playArtist(id: string): Promise<void> {
  return orSay(async () => {
    const [artist, tracks] = await Promise.all([catalog.artist(id), popular(id)]);
    const context = { type: "artist", uri: artist.uri };
    await controls.start({ context, name: artist.name }, tracks);
  });
}

export function playMix(id: string): Promise<void> {
  return orSay(async () => {
    const mix = await mixes.mix(id);
    await controls.start(sourceOfMix(mix), mix.items.items.map(({ item }) => item));
  });
}

export function sourceOfMix(mix: Pick<Mix, "uri" | "kind" | "name" | "description">): Source {
  return { context: { type: "mix", uri: mix.uri }, name: titleOf(mix) };
}

/** Plays what goes with a track or an artist. */
export function playRadio(type: "track" | "artist", id: string, name: string): Promise<void> {
  return orSay(async () => {
    const tracks = await mixes.radio(type, id);
    const context = { type: "radio", uri: `spotify:radio:${type}:${id}` };
    await controls.start({ context, name: t("radio.of", { name }) }, tracks, 0);
    toast(t("radio.playing", { name }));
  });
}

/** An artist's popular tracks, or those of the newest album where nothing is known yet. */
export async function popular(id: string): Promise<Track[]> {
  const top = await catalog.topTracks(id).catch((error: unknown) => {
    if (error instanceof ApiError && (error.isMissing || error.status >= 500)) return [];
    throw error;
  });
  if (top.length > 0) return top;
  const albums = await catalog.artistAlbums(id, "album,single", 1);
  const [newest] = albums.items;
  return newest ? (await allOfAlbum(newest.id)).tracks : [];
}

/** The tracks of a download, which need no network. */
export function downloaded(uri: string): Track[] {
  const ids = store.collection(uri)?.trackIds ?? [];
  return ids.map((id) => store.tracks.value.get(id)?.track).filter((each) => each !== undefined);
}

async function orSay(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const offline = error instanceof ApiError && error.isOffline;
    toast(t(offline ? "error.offline" : "error.title"), "bad");
  }
}
