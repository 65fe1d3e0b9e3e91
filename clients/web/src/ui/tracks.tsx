/** Lists of songs. */

import { GripVertical, Pause, Play } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { SimpleTrack, Track } from "../api/types";
import { t } from "../i18n";
import type { Key } from "../i18n/en";
import { lookUp } from "../library/saved";
import { isCurrent, isPlaying, start, toggle } from "../player/controls";
import { warm } from "../player/media";
import { hindranceOf, type Hindrance } from "../player/playable";
import type { Source } from "../player/queue";
import { Cover } from "./cover";
import { Artists, Like } from "./parts";
import { reorder } from "./reorder";
import { clock } from "./time";
import { TrackMenu } from "./track_menu";

export interface Row {
  key: string | number;
  track: Track;
  /** Why it is there, where the platform chose it. */
  reason?: string;
}

interface Props {
  rows: Row[];
  source: Source;
  label: string;
  columns?: { cover?: boolean; album?: boolean; number?: (row: Row, index: number) => number };
  /** Plays this row; by default the rows are the whole context. */
  play?: (index: number) => void;
  /** Moves a row so that it stands at `to`. */
  move?: (from: number, to: number) => void;
  remove?: (index: number) => void;
}

export function TrackList({ rows, source, label, columns = {}, play, move, remove }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const uris = rows.map((row) => row.track.uri).join();
  useEffect(() => lookUp(rows.map((row) => row.track.uri)), [uris]);
  const begin = (index: number): void => {
    if (play) play(index);
    else
      void start(
        source,
        rows.map((row) => row.track),
        index,
      );
  };
  const shape = ["tracks", columns.cover && "with-cover", columns.album && "with-album"];
  return (
    <ol ref={list} class={shape.filter(Boolean).join(" ")} aria-label={label}>
      {rows.map((row, index) => (
        <TrackRow
          key={row.key}
          track={row.track}
          reason={row.reason}
          number={columns.number?.(row, index) ?? index + 1}
          cover={columns.cover ?? false}
          album={columns.album ?? false}
          play={() => begin(index)}
          remove={remove && (() => remove(index))}
          handle={move && <Handle list={list} index={index} row={row} move={move} />}
        />
      ))}
    </ol>
  );
}

const HINDRANCES = {
  explicit: "track.filtered",
  unavailable: "track.unplayable",
} as const satisfies Record<Hindrance, Key>;

interface RowProps {
  track: Track;
  reason: string | undefined;
  number: number;
  cover: boolean;
  album: boolean;
  play: () => void;
  remove?: (() => void) | undefined;
  handle?: ComponentChildren;
}

function TrackRow({ track, reason, number, cover, album, play, remove, handle }: RowProps) {
  const current = isCurrent(track.id);
  const playing = current && isPlaying.value;
  const hindrance = hindranceOf(track);
  const able = !hindrance;
  const press = (): void => {
    if (current) void toggle();
    else play();
  };
  const Icon = playing ? Pause : Play;
  return (
    <li
      class={`track ${current ? "current" : ""} ${able ? "" : "unable"}`}
      title={hindrance && t(HINDRANCES[hindrance])}
      onClick={(event) => {
        if (able && !isForControl(event)) press();
      }}
      onPointerEnter={() => able && !current && void warm(track.id)}
    >
      <span class="track-number">
        {handle}
        <span class="figure" aria-hidden="true">
          {playing ? <Dancing /> : number}
        </span>
        <button
          class="icon"
          disabled={!able}
          aria-label={t(playing ? "track.pause" : "track.play", { name: track.name })}
          onClick={press}
          onFocus={() => able && void warm(track.id)}
        >
          <Icon class="press" size={16} fill="currentColor" aria-hidden="true" />
        </button>
      </span>
      {cover && <Cover images={track.album.images} size={44} seed={track.album.uri} />}
      <span class="track-name">
        <span class="name" title={track.name}>
          {track.name}
        </span>
        <span class="quiet">
          {track.explicit && <Explicit />}
          {hindrance ? t(HINDRANCES[hindrance]) : <Artists artists={track.artists} />}
        </span>
        {reason && <span class="reason">{reason}</span>}
      </span>
      {album && (
        <span class="track-album quiet">
          <a href={`/album/${track.album.id}`}>{track.album.name}</a>
        </span>
      )}
      <span class="track-like">
        <Like uri={track.uri} name={track.name} />
      </span>
      <span class="track-time quiet">{clock(track.duration_ms)}</span>
      <TrackMenu track={track} remove={remove} isChosen={reason !== undefined} />
    </li>
  );
}

/** By the event's own path: what was pressed may have been drawn anew meanwhile. */
function isForControl(event: Event): boolean {
  return event.composedPath().some((node) => node instanceof Element && node.matches("a, button"));
}

function Handle({
  list,
  index,
  row,
  move,
}: {
  list: { current: HTMLElement | null };
  index: number;
  row: Row;
  move: (from: number, to: number) => void;
}) {
  return (
    <button
      class="icon handle"
      aria-label={t("playlist.reorder", { name: row.track.name })}
      title={t("playlist.reorder.hint")}
      {...reorder(list, index, move)}
    >
      <GripVertical size={16} aria-hidden="true" />
    </button>
  );
}

export function Explicit() {
  return (
    <abbr class="explicit" title={t("track.explicit")}>
      E
    </abbr>
  );
}

/** Says without words that this one plays. */
export function Dancing() {
  return (
    <span class="dancing">
      <i />
      <i />
      <i />
    </span>
  );
}

export function totalMs(tracks: SimpleTrack[]): number {
  return tracks.reduce((sum, track) => sum + track.duration_ms, 0);
}
