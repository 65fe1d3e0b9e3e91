"""Players on Google's Firestore emulator."""

import asyncio
import secrets

import pytest

from functions.playback.devices.registry import Registration, Registry
from functions.playback.players.changes import Changes
from functions.playback.players.commands import Commands
from functions.playback.players.contexts import Contexts
from functions.playback.players.model import Player
from functions.playback.players.starting import PlayRequest, Starter
from functions.playback.players.store import FirestorePlayers, Written
from functions.playback.streams.sessions import Sessions
from shared.errors import Forbidden
from shared.firestore import Conflict
from tests.unit.functions.playback.players.fakes import (
    ANNA,
    FakeCatalog,
    FakeLibrary,
    device,
    track,
    track_id,
)


@pytest.fixture
def players(firestore_emulator: str, project: str) -> FirestorePlayers:
    """Empty: each test has a database of its own."""
    return FirestorePlayers(project, f"test-{secrets.token_hex(4)}")


@pytest.fixture
def changes(players: FirestorePlayers) -> Changes:
    return Changes(players)


@pytest.fixture
def catalog() -> FakeCatalog:
    catalog = FakeCatalog()
    catalog.add(*(track(name) for name in "abcde"))
    return catalog


@pytest.fixture
def commands(changes: Changes, catalog: FakeCatalog) -> Commands:
    return Commands(changes, Contexts(catalog, FakeLibrary(), changes.players.list_of))


@pytest.fixture
async def starter(changes: Changes, catalog: FakeCatalog, commands: Commands) -> Starter:
    """The kitchen is there."""
    await Registry(changes).register(ANNA, "kitchen", Registration("Kitchen", "speaker"))
    return Starter(changes, Contexts(catalog, FakeLibrary(), changes.players.list_of), commands)


def uris(names: str) -> list[str]:
    return [f"spotify:track:{track_id(name)}" for name in names]


async def test_nobody_has_a_player_at_first(players: FirestorePlayers) -> None:
    room = await players.room("anna")

    assert (room.player, room.devices, room.read_at) == (Player(), {}, None)


async def test_what_is_written_is_read(players: FirestorePlayers) -> None:
    player = Player(version=3, queue=[track_id("a")], shuffle=True, seed=2**63 - 1)
    kitchen = device("kitchen", volume=7)

    await players.write("anna", player, await players.room("anna"), Written(devices=[kitchen]))

    room = await players.room("anna")
    assert room.player == player
    assert room.devices == {"kitchen": kitchen}


async def test_only_one_of_two_writes_holds(players: FirestorePlayers) -> None:
    for at in range(2):
        before = await players.room("anna")
        await players.write("anna", Player(version=2 * at + 1), before, Written())
        with pytest.raises(Conflict):
            await players.write(
                "anna", Player(version=99), before, Written(devices=[device("late")])
            )

    room = await players.room("anna")
    assert room.player.version == 3
    assert room.devices == {}


async def test_a_list_is_kept_as_long_as_it_is_played(
    players: FirestorePlayers, starter: Starter, commands: Commands
) -> None:
    await starter.play(ANNA, "kitchen", PlayRequest(uris=uris("abc")))
    first = (await players.room("anna")).player.source.list_id
    assert await players.list_of("anna", first) == tuple(track_id(each) for each in "abc")
    await commands.next(ANNA, "")
    assert await players.list_of("anna", first)

    await starter.play(ANNA, "kitchen", PlayRequest(uris=uris("de")))

    assert await players.list_of("anna", first) == ()
    await commands.next(ANNA, "")
    entry = (await players.room("anna")).player.entry
    assert entry is not None
    assert entry.track_id == track_id("e")


async def test_ten_thousand_tracks_fit(
    players: FirestorePlayers, starter: Starter, catalog: FakeCatalog
) -> None:
    names = [str(at) for at in range(10_000)]
    catalog.add(track("0"))
    await starter.play(
        ANNA, "kitchen", PlayRequest(uris=[f"spotify:track:{track_id(name)}" for name in names])
    )

    player = (await players.room("anna")).player
    assert len(await players.list_of("anna", player.source.list_id)) == 10_000


async def test_commands_from_everywhere_at_once_all_hold(
    players: FirestorePlayers, starter: Starter, commands: Commands
) -> None:
    await starter.play(ANNA, "kitchen", PlayRequest(uris=uris("abc")))

    await asyncio.gather(
        *(commands.enqueue(ANNA, "", track_id(name)) for name in "abcde"),
        *(commands.volume(ANNA, "", volume) for volume in (10, 20, 30)),
    )

    room = await players.room("anna")
    assert sorted(room.player.queue) == sorted(track_id(name) for name in "abcde")
    assert room.devices["kitchen"].volume in {10, 20, 30}
    assert room.devices["kitchen"].volume_version <= room.player.command_version


async def test_heartbeats(players: FirestorePlayers, starter: Starter) -> None:
    assert await players.touch("anna", "kitchen", 12345)
    assert not await players.touch("anna", "stranger", 12345)

    room = await players.room("anna")
    assert room.devices["kitchen"].seen_at == 12345
    assert room.devices["kitchen"].name == "Kitchen"
    assert "stranger" not in room.devices


async def test_sessions_begun_at_once_leave_one(changes: Changes) -> None:
    sessions = Sessions(changes, life_ms=60_000)

    await asyncio.gather(*(sessions.begin(ANNA, f"place-{at}") for at in range(4)))

    player = (await changes.read("anna")).player
    assert len([each for each in player.sessions if not each.ended_version]) == 1
    assert len(player.sessions) == 4


async def test_who_leaves_is_forgotten(
    players: FirestorePlayers, starter: Starter, commands: Commands
) -> None:
    await starter.play(ANNA, "kitchen", PlayRequest(uris=uris("abc")))
    list_id = (await players.room("anna")).player.source.list_id
    before = await players.room("anna")

    await players.erase("anna")
    await players.erase("anna")

    room = await players.room("anna")
    assert room.player == Player(erased=True)
    assert room.devices == {}
    assert await players.list_of("anna", list_id) == ()
    with pytest.raises(Conflict):
        await players.write("anna", before.player, before, Written())
    with pytest.raises(Forbidden):
        await commands.pause(ANNA, "kitchen")
