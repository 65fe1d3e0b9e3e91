import { Heart } from "lucide-preact";
import { useEffect } from "preact/hooks";

import { me } from "../auth/session";
import { length, t } from "../i18n";
import { learn } from "../library/saved";
import { DownloadButton } from "../offline/button";
import * as player from "../player/controls";
import { warmFirst } from "../player/intent";
import { allSaved } from "../player/sources";
import { Failure } from "../ui/failure";
import { Head } from "../ui/head";
import { Notice } from "../ui/notice";
import { PlayButton, Skeleton } from "../ui/parts";
import { useResource } from "../ui/resource";
import { totalMs, TrackList } from "../ui/tracks";
import { ShuffleButton } from "./album";
import { useTitle } from "./title";

export function Liked() {
  const { data, error, again } = useResource("library/tracks", allSaved);
  useTitle(t("liked.title"));
  useEffect(() => learn((data ?? []).map((track) => track.uri)), [data]);
  const uri = `spotify:user:${me.value?.id ?? ""}:collection`;
  const source = { context: { type: "collection", uri }, name: t("liked.title") };
  const tracks = data ?? [];
  const current = player.context.value?.uri === uri;
  const start = (first?: number): void => void player.start(source, tracks, first);
  return (
    <div class="page">
      <Head
        kind="liked"
        label={t("playlist.playlist")}
        title={t("liked.title")}
        images={[]}
        seed="liked"
        cover={
          <span class="cover liked" aria-hidden="true">
            <Heart fill="currentColor" />
          </span>
        }
      >
        {data && (
          <span>
            {t("track.songs", { n: tracks.length })}
            {tracks.length > 0 && `, ${length(totalMs(tracks))}`}
          </span>
        )}
      </Head>
      {tracks.length > 0 && (
        <div class="actions-row">
          <PlayButton
            isPlaying={current && player.isPlaying.value}
            onClick={() => (current ? void player.toggle() : start())}
            onIntent={() => warmFirst(tracks)}
          />
          <ShuffleButton start={() => start()} />
          <DownloadButton
            uri={uri}
            name={t("liked.title")}
            wanted={() =>
              Promise.resolve({
                uri,
                name: t("liked.title"),
                by: me.value?.display_name ?? "",
                image: undefined,
                tracks,
              })
            }
          />
        </div>
      )}
      {!data && !error && <Skeleton kind="rows" />}
      {error && !data && <Failure error={error} again={again} />}
      {data?.length === 0 && (
        <Notice icon={<Heart />} title={t("liked.empty")} text={t("liked.empty.text")}>
          <a class="button main" href="/search">
            {t("library.find")}
          </a>
        </Notice>
      )}
      {tracks.length > 0 && (
        <TrackList
          label={t("liked.title")}
          rows={tracks.map((track) => ({ key: track.id, track }))}
          source={source}
          columns={{ cover: true, album: true }}
        />
      )}
    </div>
  );
}
