import { Bookmark, Link, ListPlus, Shuffle, SquarePlus } from "lucide-preact";

import * as catalog from "../api/catalog";
import type { Album, Track } from "../api/types";
import { day, length, t } from "../i18n";
import { DownloadButton } from "../offline/button";
import * as player from "../player/controls";
import { warmFirst } from "../player/intent";
import { allOfAlbum } from "../player/sources";
import { isSaved, lookUp, toggle } from "../library/saved";
import { AlbumCard, Shelf } from "../ui/cards";
import { Failure } from "../ui/failure";
import { Head } from "../ui/head";
import { Menu } from "../ui/menu";
import { Artists, PlayButton, Section, Skeleton } from "../ui/parts";
import { useResource } from "../ui/resource";
import { playlistItems, share } from "../ui/track_menu";
import { totalMs, TrackList } from "../ui/tracks";
import { useEffect } from "preact/hooks";
import { useTitle } from "./title";

export function AlbumPage({ id }: { id: string }) {
  const { data, error, again } = useResource(`album/${id}`, () => allOfAlbum(id));
  useTitle(data?.album.name);
  if (!data) {
    if (error) return <Failure error={error} again={again} />;
    return (
      <div class="page">
        <Skeleton kind="head" />
        <Skeleton kind="rows" />
      </div>
    );
  }
  return <Loaded album={data.album} tracks={data.tracks} />;
}

function Loaded({ album, tracks }: { album: Album; tracks: Track[] }) {
  const [artist] = album.artists;
  const source = { context: { type: "album", uri: album.uri }, name: album.name };
  const current = player.context.value?.uri === album.uri;
  const playing = current && player.isPlaying.value;
  const discs = [...new Set(tracks.map((track) => track.disc_number))];
  useEffect(() => lookUp([album.uri]), [album.uri]);
  const begin = (first?: number): void => void player.start(source, tracks, first);
  const released = day(album.release_date);
  return (
    <div class="page">
      <Head
        kind="album"
        label={kindOf(album)}
        title={album.name}
        images={album.images}
        seed={album.uri}
      >
        <Artists artists={album.artists} />
        {released && <span>{released}</span>}
        <span>
          {t("track.songs", { n: tracks.length })}, {length(totalMs(tracks))}
        </span>
      </Head>
      <div class="actions-row">
        <PlayButton
          isPlaying={playing}
          onClick={() => (current ? void player.toggle() : begin())}
          onIntent={() => warmFirst(tracks)}
        />
        <ShuffleButton start={() => begin()} />
        <SaveButton uri={album.uri} />
        <DownloadButton
          wanted={() =>
            Promise.resolve({
              uri: album.uri,
              name: album.name,
              by: album.artists.map((each) => each.name).join(", "),
              image: album.images[0],
              tracks,
            })
          }
          uri={album.uri}
          name={album.name}
        />
        <CollectionMenu path={`/album/${album.id}`} tracks={tracks} name={album.name} />
      </div>
      {discs.map((disc) => (
        <div key={disc}>
          {discs.length > 1 && <h2 class="disc">{t("album.disc", { n: disc })}</h2>}
          <TrackList
            label={album.name}
            rows={tracks
              .filter((track) => track.disc_number === disc)
              .map((track) => ({ key: track.id, track }))}
            source={source}
            columns={{ number: (row) => row.track.track_number }}
            play={(index) => {
              const first = tracks.findIndex((track) => track.disc_number === disc);
              begin(first + index);
            }}
          />
        </div>
      ))}
      <footer class="small-print">
        {album.label && <p>{album.label}</p>}
        {album.copyrights.map((each) => (
          <p key={each.type + each.text}>{each.text}</p>
        ))}
      </footer>
      {artist && <MoreBy id={artist.id} name={artist.name} except={album.id} />}
    </div>
  );
}

function MoreBy({ id, name, except }: { id: string; name: string; except: string }) {
  const { data } = useResource(`artist/${id}/more`, () =>
    catalog.artistAlbums(id, "album,single", 12),
  );
  const others = (data?.items ?? []).filter((album) => album.id !== except);
  if (others.length === 0) return null;
  return (
    <Section title={t("album.more", { artist: name })}>
      <Shelf>
        {others.map((album) => (
          <AlbumCard key={album.id} album={album} by="year" />
        ))}
      </Shelf>
    </Section>
  );
}

/** A track's own address leads to its album. */
export function TrackPage({ id }: { id: string }) {
  const { data, error, again } = useResource(`track/${id}`, () => catalog.track(id));
  if (error && !data) return <Failure error={error} again={again} />;
  return data ? <AlbumPage id={data.album.id} /> : <Skeleton kind="head" />;
}

export function SaveButton({ uri }: { uri: string }) {
  const saved = isSaved(uri);
  return (
    <button
      class={`icon ${saved ? "on" : ""}`}
      aria-pressed={saved}
      aria-label={t(saved ? "action.saved" : "action.save")}
      onClick={() => void toggle(uri)}
    >
      <Bookmark size={24} fill={saved ? "currentColor" : "none"} aria-hidden="true" />
    </button>
  );
}

/** Starts anywhere, in any order. */
export function ShuffleButton({ start }: { start: () => void }) {
  return (
    <button
      class="icon"
      aria-label={t("action.shuffle")}
      onClick={() => void player.setShuffle(true).then(start)}
    >
      <Shuffle size={24} aria-hidden="true" />
    </button>
  );
}

export function CollectionMenu({
  path,
  tracks,
  name,
}: {
  path: string;
  tracks: Track[];
  name: string;
}) {
  return (
    <Menu
      label={t("track.more", { name })}
      items={() => [
        {
          label: t("track.queue"),
          icon: <ListPlus size={18} />,
          action: () => void player.enqueue(tracks),
        },
        {
          label: t("track.playlist"),
          icon: <SquarePlus size={18} />,
          items: () => playlistItems(tracks),
        },
        { label: t("track.share"), icon: <Link size={18} />, action: () => void share(path) },
      ]}
    />
  );
}

function kindOf(album: Album): string {
  if (album.album_type === "single") return t("album.single");
  return t(album.album_type === "compilation" ? "album.compilation" : "album.album");
}
