import msgspec
import pytest

from functions.playback.errors import Refused
from functions.playback.players.starting import Offset, PlayRequest
from shared import ids
from shared.documents import to_document
from shared.errors import BadRequest, NotFound
from tests.unit.functions.playback.players.fakes import (
    ANNA,
    DURATION_MS,
    World,
    track,
    track_id,
)


def uri(name: str) -> str:
    return f"spotify:track:{track_id(name)}"


async def play(world: World, **asked: object) -> None:
    await world.starter.play(ANNA, "kitchen", msgspec.convert(asked, PlayRequest))


async def test_an_album_from_its_beginning(world: World, album: str) -> None:
    await play(world, context_uri=album)

    assert world.playing == "a"
    assert (world.player.device_id, world.player.is_playing) == ("kitchen", True)


@pytest.mark.parametrize("offset", [{"position": 2}, {"uri": uri("c")}])
async def test_from_within(world: World, album: str, offset: dict[str, object]) -> None:
    await play(world, context_uri=album, offset=offset, position_ms=4_000)

    assert (world.playing, world.player.position_ms) == ("c", 4_000)


async def test_a_place_behind_the_end_is_the_next_track(world: World, album: str) -> None:
    await play(world, context_uri=album, position_ms=DURATION_MS)

    assert (world.playing, world.player.position_ms) == ("b", 0)


async def test_tracks_one_by_one(world: World) -> None:
    world.catalog.add(*(track(name) for name in "xyz"))
    await play(world, uris=[uri("z"), uri("x")])
    assert world.playing == "z"

    await world.commands.next(ANNA, "")

    assert world.playing == "x"
    assert world.player.source.uri == ""


async def test_with_shuffle_an_offset_comes_first_and_all_the_others_after(
    world: World, album: str
) -> None:
    await world.commands.shuffle(ANNA, "kitchen", on=True)
    await play(world, context_uri=album, offset={"position": 3})
    heard = world.playing
    for _ in range(4):
        await world.commands.next(ANNA, "")
        heard += world.playing

    assert heard[0] == "d"
    assert sorted(heard) == list("abcde")


async def test_with_shuffle_it_does_not_always_begin_with_the_first(
    world: World, album: str
) -> None:
    await world.commands.shuffle(ANNA, "kitchen", on=True)
    beginnings = set()
    for _ in range(20):
        await play(world, context_uri=album)
        beginnings.add(world.playing)

    assert len(beginnings) > 2


async def test_what_was_queued_stays(world: World, album: str) -> None:
    world.catalog.add(track("x"))
    await world.commands.enqueue(ANNA, "kitchen", track_id("x"))
    await play(world, context_uri=album)

    await world.commands.next(ANNA, "")

    assert world.playing == "x"


async def test_a_playlist_passes_over_what_is_no_track(world: World) -> None:
    world.catalog.add(track("a"), track("b"))
    playlist_id = ids.derive("playlist", "p")
    world.library.playlists[playlist_id] = ["spotify:local:::song:1", uri("b"), uri("a")]

    await play(world, context_uri=f"spotify:playlist:{playlist_id}")

    assert world.playing == "b"


@pytest.mark.parametrize("context", ["spotify:collection", "spotify:user:anna:collection"])
async def test_saved_tracks(world: World, context: str) -> None:
    world.catalog.add(track("a"))
    world.library.saved["anna"] = [uri("a")]

    await play(world, context_uri=context)

    assert world.playing == "a"


async def test_an_artist(world: World) -> None:
    world.catalog.add(track("a", "A"), track("b", "B"), track("c", "A"))

    await play(world, context_uri=f"spotify:artist:{ids.derive('artist', 'A')}")
    await world.commands.next(ANNA, "")

    assert world.playing == "c"


async def test_a_long_playlist_keeps_the_player_small(world: World) -> None:
    names = [str(at) for at in range(10_000)]
    world.catalog.add(*(track(name, str(at % 50)) for at, name in enumerate(names)))
    playlist_id = ids.derive("playlist", "long")
    world.library.playlists[playlist_id] = [uri(name) for name in names]
    await world.commands.shuffle(ANNA, "kitchen", on=True)

    await play(world, context_uri=f"spotify:playlist:{playlist_id}", offset={"position": 9_000})
    await world.commands.next(ANNA, "")

    assert len(msgspec.json.encode(to_document(world.player))) < 2_000


async def test_a_playlist_that_is_edited_goes_on_from_its_track(world: World) -> None:
    world.catalog.add(*(track(name) for name in "abcdx"))
    playlist_id = ids.derive("playlist", "p")
    world.library.playlists[playlist_id] = [uri(name) for name in "abcd"]
    await play(world, context_uri=f"spotify:playlist:{playlist_id}", offset={"position": 1})

    world.library.playlists[playlist_id] = [uri(name) for name in "xabcd"]
    world.after(60_000)
    await world.commands.next(ANNA, "")

    assert world.playing == "c"


@pytest.mark.parametrize(
    "asked",
    [
        {"context_uri": "spotify:album:nonsense"},
        {"context_uri": "spotify:track:" + track_id("a")},
        {"context_uri": "spotify:show:" + track_id("a")},
        {"context_uri": "nonsense"},
        {"uris": []},
        {"uris": ["spotify:album:" + track_id("a")]},
        {"uris": [uri("a")], "context_uri": "spotify:collection"},
        {"uris": [uri("a")], "position_ms": -1},
        {"uris": [uri("a")], "offset": {"position": -1}},
        {"uris": [uri("a")], "offset": {"position": 0, "uri": uri("a")}},
        {"uris": [uri("a")] * 10_001},
    ],
)
async def test_what_makes_no_sense(world: World, asked: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        await play(world, **asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"context_uri": "spotify:album:" + ids.derive("album", "unknown")},
        {"context_uri": "spotify:artist:" + ids.derive("artist", "unknown")},
        {"context_uri": "spotify:playlist:" + ids.derive("playlist", "unknown")},
        {"context_uri": "spotify:user:berta:collection"},
        {"context_uri": "spotify:collection"},
        {"uris": [uri("unknown")]},
        {"uris": [uri("a")], "offset": {"position": 1}},
        {"uris": [uri("a")], "offset": {"uri": uri("b")}},
    ],
)
async def test_what_is_not_there(world: World, asked: dict[str, object]) -> None:
    world.catalog.add(track("a"))

    with pytest.raises((NotFound, Refused)) as refused:
        await play(world, **asked)

    assert refused.value.status == 404
    assert "anna" not in world.players.players


async def test_nothing_given_goes_on(world: World, album: str) -> None:
    await play(world, context_uri=album)
    await world.commands.pause(ANNA, "")

    await world.starter.play(ANNA, "", PlayRequest(offset=Offset()))

    assert world.player.is_playing
