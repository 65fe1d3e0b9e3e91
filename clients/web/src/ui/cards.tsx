/** Covers with a name: in shelves that scroll sideways, and in grids. */

import type { ComponentChildren } from "preact";

import { album as askAlbum } from "../api/catalog";
import type { Artist, Image, SimpleAlbum, SimpleMix, SimplePlaylist } from "../api/types";
import { day, t } from "../i18n";
import { textOf, titleOf } from "../library/mixes";
import { context, isPlaying, pause, play } from "../player/controls";
import { playAlbum, playArtist, playMix, playPlaylist } from "../player/sources";
import { warm } from "../player/media";
import { Cover } from "./cover";
import { PlayButton } from "./parts";

interface CardProps {
  href: string;
  name: string;
  uri: string;
  below?: ComponentChildren;
  images: Image[] | null | undefined;
  kind?: "album" | "artist" | "playlist" | "liked" | "mix";
  start: () => void;
  onIntent?: () => void;
}

export function Card({ href, name, uri, below, images, kind, start, onIntent }: CardProps) {
  const isCurrent = context.value?.uri === uri;
  const playing = isCurrent && isPlaying.value;
  const press = (): void => {
    if (isCurrent) void (playing ? pause() : play());
    else start();
  };
  return (
    <article class={`card ${kind ?? "album"} ${isCurrent ? "current" : ""}`}>
      <div class="card-cover">
        <a href={href} tabIndex={-1} aria-hidden="true">
          <Cover images={images} size={220} seed={uri} kind={kind} />
        </a>
        <PlayButton
          isPlaying={playing}
          name={name}
          size="card"
          onClick={press}
          onIntent={onIntent}
        />
      </div>
      <a class="card-name" href={href}>
        {name}
      </a>
      {below && <div class="card-below">{below}</div>}
    </article>
  );
}

export function AlbumCard({ album, by = "artist" }: { album: SimpleAlbum; by?: "artist" | "year" }) {
  const year = day(album.release_date.slice(0, 4));
  const below = by === "artist" ? album.artists.map((artist) => artist.name).join(", ") : year;
  return (
    <Card
      href={`/album/${album.id}`}
      name={album.name}
      uri={album.uri}
      images={album.images}
      below={below}
      start={() => void playAlbum(album.id)}
      onIntent={() => void warmAlbum(album.id)}
    />
  );
}

export function ArtistCard({ artist }: { artist: Artist }) {
  return (
    <Card
      href={`/artist/${artist.id}`}
      name={artist.name}
      uri={artist.uri}
      images={artist.images}
      kind="artist"
      below={t("artist.artist")}
      start={() => void playArtist(artist.id)}
    />
  );
}

export function PlaylistCard({ playlist }: { playlist: SimplePlaylist }) {
  const owner = playlist.owner.display_name ?? playlist.owner.id;
  return (
    <Card
      href={`/playlist/${playlist.id}`}
      name={playlist.name}
      uri={playlist.uri}
      images={playlist.images}
      kind="playlist"
      below={t("playlist.by", { name: owner })}
      start={() => void playPlaylist(playlist.id)}
    />
  );
}

export function MixCard({ mix }: { mix: SimpleMix }) {
  return (
    <Card
      href={`/mix/${mix.id}`}
      name={titleOf(mix)}
      uri={mix.uri}
      images={mix.images}
      kind="mix"
      below={textOf(mix)}
      start={() => void playMix(mix.id)}
    />
  );
}

export function Shelf({ children }: { children: ComponentChildren }) {
  return <div class="shelf">{children}</div>;
}

export function Cards({ children }: { children: ComponentChildren }) {
  return <div class="cards">{children}</div>;
}

async function warmAlbum(id: string): Promise<void> {
  const album = await askAlbum(id).catch(() => undefined);
  const [first] = album?.tracks.items ?? [];
  if (first) await warm(first.id);
}
