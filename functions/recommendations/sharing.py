"""What is made once for everybody: what is popular where, radios, and who goes with whom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from functions.recommendations.features import statements as features
from functions.recommendations.model import KnownTrack, PopularHere, Radio, Related
from functions.recommendations.models import related as statements
from functions.recommendations.store import Documents, popular_path, radio_path, related_path
from functions.recommendations.warehouse import Row, Warehouse
from shared.documents import to_document

MOST_POPULAR = 200
MOST_IN_RADIO = 50


class Sharer:
    """Each document is replaced as a whole."""

    def __init__(self, *, warehouse: Warehouse, dataset: str, documents: Documents) -> None:
        self._warehouse = warehouse
        self._dataset = dataset
        self._documents = documents

    async def share(self) -> None:
        popular = await self._warehouse.rows(features.popular(self._dataset, MOST_POPULAR))
        documents: dict[str, Mapping[str, Any]] = {
            popular_path(country): to_document(here)
            for country, here in popular_by_country(popular).items()
        }
        near = await self._warehouse.rows(statements.radio(self._dataset))
        for (type, id), radio in radios(near).items():
            documents[radio_path(type, id)] = to_document(radio)
        beside = await self._warehouse.rows(statements.related(self._dataset))
        for artist, others in related(beside).items():
            documents[related_path(artist)] = to_document(others)
        await self._documents.replace_all(documents)


def popular_by_country(rows: Iterable[Row]) -> dict[str, PopularHere]:
    """Of rows in their order; "" is everywhere."""
    found: dict[str, list[KnownTrack]] = defaultdict(list)
    for row in rows:
        track = _track(row["track_id"], row["artist_ids"], row)
        found[row["country"] or ""].append(track)
    return {country: PopularHere(tracks) for country, tracks in found.items()}


def radios(rows: Iterable[Row]) -> dict[tuple[str, str], Radio]:
    """By type and id: those of tracks, and of their artists what is near to most of theirs."""
    known: dict[str, KnownTrack] = {}
    tracks: dict[str, list[str]] = defaultdict(list)
    artists: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    names: dict[tuple[str, str], str] = {}
    for row in rows:
        seed, near = row["seed"], row["neighbour_id"]
        if near not in known:
            known[near] = _track(near, row["near_artists"], row)
        tracks[seed].append(near)
        called = list(zip(row["artist_ids"] or [], row["artist_names"] or [], strict=False))
        names["track", seed] = called[0][1] if called else ""
        for artist, name in called:
            artists[artist][near] += 1 - float(row["distance"])
            names["artist", artist] = name
    ranked: dict[tuple[str, str], list[str]] = {("track", id): tracks[id] for id in tracks}
    ranked |= {("artist", id): _best(worth) for id, worth in artists.items()}
    return {
        key: Radio([known[each] for each in near[:MOST_IN_RADIO]], names[key])
        for key, near in ranked.items()
    }


def related(rows: Iterable[Row]) -> dict[str, Related]:
    """By artist, of rows in their order."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row["artist_id"]].append(row["other_id"])
    return {artist: Related(others) for artist, others in found.items()}


def _track(id: str, artists: Iterable[str] | None, row: Row) -> KnownTrack:
    return KnownTrack(
        id=id,
        artists=list(artists or []),
        explicit=bool(row["explicit"]),
        markets=list(row["markets"] or []),
        cover_id=row["cover_id"],
    )


def _best(worth: Mapping[str, float]) -> list[str]:
    return sorted(worth, key=lambda track: (-worth[track], track))
