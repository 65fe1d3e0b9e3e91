/** Who listens: signing in, signing out, and the person's own profile. */

import { computed, signal } from "@preact/signals";

import { ApiError } from "../api/error";
import { call } from "../api/http";
import type { Me } from "../api/types";
import { forgetKnown, isKnown, keepKnown, keepProfile, profile } from "./known";
import { proof, random } from "./pkce";
import { forget, freshToken, hasScope, onSessionLost, redeem, revoke, token } from "./token";

const SCOPES = [
  "streaming",
  "user-read-private",
  "user-read-email",
  "user-library-read",
  "user-library-modify",
  "user-follow-read",
  "user-follow-modify",
  "user-top-read",
  "user-read-playback-position",
  "user-read-playback-state",
  "user-modify-playback-state",
  "user-read-currently-playing",
  "user-read-recently-played",
  "playlist-read-private",
  "playlist-read-collaborative",
  "playlist-modify-public",
  "playlist-modify-private",
  "ugc-image-upload",
  "app-remote-control",
  "upload-modify",
  "upload-read",
];
const CLIENT = "cadenza-web";
// What the way to the sign-in page and back needs; gone once it is over. No token is among it.
const ON_THE_WAY = "cadenza.sign-in";

export type Status = "starting" | "in" | "out" | "offline";

export const status = signal<Status>("starting");
export const me = signal<Me | undefined>(undefined);
export const isPaying = computed(() => me.value !== undefined && me.value.product !== "free");
export const isArtist = signal(false);
/** Whether nothing explicit is to be played. */
export const filtersExplicit = computed(() => me.value?.explicit_content?.filter_enabled === true);

interface Way {
  state: string;
  verifier: string;
  back: string;
}

onSessionLost(() => {
  if (status.value === "in") status.value = "out";
});

/** Finds out who is here: `me` is who it was last, at once; afterwards `status` is known. */
export async function start(): Promise<void> {
  if (!isKnown()) {
    status.value = "out";
    return;
  }
  me.value = profile<Me>();
  try {
    await token();
    if (me.value) enteredAgain();
    else await entered();
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) signedOut();
    else status.value = "offline";
  }
}

/** Tries again after the network came back. */
export async function resume(): Promise<void> {
  if (status.value === "offline") await start();
}

/** Leaves for the sign-in page (or the sign-up page that leads on to it). */
export async function signIn(back: string): Promise<void> {
  const { verifier, challenge } = await proof();
  const way: Way = { state: random(), verifier, back };
  sessionStorage.setItem(ON_THE_WAY, JSON.stringify(way));
  const query = new URLSearchParams({
    response_type: "code",
    client_id: CLIENT,
    redirect_uri: redirectUri(),
    scope: SCOPES.join(" "),
    state: way.state,
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  location.assign(`/authorize?${query}`);
}

/** Comes back from the sign-in page; answers the path to go on to. Throws `ApiError`. */
export async function finish(query: URLSearchParams): Promise<string> {
  const kept = sessionStorage.getItem(ON_THE_WAY);
  sessionStorage.removeItem(ON_THE_WAY);
  const way = kept === null ? undefined : (JSON.parse(kept) as Way);
  const code = query.get("code");
  if (way === undefined || code === null || query.get("state") !== way.state) {
    throw new ApiError(400, query.get("error_description") ?? "The sign-in was not completed");
  }
  await redeem(code, way.verifier, redirectUri());
  keepKnown();
  await entered();
  return way.back.startsWith("/") && !way.back.startsWith("//") ? way.back : "/";
}

export async function signOut(): Promise<void> {
  await revoke().catch(() => undefined);
  signedOut();
}

/** Turns explicit content off or on for the account. Throws `ApiError`. */
export async function filterExplicit(filter_enabled: boolean): Promise<void> {
  known(await call<Me>("PUT", "/v1/me", { body: { explicit_content: { filter_enabled } } }));
  // The token says it too; the one from before would say the opposite for up to an hour.
  await freshToken();
}

/** What was changed on the account's page, in another tab say, holds here from now on. */
export async function lookAgain(): Promise<void> {
  if (status.value !== "in") return;
  const before = filtersExplicit.value;
  await entered();
  if (filtersExplicit.value !== before) await freshToken();
}

function known(profile: Me): void {
  me.value = profile;
  keepProfile(profile);
}

async function entered(): Promise<void> {
  known(await call<Me>("GET", "/v1/me", { cache: "no-cache" }));
  isArtist.value = hasScope("upload-modify");
  status.value = "in";
}

/** The profile is the one that was known last, until the platform tells what it is now. */
function enteredAgain(): void {
  isArtist.value = hasScope("upload-modify");
  status.value = "in";
  void entered().catch(() => undefined);
}

function signedOut(): void {
  forget();
  forgetKnown();
  me.value = undefined;
  status.value = "out";
}

function redirectUri(): string {
  return `${location.origin}/callback`;
}
