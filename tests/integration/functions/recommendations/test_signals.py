"""The statements of the ranking on BigQuery's emulator, against the same sums made here."""

import datetime
import math
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest

from emulators.bigquery import BigQuery
from functions.recommendations.features import statements as features
from functions.recommendations.features.sound import SIZE
from functions.recommendations.models import blend, interests, signals, statements
from functions.recommendations.warehouse import BigQueryWarehouse, Row
from tests.bench.recommending import colistening
from tests.integration.functions.recommendations.conftest import DATASET, PROJECT

TRACKS, ARTISTS, LISTENERS = 60, 12, 24
# Nobody has played these, and they sound like those before them.
NEW = range(55, 60)
HEAVY = "heavy"
DAY_S = 86_400


def track(number: int) -> str:
    return f"track{number:02}"


def artist(number: int) -> str:
    return f"artist{number % ARTISTS:02}"


def vector(number: int) -> list[float]:
    """Tracks of an artist sound alike."""
    chance = random.Random(number)
    made = [chance.gauss(0, 0.1) for _ in range(SIZE)]
    made[number % ARTISTS] += 1
    return made


class Log:
    """Plays and saves as they come in, and the night's statements upon them."""

    def __init__(self, url: str) -> None:
        self.bigquery = BigQuery(url, PROJECT)
        self.warehouse = BigQueryWarehouse(DATASET)

    async def fill(self) -> None:
        noted = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=40)
        rows: list[dict[str, Any]] = [
            {
                "track_id": track(number),
                "seen_at": noted.isoformat(),
                "listed": True,
                "album_id": "",
                "cover_id": "",
                # One artist's is known by its year only, another's not at all.
                "release_date": {0: "2019", 1: ""}.get(number % ARTISTS, "2020-02-03"),
                "explicit": False,
                "popularity": 0,
                "artist_ids": [artist(number)],
                "artist_names": [artist(number)],
                "genres": [],
                "markets": [],
                "embedding": vector(number),
            }
            for number in range(TRACKS)
        ]
        await self.bigquery.insert(f"{DATASET}.track_facts", rows)
        chance = random.Random(5)
        for number in range(LISTENERS):
            likes = [n for n in range(TRACKS) if n % 3 == number % 3 and n not in NEW]
            await self.play(f"user{number:02}", chance.sample(likes, 9), days=number)
        await self.play(HEAVY, [n for n in range(TRACKS) if n not in NEW], days=1)

    async def play(self, user: str, numbers: Sequence[int], days: float, **given: Any) -> None:
        rows = []
        for at, number in enumerate(numbers):
            started = int((time.time() - days * DAY_S - at) * 1_000_000)
            rows.append(
                {
                    "play_id": f"{user}-{number}-{days}",
                    "user_id": user,
                    "track_id": track(number),
                    "album_id": "",
                    "started_at": started,
                    "received_at": started,
                    "ms_played": 200_000,
                    "start_position_ms": 0,
                    "end_position_ms": 200_000,
                    "duration_ms": 200_000,
                    "reason_start": "",
                    "reason_end": "finished" if at % 3 else "ended",
                    "context_uri": "",
                    "device_id": "",
                    "device_type": "",
                    "app": "",
                    "seeks": 0,
                    "shuffle": False,
                    "offline": False,
                    "country": "SE",
                    "plan": "free",
                    "counted": True,
                    **given,
                }
            )
        await self.bigquery.insert(f"{DATASET}.plays", rows)

    async def library(self, *events: tuple[str, str, int, str, float]) -> None:
        """Each an id, a user, a track, what was done with it, and how many days ago."""
        rows = [
            {
                "event_id": id,
                "user_id": user,
                "track_id": track(number),
                "kind": kind,
                "at": int((time.time() - days * DAY_S) * 1_000_000),
            }
            for id, user, number, kind, days in events
        ]
        await self.bigquery.insert(f"{DATASET}.library_events", rows)

    async def run(self, statements: Sequence[str]) -> None:
        for statement in statements:
            await self.warehouse.rows(statement)

    async def table(self, name: str, where: str = "TRUE") -> list[Row]:
        return await self.warehouse.rows(f"SELECT * FROM `{DATASET}.{name}` WHERE {where}")

    async def facts(self) -> None:
        await self.run([*features.facts(DATASET), statements.neighbours(DATASET)])

    async def learned(self, slot: int) -> None:
        """All of a night up to the signals."""
        await self.facts()
        await self.run([statements.content(DATASET), *signals.relations(DATASET)])
        if slot >= 0:
            await self.run([statements.create(DATASET, slot), statements.candidates(DATASET, slot)])
        await self.run(signals.signals(DATASET, slot))


@pytest.fixture
async def log(models_before: str) -> Log:
    made = Log(models_before)
    if not await made.table("track_facts"):
        await made.fill()
    return made


async def test_what_is_saved_is_liked_until_it_is_removed(log: Log) -> None:
    user = "saver"
    await log.library(
        ("1", user, 1, "saved", 900),
        ("1", user, 1, "saved", 900),
        ("2", user, 4, "saved", 9),
        ("3", user, 4, "removed", 3),
        ("4", user, 7, "removed", 9),
        ("5", user, 7, "saved", 3),
        ("6", user, 10, "added", 90),
        ("7", user, 13, "saved", 5),
    )
    await log.play(user, [13], days=90, reason_end="skipped", counted=False)
    rows = await log.table("feedback", f"user_id = '{user}'")
    found = {row["track_id"]: row["rating"] for row in rows}
    assert found == {
        track(1): pytest.approx(math.log(2)),
        track(7): pytest.approx(math.log(2)),
        track(10): pytest.approx(math.log(1.3), abs=1e-3),
        track(13): pytest.approx(math.log(1.8), abs=1e-3),
    }
    # Seen from between the two, both are as they were then.
    await log.run(
        features.past(
            DATASET, suffix="_past", until="TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 6 DAY)"
        )
    )
    rows = await log.table("tastes_past", f"user_id = '{user}'")
    assert {row["track_id"] for row in rows if row["rating"] > 0} == {track(1), track(4), track(10)}


async def test_the_past_until_now_is_what_is(log: Log) -> None:
    await log.facts()
    await log.run(features.past(DATASET, suffix="_past", until=signals.NOW))
    for table in ("feedback", "tastes", "listeners"):
        now, then = await log.table(table), await log.table(f"{table}_past")
        keyed = [
            {(row["user_id"], row.get("track_id")): row.get("rating") for row in rows}
            for rows in (now, then)
        ]
        assert keyed[0]
        assert keyed[1] == pytest.approx(keyed[0])


async def test_artists_are_learned_beside_tracks_and_are_none(log: Log) -> None:
    await log.learned(0)
    learned = await log.warehouse.rows(
        f"SELECT feature FROM ML.WEIGHTS(MODEL `{DATASET}.mf_0`) WHERE processed_input = 'track_id'"
    )
    likes = await log.table("tastes", "rating > 0")
    tracks = {row["track_id"] for row in likes}
    artists = {f"{statements.ARTIST}{artist(int(each[5:]))}" for each in tracks}
    assert len(artists) == ARTISTS
    assert {row["feature"] for row in learned} == tracks | artists
    [asked] = await log.warehouse.rows(
        "SELECT COUNTIF(STARTS_WITH(track_id, @artist)) AS artists FROM "
        f"ML.RECOMMEND(MODEL `{DATASET}.mf_0`, (SELECT 'user00' AS user_id))",
        artist=statements.ARTIST,
    )
    assert asked["artists"] == ARTISTS
    await log.run([blend.ranked(DATASET, blend.DEFAULTS)])
    for table in ("candidates_0", "voices", "confidences", "signals", "ranked"):
        rows = await log.table(table)
        assert rows
        assert {row["track_id"] for row in rows} <= set(map(track, range(TRACKS))), table


async def test_an_artist_is_liked_as_much_as_all_their_tracks(log: Log) -> None:
    """Only of one with several tracks that are there, and as of when the feedback is of."""
    await log.facts()
    await log.run(
        [
            f"INSERT INTO `{DATASET}.tracks` (track_id, artist_id) VALUES ('lone', 'nobody else')",
            f"CREATE OR REPLACE TABLE `{DATASET}.feedback_asked` AS "
            f"SELECT 'her' AS user_id, '{track(1)}' AS track_id, LN(1 + 2.0) AS rating UNION ALL "
            f"SELECT 'her', '{track(1 + ARTISTS)}', LN(1 + 0.5) UNION ALL "
            f"SELECT 'her', '{track(2)}', LN(1 + 0.7) UNION ALL "
            f"SELECT 'him', '{track(1)}', LN(1 + 1.0) UNION ALL "
            "SELECT 'him', 'lone', LN(1 + 4.0) UNION ALL "
            "SELECT 'him', 'taken away', LN(1 + 1.5)",
        ]
    )
    _, _, asked = statements.create(DATASET, 0, suffix="_asked").partition(") AS\n")
    rows = await log.warehouse.rows(asked)
    found = {(row["user_id"], row["track_id"]): math.exp(row["rating"]) - 1 for row in rows}
    assert len(found) == len(rows)
    assert found == pytest.approx(
        {
            ("her", track(1)): 2.0,
            ("her", track(1 + ARTISTS)): 0.5,
            ("her", track(2)): 0.7,
            ("her", f"{statements.ARTIST}{artist(1)}"): 2.5,
            ("her", f"{statements.ARTIST}{artist(2)}"): 0.7,
            ("him", track(1)): 1.0,
            ("him", "lone"): 4.0,
            ("him", "taken away"): 1.5,
            ("him", f"{statements.ARTIST}{artist(1)}"): 1.0,
        }
    )


async def test_signals_are_what_they_are_said_to_be(log: Log) -> None:
    await log.learned(0)
    expected = await Expected.of(log, slot=0)
    rows = await log.table("signals")
    assert len(rows) > 200
    assert {(row["user_id"], row["track_id"]) for row in rows} == expected.candidates()
    for row in rows:
        user, of = row["user_id"], row["track_id"]
        for name, value in expected.signals(user, of).items():
            assert row[name] == pytest.approx(value, rel=1e-4, abs=1e-6), (user, of, name)


async def test_interests_are_what_they_are_said_to_be(log: Log) -> None:
    await log.learned(-1)
    expected = await Expected.of(log, slot=0)
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for row in await log.table("interests"):
        found[row["user_id"]][row["artist_id"]] = row["chance"]
    assert found.keys() == expected.listeners & expected.likes.keys()
    for user, chances in found.items():
        assert chances == pytest.approx(expected.interests[user], rel=1e-4, abs=1e-7)
        assert sum(chances.values()) == pytest.approx(1)
    steps: dict[str, dict[str, float]] = defaultdict(dict)
    for row in await log.table("artist_steps"):
        steps[row["artist_id"]][row["other_id"]] = row["chance"]
        assert row["stay"] == pytest.approx(expected.steps[row["artist_id"]][row["artist_id"]])
    for one, others in steps.items():
        assert others == pytest.approx(expected.steps[one], rel=1e-4)


async def test_of_many_artists_the_most_liked_are_interests(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interests, "MOST_INTERESTS", 3)
    await log.learned(-1)
    rows = await log.warehouse.rows(
        f"SELECT user_id, COUNT(*) AS artists FROM `{DATASET}.interests` GROUP BY user_id"
    )
    assert {row["artists"] for row in rows} == {3}


async def test_the_ranking_is_that_of_the_score(log: Log) -> None:
    await log.learned(0)
    await log.run([blend.ranked(DATASET, blend.DEFAULTS)])
    by_user: dict[str, list[tuple[float, str]]] = defaultdict(list)
    by_sound = set()
    for row in await log.table("signals"):
        if not row["heard"] and row["alike"] > 0:
            by_sound.add((row["user_id"], row["track_id"]))
        said = blend.Signals(*(row[name] for name in blend.NAMES))
        scored = blend.score(blend.DEFAULTS, blend.features(said))
        by_user[row["user_id"]].append((-scored, row["track_id"]))
    ranked = await log.table("ranked")
    assert {row["user_id"] for row in ranked} == set(by_user)
    for row in ranked:
        score, _ = sorted(by_user[row["user_id"]])[row["place"] - 1]
        assert row["score"] == pytest.approx(-score)
    assert {row["loudest"] for row in ranked} <= {*blend.NAMES}
    loudest = {(row["user_id"], row["track_id"]): row["loudest"] for row in ranked}
    assert by_sound
    assert {loudest[each] for each in by_sound} == {"alike"}


async def test_what_nobody_has_heard_is_spoken_for_by_what_sounds_alike(log: Log) -> None:
    await log.learned(0)
    new = {track(number) for number in NEW}
    rows = [row for row in await log.table("signals") if row["track_id"] in new]
    assert rows
    assert not any(row["heard"] for row in rows)
    assert max(row["factors"] for row in rows) > 0.05
    assert all(row["together"] > 0 for row in rows if row["alike"] > 5)
    weights: dict[str, float] = defaultdict(float)
    for row in await log.table("speakers"):
        weights[row["track_id"]] += row["weight"]
        assert row["speaker_id"] not in new
    assert weights.keys() >= new
    assert list(weights.values()) == pytest.approx([1.0] * len(weights))


async def test_without_a_model_the_others_speak(log: Log) -> None:
    await log.learned(-1)
    rows = await log.table("signals")
    assert {row["factors"] for row in rows} == {0.0}
    assert max(row["together"] for row in rows) > 0
    await log.run([blend.ranked(DATASET, blend.DEFAULTS)])
    ranked = await log.table("ranked")
    assert {row["user_id"] for row in ranked} >= {"user00", "user01"}
    # Three kinds of listeners, who play every third track.
    first = [row for row in ranked if row["place"] <= 3 and row["user_id"].startswith("user")]
    right = [row for row in first if (int(row["track_id"][5:]) - int(row["user_id"][4:])) % 3 == 0]
    assert len(right) > 0.8 * len(first)


async def test_a_heavy_listener_counts_by_what_they_like_most(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "MOST_LIKED", 9)
    await log.facts()
    [together, *_] = signals.relations(DATASET)
    await log.run([together])
    tastes = await log.table("tastes", f"user_id = '{HEAVY}' AND place > 9 AND rating > 0")
    assert len(tastes) > 30
    beyond = {row["track_id"] for row in tastes}
    rows = await log.table("together")
    # Only the heavy listener likes a track of one kind and a track of another.
    across = [
        row
        for row in rows
        if (int(row["track_id"][5:]) - int(row["neighbour_id"][5:])) % 3
        and {row["track_id"], row["neighbour_id"]} & beyond
    ]
    assert not across


async def test_a_deep_model_adds_its_say(log: Log) -> None:
    await log.learned(0)
    await log.run(
        [
            f"CREATE OR REPLACE TABLE `{DATASET}.deep_scores` AS "
            "SELECT user_id, track_id, IF(track_id < 'track30', 5.0, -5.0) AS score "
            f"FROM `{DATASET}.signals` WHERE track_id != 'track31'",
            blend.ranked(DATASET, {**blend.DEFAULTS, blend.DEEP: 100.0}, deep_scores="deep_scores"),
        ]
    )
    ranked = await log.table("ranked")
    for user in {row["user_id"] for row in ranked}:
        mine = sorted((row for row in ranked if row["user_id"] == user), key=lambda r: r["place"])
        sides = [row["track_id"] < "track30" for row in mine if row["track_id"] != "track31"]
        assert sides == sorted(sides, reverse=True)
        # What it does not know is neither the best nor the worst for it.
        if "track31" in {row["track_id"] for row in mine} and len(set(sides)) == 2:
            assert 0 < [row["track_id"] for row in mine].index("track31") < len(mine) - 1


async def test_the_newest_weights_hold(log: Log) -> None:
    assert blend.weights_of(await log.warehouse.rows(blend.newest_weights(DATASET), model="")) == (
        blend.DEFAULTS
    )
    rows = [
        {"name": name, "weight": weight, "learned_at": day, "model": model}
        for day, weight, model in (
            ("2026-11-01T00:00:00Z", 1.0, ""),
            ("2026-11-03T00:00:00Z", 3.0, ""),
            ("2026-11-02T00:00:00Z", 2.0, ""),
            ("2026-11-04T00:00:00Z", 4.0, "deep_1"),
        )
        for name in (*blend.NAMES, blend.DEEP)
    ]
    await log.bigquery.insert(f"{DATASET}.blend", rows)
    newest = await log.warehouse.rows(blend.newest_weights(DATASET), model="")
    assert blend.weights_of(newest) == dict.fromkeys(blend.NAMES, 3.0)
    beside = await log.warehouse.rows(blend.newest_weights(DATASET), model="deep_1")
    assert blend.weights_of(beside, deep=True) == dict.fromkeys([*blend.NAMES, blend.DEEP], 4.0)


class Expected:
    """The same sums, made of the rows of `tastes`, `neighbours` and what the model says."""

    def __init__(
        self,
        tastes: Sequence[Row],
        listeners: Sequence[Row],
        neighbours: Sequence[Row],
        recommended: Sequence[Row],
    ) -> None:
        self.likes: dict[str, dict[str, float]] = defaultdict(dict)
        self.heard: dict[str, set[str]] = defaultdict(set)
        for row in tastes:
            self.heard[row["user_id"]].add(row["track_id"])
            if row["rating"] > 0:
                self.likes[row["user_id"]][row["track_id"]] = math.exp(row["rating"]) - 1
        self.listeners = {row["user_id"] for row in listeners}
        self.near: dict[str, dict[str, float]] = defaultdict(dict)
        for row in neighbours:
            self.near[row["track_id"]][row["neighbour_id"]] = 1 - row["distance"]
        self.confidences = {
            (row["user_id"], row["track_id"]): row["predicted_rating_confidence"]
            for row in recommended
        }
        self.together = colistening.nearest(self.likes.values())
        self.by_artist = {user: self._by_artist(likes) for user, likes in self.likes.items()}
        self.people: dict[str, int] = defaultdict(int)
        amounts: dict[str, float] = defaultdict(float)
        for likes in self.likes.values():
            for each, much in likes.items():
                self.people[each] += 1
                amounts[each] += much
        # All came to the platform forty days ago.
        days = 90 / math.log(2) * (1 - 0.5 ** (40 / 90))
        self.worth = {track(n): (amounts[track(n)] + 1) / (days + 2) for n in range(TRACKS)}
        everything = sum(self.worth.values())
        popularity: dict[str, float] = defaultdict(float)
        sounds: dict[str, list[float]] = defaultdict(lambda: [0.0] * SIZE)
        for n in range(TRACKS):
            popularity[artist(n)] += self.worth[track(n)] / everything
            sounds[artist(n)] = [a + b for a, b in zip(sounds[artist(n)], vector(n), strict=True)]
        ways = colistening.steps(self.by_artist.values())
        self.steps = colistening.weighed(ways, popularity, sounds)
        self.interests = {
            user: colistening.interests(much, self.steps) for user, much in self.by_artist.items()
        }

    @classmethod
    async def of(cls, log: Log, slot: int) -> "Expected":
        return cls(
            await log.table("tastes"),
            await log.table("listeners"),
            await log.table("neighbours"),
            await log.warehouse.rows(f"SELECT * FROM ML.RECOMMEND(MODEL `{DATASET}.mf_{slot}`)"),
        )

    def candidates(self) -> set[tuple[str, str]]:
        """There are so few tracks that all that anything speaks for are candidates."""
        found = set()
        for user in self.listeners & self.likes.keys():
            for each in self.worth:
                if each not in self.heard[user]:
                    found.add((user, each))
        return {pair for pair in found if self._is_near(*pair) or self._is_known(*pair)}

    def signals(self, user: str, of: str) -> dict[str, float]:
        likes = self.likes[user]
        near = colistening.near(likes, self.together)
        voices = {of: 1.0}
        if self.people[of] < signals.KNOWN_LIKES:
            heard = {
                each: alike
                for each, alike in self.near[of].items()
                if self.people[each] >= signals.KNOWN_LIKES and alike > 0
            }
            voices = {each: alike / sum(heard.values()) for each, alike in heard.items()}
        by = self._artist(of)
        of_artist = sum(self.worth[each] for each in self.worth if self._artist(each) == by)
        return {
            "factors": sum(w * self.confidences.get((user, v), 0.0) for v, w in voices.items()),
            "together": sum(w * near.get(v, 0.0) for v, w in voices.items()),
            "alike": sum(self.near[each].get(of, 0.0) for each in likes),
            "artists": colistening.reached(self.interests[user], self.steps).get(by, 0.0),
            "share": self.worth[of] / of_artist,
            "popularity": of_artist / sum(self.worth.values()),
        }

    def _is_near(self, user: str, of: str) -> bool:
        return any(of in self.near[each] for each in self.likes[user])

    def _is_known(self, user: str, of: str) -> bool:
        return (user, of) in self.confidences

    def _artist(self, of: str) -> str:
        return artist(int(of[5:]))

    def _by_artist(self, likes: dict[str, float]) -> dict[str, float]:
        found: dict[str, float] = defaultdict(float)
        for each, much in likes.items():
            found[self._artist(each)] += much
        return dict(found)
