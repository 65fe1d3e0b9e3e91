"""What a new state of one track, or its end, changes in the catalogue, worked out without I/O.

Artists are kept as counts of who names them how: counts can be added to without reading them, so
any number of tracks may name one artist at once, and an artist that nobody names any more is gone.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace

from functions.catalog.albums import assemble
from functions.catalog.edits import edited
from functions.catalog.model import Album, AlbumFacts, AlbumTrack, Track
from shared.events import Change


class Mention(NamedTuple):
    """One mention of an artist: under a name (`field` "names") or with a genre ("genres")."""

    artist_id: str
    field: str
    text: str


@dataclass(frozen=True)
class Update:
    """What is to be written, all of it or nothing.

    `track`: the new state; None: the track goes. `albums`: the new state by album id; None: the
    album has lost its last track. `mentions`: how many mentions of each artist there are more (or
    fewer) than before. `changes`: all that a reader of the catalogue may now see differently.
    """

    track_id: str
    track: Track | None
    albums: dict[str, Album | None]
    mentions: dict[Mention, int]
    changes: list[Change]


def albums_of(track: Track, previous: Track | None) -> set[str]:
    """The albums that `plan` has to know."""
    return {track.album_id} | ({previous.album_id} if previous else set())


def plan(track: Track, previous: Track | None, albums: Mapping[str, Album]) -> Update:
    """Puts a newly encoded `track` in the place of `previous`, whose owner's word stays.

    `albums`: those of `albums_of` that exist.
    """
    if previous is not None:
        track = replace(track, edit=previous.edit, taken_down_at=previous.taken_down_at)
    return _plan(track.id, track, previous, albums)


def revision(track: Track, previous: Track, albums: Mapping[str, Album]) -> Update:
    """Puts what its owner made of a track in its place. `albums`: its album, if that exists."""
    return _plan(track.id, track, previous, albums)


def removal(previous: Track, albums: Mapping[str, Album]) -> Update:
    """Puts nothing in the place of `previous`. `albums`: its album, if that exists."""
    return _plan(previous.id, None, previous, albums)


def album_revision(album: Album) -> Album:
    """The album once what its owner says of it has changed."""
    revised = assemble(album.id, album.tracks, album)
    return album if revised is None else revised


def _plan(
    track_id: str, track: Track | None, previous: Track | None, albums: Mapping[str, Album]
) -> Update:
    shown = shown_as(track)
    written: dict[str, Album | None] = {}
    mentions = _mentions_of_track(shown)
    mentions.subtract(_mentions_of_track(shown_as(previous)))
    for album_id in sorted({each.album_id for each in (track, previous) if each}):
        before = albums.get(album_id)
        others = [each for each in before.tracks if each.id != track_id] if before else []
        listed = [listing(shown)] if shown and album_id == shown.album_id else []
        after = _assembled(album_id, [*others, *listed], before, track)
        written[album_id] = after
        mentions.update(_mentions_of_album(after))
        mentions.subtract(_mentions_of_album(before))
    return Update(
        track_id=track_id,
        track=track,
        albums=written,
        mentions={mention: count for mention, count in mentions.items() if count},
        changes=_changes(track_id, written, mentions),
    )


def shown_as(track: Track | None) -> Track | None:
    """As its owner wants it shown; None if that is not at all."""
    return None if track is None or track.taken_down_at else edited(track)


def _assembled(
    album_id: str, tracks: list[AlbumTrack], before: Album | None, track: Track | None
) -> Album | None:
    stays = track is not None and track.album_id == album_id
    if not stays and not tracks and before is not None and before.owner:
        # What its owner said of it goes with the last track.
        before = None
    after = assemble(album_id, tracks, before)
    return replace(after, owner=track.owner) if after and track else after


def listing(track: Track) -> AlbumTrack:
    """As its album lists it."""
    return AlbumTrack(**{name: getattr(track, name) for name in AlbumTrack.__struct_fields__})


def _mentions_of_track(track: Track | None) -> Counter[Mention]:
    if track is None or track.imported:
        return Counter()
    return Counter(
        mention
        for artist in track.artists
        for mention in (
            Mention(artist.id, "names", artist.name),
            *(Mention(artist.id, "genres", genre) for genre in track.genres),
        )
    )


def _mentions_of_album(album: Album | None) -> Counter[Mention]:
    """None where an import says whose the album is."""
    counts = album is not None and album.tracks and album.stated == AlbumFacts()
    artists = album.artists if album and counts else []
    return Counter(Mention(artist.id, "names", artist.name) for artist in artists)


def _changes(
    track_id: str, albums: Mapping[str, Album | None], mentions: Mapping[Mention, int]
) -> list[Change]:
    """`mentions` names every artist from before and after, those that stay the same included."""
    artist_ids = sorted({mention.artist_id for mention in mentions})
    return [
        Change("track", track_id),
        *(Change("album", album_id) for album_id in sorted(albums)),
        *(Change("artist", artist_id) for artist_id in artist_ids),
    ]
