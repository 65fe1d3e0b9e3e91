/** Searching the downloads, in the shape that the platform's own search answers. */

import type { Page, SearchAnswer, SimpleAlbum, Track } from "../api/types";
import { tracks } from "./store";

const MOST = 50;

export function searchDownloads(text: string): SearchAnswer {
  const words = folded(text).split(/\s+/);
  const found = [...tracks.value.values()]
    .map(({ track }) => track)
    .filter((track) => {
      const names = [track.name, track.album.name, ...track.artists.map((each) => each.name)];
      const all = folded(names.join(" "));
      return words.every((word) => all.includes(word));
    });
  const albums = new Map(found.map((track): [string, SimpleAlbum] => [track.album.id, track.album]));
  return { tracks: page<Track>(found), albums: page([...albums.values()]) };
}

/** Without case and accents. */
function folded(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase();
}

function page<T>(items: T[]): Page<T> {
  return {
    href: "",
    items: items.slice(0, MOST),
    limit: MOST,
    next: null,
    offset: 0,
    previous: null,
    total: items.length,
  };
}
