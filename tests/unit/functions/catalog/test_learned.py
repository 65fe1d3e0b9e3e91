from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from functions.catalog.learned import RadioFirst, RelatedByListening
from functions.catalog.popular import Popular
from functions.catalog.reader import Reader
from functions.catalog.recommender import NearestInSound, Pool, Ranking, Seed, Wish
from functions.catalog.related import MOST_RELATED
from functions.catalog.shelves import Row
from shared import ids
from shared.errors import Unavailable
from shared.protos import recommendations_pb2 as pb
from tests.unit.functions.catalog.browsing import MEASURED, row
from tests.unit.functions.catalog.factories import media_ready
from tests.unit.functions.catalog.fakes import MemoryCatalogue
from tests.unit.functions.catalog.test_routes import filled

ROWS = [row(f"track {n}", by=[f"Artist {n}"], popularity=90 - 15 * n) for n in range(6)]
SEED = Seed("track", ids.derive("track", "track 0"))
# Only in the catalogue, and not among the popular ones.
RARE = media_ready("rare", artists=["Rare"], features=MEASURED)


class FakeRecommendations:
    """Radios by seed; `asked` for whom."""

    def __init__(self) -> None:
        self.known: dict[Seed, list[str]] = {}
        self.hidden: list[str] = []
        self.related: dict[str, list[str]] = {}
        self.asked: list[tuple[Sequence[tuple[str, str]], str]] = []
        self.away = False

    async def radios(
        self, seeds: Sequence[tuple[str, str]], user_id: str = "", *, explicit_filter: bool = False
    ) -> pb.Radios:
        self.asked.append((seeds, user_id))
        self._check()
        radios = [
            pb.Radio(seed=pb.Seed(type=type, id=id), track_ids=self.known[Seed(type, id)])
            for type, id in seeds
            if Seed(type, id) in self.known
        ]
        return pb.Radios(radios=radios, hidden=self.hidden if user_id else [])

    async def related_artists(self, artist_id: str) -> list[str]:
        self._check()
        return self.related.get(artist_id, [])

    def _check(self) -> None:
        if self.away:
            raise Unavailable("away")


def id_of(number: int) -> str:
    return ids.derive("track", f"track {number}")


async def recommend(
    recommendations: FakeRecommendations,
    *seeds: Seed,
    rows: Sequence[Row] = ROWS,
    catalogue: MemoryCatalogue | None = None,
    **wish: Any,
) -> Ranking:
    async def load(_: int) -> Sequence[Row]:
        return rows

    popular = Popular(load)
    recommender = RadioFirst(
        recommendations,
        nearest=NearestInSound(popular),
        popular=popular,
        reader=Reader(catalogue or MemoryCatalogue(), ttl_s=0.0),
    )
    return await recommender.recommend(Wish(seeds or (SEED,), **wish))


def radio_of(*numbers: int) -> FakeRecommendations:
    recommendations = FakeRecommendations()
    recommendations.known[SEED] = [id_of(number) for number in numbers]
    return recommendations


async def test_the_radio_comes_first_and_what_sounds_alike_fills_up() -> None:
    plain = await recommend(FakeRecommendations())
    assert plain.tracks == [id_of(n) for n in (1, 2, 3, 4, 5)]
    ranking = await recommend(radio_of(5, 3))
    assert ranking.tracks == [id_of(n) for n in (5, 3, 1, 2, 4)]
    assert ranking.pools == plain.pools


async def test_a_seed_is_not_recommended_by_another_ones_radio() -> None:
    recommendations = radio_of(5, 1)
    other = Seed("track", id_of(1))
    recommendations.known[other] = [id_of(0), id_of(5)]
    ranking = await recommend(recommendations, SEED, other)
    assert ranking.tracks[0] == id_of(5)
    assert not {id_of(0), id_of(1)} & set(ranking.tracks)


async def test_what_is_near_to_all_seeds_comes_before_what_is_near_to_one() -> None:
    recommendations = radio_of(4, 5)
    artist = Seed("artist", ids.derive("artist", "Artist 1"))
    recommendations.known[artist] = [id_of(3), id_of(5)]
    ranking = await recommend(recommendations, SEED, artist)
    assert ranking.tracks[0] == id_of(5)


async def test_limits_and_targets_hold_for_the_radio_too() -> None:
    recommendations = radio_of(5, 4, 3)
    assert id_of(5) not in (await recommend(recommendations, least={"popularity": 20})).tracks
    nearest = await recommend(recommendations, target={"popularity": 45})
    assert nearest.tracks[0] == id_of(3)


@pytest.fixture
def catalogue() -> MemoryCatalogue:
    return filled([RARE])


async def test_tracks_that_few_know_are_read_from_the_catalogue(
    catalogue: MemoryCatalogue,
) -> None:
    recommendations = radio_of(3)
    recommendations.known[SEED] = [RARE.track_id, ids.derive("gone"), id_of(3)]
    ranking = await recommend(recommendations, catalogue=catalogue)
    assert ranking.tracks[:2] == [RARE.track_id, id_of(3)]
    plain = await recommend(FakeRecommendations())
    assert ranking.pools[0].initial == plain.pools[0].initial + 1
    limited = await recommend(recommendations, catalogue=catalogue, least={"popularity": 1})
    assert RARE.track_id not in limited.tracks
    assert limited.pools[0].initial == ranking.pools[0].initial
    assert limited.pools[0].after_filtering == plain.pools[0].initial


async def test_a_seed_that_only_the_radio_knows(catalogue: MemoryCatalogue) -> None:
    unknown = Seed("artist", ids.derive("artist", "unheard of"))
    recommendations = FakeRecommendations()
    recommendations.known[unknown] = [RARE.track_id]
    ranking = await recommend(recommendations, unknown, catalogue=catalogue)
    assert ranking == Ranking([RARE.track_id], [Pool(1, 1, 1)])


async def test_what_a_listener_has_hidden_is_left_out_for_them() -> None:
    recommendations = radio_of(5)
    recommendations.hidden = [f"track:{id_of(2)}", f"artist:{ids.derive('artist', 'Artist 3')}"]
    everybody = await recommend(recommendations)
    assert {id_of(2), id_of(3)} <= set(everybody.tracks)
    theirs = await recommend(recommendations, listener="anna")
    assert theirs.tracks == [id_of(n) for n in (5, 1, 4)]
    assert [user for _, user in recommendations.asked] == ["", "anna"]


async def test_genres_have_no_radio() -> None:
    recommendations = FakeRecommendations()
    genre = Seed("genre", "jazz")
    await recommend(recommendations, genre, rows=[row("a", genres=["jazz"])])
    assert recommendations.asked == []


async def test_while_nobody_answers_the_catalogue_does() -> None:
    recommendations = radio_of(5, 3)
    recommendations.away = True
    assert await recommend(recommendations) == await recommend(FakeRecommendations())


class Catalogue:
    def __init__(self, known: Mapping[str, list[str]]) -> None:
        self._known = known

    async def artists(self, artist_id: str, limit: int = MOST_RELATED) -> list[str]:
        return self._known.get(artist_id, [])[:limit]


async def test_artists_whom_the_same_people_play_come_first() -> None:
    recommendations = FakeRecommendations()
    recommendations.related["a"] = ["c", "d"]
    related = RelatedByListening(recommendations, Catalogue({"a": ["b", "c"], "x": ["y"]}))
    assert await related.artists("a") == ["c", "d", "b"]
    assert await related.artists("a", 2) == ["c", "d"]
    assert await related.artists("x") == ["y"]
    recommendations.away = True
    assert await related.artists("a") == ["b", "c"]
