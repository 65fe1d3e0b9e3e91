"""What a file's tags say, made into a track. Tags are written by hand: anything may be in them."""

import datetime
import re
from collections.abc import Iterable

from functions.catalog import names
from functions.catalog.model import (
    UNKNOWN_DATE,
    AlbumTags,
    DatePrecision,
    Media,
    ReleaseDate,
    Track,
)
from shared.events import MediaReady

UNTITLED = "Untitled"

_DATE = re.compile(r"(\d{4})(?:[-./]?(\d{2})(?:[-./]?(\d{2}))?)?(?!\d)", re.ASCII)


def track_of(event: MediaReady) -> Track:
    """The track that an encoded upload is, and the album that its tags put it on."""
    title = _plain(event.title) or UNTITLED
    artists = names.artists(event.artists) or [names.artist(names.UNKNOWN_ARTIST)]
    album_artists = names.artists(event.album_artists)
    album_id = names.album_id(
        owner=event.owner,
        title=event.album,
        album_artists=album_artists,
        compilation=event.compilation,
        group=event.group,
        first_artist=artists[0],
        track_id=event.track_id,
    )
    return Track(
        id=event.track_id,
        owner=event.owner,
        upload_id=event.upload_id,
        generation=event.generation,
        name=title,
        artists=artists,
        album_id=album_id,
        album=AlbumTags(
            title=_plain(event.album) or title,
            artists=album_artists,
            compilation=event.compilation,
            released=release_date(event.release_date),
            upc=event.upc,
            label=event.label,
            copyright=event.copyright,
            cover_id=event.cover_id,
        ),
        disc_number=max(1, event.disc_number),
        track_number=max(0, event.track_number),
        duration_ms=event.duration_ms,
        explicit=event.explicit,
        genres=genres(event.genres),
        isrc=isrc(event.isrc),
        media=Media(
            prefix=event.prefix,
            integrated_lufs=event.integrated_lufs,
            true_peak_db=event.true_peak_db,
            renditions=event.renditions,
            downloads=event.downloads,
        ),
        features=event.features,
    )


def release_date(text: str) -> ReleaseDate:
    """As much of a date as the text begins with: `1969`, `1969-09`, `1969-09-26T00`, `19690926`."""
    match = _DATE.match(text.strip())
    if match is None:
        return UNKNOWN_DATE
    year, month, day = (int(part or 0) for part in match.groups())
    if _exists(year, month, day):
        return ReleaseDate(f"{year:04}-{month:02}-{day:02}", DatePrecision.day)
    if _exists(year, month, 1):
        return ReleaseDate(f"{year:04}-{month:02}", DatePrecision.month)
    if _exists(year, 1, 1):
        return ReleaseDate(f"{year:04}", DatePrecision.year)
    return UNKNOWN_DATE


def _exists(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def isrc(text: str) -> str:
    """As registries write it: no hyphens, capitals."""
    return re.sub(r"[\s-]", "", text).upper()


def genres(tagged: Iterable[str]) -> list[str]:
    """Each once, in order, in lower case as the Web API writes genres."""
    return [genre for genre in dict.fromkeys(names.folded(text) for text in tagged) if genre]


def _plain(text: str) -> str:
    return " ".join(text.split())
