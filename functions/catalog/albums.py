"""How tracks make an album: a pure function of the tracks, whatever order they came in."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from functions.catalog.edits import album_with, filled
from functions.catalog.model import (
    UNKNOWN_DATE,
    Album,
    AlbumFacts,
    AlbumGroup,
    AlbumTags,
    AlbumTrack,
    AlbumType,
    ArtistRef,
)
from functions.catalog.names import VARIOUS_ARTISTS, folded

# What the Web API calls a single: singles proper and EPs.
_SINGLE_MOST_TRACKS = 6
_SINGLE_UNDER_MS = 30 * 60 * 1000

T = TypeVar("T")


def assemble(
    album_id: str, tracks: Iterable[AlbumTrack], before: Album | None = None
) -> Album | None:
    """The album that these tracks make; None of no tracks, unless somebody said what it is.

    Where tracks disagree on the album, what most of them say holds. What tracks cannot say is
    taken from `before`.
    """
    ordered = sorted(tracks, key=_playing_order)
    stated = before.stated if before else AlbumFacts()
    edit = before.edit if before else AlbumFacts()
    says_nothing = stated == edit == AlbumFacts() and not (before and before.taken_down_at)
    if not ordered and says_nothing:
        return None

    def agreed(field: Callable[[AlbumTags], T], unknown: T) -> T:
        return _prevailing((field(track.album) for track in ordered), unknown)

    artists = stated.artists or _artists(ordered)
    album = Album(
        id=album_id,
        name=agreed(lambda tags: tags.title, ""),
        album_type=_type(ordered, artists),
        artists=artists,
        released=agreed(lambda tags: tags.released, UNKNOWN_DATE),
        upc=agreed(lambda tags: tags.upc, ""),
        label=agreed(lambda tags: tags.label, ""),
        copyright=agreed(lambda tags: tags.copyright, ""),
        cover_id=next((track.album.cover_id for track in ordered if track.album.cover_id), ""),
        genres=_by_frequency(genre for track in ordered for genre in track.genres),
        total_tracks=len(ordered),
        total_discs=max((track.disc_number for track in ordered), default=1),
        tracks=ordered,
        owner=before.owner if before else "",
        stated=stated,
        edit=edit,
        taken_down_at=before.taken_down_at if before else "",
        popularity=before.popularity if before else 0,
    )
    return album_with(album, filled(stated, edit))


def nothing_yet(album_id: str) -> Album:
    """What there is before anybody has said anything of an album."""
    return Album(
        id=album_id,
        name="",
        album_type=AlbumType.album,
        artists=[],
        released=UNKNOWN_DATE,
        upc="",
        label="",
        copyright="",
        cover_id="",
        genres=[],
        total_tracks=0,
        total_discs=1,
        tracks=[],
    )


def shown_numbers(tracks: Sequence[AlbumTrack]) -> list[int]:
    """The track number to show for each of an album's tracks, which are in playing order.

    A track without a number follows the numbered ones of its disc and goes on counting, so that
    clients that sort by number get our order.
    """
    numbers: list[int] = []
    highest: dict[int, int] = {}
    for track in tracks:
        before = highest.get(track.disc_number, 0)
        number = track.track_number or before + 1
        highest[track.disc_number] = max(before, number)
        numbers.append(number)
    return numbers


def groups(album: Album) -> dict[str, AlbumGroup]:
    """How each artist of the album and of its tracks is related to it, by artist id."""
    found = {artist.id: AlbumGroup.appears_on for track in album.tracks for artist in track.artists}
    found |= {artist.id: AlbumGroup(album.album_type.value) for artist in album.artists}
    return found


def _playing_order(track: AlbumTrack) -> tuple[int, bool, int, str, str]:
    return (
        track.disc_number,
        track.track_number == 0,
        track.track_number,
        folded(track.name),
        track.id,
    )


def _artists(ordered: Sequence[AlbumTrack]) -> list[ArtistRef]:
    """Those that the tags name; else those who are on every track; else various."""
    tagged = _prevailing((tuple(track.album.artists) for track in ordered), ())
    if tagged:
        return list(tagged)
    if not ordered:
        return [VARIOUS_ARTISTS]
    everywhere = set.intersection(*({artist.id for artist in track.artists} for track in ordered))
    common = [artist for artist in ordered[0].artists if artist.id in everywhere]
    return common or [VARIOUS_ARTISTS]


def _type(ordered: Sequence[AlbumTrack], artists: list[ArtistRef]) -> AlbumType:
    if artists == [VARIOUS_ARTISTS] or any(track.album.compilation for track in ordered):
        return AlbumType.compilation
    is_short = sum(track.duration_ms for track in ordered) < _SINGLE_UNDER_MS
    if is_short and len(ordered) <= _SINGLE_MOST_TRACKS:
        return AlbumType.single
    return AlbumType.album


def _prevailing(values: Iterable[T], unknown: T) -> T:
    """The most frequent of the known values; of equals, the first."""
    ranking = Counter(value for value in values if value != unknown).most_common(1)
    return ranking[0][0] if ranking else unknown


def _by_frequency(values: Iterable[T]) -> list[T]:
    return [value for value, _ in Counter(values).most_common()]
