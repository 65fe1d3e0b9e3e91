import { Sparkles } from "lucide-preact";

import * as api from "../api/mixes";
import type { Mix } from "../api/types";
import { length, t } from "../i18n";
import { reasonOf, textOf, titleOf } from "../library/mixes";
import { said } from "../library/opinions";
import { wanted } from "../library/wanted";
import * as player from "../player/controls";
import { warmFirst } from "../player/intent";
import { sourceOfMix } from "../player/sources";
import { Failure } from "../ui/failure";
import { Head } from "../ui/head";
import { Notice } from "../ui/notice";
import { PlayButton, Skeleton } from "../ui/parts";
import { useResource } from "../ui/resource";
import { totalMs, TrackList } from "../ui/tracks";
import { CollectionMenu, ShuffleButton } from "./album";
import { useTitle } from "./title";

/** What the platform made for the listener, and why each track is in it. */
export function MixPage({ id }: { id: string }) {
  const { data, error, again } = useResource(`mix/${id}`, () => api.mix(id));
  useTitle(data && titleOf(data));
  if (!data) {
    if (error) return <Failure error={error} again={again} />;
    return (
      <div class="page">
        <Skeleton kind="head" />
        <Skeleton kind="rows" />
      </div>
    );
  }
  return <Loaded mix={data} />;
}

function Loaded({ mix }: { mix: Mix }) {
  const items = wanted(mix.items.items, ({ item }) => item, said.value);
  const tracks = items.map(({ item }) => item);
  const title = titleOf(mix);
  const source = sourceOfMix(mix);
  const current = player.context.value?.uri === mix.uri;
  const start = (): void => void player.start(source, tracks);
  return (
    <div class="page">
      <Head
        kind="mix"
        label={t("mix.label")}
        title={title}
        images={mix.images}
        seed={mix.uri}
      >
        <p class="description">{textOf(mix)}</p>
        <span>
          {t("track.songs", { n: tracks.length })}
          {tracks.length > 0 && `, ${length(totalMs(tracks))}`}
        </span>
      </Head>
      {tracks.length === 0 ? (
        <Notice icon={<Sparkles />} title={t("mix.empty")} text={t("mix.empty.text")} />
      ) : (
        <>
          <div class="actions-row">
            <PlayButton
              isPlaying={current && player.isPlaying.value}
              onClick={() => (current ? void player.toggle() : start())}
              onIntent={() => warmFirst(tracks)}
            />
            <ShuffleButton start={start} />
            <CollectionMenu path={`/mix/${mix.id}`} tracks={tracks} name={title} />
          </div>
          <TrackList
            label={title}
            rows={items.map(({ item, reason }) => ({
              key: item.id,
              track: item,
              reason: reasonOf(reason),
            }))}
            source={source}
            columns={{ cover: true, album: true }}
          />
        </>
      )}
    </div>
  );
}
