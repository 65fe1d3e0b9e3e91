import type { Artist, SearchAnswer, Track } from "../api/types";
import { t } from "../i18n";
import { playArtist } from "../player/sources";
import { AlbumCard, ArtistCard, Card, Cards, PlaylistCard } from "../ui/cards";
import { Section } from "../ui/parts";
import { TrackList } from "../ui/tracks";

const SONGS = 8;
const CARDS = 6;

interface Props {
  answer: SearchAnswer;
  /** Something of it was of use. */
  chosen: () => void;
}

export function Results({ answer, chosen }: Props) {
  const tracks = answer.tracks?.items ?? [];
  const artists = answer.artists?.items ?? [];
  const albums = answer.albums?.items ?? [];
  const playlists = (answer.playlists?.items ?? []).filter((each) => each !== null);
  const [best] = artists;
  return (
    <div class="results" onClickCapture={chosen}>
      <div class={best && tracks.length > 0 ? "best" : ""}>
        {best && tracks.length > 0 && <Best artist={best} />}
        {tracks.length > 0 && <Songs tracks={tracks.slice(0, SONGS)} />}
      </div>
      {artists.length > (tracks.length > 0 ? 1 : 0) && (
        <Section title={t("search.artists")}>
          <Cards>
            {artists.slice(tracks.length > 0 ? 1 : 0, CARDS + 1).map((artist) => (
              <ArtistCard key={artist.id} artist={artist} />
            ))}
          </Cards>
        </Section>
      )}
      {albums.length > 0 && (
        <Section title={t("search.albums")}>
          <Cards>
            {albums.slice(0, CARDS).map((album) => (
              <AlbumCard key={album.id} album={album} />
            ))}
          </Cards>
        </Section>
      )}
      {playlists.length > 0 && (
        <Section title={t("search.playlists")}>
          <Cards>
            {playlists.slice(0, CARDS).map((playlist) => (
              <PlaylistCard key={playlist.id} playlist={playlist} />
            ))}
          </Cards>
        </Section>
      )}
    </div>
  );
}

function Best({ artist }: { artist: Artist }) {
  return (
    <Section title={t("search.artists")}>
      <Card
        href={`/artist/${artist.id}`}
        name={artist.name}
        uri={artist.uri}
        images={artist.images}
        kind="artist"
        below={t("artist.artist")}
        start={() => void playArtist(artist.id)}
      />
    </Section>
  );
}

function Songs({ tracks }: { tracks: Track[] }) {
  return (
    <Section title={t("search.songs")}>
      <TrackList
        label={t("search.songs")}
        rows={tracks.map((track) => ({ key: track.id, track }))}
        source={{ context: null, name: t("search.title") }}
        columns={{ cover: true }}
      />
    </Section>
  );
}
