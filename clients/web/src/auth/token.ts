/** The access token, which lives in this module's memory and nowhere else. */

import { ApiError } from "../api/error";

interface Granted {
  access_token: string;
  expires_in: number;
  scope: string;
}

const PATH = "/oauth/web/token";
// A token this close to its end is replaced before it is used.
const MARGIN_MS = 60_000;

let current = "";
let granted: readonly string[] = [];
let endsAt = 0;
let refreshing: Promise<string> | undefined;
let lost: () => void = () => {};

/** Calls `listener` when the session turns out to be over. */
export function onSessionLost(listener: () => void): void {
  lost = listener;
}

/** A token that holds for a while yet; throws `ApiError` (401 signed out, 0 no network). */
export async function token(): Promise<string> {
  return current && Date.now() < endsAt - MARGIN_MS ? current : freshToken();
}

/** A new token by the refresh cookie; many who ask at once share one call. */
export function freshToken(): Promise<string> {
  refreshing ??= exclusive(refresh).finally(() => {
    refreshing = undefined;
  });
  return refreshing;
}

/** Trades the code that came back from the sign-in page for tokens. */
export async function redeem(code: string, verifier: string, redirect: string): Promise<void> {
  await ask({
    grant_type: "authorization_code",
    code,
    code_verifier: verifier,
    redirect_uri: redirect,
  });
}

/** Ends the session here and at the platform. */
export async function revoke(): Promise<void> {
  forget();
  await fetch("/oauth/web/revoke", { method: "POST", credentials: "same-origin" });
}

export function forget(): void {
  current = "";
  granted = [];
  endsAt = 0;
}

export function hasScope(scope: string): boolean {
  return granted.includes(scope);
}

async function refresh(): Promise<string> {
  try {
    return await ask({ grant_type: "refresh_token" });
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      forget();
      lost();
    }
    throw error;
  }
}

/** Tabs take turns: the refresh token is replaced at each use, and an old one ends the session. */
async function exclusive(work: () => Promise<string>): Promise<string> {
  if (!navigator.locks) return work();
  return navigator.locks.request("cadenza-refresh", work);
}

async function ask(fields: Record<string, string>): Promise<string> {
  let answer: Response;
  try {
    answer = await fetch(PATH, {
      method: "POST",
      body: new URLSearchParams({ client_id: "cadenza-web", ...fields }),
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch {
    throw new ApiError(0, "The network does not answer");
  }
  if (!answer.ok) {
    const refused = answer.status === 400 || answer.status === 401 || answer.status === 404;
    throw new ApiError(refused ? 401 : answer.status, "The session is over");
  }
  const given = (await answer.json()) as Granted;
  current = given.access_token;
  granted = given.scope.split(" ");
  endsAt = Date.now() + given.expires_in * 1000;
  return current;
}
