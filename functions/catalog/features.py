"""What the media job measured of tracks: `AudioFeaturesObject` and `AudioAnalysisObject`."""

from typing import Annotated, Any, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.catalog.asked import id_of, ids_of
from functions.catalog.model import Track
from functions.catalog.popular import is_measured
from functions.catalog.reader import Reader
from functions.catalog.shapes import Shapes
from shared.bucket import Bucket
from shared.caching import cacheable_json
from shared.errors import NotFound
from shared.openapi import Operation
from shared.query import read_query
from shared.web import Api

TAG = "Tracks"
MAX_IDS = 100
_FILE = "analysis.json"

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class TracksQuery(msgspec.Struct, frozen=True):
    ids: Annotated[str, msgspec.Meta(description="Ids of tracks, separated by commas")]


class AudioFeaturesObject(msgspec.Struct, frozen=True, kw_only=True):
    """How each is measured, and what it is worth, stands in docs/audio-features.md."""

    acousticness: Share
    analysis_url: str
    danceability: Share
    duration_ms: int
    energy: Share
    id: str
    instrumentalness: Share
    key: Annotated[int, msgspec.Meta(ge=-1, le=11)]
    liveness: Share
    loudness: float
    mode: int
    speechiness: Share
    tempo: float
    time_signature: Annotated[int, msgspec.Meta(ge=3, le=7)]
    track_href: str
    type: str = "audio_features"
    uri: str
    valence: Share


class ManyAudioFeatures(msgspec.Struct, frozen=True):
    """In the order asked for; null for a track that there is not, or that was not measured."""

    audio_features: list[AudioFeaturesObject | None]


class AudioAnalysisObject(msgspec.Struct, frozen=True):
    """As the media job wrote it; it is passed on unread."""

    meta: dict[str, Any]
    track: dict[str, Any]
    bars: list[dict[str, float]]
    beats: list[dict[str, float]]
    sections: list[dict[str, float]]
    segments: list[dict[str, float | list[float]]]
    tatums: list[dict[str, float]]


class Analyses(Protocol):
    """The files that lie beside a track's media."""

    async def analysis(self, prefix: str) -> bytes | None:
        """JSON; None if the track was encoded before there were analyses."""
        ...


class StoredAnalyses:
    """`Analyses`, in the media bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def analysis(self, prefix: str) -> bytes | None:
        return await self._bucket.read(f"{prefix}/{_FILE}")


class FeaturesApi:
    """The routes. Any valid token may read; no scope is asked for."""

    def __init__(self, *, reader: Reader, shapes: Shapes, analyses: Analyses) -> None:
        self._reader = reader
        self._shapes = shapes
        self._analyses = analyses

    def routes(self, api: Api) -> list[Route]:
        return [
            api.get(
                "/v1/audio-features",
                self.get_many,
                doc=Operation(
                    "Audio features of several tracks",
                    TAG,
                    ManyAudioFeatures,
                    query=TracksQuery,
                    errors=(400,),
                ),
            ),
            api.get(
                "/v1/audio-features/{id}",
                self.get_one,
                doc=Operation("Audio features of a track", TAG, AudioFeaturesObject),
            ),
            api.get(
                "/v1/audio-analysis/{id}",
                self.get_analysis,
                doc=Operation("Audio analysis of a track", TAG, AudioAnalysisObject),
            ),
        ]

    async def get_many(self, request: Request) -> Response:
        wanted = ids_of(read_query(request, TracksQuery).ids, MAX_IDS)
        found = {track.id: track for track, _ in await self._reader.tracks(dict.fromkeys(wanted))}
        answer = ManyAudioFeatures(
            [self._object(found[each]) if each in found else None for each in wanted]
        )
        return cacheable_json(request, answer, public=True)

    async def get_one(self, request: Request) -> Response:
        track = await self._track(request)
        shown = self._object(track)
        if shown is None:
            raise NotFound("analysis not found")
        return cacheable_json(request, shown, public=True)

    async def get_analysis(self, request: Request) -> Response:
        track = await self._track(request)
        found = await self._analyses.analysis(track.media.prefix) if track.media else None
        if found is None:
            raise NotFound("analysis not found")
        return cacheable_json(request, msgspec.Raw(found), public=True)

    async def _track(self, request: Request) -> Track:
        for track, _ in await self._reader.tracks([id_of(request)]):
            return track
        raise NotFound("Resource not found")

    def _object(self, track: Track) -> AudioFeaturesObject | None:
        features = track.features
        if not is_measured(features):
            return None
        return AudioFeaturesObject(
            acousticness=features.acousticness,
            analysis_url=self._shapes.href(f"audio-analysis/{track.id}"),
            danceability=features.danceability,
            duration_ms=track.duration_ms,
            energy=features.energy,
            id=track.id,
            instrumentalness=features.instrumentalness,
            key=features.key,
            liveness=features.liveness,
            loudness=features.loudness,
            mode=features.mode,
            speechiness=features.speechiness,
            tempo=features.tempo,
            time_signature=features.time_signature,
            track_href=self._shapes.href(f"tracks/{track.id}"),
            uri=f"spotify:track:{track.id}",
            valence=features.valence,
        )
