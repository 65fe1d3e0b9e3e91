"""Catalogues to import, made up."""

import random
from collections.abc import Iterator
from typing import Any

from shared import ids


def lines(tracks: int, *, artists: int = 100, seed: int = 0) -> list[dict[str, Any]]:
    """So many tracks on albums of 1 to 20, with their albums and artists, in a random order."""
    randomly = random.Random(seed)  # not for secrets
    people = [ids.derive("imported artist", str(seed), str(at)) for at in range(artists)]
    found: list[dict[str, Any]] = [
        {"type": "artist", "id": id, "name": f"Artist {at}", "genres": ["pop"]}
        for at, id in enumerate(people)
    ]
    found += _releases(tracks, people, randomly, seed)
    randomly.shuffle(found)
    return found


def _releases(
    tracks: int, people: list[str], randomly: random.Random, seed: int
) -> Iterator[dict[str, Any]]:
    made = 0
    while made < tracks:
        artist = randomly.choice(people)
        album = ids.derive("imported album", str(seed), str(made))
        yield {
            "type": "album",
            "id": album,
            "name": f"Album {made}",
            "artists": [artist],
            "release_date": f"{randomly.randint(1950, 2020)}",
            "upc": f"{made:012}",
            "label": "Label",
        }
        for number in range(1, min(randomly.randint(1, 20), tracks - made) + 1):
            yield {
                "type": "track",
                "id": ids.derive("imported track", str(seed), str(made)),
                "name": f"Track {made}",
                "album": album,
                "artists": [artist, randomly.choice(people)],
                "duration_ms": 200_000,
                "track_number": number,
                "isrc": f"SEABC{made:07}",
                "markets": ["SE", "US"],
                "popularity": made % 101,
            }
            made += 1
