"""What a person thinks of tracks and artists, kept beside their mixes and applied to them."""

from collections.abc import Mapping, Sequence

from functions.recommendations.model import MOST_OPINIONS, Mix, MixTrack, Opinion, Said, UserMixes
from functions.recommendations.retry import retried
from functions.recommendations.store import Documents, mixes_path
from shared.documents import from_document
from shared.errors import Forbidden
from shared.firestore import Stored
from shared.uris import Uri

# Of whom a person wants less, one track in a mix is left.
_LESS = 1

Opinions = Mapping[str, Opinion]


def key_of(uri: Uri) -> str:
    return f"{uri.type}:{uri.id}"


def user_mixes(stored: Stored | None) -> UserMixes:
    """What a document holds; nothing at all where there is none."""
    return UserMixes() if stored is None else from_document(dict(stored.data), UserMixes)


async def remember(documents: Documents, user: str, uri: Uri, opinion: Opinion | None) -> None:
    """`None` forgets what was said; raises `Forbidden` where the person is forgotten."""
    path = mixes_path(user)

    async def attempt() -> None:
        stored = (await documents.read([path])).get(path)
        known = user_mixes(stored)
        if known.erased:
            raise Forbidden("This account has been erased")
        said = [each for each in known.said if each.of != key_of(uri)]
        if opinion is not None:
            said.append(Said(key_of(uri), opinion))
        said = said[-MOST_OPINIONS:]
        if said != known.said or stored is None:
            plain = [{"of": each.of, "opinion": each.opinion.value} for each in said]
            await documents.write(path, {"said": plain}, stored.version if stored else None)

    await retried(attempt)


def is_hidden(track_id: str, artists: Sequence[str], opinions: Opinions) -> bool:
    """A track that is wanted less of is not shown, either: it is what the person pointed at."""
    return opinions.get(f"track:{track_id}", Opinion.more) is not Opinion.more or any(
        opinions.get(f"artist:{artist}") is Opinion.hide for artist in artists
    )


def is_wanted(track_id: str, artists: Sequence[str], opinions: Opinions) -> bool:
    """Whether the person has asked for more of it, or of one of its artists."""
    return opinions.get(f"track:{track_id}") is Opinion.more or any(
        opinions.get(f"artist:{artist}") is Opinion.more for artist in artists
    )


def none_of(opinions: Opinions) -> list[str]:
    """What is not to be shown at all, as `type:id`."""
    return [
        key
        for key, opinion in opinions.items()
        if opinion is Opinion.hide or (opinion is Opinion.less and key.startswith("track:"))
    ]


def more_of(opinions: Opinions) -> list[str]:
    """What the person has asked for more of, as `type:id`, the newest first."""
    return [key for key, opinion in opinions.items() if opinion is Opinion.more][::-1]


def shown(mix: Mix, opinions: Opinions, *, explicit_filter: bool = False) -> list[MixTrack]:
    """The tracks of a mix that its person is to see, in their order.

    With `explicit_filter` none that may be explicit.
    """
    found: list[MixTrack] = []
    heard: dict[str, int] = {}
    for track in mix.tracks:
        is_filtered = explicit_filter and track.explicit
        if is_filtered or is_hidden(track.id, track.artists, opinions):
            continue
        fewer = [each for each in track.artists if opinions.get(f"artist:{each}") is Opinion.less]
        if any(heard.get(artist, 0) >= _LESS for artist in fewer):
            continue
        for artist in fewer:
            heard[artist] = heard.get(artist, 0) + 1
        found.append(track)
        if len(found) == mix.size:
            break
    return found
