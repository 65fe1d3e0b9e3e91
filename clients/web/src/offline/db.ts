/** What this browser keeps between visits, in IndexedDB. */

const NAME = "cadenza";
const VERSION = 1;
export const STORES = ["plays", "collections", "tracks", "keys"] as const;
export type Store = (typeof STORES)[number];

let opening: Promise<IDBDatabase> | undefined;

export async function get<T>(store: Store, key: string): Promise<T | undefined> {
  return done<T | undefined>((await objects(store, "readonly")).get(key));
}

export async function all<T>(store: Store, most?: number): Promise<T[]> {
  return done<T[]>((await objects(store, "readonly")).getAll(null, most));
}

/** Resolves when it is written for good. */
export async function put(store: Store, key: string, value: unknown): Promise<void> {
  await done((await objects(store, "readwrite")).put(value, key));
}

export async function remove(store: Store, keys: string[]): Promise<void> {
  const where = await objects(store, "readwrite");
  await Promise.all(keys.map((key) => done(where.delete(key))));
}

export async function clear(store: Store): Promise<void> {
  await done((await objects(store, "readwrite")).clear());
}

async function objects(store: Store, mode: IDBTransactionMode): Promise<IDBObjectStore> {
  return (await database()).transaction(store, mode).objectStore(store);
}

function database(): Promise<IDBDatabase> {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const store of STORES) {
        if (!request.result.objectStoreNames.contains(store)) {
          request.result.createObjectStore(store);
        }
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB cannot be opened"));
  });
  opening.catch(() => {
    opening = undefined;
  });
  return opening;
}

function done<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB does not answer"));
  });
}
