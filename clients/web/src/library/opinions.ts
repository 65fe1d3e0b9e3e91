/** What the listener thinks of tracks and artists: it changes every mix, and at once what is shown. */

import { signal } from "@preact/signals";

import * as api from "../api/mixes";
import type { Opinion } from "../api/mixes";
import type { ArtistRef, Track } from "../api/types";
import { t } from "../i18n";
import { leaveOut } from "../player/controls";
import { invalidate } from "../ui/resource";
import { toast } from "../ui/toasts";
import { isHidden, type Opinions } from "./wanted";

// As far as it was said on this page: answers of the platform have the rest applied.
export const said = signal<Opinions>(new Map());
let sending: Promise<unknown> = Promise.resolve();

export function hideTrack(track: Track): void {
  change(track.uri, "hide", t("opinion.hidden", { name: track.name }));
}

export function hideArtist(artist: ArtistRef): void {
  change(artist.uri, "hide", t("opinion.hidden", { name: artist.name }));
}

export function lessOf(artist: ArtistRef): void {
  change(artist.uri, "less", t("opinion.less", { name: artist.name }));
}

/** Artists to begin with; throws `ApiError` where one of them could not be told. */
export async function moreOf(uris: string[]): Promise<void> {
  for (const uri of uris) await api.say(uri, "more");
  renew();
}

/** Shown at once, and taken back if the platform refuses or the listener changes their mind. */
function change(uri: string, opinion: Opinion, text: string): void {
  const before = said.value.get(uri);
  note(uri, opinion);
  leaveOut((track) => isHidden(track, said.value));
  const undo = (): void => {
    note(uri, before);
    send(uri, before ?? "undo", () => note(uri, opinion));
  };
  toast(text, "plain", { label: t("action.undo"), run: undo });
  send(uri, opinion, () => note(uri, before));
}

/** One after another, so that the last that was said is the last that is known. */
function send(uri: string, kind: Opinion | "undo", failed: () => void): void {
  sending = sending
    .then(() => api.say(uri, kind))
    .then(renew)
    .catch(() => {
      failed();
      toast(t("error.title"), "bad");
    });
}

function note(uri: string, opinion: Opinion | undefined): void {
  const next = new Map(said.peek());
  if (opinion) next.set(uri, opinion);
  else next.delete(uri);
  said.value = next;
}

function renew(): void {
  invalidate("mix/");
  invalidate("home/mixes");
}
