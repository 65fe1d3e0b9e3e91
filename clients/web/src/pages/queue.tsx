import { GripVertical, ListMusic, Play, X } from "lucide-preact";
import { useRef } from "preact/hooks";

import * as there from "../connect/remote";
import { t } from "../i18n";
import * as player from "../player/controls";
import * as here from "../player/local";
import * as queues from "../player/queue";
import type { Entry } from "../player/queue";
import { Cover } from "../ui/cover";
import { Notice } from "../ui/notice";
import { Artists, Section } from "../ui/parts";
import { reorder } from "../ui/reorder";
import { clock } from "../ui/time";
import { Dancing, TrackList } from "../ui/tracks";
import { useTitle } from "./title";

const SHOWN = 50;

export function Queue() {
  useTitle(t("queue.title"));
  const now = player.track.value;
  const remote = there.remote.value;
  const queue = here.queue.value;
  const coming = queues.upcoming(queue, SHOWN);
  if (!now) {
    return (
      <div class="page">
        <h1>{t("queue.title")}</h1>
        <Notice icon={<ListMusic />} title={t("queue.empty")} text={t("queue.empty.text")} />
      </div>
    );
  }
  return (
    <div class="page">
      <h1>{t("queue.title")}</h1>
      <Section title={t("queue.now")}>
        <div class="queue-now">
          <Cover images={now.album.images} size={72} seed={now.album.uri} eager />
          <div>
            <a class="name" href={`/album/${now.album.id}`}>
              {now.name}
            </a>
            <span class="quiet">
              <Artists artists={now.artists} />
            </span>
          </div>
          {player.isPlaying.value && <Dancing />}
        </div>
      </Section>
      {remote ? (
        <Section title={t("queue.from")}>
          <TrackList
            label={t("queue.from")}
            rows={there.upcoming.value.map((track, index) => ({ key: index, track }))}
            source={{ context: null, name: t("queue.title") }}
            columns={{ cover: true }}
          />
        </Section>
      ) : (
        <>
          {queue.queued.length > 0 && (
            <Section
              title={t("queue.next")}
              more={
                <button class="link" onClick={() => here.change({ ...queue, queued: [] })}>
                  {t("queue.clear")}
                </button>
              }
            >
              <Entries
                entries={queue.queued}
                move={(from, to) => here.change(queues.moveQueued(queue, from, to))}
              />
            </Section>
          )}
          {coming.length > 0 && (
            <Section
              title={queue.source.name ? `${t("queue.from")}: ${queue.source.name}` : t("queue.from")}
            >
              <Entries entries={coming} />
            </Section>
          )}
        </>
      )}
    </div>
  );
}

function Entries({
  entries,
  move,
}: {
  entries: readonly Entry[];
  move?: (from: number, to: number) => void;
}) {
  const list = useRef<HTMLOListElement>(null);
  return (
    <ol class="tracks with-cover" ref={list}>
      {entries.map((entry, index) => (
        <li key={entry.key} class="track queue-entry">
          <span class="track-number">
            {move && (
              <button
                class="icon handle"
                aria-label={t("playlist.reorder", { name: entry.track.name })}
                {...reorder(list, index, move)}
              >
                <GripVertical size={16} aria-hidden="true" />
              </button>
            )}
            <span class="figure" aria-hidden="true">
              {index + 1}
            </span>
            <button
              class="icon"
              aria-label={t("track.play", { name: entry.track.name })}
              onClick={() => void player.jump(entry.key)}
            >
              <Play class="press" size={16} fill="currentColor" aria-hidden="true" />
            </button>
          </span>
          <Cover images={entry.track.album.images} size={44} seed={entry.track.album.uri} />
          <span class="track-name">
            <span class="name">{entry.track.name}</span>
            <span class="quiet">
              <Artists artists={entry.track.artists} />
            </span>
          </span>
          <span class="track-time quiet">{clock(entry.track.duration_ms)}</span>
          <button
            class="icon more"
            aria-label={t("queue.remove", { name: entry.track.name })}
            onClick={() => here.change(queues.remove(here.queue.value, entry.key))}
          >
            <X size={18} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ol>
  );
}
