/// <reference lib="webworker" />
/** The service worker: the app itself and the covers of downloads, without a network. */

export {};
declare const self: ServiceWorkerGlobalScope;

// The build puts the list of the app's files in its place.
const SHELL = "__SHELL__" as unknown as string[];
const PREFIX = "cadenza-app-";
const CACHE = PREFIX + nameOf(SHELL);
const DOWNLOADS = "cadenza-downloads";
const ELSEWHERE =
  /^\/(v1|media|oauth|api|\.well-known|account|authorize|signin|signup|signout|consent|device|docs|openapi\.json|assets\/accounts)(\/|$)/;

self.addEventListener("install", (event) => {
  event.waitUntil(fill());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(clean().then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.data === "take-over") void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/images/")) event.respondWith(cover(request));
  else if (ELSEWHERE.test(url.pathname)) return;
  else if (request.mode === "navigate") event.respondWith(page(request));
  else if (SHELL.includes(url.pathname)) event.respondWith(own(request));
});

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL.map((path) => new Request(path, { cache: "no-cache" })));
}

/** Forgets other versions of the app. */
async function clean(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** Every page is the app; it finds its way by the address. */
async function page(request: Request): Promise<Response> {
  const kept = await (await caches.open(CACHE)).match("/");
  return kept ?? fetch(request);
}

async function own(request: Request): Promise<Response> {
  const kept = await (await caches.open(CACHE)).match(request, { ignoreSearch: true });
  return kept ?? fetch(request);
}

async function cover(request: Request): Promise<Response> {
  if (await caches.has(DOWNLOADS)) {
    const kept = await (await caches.open(DOWNLOADS)).match(request);
    if (kept) return kept;
  }
  return fetch(request);
}

function nameOf(files: string[]): string {
  let hash = 0;
  for (const character of files.join()) hash = (hash * 31 + character.charCodeAt(0)) | 0;
  return (hash >>> 0).toString(36);
}
