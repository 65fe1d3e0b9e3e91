import { Link, Radio } from "lucide-preact";
import { useEffect } from "preact/hooks";

import * as catalog from "../api/catalog";
import type { SimpleAlbum } from "../api/types";
import { t } from "../i18n";
import type { Key } from "../i18n/en";
import { isSaved, lookUp, toggle } from "../library/saved";
import * as player from "../player/controls";
import { warmFirst } from "../player/intent";
import { playRadio, popular } from "../player/sources";
import { AlbumCard, ArtistCard, Cards, Shelf } from "../ui/cards";
import { Failure } from "../ui/failure";
import { Head } from "../ui/head";
import { Menu } from "../ui/menu";
import { PlayButton, Section, Skeleton } from "../ui/parts";
import { useResource } from "../ui/resource";
import { share } from "../ui/track_menu";
import { TrackList } from "../ui/tracks";
import { ShuffleButton } from "./album";
import { useTitle } from "./title";

const MOST_POPULAR = 10;

const GROUPS: [string, Key][] = [
  ["album", "artist.albums"],
  ["single", "artist.singles"],
  ["compilation", "artist.compilations"],
  ["appears_on", "artist.appears"],
];

export function ArtistPage({ id }: { id: string }) {
  const artist = useResource(`artist/${id}`, () => catalog.artist(id));
  const top = useResource(`artist/${id}/top`, () => popular(id));
  const releases = useResource(`artist/${id}/albums`, () =>
    catalog.artistAlbums(id, "album,single,compilation,appears_on"),
  );
  const related = useResource(`artist/${id}/related`, () => catalog.relatedArtists(id));
  useTitle(artist.data?.name);
  if (!artist.data) {
    if (artist.error) return <Failure error={artist.error} again={artist.again} />;
    return (
      <div class="page">
        <Skeleton kind="head" />
        <Skeleton kind="rows" />
      </div>
    );
  }
  const { name, uri, images, genres, followers } = artist.data;
  const tracks = (top.data ?? []).slice(0, MOST_POPULAR);
  const source = { context: { type: "artist", uri }, name };
  const current = player.context.value?.uri === uri;
  const start = (first?: number): void => void player.start(source, tracks, first);
  const albums = releases.data?.items ?? [];
  return (
    <div class="page">
      <Head
        kind="artist"
        label={t("artist.artist")}
        title={name}
        images={images.length > 0 ? images : newestCover(albums)}
        seed={uri}
      >
        {genres.length > 0 && <span>{genres.slice(0, 3).join(", ")}</span>}
        {followers.total > 0 && <span>{t("artist.followers", { n: followers.total })}</span>}
      </Head>
      <div class="actions-row">
        <PlayButton
          isPlaying={current && player.isPlaying.value}
          onClick={() => (current ? void player.toggle() : start())}
          onIntent={() => warmFirst(tracks)}
        />
        <ShuffleButton start={() => start()} />
        <FollowButton uri={uri} />
        <Menu
          label={t("track.more", { name })}
          items={() => [
            {
              label: t("radio.start"),
              icon: <Radio size={18} />,
              action: () => void playRadio("artist", id, name),
            },
            {
              label: t("track.share"),
              icon: <Link size={18} />,
              action: () => void share(`/artist/${id}`),
            },
          ]}
        />
      </div>
      {tracks.length > 0 && (
        <Section title={t("artist.popular")}>
          <TrackList
            label={t("artist.popular")}
            rows={tracks.map((track) => ({ key: track.id, track }))}
            source={source}
            columns={{ cover: true, album: true }}
          />
        </Section>
      )}
      {top.isLoading && !top.data && <Skeleton kind="rows" count={5} />}
      {GROUPS.map(([group, title]) => {
        const some = albums.filter((album) => (album.album_group ?? album.album_type) === group);
        if (some.length === 0) return null;
        return (
          <Section key={group} title={t(title)}>
            <Cards>
              {some.map((album) => (
                <AlbumCard
                  key={album.id}
                  album={album}
                  by={group === "appears_on" ? "artist" : "year"}
                />
              ))}
            </Cards>
          </Section>
        );
      })}
      {related.data && related.data.length > 0 && (
        <Section title={t("artist.related")}>
          <Shelf>
            {related.data.slice(0, 12).map((each) => (
              <ArtistCard key={each.id} artist={each} />
            ))}
          </Shelf>
        </Section>
      )}
    </div>
  );
}

function FollowButton({ uri }: { uri: string }) {
  useEffect(() => lookUp([uri]), [uri]);
  const following = isSaved(uri);
  return (
    <button class="button" aria-pressed={following} onClick={() => void toggle(uri)}>
      {t(following ? "artist.following" : "artist.follow")}
    </button>
  );
}

function newestCover(albums: SimpleAlbum[]) {
  return albums.find((album) => album.images.length > 0)?.images ?? [];
}
