/** Media playlists of HLS (RFC 8216), as far as ours go: one rendition, whole, in equal segments. */

export interface Segment {
  url: string;
  /** Seconds, to the precision of the playlist. */
  start: number;
  end: number;
}

export interface Playlist {
  init: string;
  segments: Segment[];
}

/** Throws where it is none. */
export function parse(text: string, base: string): Playlist {
  const init = /^#EXT-X-MAP:.*URI="([^"]+)"/m.exec(text)?.[1];
  const segments: Segment[] = [];
  let start = 0;
  let duration = 0;
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line.startsWith("#EXTINF:")) duration = parseFloat(line.slice("#EXTINF:".length));
    if (!line || line.startsWith("#")) continue;
    segments.push({ url: new URL(line, base).href, start, end: start + duration });
    start += duration;
  }
  if (init === undefined || segments.length === 0) throw new SyntaxError("not a media playlist");
  return { init: new URL(init, base).href, segments };
}
