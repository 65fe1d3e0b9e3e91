/** Content keys: from the licence into the browser's decryption module (W3C ClearKey). */

import { base64url } from "../auth/pkce";
import type { Licence, Stream } from "../api/types";

const SYSTEM = "org.w3.clearkey";
const CAPABILITIES: MediaKeySystemConfiguration[] = [
  {
    initDataTypes: ["keyids"],
    audioCapabilities: [
      { contentType: 'audio/mp4; codecs="mp4a.40.2"', encryptionScheme: "cbcs" },
      { contentType: 'audio/mp4; codecs="flac"', encryptionScheme: "cbcs" },
    ],
  },
];
const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

let access: Promise<MediaKeySystemAccess> | undefined;

// The track that plays, and the one that follows it.
const SESSIONS = 2;

/** The keys of one media element, a session for each track. */
export class Keys {
  private readonly ready: Promise<MediaKeys>;
  private readonly sessions: MediaKeySession[] = [];

  constructor(audio: HTMLMediaElement) {
    this.ready = attach(audio);
    // Whoever uses the keys hears of a failure; here it must not go unhandled.
    this.ready.catch(() => undefined);
  }

  /** Makes the licence's keys known; throws as it does, or where the browser knows no ClearKey. */
  async use(coming: Promise<Licence>): Promise<void> {
    const [keys, licence] = await Promise.all([this.ready, coming]);
    const session = keys.createSession("temporary");
    this.sessions.push(session);
    const request = { kids: licence.keys.map((key) => key.kid), type: "temporary" };
    await session.generateRequest("keyids", encode(request));
    await session.update(encode({ keys: licence.keys, type: "temporary" }));
    while (this.sessions.length > SESSIONS) void this.sessions.shift()?.close().catch(() => undefined);
  }
}

/** A track's key id is its id, written in 16 bytes. */
export function kidOf(trackId: string): string {
  return base64url(bytesOf(trackId));
}

/** The ids of all keys of a stream: lossless has one of its own, the complement of the track's. */
export function kidsOf({ track_id, renditions }: Pick<Stream, "track_id" | "renditions">): string[] {
  const kids = [kidOf(track_id)];
  if (renditions.some((rendition) => rendition.lossless)) {
    kids.push(base64url(bytesOf(track_id).map((byte) => byte ^ 0xff)));
  }
  return kids;
}

function bytesOf(trackId: string): Uint8Array<ArrayBuffer> {
  let number = 0n;
  for (const digit of trackId) number = number * 62n + BigInt(DIGITS.indexOf(digit));
  const bytes = new Uint8Array(16);
  for (let at = 15; at >= 0; at--) {
    bytes[at] = Number(number & 255n);
    number >>= 8n;
  }
  return bytes;
}

async function attach(audio: HTMLMediaElement): Promise<MediaKeys> {
  access ??= navigator.requestMediaKeySystemAccess(SYSTEM, CAPABILITIES);
  const keys = await (await access).createMediaKeys();
  await audio.setMediaKeys(keys);
  return keys;
}

function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}
