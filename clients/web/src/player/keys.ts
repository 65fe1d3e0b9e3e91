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
// A licence is asked for anew this long before it ends, and again if that fails.
const EARLY_MS = 30_000;
const LEAST_MS = 1000;
const LONGEST_MS = 2 ** 31 - 1;
const AGAIN_MS = 5000;
const TRIES = 6;

type Renew = () => Promise<Licence>;

interface Held {
  session: MediaKeySession;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The keys of one media element, a session for each track. */
export class Keys {
  private readonly ready: Promise<MediaKeys>;
  private readonly sessions: Held[] = [];

  constructor(audio: HTMLMediaElement) {
    this.ready = attach(audio);
    // Whoever uses the keys hears of a failure; here it must not go unhandled.
    this.ready.catch(() => undefined);
  }

  /** Makes the licence's keys known; throws as it does, or where the browser knows no ClearKey. */
  async use(coming: Promise<Licence>, renew?: Renew): Promise<void> {
    const [keys, licence] = await Promise.all([this.ready, coming]);
    const session = keys.createSession("temporary");
    const held: Held = { session, timer: undefined };
    this.sessions.push(held);
    const request = { kids: licence.keys.map((key) => key.kid), type: "temporary" };
    await session.generateRequest("keyids", encode(request));
    await give(session, licence);
    if (renew) keep(held, licence, renew);
    while (this.sessions.length > SESSIONS) drop(this.sessions.shift());
  }

  /** No licence is renewed until keys are used again. */
  rest(): void {
    for (const { timer } of this.sessions) clearTimeout(timer);
  }
}

function give(session: MediaKeySession, licence: Licence): Promise<void> {
  return session.update(encode({ keys: licence.keys, type: "temporary" }));
}

/** Renews a licence for as long as its track is in use. */
function keep(held: Held, { expires_at }: Licence, renew: Renew, tries = TRIES): void {
  if (expires_at === undefined || tries === 0) return;
  const left = expires_at * 1000 - Date.now() - EARLY_MS;
  const pause = tries < TRIES ? AGAIN_MS * (0.5 + Math.random()) : Math.max(left, LEAST_MS);
  held.timer = setTimeout(() => {
    renew()
      .then((licence) => give(held.session, licence).then(() => keep(held, licence, renew)))
      .catch(() => keep(held, { keys: [], type: "", expires_at }, renew, tries - 1));
  }, Math.min(pause, LONGEST_MS));
}

function drop(held: Held | undefined): void {
  clearTimeout(held?.timer);
  void held?.session.close().catch(() => undefined);
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
