"""What is made once for everybody: what is popular where, and radios."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from functions.recommendations.features import statements as features
from functions.recommendations.model import PopularHere, PopularTrack, Radio
from functions.recommendations.models import statements as models
from functions.recommendations.store import Documents, popular_path, radio_path
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
        near = await self._warehouse.rows(models.radio(self._dataset))
        for (type, id), radio in radios(near).items():
            documents[radio_path(type, id)] = to_document(radio)
        await self._documents.replace_all(documents)


def popular_by_country(rows: Iterable[Row]) -> dict[str, PopularHere]:
    """Of rows in their order; "" is everywhere."""
    found: dict[str, list[PopularTrack]] = defaultdict(list)
    for row in rows:
        found[row["country"] or ""].append(
            PopularTrack(
                id=row["track_id"],
                artists=list(row["artist_ids"] or []),
                explicit=bool(row["explicit"]),
                markets=list(row["markets"] or []),
                cover_id=row["cover_id"],
            )
        )
    return {country: PopularHere(tracks) for country, tracks in found.items()}


def radios(rows: Iterable[Row]) -> dict[tuple[str, str], Radio]:
    """By type and id: those of tracks, and of their artists what is near to most of theirs."""
    tracks: dict[str, list[str]] = defaultdict(list)
    artists: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        tracks[row["seed"]].append(row["neighbour_id"])
        for artist in row["artist_ids"] or []:
            artists[artist][row["neighbour_id"]] += 1 - float(row["distance"])
    found = {("track", id): Radio(near[:MOST_IN_RADIO]) for id, near in tracks.items()}
    for id, worth in artists.items():
        found["artist", id] = Radio(_best(worth))
    return found


def _best(worth: Mapping[str, float]) -> list[str]:
    return sorted(worth, key=lambda track: (-worth[track], track))[:MOST_IN_RADIO]
