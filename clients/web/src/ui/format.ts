/** Small pieces of text and pictures that many views share. */

import type { Image } from "../api/types";

/** The smallest picture that is sharp at this many CSS pixels, else the largest. */
export function imageFor(images: Image[] | null | undefined, size: number): Image | undefined {
  const wanted = size * Math.min(window.devicePixelRatio, 2);
  const sorted = [...(images ?? [])].sort((one, other) => (one.width ?? 0) - (other.width ?? 0));
  return sorted.find((image) => (image.width ?? 0) >= wanted) ?? sorted.at(-1);
}

/** A hue of its own for what has no picture, 0 to 359. */
export function hueOf(text: string): number {
  let hash = 0;
  for (const character of text) hash = (hash * 31 + character.charCodeAt(0)) | 0;
  return Math.abs(hash) % 360;
}

export function idOf(uri: string): string {
  return uri.split(":").at(-1) ?? "";
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Text in which HTML's entities stand for characters, as descriptions of playlists have it. */
export function plain(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi, (whole, ten, hex, name) => {
    if (name) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = ten ? Number(ten) : parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
