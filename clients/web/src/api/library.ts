/** What the listener saved and follows, and playlists. */

import { call } from "./http";
import type {
  Artist,
  CursorPage,
  Page,
  Playlist,
  PlaylistItem,
  PublicUser,
  SavedAlbum,
  SavedTrack,
  SimplePlaylist,
} from "./types";

const market = "from_token";
const own = { cache: "no-cache" } as const;
const MOST_CHECKED = 40;

export type Kind = "track" | "album" | "artist" | "playlist";

export function savedTracks(offset = 0, limit = 50): Promise<Page<SavedTrack>> {
  return call("GET", "/v1/me/tracks", { query: { market, offset, limit }, ...own });
}

export function savedAlbums(offset = 0, limit = 50): Promise<Page<SavedAlbum>> {
  return call("GET", "/v1/me/albums", { query: { market, offset, limit }, ...own });
}

export async function followedArtists(after?: string): Promise<CursorPage<Artist>> {
  const query = { type: "artist", limit: 50, after };
  const answer = await call<{ artists: CursorPage<Artist> }>("GET", "/v1/me/following", {
    query,
    ...own,
  });
  return answer.artists;
}

/** Whether each of these URIs is in the library, in their order. */
export async function contains(uris: string[]): Promise<boolean[]> {
  const parts: Promise<boolean[]>[] = [];
  for (let at = 0; at < uris.length; at += MOST_CHECKED) {
    const some = uris.slice(at, at + MOST_CHECKED).join(",");
    parts.push(call("GET", "/v1/me/library/contains", { query: { uris: some }, ...own }));
  }
  return (await Promise.all(parts)).flat();
}

export function save(uri: string): Promise<void> {
  return call("PUT", "/v1/me/library", { query: { uris: uri } });
}

export function unsave(uri: string): Promise<void> {
  return call("DELETE", "/v1/me/library", { query: { uris: uri } });
}

export function playlists(offset = 0, limit = 50): Promise<Page<SimplePlaylist>> {
  return call("GET", "/v1/me/playlists", { query: { offset, limit }, ...own });
}

export function user(id: string): Promise<PublicUser> {
  return call("GET", `/v1/users/${id}`, own);
}

/** Those that anybody may see. */
export async function playlistsOf(userId: string): Promise<SimplePlaylist[]> {
  const query = { limit: 50 };
  const answer = await call<Page<SimplePlaylist>>("GET", `/v1/users/${userId}/playlists`, {
    query,
    ...own,
  });
  return answer.items.filter((each) => each.public && each.owner.id === userId);
}

export function playlist(id: string): Promise<Playlist> {
  return call("GET", `/v1/playlists/${id}`, { query: { market }, ...own });
}

export function playlistItems(id: string, offset: number): Promise<Page<PlaylistItem>> {
  return call("GET", `/v1/playlists/${id}/items`, {
    query: { market, offset, limit: 50 },
    ...own,
  });
}

export interface Details {
  name: string;
  description: string;
  public: boolean;
}

export function createPlaylist(details: Details): Promise<Playlist> {
  return call("POST", "/v1/me/playlists", { body: details });
}

export function changePlaylist(id: string, details: Partial<Details>): Promise<void> {
  return call("PUT", `/v1/playlists/${id}`, { body: details });
}

/** `jpeg`: base64 of the picture. */
export function setCover(id: string, jpeg: string): Promise<void> {
  return call("PUT", `/v1/playlists/${id}/images`, { raw: { data: jpeg, type: "image/jpeg" } });
}

interface Snapshot {
  snapshot_id: string;
}

export function addItems(id: string, uris: string[], position?: number): Promise<Snapshot> {
  return call("POST", `/v1/playlists/${id}/items`, { body: { uris, position } });
}

/** Takes out one occurrence where the platform can tell which, else every one of this track. */
export function removeItem(id: string, uri: string, snapshot: string): Promise<Snapshot> {
  const body = { items: [{ uri }], tracks: [{ uri }], snapshot_id: snapshot };
  return call("DELETE", `/v1/playlists/${id}/items`, { body });
}

/** Moves the item at `from` so that it stands before the one now at `before`. */
export function moveItem(
  id: string,
  from: number,
  before: number,
  snapshot: string,
): Promise<Snapshot> {
  return call("PUT", `/v1/playlists/${id}/items`, {
    body: { range_start: from, insert_before: before, range_length: 1, snapshot_id: snapshot },
  });
}

export function follow(id: string): Promise<void> {
  return call("PUT", `/v1/playlists/${id}/followers`, { body: { public: false } });
}

export function unfollow(id: string): Promise<void> {
  return call("DELETE", `/v1/playlists/${id}/followers`);
}
