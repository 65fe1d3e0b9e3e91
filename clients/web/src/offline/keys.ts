/** Keys of downloads: wrapped with one that never leaves the browser's own keeping. */

import type { Licence } from "../api/types";
import * as db from "./db";

interface Wrapped {
  nonce: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

const WRAPPER = "wrapper";
const NONCE_BYTES = 12;

/** Keeps a licence until it expires. */
export async function keep(trackId: string, licence: Licence, expiresAt: number): Promise<void> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const plain = new TextEncoder().encode(JSON.stringify(licence));
  const bound = bind(trackId, expiresAt);
  const data = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: nonce, additionalData: bound },
    await wrapper(),
    plain,
  );
  await db.put("keys", trackId, { nonce, data, expiresAt } satisfies Wrapped);
}

/** The licence that was kept, if it still holds. */
export async function licenceOf(trackId: string): Promise<Licence | undefined> {
  const wrapped = await db.get<Wrapped>("keys", trackId);
  if (!wrapped || wrapped.expiresAt <= Date.now()) return undefined;
  try {
    const plain = await crypto.subtle.decrypt(
      {
        name: "AES-GCM",
        iv: wrapped.nonce,
        additionalData: bind(trackId, wrapped.expiresAt),
      },
      await wrapper(),
      wrapped.data,
    );
    return JSON.parse(new TextDecoder().decode(plain)) as Licence;
  } catch {
    return undefined;
  }
}

export async function expiryOf(trackId: string): Promise<number | undefined> {
  return (await db.get<Wrapped>("keys", trackId))?.expiresAt;
}

export function drop(trackIds: string[]): Promise<void> {
  return db.remove("keys", trackIds);
}

/** Cannot be exported: scripts can use it in this browser, but not carry it away. */
async function wrapper(): Promise<CryptoKey> {
  const known = await db.get<CryptoKey>("keys", WRAPPER);
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  await db.put("keys", WRAPPER, made);
  return made;
}

/** A later expiry, or another track's, does not open it. */
function bind(trackId: string, expiresAt: number): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${trackId}:${expiresAt}`);
}
