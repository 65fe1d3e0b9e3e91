import { Heart, Library as LibraryIcon, Plus } from "lucide-preact";
import { useState } from "preact/hooks";

import * as api from "../api/library";
import { navigate } from "../app/router";
import { isArtist } from "../auth/session";
import { t } from "../i18n";
import { create, playlists } from "../library/playlists";
import { AlbumCard, ArtistCard, Cards, PlaylistCard } from "../ui/cards";
import { Failure } from "../ui/failure";
import { Notice } from "../ui/notice";
import { Skeleton } from "../ui/parts";
import { useResource } from "../ui/resource";
import { useTitle } from "./title";

const FILTERS = ["all", "playlists", "albums", "artists"] as const;
type Filter = (typeof FILTERS)[number];

export function Library() {
  const [filter, setFilter] = useState<Filter>("all");
  const albums = useResource("library/albums", async () => (await api.savedAlbums(0, 50)).items);
  const artists = useResource("library/artists", async () => (await api.followedArtists()).items);
  useTitle(t("library.title"));
  const shows = (kind: Filter): boolean => filter === "all" || filter === kind;
  const isLoading = albums.isLoading && !albums.data;
  const nothing =
    playlists.value.length + (albums.data?.length ?? 0) + (artists.data?.length ?? 0) === 0;
  const error = albums.data ? undefined : albums.error;
  return (
    <div class="page">
      <div class="title-row">
        <h1>{t("library.title")}</h1>
        <button class="button" onClick={() => void createAndShow()}>
          <Plus size={18} aria-hidden="true" />
          {t("library.new")}
        </button>
      </div>
      <div class="chips" role="group" aria-label={t("library.title")}>
        {FILTERS.map((each) => (
          <button
            key={each}
            class="chip"
            aria-pressed={filter === each}
            onClick={() => setFilter(each)}
          >
            {t(`library.${each}`)}
          </button>
        ))}
      </div>
      <div class="links">
        <a class="liked-link" href="/collection/tracks">
          <span class="cover liked" aria-hidden="true">
            <Heart size={22} fill="currentColor" />
          </span>
          <span class="name">{t("library.liked")}</span>
        </a>
        <a class="button phone-only" href="/downloads">
          {t("nav.downloads")}
        </a>
        {isArtist.value && (
          <a class="button phone-only" href="/studio">
            {t("nav.studio")}
          </a>
        )}
      </div>
      {isLoading && <Skeleton kind="cards" />}
      {error && <Failure error={error} again={albums.again} />}
      <Cards>
        {shows("playlists") &&
          playlists.value.map((each) => <PlaylistCard key={each.id} playlist={each} />)}
        {shows("albums") &&
          albums.data?.map(({ album }) => <AlbumCard key={album.id} album={album} />)}
        {shows("artists") &&
          artists.data?.map((artist) => <ArtistCard key={artist.id} artist={artist} />)}
      </Cards>
      {nothing && !isLoading && !error && (
        <Notice
          icon={<LibraryIcon />}
          title={t("library.empty")}
          text={t("library.empty.text")}
        >
          <a class="button main" href="/search">
            {t("library.find")}
          </a>
        </Notice>
      )}
    </div>
  );
}

async function createAndShow(): Promise<void> {
  const id = await create();
  if (id !== undefined) navigate(`/playlist/${id}`);
}
