"""What is recommended, as other services read it: gRPC."""

from collections.abc import Sequence
from typing import Any

from shared.audience import ANYBODY, Audience
from shared.errors import NotFound, Unavailable
from shared.grpc_channel import CALL_TIMEOUT_S, Channel
from shared.protos.recommendations_pb2 import Mix, Radios, Seed

# What is shown without, when it does not come, is not waited for for long.
QUICK_S = 2.0


class RecommendationsClient:
    """A connection to `recommendations-rpc`, made when first used. Calls raise `Unavailable`."""

    def __init__(self, url: str) -> None:
        self._channel = Channel(url)
        self._stub: Any = None

    async def mixes(self, user_id: str, audience: Audience = ANYBODY) -> Sequence[Mix]:
        """Those that were made in a night, without their tracks. Answers soon, or not at all."""
        from shared.protos.recommendations_pb2 import ListMixesRequest

        request = ListMixesRequest(
            user_id=user_id,
            country=audience.market,
            explicit_filter=audience.explicit_filter,
            of_a_night=True,
        )
        found: Sequence[Mix] = (await self._quickly("ListMixes", request)).mixes
        return found

    async def mix(self, user_id: str, mix_id: str, audience: Audience = ANYBODY) -> Mix:
        """With its tracks; raises `NotFound` if it is none of the person's."""
        from shared.protos.recommendations_pb2 import GetMixRequest

        request = GetMixRequest(
            user_id=user_id,
            mix_id=mix_id,
            country=audience.market,
            explicit_filter=audience.explicit_filter,
        )
        found: Mix = await self._call("GetMix", request)
        return found

    async def radios(
        self, seeds: Sequence[tuple[str, str]], user_id: str = "", *, explicit_filter: bool = False
    ) -> Radios:
        """Of tracks and artists, each by type and id. Answers soon, or not at all.

        `user_id`: what this person has hidden is left out, and named. `explicit_filter`: so is
        what is explicit, but it is not named.
        """
        from shared.protos.recommendations_pb2 import RadiosRequest

        wanted = [Seed(type=type, id=id) for type, id in seeds]
        request = RadiosRequest(seeds=wanted, user_id=user_id, explicit_filter=explicit_filter)
        found: Radios = await self._quickly("GetRadios", request)
        return found

    async def related_artists(self, artist_id: str) -> list[str]:
        """Whom the same people listen to, the nearest first. Answers soon, or not at all."""
        from shared.protos.recommendations_pb2 import RelatedArtistsRequest

        request = RelatedArtistsRequest(artist_id=artist_id)
        return list((await self._quickly("GetRelatedArtists", request)).ids)

    async def close(self) -> None:
        await self._channel.close()

    async def _quickly(self, method: str, request: Any) -> Any:
        return await self._call(method, request, timeout_s=QUICK_S, waits=False)

    async def _call(
        self, method: str, request: Any, *, timeout_s: float = CALL_TIMEOUT_S, waits: bool = True
    ) -> Any:
        import grpc.aio

        if self._stub is None:
            from shared.protos.recommendations_pb2_grpc import RecommendationsStub

            self._stub = RecommendationsStub(self._channel.open())
        try:
            return await self._channel.call(
                getattr(self._stub, method), request, timeout_s=timeout_s, waits=waits
            )
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.NOT_FOUND:
                raise NotFound("Resource not found") from error
            raise Unavailable("The recommendations are not answering; try again") from error
