/** Small parts that many pages share. */

import { Heart, Pause, Play } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { Fragment } from "preact";

import type { ArtistRef } from "../api/types";
import { t } from "../i18n";
import { isSaved, toggle } from "../library/saved";

export function Artists({ artists }: { artists: ArtistRef[] }) {
  return (
    <span class="artists">
      {artists.map((artist, index) => (
        <Fragment key={artist.id}>
          {index > 0 && ", "}
          <a href={`/artist/${artist.id}`}>{artist.name}</a>
        </Fragment>
      ))}
    </span>
  );
}

export function Like({ uri, name, size = 18 }: { uri: string; name: string; size?: number }) {
  const saved = isSaved(uri);
  return (
    <button
      class={`icon like ${saved ? "on" : ""}`}
      aria-pressed={saved}
      aria-label={t(saved ? "track.unlike" : "track.like", { name })}
      onClick={() => void toggle(uri)}
    >
      <Heart size={size} fill={saved ? "currentColor" : "none"} aria-hidden="true" />
    </button>
  );
}

interface PlayProps {
  isPlaying: boolean;
  name?: string;
  size?: "large" | "card";
  onClick: () => void;
  onIntent?: () => void;
}

/** The round button that starts and stops. */
export function PlayButton({ isPlaying, name, size = "large", onClick, onIntent }: PlayProps) {
  const what = isPlaying ? "pause" : "play";
  const label = name ? t(`track.${what}`, { name }) : t(`action.${what}`);
  const Icon = isPlaying ? Pause : Play;
  return (
    <button
      class={`play ${size}`}
      aria-label={label}
      onClick={onClick}
      onPointerEnter={onIntent}
      onFocus={onIntent}
    >
      <Icon size={size === "large" ? 24 : 20} fill="currentColor" aria-hidden="true" />
    </button>
  );
}

/** Grey shapes where something is about to be. */
export function Skeleton({ kind, count = 6 }: { kind: "cards" | "rows" | "head"; count?: number }) {
  if (kind === "head") {
    return (
      <div class="head skeleton" aria-hidden="true">
        <span class="cover" />
        <div class="head-text">
          <span class="line short" />
          <span class="line title" />
          <span class="line" />
        </div>
      </div>
    );
  }
  return (
    <div class={`skeleton ${kind === "cards" ? "cards" : "skeleton-rows"}`} aria-hidden="true">
      {Array.from({ length: count }, (_, index) => (
        <div key={index}>
          {kind === "cards" && <span class="cover" />}
          <span class="line" />
          <span class="line short" />
        </div>
      ))}
    </div>
  );
}

export function Section({
  title,
  more,
  children,
}: {
  title: string;
  more?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class="section" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {more}
      </header>
      {children}
    </section>
  );
}
