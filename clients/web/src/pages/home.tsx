import { Music2 } from "lucide-preact";

import { featured, newReleases } from "../api/catalog";
import { savedAlbums } from "../api/library";
import { mixes } from "../api/mixes";
import { recentlyPlayed } from "../api/player";
import type { SimpleAlbum } from "../api/types";
import { isArtist, me } from "../auth/session";
import { later } from "../app/later";
import { t } from "../i18n";
import { playlists } from "../library/playlists";
import { AlbumCard, Cards, MixCard, PlaylistCard, Shelf } from "../ui/cards";
import { Failure } from "../ui/failure";
import { Notice } from "../ui/notice";
import { Section, Skeleton } from "../ui/parts";
import { useResource } from "../ui/resource";

const SHOWN = 12;

// Only for who is new.
const Taste = later(
  () => import("../app/rest").then((rest) => rest.Taste),
  () => null,
);

export function Home() {
  const fresh = useResource("home/new", () => newReleases(me.value?.country));
  const recent = useResource("home/recent", recentAlbums);
  const made = useResource("home/mixes", mixes);
  const offered = useResource("home/featured", featured);
  const saved = useResource("library/albums", async () => (await savedAlbums(0, 20)).items);
  const nothing = !fresh.isLoading && fresh.data?.length === 0;
  return (
    <div class="page home">
      <h1>{greeting()}</h1>
      {recent.data?.length === 0 && fresh.data && fresh.data.length > 0 && (
        <Taste releases={fresh.data} />
      )}
      {made.data && made.data.length > 0 && (
        <Section title={t("home.mixes")}>
          <Shelf>
            {made.data.map((mix) => (
              <MixCard key={mix.id} mix={mix} />
            ))}
          </Shelf>
        </Section>
      )}
      {recent.data && recent.data.length > 0 && (
        <Section title={t("home.recent")}>
          <Shelf>
            {recent.data.map((album) => (
              <AlbumCard key={album.id} album={album} />
            ))}
          </Shelf>
        </Section>
      )}
      {fresh.data && fresh.data.length > 0 && (
        <Section title={t("home.new")}>
          <Cards>
            {fresh.data.map((album) => (
              <AlbumCard key={album.id} album={album} />
            ))}
          </Cards>
        </Section>
      )}
      {fresh.isLoading && !fresh.data && <Skeleton kind="cards" />}
      {fresh.error && !fresh.data && <Failure error={fresh.error} again={fresh.again} />}
      {nothing && (
        <Notice icon={<Music2 />} title={t("home.empty.title")} text={t("home.empty.text")}>
          {isArtist.value && (
            <a class="button main" href="/studio">
              {t("studio.upload")}
            </a>
          )}
        </Notice>
      )}
      {playlists.value.length > 0 && (
        <Section title={t("home.playlists")}>
          <Shelf>
            {playlists.value.slice(0, SHOWN).map((playlist) => (
              <PlaylistCard key={playlist.id} playlist={playlist} />
            ))}
          </Shelf>
        </Section>
      )}
      {offered.data && offered.data.length > 0 && (
        <Section title={t("home.featured")}>
          <Shelf>
            {offered.data.map((playlist) => (
              <PlaylistCard key={playlist.id} playlist={playlist} />
            ))}
          </Shelf>
        </Section>
      )}
      {saved.data && saved.data.length > 0 && (
        <Section title={t("home.albums")}>
          <Shelf>
            {saved.data.map(({ album }) => (
              <AlbumCard key={album.id} album={album} />
            ))}
          </Shelf>
        </Section>
      )}
    </div>
  );
}

/** The albums of what was played lately, each once. */
async function recentAlbums(): Promise<SimpleAlbum[]> {
  const { items } = await recentlyPlayed(50);
  const albums = new Map(items.map(({ track }) => [track.album.id, track.album]));
  return [...albums.values()].slice(0, SHOWN);
}

function greeting(): string {
  const hour = new Date().getHours();
  if (hour >= 5 && hour < 12) return t("home.morning");
  return t(hour >= 12 && hour < 18 ? "home.afternoon" : "home.evening");
}
