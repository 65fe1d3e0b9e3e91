"""The catalogue's items as Firestore documents.

An album's tracks lie packed in one field: a page about an album costs one read, and unpacking is
far cheaper than the client's decoding of nested fields. Some 10,000 tracks fit in a document.
"""

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from functions.catalog.albums import groups
from functions.catalog.model import Album, AlbumGroup, AlbumTrack, Artist, StoredTrack, Track
from functions.catalog.update import Mention, Update
from shared import ids
from shared.documents import from_document, to_document
from shared.events import Change

TRACKS = "tracks"
ALBUMS = "albums"
ARTISTS = "artists"
# By item type, where it is kept.
COLLECTIONS = {"track": TRACKS, "album": ALBUMS, "artist": ARTISTS}
# By person: whose tracks are not to be listed any more, and what that changed, until it is told.
ERASED_OWNERS = "erased-owners"


# As they are stored.
_DEFAULTS: dict[str, Any] = {
    field.name: msgspec.to_builtins(field.default)
    for field in msgspec.structs.fields(StoredTrack)
    if field.default is not msgspec.NODEFAULT
} | {"changes": []}


def track_document(update: Update) -> dict[str, Any] | None:
    return None if update.track is None else of_track(update.track, update.changes)


def of_track(track: Track, changes: Iterable[Change]) -> dict[str, Any]:
    document = _without(to_document(track), "id", "popularity")
    return document | {
        "changes": [to_document(change) for change in changes],
        "artist_ids": [artist.id for artist in track.artists],
        "listed": not track.taken_down_at,
    }


def of_imported(track: Track) -> dict[str, Any]:
    """A new document: what it leaves out is read as the model's defaults. They come in millions."""
    document = of_track(track, [])
    return {name: value for name, value in document.items() if value != _DEFAULTS.get(name, ...)}


def to_track(snapshot: Any) -> StoredTrack:
    """As it was written: what its owner says of it is not laid over it yet."""
    return from_document({**snapshot.to_dict(), "id": snapshot.id}, StoredTrack)


def album_document(album: Album) -> dict[str, Any]:
    return _without(to_document(album), "id", "popularity") | {
        "tracks": zlib.compress(msgspec.msgpack.encode(album.tracks)),
        "groups": keys_of(album),
        "listed": album.is_listed,
    }


def to_album(snapshot: Any) -> Album:
    document = snapshot.to_dict()
    tracks = msgspec.msgpack.decode(zlib.decompress(document.pop("tracks")), type=list[AlbumTrack])
    without_tracks = from_document({**document, "id": snapshot.id, "tracks": []}, Album)
    return msgspec.structs.replace(without_tracks, tracks=tracks)


def keys_of(album: Album) -> list[str]:
    """By what the album is found among an artist's; nothing while it is not listed."""
    if not album.is_listed:
        return []
    return sorted(group_key(group, artist) for artist, group in groups(album).items())


def group_key(group: AlbumGroup, artist_id: str) -> str:
    return f"{group.value}:{artist_id}"


def to_artist(snapshot: Any) -> Artist | None:
    """None once nobody names the artist any more, unless an import said who they are."""
    document = snapshot.to_dict()
    popularity = document.get("popularity", 0)
    if stated := document.get("stated"):
        return Artist(snapshot.id, stated["name"], stated["genres"], popularity)
    names = _most_frequent_first(document.get("names", {}))
    genres = _most_frequent_first(document.get("genres", {}))
    return Artist(snapshot.id, names[0], genres, popularity) if names else None


def counts_of(mentions: Mapping[Mention, int]) -> dict[str, dict[str, Any]]:
    """By artist, what is to be added to its document. Keys are ids: any text is a field name."""
    from google.cloud.firestore import Increment

    documents: dict[str, dict[str, Any]] = {}
    for mention, count in mentions.items():
        field = documents.setdefault(mention.artist_id, {}).setdefault(mention.field, {})
        field[ids.derive("text", mention.text)] = {"text": mention.text, "count": Increment(count)}
    return documents


def text_of(change: Change) -> str:
    return f"{change.type}:{change.id}"


def change_of(text: str) -> Change:
    return Change(*text.split(":", 1))


def _most_frequent_first(counted: Mapping[str, Mapping[str, Any]]) -> list[str]:
    present = [(-each["count"], each["text"]) for each in counted.values() if each["count"] > 0]
    return [text for _, text in sorted(present)]


def _without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}
