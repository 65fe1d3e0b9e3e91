import { CircleAlert, CircleCheck, LoaderCircle, Mic2, UploadCloud } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";

import { tracks as askTracks } from "../api/catalog";
import * as api from "../api/studio";
import type { SimpleAlbum, Track, Upload } from "../api/types";
import { isArtist } from "../auth/session";
import { bytes, day, t } from "../i18n";
import { Chart, lastDays } from "../studio/chart";
import { add, sendings, type Sending } from "../studio/uploads";
import { Cover } from "../ui/cover";
import { Failure } from "../ui/failure";
import { Notice } from "../ui/notice";
import { Section, Skeleton } from "../ui/parts";
import { useResource } from "../ui/resource";
import { useTitle } from "./title";

const DAYS = 28;
const LOOK_MS = 3000;

export function Studio() {
  useTitle(t("studio.title"));
  if (!isArtist.value) {
    return (
      <Notice icon={<Mic2 />} title={t("studio.only")} text={t("studio.only.text")}>
        <a class="button main" href="/account">
          {t("settings.account.manage")}
        </a>
      </Notice>
    );
  }
  return <Work />;
}

interface Own {
  uploads: Upload[];
  tracks: Track[];
}

async function load(): Promise<Own> {
  const uploads = await api.uploads();
  const ids = uploads.map((upload) => upload.track_id).filter((id) => id !== undefined);
  return { uploads, tracks: ids.length > 0 ? await askTracks(ids, true) : [] };
}

function Work() {
  const { data, error, again } = useResource("studio", load);
  const shown = sendings.value.filter((each) => !known(each, data?.uploads));
  const busy =
    shown.some((each) => each.stage !== "failed") ||
    data?.uploads.some((upload) => upload.status === "processing");
  useEffect(() => {
    if (!busy) return undefined;
    const timer = setInterval(again, LOOK_MS);
    return () => clearInterval(timer);
  }, [busy]);
  const here = new Set(shown.map((each) => each.id));
  const uploads = (data?.uploads ?? []).filter((upload) => !here.has(upload.id));
  const albums = new Map((data?.tracks ?? []).map((track) => [track.album.id, track.album]));
  return (
    <div class="page">
      <h1>{t("studio.title")}</h1>
      <Drop done={again} />
      {shown.length > 0 && (
        <ul class="files" aria-label={t("studio.upload")}>
          {shown.map((each) => (
            <SendingRow key={each.key} sending={each} />
          ))}
        </ul>
      )}
      {error && !data && <Failure error={error} again={again} />}
      {!data && !error && <Skeleton kind="rows" />}
      {data && <Plays tracks={data.tracks} />}
      {data && (
        <Section title={t("studio.releases")}>
          {albums.size === 0 && <p class="quiet">{t("studio.releases.empty")}</p>}
          <ul class="files">
            {[...albums.values()].map((album) => (
              <ReleaseRow key={album.id} album={album} />
            ))}
          </ul>
        </Section>
      )}
      {data && (
        <Section title={t("studio.files")}>
          {uploads.length === 0 && <p class="quiet">{t("studio.files.empty")}</p>}
          <ul class="files">
            {uploads.map((upload) => (
              <UploadRow key={upload.id} upload={upload} />
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

function known(sending: Sending, uploads: Upload[] = []): boolean {
  const upload = uploads.find((each) => each.id === sending.id);
  return sending.stage === "sent" && upload !== undefined && upload.status !== "pending";
}

function Drop({ done }: { done: () => void }) {
  const [isOver, setOver] = useState(false);
  return (
    <label
      class={`drop ${isOver ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        add([...(event.dataTransfer?.files ?? [])], done);
      }}
    >
      <UploadCloud size={36} aria-hidden="true" />
      <span class="name">{t("studio.upload")}</span>
      <span class="quiet">{t("studio.upload.text")}</span>
      <input
        class="unseen"
        type="file"
        multiple
        accept="audio/*,.flac,.ogg,.opus,.wav,.aif,.aiff,.m4a"
        aria-label={t("studio.choose")}
        onChange={(event) => {
          add([...(event.currentTarget.files ?? [])], done);
          event.currentTarget.value = "";
        }}
      />
      <span class="button main" aria-hidden="true">
        {t("studio.choose")}
      </span>
    </label>
  );
}

function SendingRow({ sending }: { sending: Sending }) {
  const percent = Math.round(sending.part * 100);
  const stage = sending.stage === "sent" ? "processing" : sending.stage;
  return (
    <li>
      <span class="file-what">
        <span class="name">{sending.name}</span>
        <span class={sending.stage === "failed" ? "bad" : "quiet"} role="status">
          {t(`studio.status.${stage}`, { percent })} {sending.problem}
        </span>
        <progress max={100} value={percent} aria-label={sending.name} />
      </span>
    </li>
  );
}

function UploadRow({ upload }: { upload: Upload }) {
  const Icon =
    upload.status === "ready"
      ? CircleCheck
      : upload.status === "processing"
        ? LoaderCircle
        : CircleAlert;
  return (
    <li class={upload.status}>
      <Icon size={20} aria-hidden="true" />
      <span class="file-what">
        <span class="name">{upload.filename}</span>
        <span class="quiet">
          {t(`studio.status.${upload.status}`)} · {bytes(upload.size)}
        </span>
        {upload.reason && <span class="bad">{upload.reason.message}</span>}
        {upload.status === "pending" && <span class="quiet">{t("studio.again")}</span>}
        {upload.warnings?.map((warning) => (
          <span key={warning} class="quiet">
            {warning}
          </span>
        ))}
      </span>
      {upload.track_id && (
        <a class="button" href={`/track/${upload.track_id}`}>
          {t("studio.listen")}
        </a>
      )}
    </li>
  );
}

function ReleaseRow({ album }: { album: SimpleAlbum }) {
  return (
    <li>
      <Cover images={album.images} size={56} seed={album.uri} />
      <span class="file-what">
        <a class="name" href={`/album/${album.id}`}>
          {album.name}
        </a>
        <span class="quiet">
          {album.artists.map((artist) => artist.name).join(", ")} · {day(album.release_date)}
        </span>
      </span>
      <a class="button" href={`/studio/release/${album.id}`}>
        {t("studio.edit")}
      </a>
    </li>
  );
}

function Plays({ tracks }: { tracks: Track[] }) {
  const ids = tracks.map((track) => track.id);
  const { data, error } = useResource(ids.length > 0 ? `studio/plays/${ids.join()}` : undefined, () =>
    api.playCounts(ids, DAYS),
  );
  if (ids.length === 0) return null;
  const total = (data ?? []).reduce((sum, track) => sum + track.total, 0);
  const days = lastDays(DAYS, (data ?? []).flatMap((track) => track.days));
  const best = [...(data ?? [])]
    .sort((one, other) => other.total - one.total)
    .filter((track) => track.total > 0)
    .slice(0, 5);
  return (
    <Section
      title={t("studio.plays")}
      more={<span class="quiet">{t("studio.plays.days", { n: DAYS })}</span>}
    >
      {error && <p class="quiet">{t("studio.plays.unavailable")}</p>}
      {data && (
        <div class="plays">
          <div>
            <p class="plays-total">{t("studio.plays.total", { n: total })}</p>
            <p class="quiet">{t("studio.plays.text")}</p>
          </div>
          <Chart days={days} />
          <ol class="plays-best">
            {best.map((track) => (
              <li key={track.track_id}>
                <span>{tracks.find((each) => each.id === track.track_id)?.name}</span>
                <span class="quiet">{track.total}</span>
              </li>
            ))}
          </ol>
        </div>
      )}
    </Section>
  );
}
