/** Where the listener is: paths, history, and links that stay inside the app. */

import { computed, signal } from "@preact/signals";

export const path = signal(location.pathname);
export const query = signal(new URLSearchParams(location.search));
/** Changes at each navigation, so that pages know when they are shown anew. */
export const visit = signal(0);

// These paths have pages of their own, which the platform's services answer.
const ELSEWHERE =
  /^\/(v1|media|images|oauth|api|\.well-known|account|authorize|signin|signup|signout|consent|device|docs|openapi\.json)(\/|$)/;

interface Place {
  scroll?: number;
}

export function navigate(to: string, { replace = false } = {}): void {
  remember();
  if (replace) history.replaceState({}, "", to);
  else history.pushState({}, "", to);
  arrive(0);
}

/** Changes the query alone, without a new entry in the history. */
export function setQuery(changes: Record<string, string>): void {
  const next = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  const search = next.size > 0 ? `?${next}` : "";
  history.replaceState(history.state, "", `${location.pathname}${search}`);
  query.value = next;
}

/** Answers the parameters if the current path has this form: `/album/:id`. */
export function matches(pattern: string, at: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = at.split("/");
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":") && value) parameters[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return undefined;
  }
  return parameters;
}

export const isHome = computed(() => path.value === "/");

/** Starts to follow links and the history. */
export function follow(): void {
  history.scrollRestoration = "manual";
  window.addEventListener("popstate", (event) => {
    arrive((event.state as Place | null)?.scroll ?? 0);
  });
  document.addEventListener("click", (event) => {
    const to = inside(event);
    if (to === undefined) return;
    event.preventDefault();
    navigate(to);
  });
}

/** Where a click on a link leads to, if that is a page of ours. */
function inside(event: MouseEvent): string | undefined {
  if (event.defaultPrevented || event.button !== 0) return undefined;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined;
  const link = (event.target as Element | null)?.closest("a");
  if (!link?.href || link.target || link.hasAttribute("download")) return undefined;
  const url = new URL(link.href);
  if (url.origin !== location.origin || ELSEWHERE.test(url.pathname) || url.hash) return undefined;
  return url.pathname + url.search;
}

function remember(): void {
  const place: Place = { scroll: window.scrollY };
  history.replaceState(place, "");
}

let scrollTo = 0;

function arrive(scroll: number): void {
  scrollTo = scroll;
  path.value = location.pathname;
  query.value = new URLSearchParams(location.search);
  visit.value += 1;
  window.scrollTo(0, scroll);
}

/** A page that has its content now goes back to where it was left. */
export function restoreScroll(): void {
  if (scrollTo > 0) window.scrollTo(0, scrollTo);
  scrollTo = 0;
}
