/** Reading the catalogue, and searching it. */

import { early, newReleasesPath } from "./early";
import { call } from "./http";
import type {
  Album,
  Artist,
  Category,
  Page,
  SearchAnswer,
  SimpleAlbum,
  SimplePlaylist,
  SimpleTrack,
  Track,
} from "./types";

// What is playable, and short answers: the listener's own country comes from the token.
const market = "from_token";

/** Whether what the browser keeps has to be asked for again. */
function again(fresh: boolean): RequestCache | undefined {
  return fresh ? "no-cache" : undefined;
}

export function track(id: string): Promise<Track> {
  return call("GET", `/v1/tracks/${id}`, { query: { market } });
}

const MANY_TRACKS = 50;

/** Those of the tracks that there are, in the order asked for. */
export async function tracks(ids: string[], fresh = false): Promise<Track[]> {
  const parts: Promise<{ tracks: (Track | null)[] }>[] = [];
  for (let at = 0; at < ids.length; at += MANY_TRACKS) {
    const part = ids.slice(at, at + MANY_TRACKS).join(",");
    parts.push(call("GET", "/v1/tracks", { query: { ids: part, market }, cache: again(fresh) }));
  }
  const answers = await Promise.all(parts);
  return answers.flatMap((answer) => answer.tracks).filter((each) => each !== null);
}

export function album(id: string, fresh = false): Promise<Album> {
  return call("GET", `/v1/albums/${id}`, {
    query: { market },
    cache: again(fresh),
  });
}

export function albumTracks(id: string, offset: number): Promise<Page<SimpleTrack>> {
  return call("GET", `/v1/albums/${id}/tracks`, { query: { market, offset, limit: 50 } });
}

export function artist(id: string): Promise<Artist> {
  return call("GET", `/v1/artists/${id}`);
}

/** Those of the artists that there are. */
export async function artists(ids: string[]): Promise<Artist[]> {
  const answer = await call<{ artists: (Artist | null)[] }>("GET", "/v1/artists", {
    query: { ids: ids.join(",") },
  });
  return answer.artists.filter((each) => each !== null);
}

export function artistAlbums(id: string, groups: string, limit = 50): Promise<Page<SimpleAlbum>> {
  return call("GET", `/v1/artists/${id}/albums`, {
    query: { include_groups: groups, market, limit },
  });
}

export async function topTracks(id: string): Promise<Track[]> {
  const answer = await call<{ tracks: Track[] }>("GET", `/v1/artists/${id}/top-tracks`, {
    query: { market },
  });
  return answer.tracks;
}

export async function relatedArtists(id: string): Promise<Artist[]> {
  const answer = await call<{ artists: Artist[] }>("GET", `/v1/artists/${id}/related-artists`);
  return answer.artists;
}

/** `country` of the listener: for a market that is named the edge may have the answer. */
export async function newReleases(country?: string): Promise<SimpleAlbum[]> {
  type Answer = { albums: Page<SimpleAlbum> };
  const path = newReleasesPath(country);
  const answer = (await early<Answer>(path)) ?? (await call<Answer>("GET", path));
  return answer.albums.items;
}

export async function featured(limit = 12): Promise<SimplePlaylist[]> {
  const answer = await call<{ playlists: Page<SimplePlaylist> }>(
    "GET",
    "/v1/browse/featured-playlists",
    { query: { limit } },
  );
  return answer.playlists.items;
}

export async function categories(limit = 30): Promise<Category[]> {
  const answer = await call<{ categories: Page<Category> }>("GET", "/v1/browse/categories", {
    query: { limit },
  });
  return answer.categories.items;
}

export function search(
  q: string,
  types: string,
  limit: number,
  signal?: AbortSignal,
): Promise<SearchAnswer> {
  return call("GET", "/v1/search", { query: { q, type: types, limit, market }, signal });
}
