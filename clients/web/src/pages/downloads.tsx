import { ArrowDownToLine, Trash2 } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";

import { isPaying } from "../auth/session";
import { bytes, moment, t } from "../i18n";
import * as keys from "../offline/keys";
import * as store from "../offline/store";
import type { Collection } from "../offline/store";
import * as player from "../player/controls";
import { downloaded } from "../player/sources";
import { Cover } from "../ui/cover";
import { Confirm } from "../ui/dialog";
import { idOf } from "../ui/format";
import { Notice } from "../ui/notice";
import { PlayButton } from "../ui/parts";
import { toast } from "../ui/toasts";
import { TrackList } from "../ui/tracks";
import { useTitle } from "./title";

export function Downloads() {
  useTitle(t("downloads.title"));
  const [isAsking, ask] = useState(false);
  const [quota, setQuota] = useState(0);
  const kept = store.collections.value;
  useEffect(() => {
    void navigator.storage?.estimate?.().then((estimate) => setQuota(estimate.quota ?? 0));
  }, [kept]);
  const free = async (): Promise<void> => {
    await store.removeAll();
    toast(t("downloads.removed"));
  };
  return (
    <div class="page">
      <div class="title-row">
        <h1>{t("downloads.title")}</h1>
        {kept.length > 0 && (
          <button class="button" onClick={() => ask(true)}>
            {t("downloads.free")}
          </button>
        )}
      </div>
      {kept.length > 0 && (
        <div class="storage">
          <div class="meter" style={{ "--part": quota ? store.usedBytes.value / quota : 0 }} />
          <p class="quiet">
            {t("downloads.used", { used: bytes(store.usedBytes.value), quota: bytes(quota) })}
          </p>
        </div>
      )}
      {kept.map((each) => (
        <Download key={each.uri} collection={each} />
      ))}
      {kept.length === 0 && (
        <Notice
          icon={<ArrowDownToLine />}
          title={t(isPaying.value ? "downloads.empty" : "downloads.premium")}
          text={t(isPaying.value ? "downloads.empty.text" : "downloads.premium.text")}
        >
          {isPaying.value ? (
            <a class="button main" href="/collection">
              {t("nav.library")}
            </a>
          ) : (
            <a class="button main" href="/account">
              {t("downloads.premium.see")}
            </a>
          )}
        </Notice>
      )}
      {isAsking && (
        <Confirm
          question={t("downloads.free.sure")}
          action={t("downloads.free")}
          close={() => ask(false)}
          agree={() => void free()}
        />
      )}
    </div>
  );
}

function Download({ collection }: { collection: Collection }) {
  const [ends, setEnds] = useState<number | undefined>();
  const tracks = downloaded(collection.uri);
  const [first] = collection.trackIds;
  useEffect(() => {
    if (first) void keys.expiryOf(first).then(setEnds);
  }, [first]);
  const source = {
    context: { type: collection.uri.split(":")[1] ?? "", uri: collection.uri },
    name: collection.name,
  };
  const current = player.context.value?.uri === collection.uri;
  const expired = ends !== undefined && ends < Date.now();
  const until = ends === undefined ? "" : t("downloads.until", { date: moment(new Date(ends)) });
  return (
    <details class="downloaded">
      <summary>
        <Cover
          images={collection.image ? [collection.image] : []}
          size={64}
          seed={collection.uri}
          kind={idOf(collection.uri) === "collection" ? "liked" : "album"}
        />
        <span>
          <span class="name">{collection.name}</span>
          <span class="quiet">
            {collection.by && `${collection.by} · `}
            {t("track.songs", { n: tracks.length })}
          </span>
          <span class={expired ? "bad" : "quiet"}>{expired ? t("downloads.expired") : until}</span>
        </span>
      </summary>
      <div class="actions-row">
        <PlayButton
          isPlaying={current && player.isPlaying.value}
          name={collection.name}
          onClick={() => void (current ? player.toggle() : player.start(source, tracks))}
        />
        <button
          class="icon"
          aria-label={t("downloads.remove", { name: collection.name })}
          onClick={() => void store.removeCollection(collection.uri)}
        >
          <Trash2 size={20} aria-hidden="true" />
        </button>
      </div>
      <TrackList
        label={collection.name}
        rows={tracks.map((track) => ({ key: track.id, track }))}
        source={source}
      />
    </details>
  );
}
