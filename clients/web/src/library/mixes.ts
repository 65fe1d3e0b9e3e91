/** Mixes in the listener's language: the platform names them in English. */

import type { Reason, SimpleMix, SimplePlaylist } from "../api/types";
import { t } from "../i18n";

// Who owns what the platform makes.
const OWNER = "cadenza";

type Named = Pick<SimpleMix, "kind" | "name" | "description">;

export function isMix(playlist: Pick<SimplePlaylist, "owner">): boolean {
  return playlist.owner.id === OWNER;
}

export function titleOf({ kind, name }: Named): string {
  switch (kind) {
    case "discover-weekly":
    case "on-repeat":
    case "release-radar":
    case "popular":
      return t(`mix.${kind}`);
    case "daily-mix":
      return t("mix.daily-mix", { number: /\d+$/.exec(name)?.[0] ?? "" }).trim();
    default:
      return name;
  }
}

export function textOf({ kind, description }: Named): string {
  const names = /^(.+) and more$/.exec(description ?? "")?.[1];
  switch (kind) {
    case "discover-weekly":
    case "on-repeat":
    case "release-radar":
    case "popular":
      return t(`mix.${kind}.text`);
    case "daily-mix":
      return names ? t("mix.daily-mix.names", { names }) : t("mix.daily-mix.text");
    default:
      return description ?? "";
  }
}

export function reasonOf({ kind, about, text }: Reason): string {
  switch (kind) {
    case "because":
    case "sounds-like":
    case "new-from":
      return about ? t(`reason.${kind}`, { name: about }) : t(`reason.${kind}.none`);
    case "familiar":
    case "on-repeat":
    case "popular":
      return t(`reason.${kind}`);
    default:
      return text;
  }
}
