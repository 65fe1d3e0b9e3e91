"""What is recommended, for other services: gRPC, from Firestore alone.

`python -m functions.recommendations.rpc` serves on `PORT`.
"""

from typing import Any

import grpc

from functions.recommendations.mixes.reasons import text
from functions.recommendations.model import Radio, Related
from functions.recommendations.names import description_of, name_of
from functions.recommendations.opinions import is_hidden, none_of, user_mixes
from functions.recommendations.reader import MixReader, ShownMix
from functions.recommendations.settings import RpcSettings
from functions.recommendations.store import (
    SEEDS,
    Documents,
    is_user_id,
    mixes_path,
    radio_path,
    related_path,
)
from shared import grpc_server, ids
from shared.audience import Audience
from shared.documents import from_document
from shared.firestore import FirestoreDocuments
from shared.grpc_server import outages_end, refuse
from shared.protos import recommendations_pb2 as pb
from shared.protos.recommendations_pb2_grpc import (
    RecommendationsServicer,
    add_RecommendationsServicer_to_server,
)

MOST_SEEDS = 50
SERVICE = "cadenza.recommendations.v1.Recommendations"
_OUTAGE = "the recommendations cannot be read"


class RecommendationsService(RecommendationsServicer):  # type: ignore[misc]  # no types
    """Reads. Calls end with `INVALID_ARGUMENT` or `UNAVAILABLE` where they cannot be answered."""

    def __init__(self, documents: Documents, reader: MixReader | None = None) -> None:
        self._documents = documents
        self._reader = reader or MixReader(documents)

    async def ListMixes(  # noqa: N802
        self, request: pb.ListMixesRequest, context: Any
    ) -> pb.Mixes:
        await _check_user(request.user_id, context)
        async with outages_end(context, _OUTAGE):
            audience = Audience(request.country, request.explicit_filter)
            own = await self._reader.of(request.user_id, audience, of_a_night=request.of_a_night)
        return pb.Mixes(mixes=[_message(each) for each in own.listed()])

    async def GetMix(self, request: pb.GetMixRequest, context: Any) -> pb.Mix:  # noqa: N802
        await _check_user(request.user_id, context)
        async with outages_end(context, _OUTAGE):
            audience = Audience(request.country, request.explicit_filter)
            own = await self._reader.of(request.user_id, audience)
        found = own.find(request.mix_id)
        if found is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, "they have no such mix")
            raise LookupError(request.mix_id)
        message = _message(found)
        message.tracks.extend(
            pb.MixTrack(id=each.id, reason=each.why.value, about=each.about, text=text(each))
            for each in found.tracks
        )
        return message

    async def GetRadios(self, request: pb.RadiosRequest, context: Any) -> pb.Radios:  # noqa: N802
        if len(request.seeds) > MOST_SEEDS:
            await refuse(context, f"seeds: at most {MOST_SEEDS}")
        for seed in request.seeds:
            if seed.type not in SEEDS or not ids.is_valid(seed.id):
                await refuse(context, "seeds: a track or an artist by its id")
        mine = ""
        if request.user_id:
            await _check_user(request.user_id, context)
            mine = mixes_path(request.user_id)
        paths = {radio_path(seed.type, seed.id): seed for seed in request.seeds}
        async with outages_end(context, _OUTAGE):
            stored = await self._documents.read([*paths, *([mine] if mine else [])])
        opinions = user_mixes(stored.get(mine)).opinions
        radios = []
        for path, seed in paths.items():
            if path in stored:
                near = from_document(dict(stored[path].data), Radio).near
                kept = [each for each in near if not is_hidden(each.id, each.artists, opinions)]
                if request.explicit_filter:
                    kept = [each for each in kept if not each.explicit]
                radios.append(pb.Radio(seed=seed, track_ids=[each.id for each in kept]))
        return pb.Radios(radios=radios, hidden=none_of(opinions))

    async def GetRelatedArtists(  # noqa: N802
        self, request: pb.RelatedArtistsRequest, context: Any
    ) -> pb.ArtistIds:
        if not ids.is_valid(request.artist_id):
            await refuse(context, "artist_id: not an id")
        path = related_path(request.artist_id)
        async with outages_end(context, _OUTAGE):
            stored = (await self._documents.read([path])).get(path)
        found = from_document(dict(stored.data), Related).artists if stored else []
        return pb.ArtistIds(ids=found)


class Server(grpc_server.Server):
    """The gRPC server."""

    def __init__(self, service: RecommendationsService) -> None:
        super().__init__(
            SERVICE, lambda server: add_RecommendationsServicer_to_server(service, server)
        )


def _message(shown: ShownMix) -> pb.Mix:
    """Without the tracks."""
    mix = shown.mix
    return pb.Mix(
        id=mix.id,
        kind=mix.kind.value,
        number=mix.number,
        name=name_of(mix),
        description=description_of(mix),
        about=mix.about,
        cover_id=mix.cover_id,
        total=len(shown.tracks),
        made_at=shown.made_at,
        version=shown.version,
    )


async def _check_user(user_id: str, context: Any) -> None:
    if not is_user_id(user_id):
        await refuse(context, "user_id: not an id")


def create(configured: RpcSettings) -> Server:
    """The server on its real dependencies."""
    project, database = configured.google_cloud_project, configured.firestore_database
    return Server(RecommendationsService(FirestoreDocuments(project, database)))


if __name__ == "__main__":
    grpc_server.main(RpcSettings, create)
