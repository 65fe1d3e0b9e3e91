"""Which artists go with an artist, by what the catalogue knows of them."""

from collections import Counter
from typing import Protocol

from functions.catalog.names import VARIOUS_ARTISTS
from functions.catalog.popular import Popular, PopularTracks

MOST_RELATED = 20
_SHARED_TRACK = 2.0
_SHARED_ALBUM = 1.0
_SHARED_GENRES = 2.0
# The most popular ones.
_MOST_OF_A_GENRE = 500


class Related(Protocol):
    """Ids of artists, the nearest first, at most `limit`; none for one it does not know."""

    async def artists(self, artist_id: str, limit: int = MOST_RELATED) -> list[str]: ...


class RelatedByCatalogue:
    """Those who play on the same tracks and albums, then those of the same genres."""

    def __init__(self, popular: Popular) -> None:
        self._popular = popular

    async def artists(self, artist_id: str, limit: int = MOST_RELATED) -> list[str]:
        return related(await self._popular.get(), artist_id, limit)


def related(tracks: PopularTracks, artist_id: str, limit: int) -> list[str]:
    """Of equals, the one with the more popular track."""
    own = tracks.by_artist.get(artist_id, [])
    albums = {tracks.rows[place].album_id for place in own}
    genres = Counter(genre for place in own for genre in tracks.rows[place].genres)
    of_all = max(1, sum(genres.values()))
    score: dict[str, float] = {}
    for place in own:
        for artist in tracks.rows[place].artists:
            score[artist.id] = score.get(artist.id, 0.0) + _SHARED_TRACK
    shared: dict[str, set[str]] = {}
    likeness: dict[str, float] = {}
    nearby = {place for genre in genres for place in tracks.by_genre[genre][:_MOST_OF_A_GENRE]}
    nearby |= {place for album in albums for place in tracks.by_album[album]}
    for place in sorted(nearby):
        row = tracks.rows[place]
        common = sum(genres[genre] for genre in row.genres) / of_all
        for artist in row.artists:
            likeness[artist.id] = max(likeness.get(artist.id, 0.0), common)
            if row.album_id in albums:
                shared.setdefault(artist.id, set()).add(row.album_id)
    for other, common in likeness.items():
        worth = _SHARED_GENRES * common + _SHARED_ALBUM * len(shared.get(other, ()))
        score[other] = score.get(other, 0.0) + worth
    for nobody in (artist_id, VARIOUS_ARTISTS.id):
        score.pop(nobody, None)
    best = {other: tracks.by_artist[other][0] for other in score}
    return sorted(score, key=lambda other: (-score[other], best[other]))[:limit]
