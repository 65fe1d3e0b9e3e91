"""The catalogue's items as protocol buffers, for other services."""

from msgspec.structs import asdict

from functions.catalog import model
from functions.catalog.availability import common_markets, restriction_of
from shared.audience import ANYBODY
from shared.protos import catalog_pb2 as pb


def track(item: model.Track, album: model.Album, now: str) -> pb.Track:
    """`track_number` is as tagged: 0 where the file has none. `now` as in `availability`."""
    return pb.Track(
        id=item.id,
        name=item.name,
        artists=_artists(item.artists),
        album_id=item.album_id,
        disc_number=item.disc_number,
        track_number=item.track_number,
        duration_ms=item.duration_ms,
        explicit=item.explicit,
        isrc=item.isrc,
        media=_media(item),
        album_name=album.name,
        release_date=album.released.date,
        genres=item.genres,
        popularity=item.popularity,
        markets=common_markets(item.terms, album.terms),
        playable=restriction_of(item, album, ANYBODY, now) is None,
        owner=item.owner,
        upc=album.upc,
        album_artists=_artists(album.artists),
        cover_id=album.cover_id,
        features=pb.Features(**asdict(item.features)),
    )


def album(item: model.Album) -> pb.Album:
    """`release_date` may end after the year or the month; "0000" if it is not known."""
    return pb.Album(
        id=item.id,
        name=item.name,
        album_type=item.album_type.value,
        artists=_artists(item.artists),
        release_date=item.released.date,
        total_tracks=item.total_tracks,
        cover_id=item.cover_id,
        track_ids=[track.id for track in item.tracks],
        upc=item.upc,
        genres=item.genres,
        popularity=item.popularity,
        label=item.label,
        markets=item.terms.markets,
    )


def artist(item: model.Artist) -> pb.Artist:
    return pb.Artist(id=item.id, name=item.name, genres=item.genres, popularity=item.popularity)


def _media(item: model.Track) -> pb.Media | None:
    if item.media is None:
        return None
    return pb.Media(
        prefix=item.media.prefix,
        generation=item.generation,
        integrated_lufs=item.media.integrated_lufs,
        true_peak_db=item.media.true_peak_db,
        renditions=[pb.Rendition(**asdict(each)) for each in item.media.renditions],
        downloads=[pb.Download(**asdict(each)) for each in item.media.downloads],
    )


def _artists(artists: list[model.ArtistRef]) -> list[pb.ArtistRef]:
    return [pb.ArtistRef(id=artist.id, name=artist.name) for artist in artists]
