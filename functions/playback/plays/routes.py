"""Play reports in; what was played, how often and how far, out."""

import datetime
from collections.abc import Sequence
from typing import Annotated, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.playback.plays import history, report, views
from functions.playback.plays.bodies import read_batch
from functions.playback.plays.counting import Item
from functions.playback.plays.counts import CountStore
from functions.playback.plays.history import MOST_RECENT, Cursor
from functions.playback.plays.journal import Entry
from functions.playback.plays.known import Catalogue, KnownTracks
from functions.playback.plays.publish import Plays, PlaysTopic
from functions.playback.plays.report import MOST_PLAYS, PlayReports, Taken
from functions.playback.plays.store import PlayStore
from functions.playback.plays.tops import Tops
from functions.playback.settings import ApiSettings
from shared import ids
from shared.audience import ANYBODY, Audience, audience_of
from shared.catalog_client import CatalogClient, Form
from shared.clock import Clock, utc_now
from shared.errors import BadRequest, Forbidden, NotFound
from shared.openapi import ArtistJson, Operation, TrackJson
from shared.paging import Page, Window, page
from shared.query import read_query
from shared.tokens import Caller
from shared.web import Api, caller_of, json_response

_MOST_IDS = 50
# What is older cannot come in any more, and nobody goes on there.
_RESUMED_WITHIN = datetime.timedelta(days=30)
_PRIVATE = {"Cache-Control": "private, no-store"}


class Describing(Catalogue, Protocol):
    """The catalogue, which also shows tracks and artists as the Web API does."""

    async def describe(
        self, form: Form, ids: Sequence[str], audience: Audience = ANYBODY
    ) -> dict[str, msgspec.Raw]: ...


class TopQuery(msgspec.Struct, frozen=True):
    """`time_range`: the last 4 weeks, 6 months, or the last year."""

    time_range: str = "medium_term"
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20
    offset: Annotated[int, msgspec.Meta(ge=0)] = 0


class IdsQuery(msgspec.Struct, frozen=True):
    """`ids` of up to 50 tracks, separated by commas."""

    ids: str


class CountsQuery(msgspec.Struct, frozen=True):
    """`days`: of how many of the last days each is told."""

    ids: str
    days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 28


def create(settings: ApiSettings, catalogue: CatalogClient) -> "PlayRoutes":
    """On its real dependencies."""
    store = PlayStore(settings.google_cloud_project, settings.firestore_database)
    return PlayRoutes(
        public_url=settings.public_url,
        catalogue=catalogue,
        topic=PlaysTopic(settings.plays_topic),
        store=store,
        counts=CountStore(store),
    )


class PlayRoutes:
    """`/v1/plays…`, recently played and the tops."""

    def __init__(
        self,
        *,
        public_url: str,
        catalogue: Describing,
        topic: Plays,
        store: PlayStore,
        counts: CountStore,
        clock: Clock = utc_now,
    ) -> None:
        self._public_url = public_url
        self._catalogue = catalogue
        self._known = KnownTracks(catalogue)
        self._topic = topic
        self._store = store
        self._counts = counts
        self._tops = Tops(store, catalogue)
        self._clock = clock

    def routes(self, api: Api) -> list[Route]:
        return [
            api.post("/v1/plays", self.report, doc=_REPORT),
            api.get(
                "/v1/me/player/recently-played",
                self.recently_played,
                scope="user-read-recently-played",
                doc=_RECENT,
            ),
            api.get("/v1/me/top/tracks", self.top_tracks, scope="user-top-read", doc=_TOP_TRACKS),
            api.get(
                "/v1/me/top/artists", self.top_artists, scope="user-top-read", doc=_TOP_ARTISTS
            ),
            api.get(
                "/v1/plays/resume",
                self.resume,
                scope=("user-read-playback-position", "streaming"),
                doc=_RESUME,
            ),
            api.get("/v1/plays/counts", self.counts, doc=_COUNTS),
        ]

    async def report(self, request: Request) -> Response:
        """Answers once Pub/Sub has every play that is taken; each is judged on its own."""
        caller = _person(request)
        batch = await read_batch(request)
        if not 1 <= len(batch) <= MOST_PLAYS:
            raise BadRequest(f"Invalid plays: between 1 and {MOST_PLAYS} in a batch")
        now_ms = int(self._clock().timestamp() * 1000)
        reading = report.read(batch, now_ms)
        known = await self._known.get(reading.track_ids())
        plays, refused = report.plays_of(reading, known, caller, now_ms)
        if plays:
            await self._topic.publish(plays)
        return json_response(Taken(len(plays), refused), headers=_PRIVATE)

    async def recently_played(self, request: Request) -> Response:
        """The last plays that count, newest first."""
        caller = _person(request)
        query = read_query(request, views.RecentQuery)
        if query.after is not None and query.before is not None:
            raise BadRequest("Invalid before: not together with after")
        cursor = Cursor(query.after, query.before)
        found = history.recent(await self._recent(caller.subject), cursor, query.limit)
        track_ids = list(dict.fromkeys(entry.track_id for entry in found.entries))
        tracks = await self._catalogue.describe(Form.track, track_ids, audience_of(caller))
        answer = views.recently_played(
            found, tracks, cursor=cursor, limit=query.limit, public_url=self._public_url
        )
        return json_response(answer, headers=_PRIVATE)

    async def _recent(self, user_id: str) -> list[Entry]:
        entries: list[Entry] = []
        async for day in self._store.latest(user_id):
            entries += [entry for entry in reversed(day.entries) if entry.counted]
            if len(entries) >= MOST_RECENT:
                break
        return entries

    async def top_tracks(self, request: Request) -> Response:
        caller, query = _person(request), _top_query(request)
        ranked = await self._tops.tracks(caller.subject, query.time_range, self._clock())
        return await self._top(request, caller, query, ranked, Form.track)

    async def top_artists(self, request: Request) -> Response:
        caller, query = _person(request), _top_query(request)
        ranked = await self._tops.artists(caller.subject, query.time_range, self._clock())
        return await self._top(request, caller, query, ranked, Form.artist)

    async def _top(
        self, request: Request, caller: Caller, query: TopQuery, ranked: list[str], form: Form
    ) -> Response:
        window = Window(query.limit, query.offset)
        wanted = ranked[window.offset : window.offset + window.limit]
        described = await self._catalogue.describe(form, wanted, audience_of(caller))
        items = [described[id] for id in wanted if id in described]
        url = f"{self._public_url}{request.url.path}"
        answer = page(items, window, len(ranked), url, {"time_range": query.time_range})
        return json_response(answer, headers=_PRIVATE)

    async def resume(self, request: Request) -> Response:
        """Where the caller left tracks."""
        caller = _person(request)
        wanted = _track_ids(read_query(request, IdsQuery).ids)
        first_day = (self._clock() - _RESUMED_WITHIN).date().isoformat()
        entries: list[Entry] = []
        async for day in self._store.latest(caller.subject, first_day=first_day):
            entries += reversed(day.entries)
        points = history.resume_points(entries, wanted)
        return json_response(views.resume_points(points, wanted), headers=_PRIVATE)

    async def counts(self, request: Request) -> Response:
        """How often tracks were played, for those whose tracks they are."""
        caller = _person(request)
        query = read_query(request, CountsQuery)
        wanted = _track_ids(query.ids)
        tracks = {track.id: track for track in await self._catalogue.tracks(wanted)}
        if missing := [track_id for track_id in wanted if track_id not in tracks]:
            raise NotFound(f"Track not found: {missing[0]}")
        if "operator" not in caller.roles and any(
            track.owner != caller.subject for track in tracks.values()
        ):
            raise Forbidden("Only whose tracks they are may see how often they were played")
        items = [Item("track", track_id) for track_id in wanted]
        counts = await self._counts.get(items)
        first_day = (self._clock() - datetime.timedelta(days=query.days - 1)).date().isoformat()
        told = [views.track_count(item.id, counts.get(item), first_day) for item in items]
        return json_response(views.TrackCounts(told), headers=_PRIVATE)


def _person(request: Request) -> Caller:
    """Who calls; an app that acts for itself has played nothing."""
    caller = caller_of(request)
    if caller.subject == caller.client_id:
        raise Forbidden("This needs a user's token, not an app's own")
    return caller


def _top_query(request: Request) -> TopQuery:
    query = read_query(request, TopQuery)
    if query.time_range not in history.RANGES:
        raise BadRequest(f"Invalid time_range: one of {', '.join(history.RANGES)}")
    return query


def _track_ids(text: str) -> list[str]:
    wanted = list(dict.fromkeys(text.split(",")))
    if len(wanted) > _MOST_IDS:
        raise BadRequest(f"Invalid ids: at most {_MOST_IDS}")
    if not all(ids.is_valid(each) for each in wanted):
        raise BadRequest("Invalid base62 id")
    return wanted


_REPORT = Operation(
    "Report plays, up to 500 at once; the body may be gzipped. A retry repeats each play's id.",
    "Plays",
    answer=Taken,
    body=PlayReports,
    errors=(400, 403, 413, 415, 503),
)
_RECENT = Operation(
    "Get recently played tracks", "Player", answer=views.RecentlyPlayed, query=views.RecentQuery,
    errors=(400,),
)  # fmt: skip
_TOP_TRACKS = Operation(
    "Get the tracks you play most", "Users", answer=Page[TrackJson], query=TopQuery, errors=(400,)
)
_TOP_ARTISTS = Operation(
    "Get the artists you play most", "Users", answer=Page[ArtistJson], query=TopQuery, errors=(400,)
)
_RESUME = Operation(
    "Get where you left tracks", "Plays", answer=views.ResumePoints, query=IdsQuery, errors=(400,)
)
_COUNTS = Operation(
    "Get how often your own tracks were played", "Plays",
    answer=views.TrackCounts, query=CountsQuery, errors=(400, 403, 404),
)  # fmt: skip
