"""The gRPC server in this process and the client that others use, on documents in memory."""

import datetime
from collections.abc import AsyncIterator

import grpc
import grpc.aio
import pytest
from google.api_core.exceptions import ServiceUnavailable

from functions.recommendations.mixes.build import Shelf, make
from functions.recommendations.mixes.listening import Listener, Taste
from functions.recommendations.model import Opinion, Related, UserMixes
from functions.recommendations.opinions import remember
from functions.recommendations.reader import MixReader
from functions.recommendations.rpc import RecommendationsService, Server
from functions.recommendations.store import mixes_path, popular_path, radio_path, related_path
from shared import ids
from shared.audience import Audience
from shared.documents import to_document
from shared.errors import NotFound, Unavailable
from shared.mixes import Kind, mix_id
from shared.protos.recommendations_pb2 import RadiosRequest, Seed
from shared.protos.recommendations_pb2_grpc import RecommendationsStub
from shared.recommendations_client import RecommendationsClient
from shared.uris import Uri
from tests.unit.functions.recommendations.fakes import (
    NOW,
    Clock,
    MemoryDocuments,
    artist_id,
    fact,
    radio,
    track_id,
)

DAY = datetime.date(2026, 11, 25)
WEEKLY = mix_id("ada", Kind.discover_weekly)


class World:
    """Ada has mixes of sixty tracks, five by each artist."""

    def __init__(self) -> None:
        self.documents = MemoryDocuments()
        facts = {track_id(n): fact(n, artist=n // 5) for n in range(60)}
        listener = Listener(
            user="ada",
            tastes=[Taste(track_id(n), 9.0 - n, recent=3) for n in range(10)],
            ranked=[track_id(n) for n in range(10, 60)],
        )
        made = make(listener, Shelf(facts), DAY)
        self.keep(mixes_path("ada"), UserMixes(made_at=int(NOW.timestamp()), mixes=made))

    def keep(self, path: str, value: UserMixes | Related) -> None:
        self.documents.kept[path] = to_document(value)
        self.documents._versions[path] = 1

    def keep_radio(self, type: str, id: str, *numbers: int, about: str = "") -> None:
        self.documents.kept[radio_path(type, id)] = radio(*numbers, about=about)
        self.documents._versions[radio_path(type, id)] = 1

    async def say(self, type: str, id: str, opinion: Opinion, user: str = "ada") -> None:
        await remember(self.documents, user, Uri(type, id), opinion)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def address(world: World) -> AsyncIterator[str]:
    reader = MixReader(world.documents, Clock())
    server = Server(RecommendationsService(world.documents, reader))
    port = await server.start("127.0.0.1:0")
    yield f"127.0.0.1:{port}"
    await server.stop()


@pytest.fixture
async def client(address: str) -> AsyncIterator[RecommendationsClient]:
    client = RecommendationsClient(f"http://{address}")
    yield client
    await client.close()


async def test_mixes_are_listed_with_one_read(world: World, client: RecommendationsClient) -> None:
    world.documents.reads.clear()
    found = await client.mixes("ada", Audience("SE"))
    assert world.documents.reads == [[mixes_path("ada")]]
    assert [mix.name for mix in found][:2] == ["Discover Weekly", "Daily Mix 1"]
    assert [mix.kind for mix in found][:2] == ["discover-weekly", "daily-mix"]
    assert found[1].number == 1
    assert found[1].description.startswith("Artist 0")
    assert found[0].id == WEEKLY
    assert found[0].made_at == int(NOW.timestamp())
    assert found[0].cover_id.startswith("cover")
    assert found[0].total > 10
    assert not any(mix.tracks for mix in found)


async def test_a_mix_has_its_tracks_and_why(world: World, client: RecommendationsClient) -> None:
    mix = await client.mix("ada", WEEKLY)
    assert len(mix.tracks) == mix.total
    for track in mix.tracks:
        assert track.reason == "because"
        assert track.text == f"Because you like {track.about}"
    with pytest.raises(NotFound):
        await client.mix("bob", WEEKLY)


async def test_opinions_are_applied_and_make_another_version(
    world: World, client: RecommendationsClient
) -> None:
    before = await client.mix("ada", WEEKLY)
    assert (await client.mix("ada", WEEKLY)).version == before.version
    await world.say("track", before.tracks[0].id, Opinion.hide)
    after = await client.mix("ada", WEEKLY)
    assert before.tracks[0].id not in {track.id for track in after.tracks}
    assert after.version != before.version
    assert 0 <= after.version < 2**48
    [listed] = [mix for mix in await client.mixes("ada") if mix.id == WEEKLY]
    assert (listed.version, listed.total) == (after.version, after.total)


async def test_what_is_made_up_for_somebody_new_is_found_and_not_listed(
    world: World, client: RecommendationsClient
) -> None:
    world.documents.kept[popular_path("SE")] = {"tracks": radio(*range(40))["near"]}
    world.documents._versions[popular_path("SE")] = 1
    assert list(await client.mixes("new", Audience("SE"))) == []
    mix = await client.mix("new", mix_id("new", Kind.popular), Audience("SE"))
    assert (mix.name, mix.total) == ("Popular now", 24)


async def test_radios_of_the_seeds_that_have_one(
    world: World, client: RecommendationsClient
) -> None:
    world.keep_radio("track", track_id(0), 30, 31)
    world.keep_radio("artist", artist_id(3), 40)
    seeds = [("artist", artist_id(3)), ("track", track_id(9)), ("track", track_id(0))]
    found = await client.radios(seeds)
    assert [(each.seed.type, each.seed.id, list(each.track_ids)) for each in found.radios] == [
        ("artist", artist_id(3), [track_id(40)]),
        ("track", track_id(0), [track_id(30), track_id(31)]),
    ]
    assert list(found.hidden) == []


async def test_radios_leave_out_what_a_person_has_hidden(
    world: World, client: RecommendationsClient
) -> None:
    world.keep_radio("track", track_id(0), 30, 31, 36)
    await world.say("track", track_id(30), Opinion.less)
    await world.say("artist", artist_id(7), Opinion.hide)
    await world.say("artist", artist_id(6), Opinion.less)
    await world.say("artist", artist_id(1), Opinion.more)
    found = await client.radios([("track", track_id(0))], "ada")
    assert list(found.radios[0].track_ids) == [track_id(31)]
    assert set(found.hidden) == {f"track:{track_id(30)}", f"artist:{artist_id(7)}"}
    assert len((await client.radios([("track", track_id(0))])).radios[0].track_ids) == 3


async def test_related_artists(world: World, client: RecommendationsClient) -> None:
    world.keep(related_path(artist_id(1)), Related([artist_id(3), artist_id(2)]))
    assert await client.related_artists(artist_id(1)) == [artist_id(3), artist_id(2)]
    assert await client.related_artists(artist_id(2)) == []


@pytest.mark.parametrize("user", ["", "a/b", "..", "x" * 129])
async def test_what_is_no_user_is_refused(client: RecommendationsClient, user: str) -> None:
    with pytest.raises(Unavailable):
        await client.mixes(user)
    with pytest.raises(Unavailable):
        await client.mix(user, WEEKLY)


async def test_bad_seeds_are_refused(address: str) -> None:
    good = Seed(type="track", id=track_id(1))
    async with grpc.aio.insecure_channel(address) as channel:
        for seeds in ([Seed(type="album", id=track_id(1))], [Seed(type="track")], [good] * 51):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await RecommendationsStub(channel).GetRadios(RadiosRequest(seeds=seeds))
            assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert ids.is_valid(good.id)


async def test_while_firestore_is_away_so_is_it(
    world: World, client: RecommendationsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(paths: object) -> None:
        raise ServiceUnavailable("away")  # type: ignore[no-untyped-call]

    monkeypatch.setattr(world.documents, "read", away)
    with pytest.raises(Unavailable):
        await client.mixes("ada")
    with pytest.raises(Unavailable):
        await client.related_artists(artist_id(1))


async def test_radios_leave_out_what_is_explicit_for_who_filters(
    world: World, client: RecommendationsClient
) -> None:
    world.keep_radio("track", track_id(0), 30, 31)
    near = world.documents.kept[radio_path("track", track_id(0))]["near"]
    near[0]["explicit"] = True
    seeds = [("track", track_id(0))]
    found = await client.radios(seeds, explicit_filter=True)
    assert list(found.radios[0].track_ids) == [track_id(31)]
    assert list(found.hidden) == []
    assert len((await client.radios(seeds)).radios[0].track_ids) == 2


async def test_mixes_are_without_what_is_explicit_for_who_filters(
    world: World, client: RecommendationsClient
) -> None:
    before = await client.mix("ada", WEEKLY)
    kept = world.documents.kept[mixes_path("ada")]["mixes"]
    bold = before.tracks[0].id
    for mix in kept:
        for track in mix["tracks"]:
            track["explicit"] = track["id"] == bold
    filtered = Audience("SE", explicit_filter=True)
    after = await client.mix("ada", WEEKLY, filtered)
    assert bold not in {track.id for track in after.tracks}
    assert after.version != before.version
    [listed] = [mix for mix in await client.mixes("ada", filtered) if mix.id == WEEKLY]
    assert (listed.version, listed.total) == (after.version, after.total)
    again = await client.mix("ada", WEEKLY)
    assert [track.id for track in again.tracks] == [track.id for track in before.tracks]
