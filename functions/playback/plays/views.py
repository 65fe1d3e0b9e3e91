"""What has been played, in the Web API's shapes and our own."""

import datetime
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

import msgspec

from functions.playback.plays.counts import Count
from functions.playback.plays.history import Cursor, Resume, Slice
from functions.playback.plays.journal import Entry
from shared.openapi import TrackJson
from shared.uris import InvalidUri, parse

_PATH = "/v1/me/player/recently-played"


class HistoryContext(msgspec.Struct, frozen=True):
    """What the track was played from."""

    type: str
    href: str
    external_urls: dict[str, str]
    uri: str


class PlayHistory(msgspec.Struct, frozen=True):
    """A play. `played_at` is when it began, RFC 3339 in UTC."""

    track: TrackJson
    played_at: str
    context: HistoryContext | None


class Cursors(msgspec.Struct, frozen=True):
    """Times of the newest and of the oldest play of a page, in ms since the epoch."""

    after: str
    before: str


class RecentlyPlayed(msgspec.Struct, frozen=True):
    """A page of plays, newest first. `total` counts all that can be paged through."""

    href: str
    items: list[PlayHistory]
    limit: int
    next: str | None
    cursors: Cursors | None
    total: int


class RecentQuery(msgspec.Struct, frozen=True):
    """`after` and `before` in ms since the epoch; one of them at most."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20
    after: Annotated[int, msgspec.Meta(ge=0)] | None = None
    before: Annotated[int, msgspec.Meta(ge=0)] | None = None


class ResumePoint(msgspec.Struct, frozen=True):
    """Where a track was left: `position_ms` is 0 where it was heard to its end."""

    track_id: str
    position_ms: int
    finished: bool
    played_at: str


class ResumePoints(msgspec.Struct, frozen=True):
    """Those of the tracks asked for that were played within the last 30 days."""

    items: list[ResumePoint]


class DayCount(msgspec.Struct, frozen=True):
    """Plays of one day in UTC, an ISO date."""

    date: str
    plays: int


class TrackCount(msgspec.Struct, frozen=True):
    """Plays of a track: ever, and on each of the last days on which there were any."""

    track_id: str
    total: int
    days: list[DayCount]


class TrackCounts(msgspec.Struct, frozen=True):
    """In the order asked for."""

    tracks: list[TrackCount]


def recently_played(
    found: Slice,
    tracks: Mapping[str, msgspec.Raw],
    *,
    cursor: Cursor,
    limit: int,
    public_url: str,
) -> RecentlyPlayed:
    """A page; plays of tracks that are gone are left out of it."""

    def link(query: Mapping[str, int | None]) -> str:
        given = {name: value for name, value in query.items() if value is not None}
        return f"{public_url}{_PATH}?{urlencode(given)}"

    cursors, following = None, None
    if found.entries:
        newest, oldest = (_ms(found.entries[index]) for index in (0, -1))
        cursors = Cursors(str(newest), str(oldest))
        if found.more:
            onward = {"after": newest} if cursor.after_ms is not None else {"before": oldest}
            following = link({**onward, "limit": limit})
    return RecentlyPlayed(
        href=link({"after": cursor.after_ms, "before": cursor.before_ms, "limit": limit}),
        items=[
            PlayHistory(
                track=tracks[entry.track_id],
                played_at=time_of(entry.started_at),
                context=_context(entry.context_uri, public_url),
            )
            for entry in found.entries
            if entry.track_id in tracks
        ],
        limit=limit,
        next=following,
        cursors=cursors,
        total=found.total,
    )


def resume_points(points: Mapping[str, Resume], wanted: list[str]) -> ResumePoints:
    found = ((track_id, points[track_id]) for track_id in wanted if track_id in points)
    return ResumePoints(
        [
            ResumePoint(track_id, point.position_ms, point.finished, time_of(point.played_at))
            for track_id, point in found
        ]
    )


def track_count(track_id: str, count: Count | None, first_day: str) -> TrackCount:
    """Days before `first_day` are left out; a track that was never played has none."""
    if count is None:
        return TrackCount(track_id, 0, [])
    days = sorted(day for day in count.days.items() if day[0] >= first_day)
    return TrackCount(track_id, count.total, [DayCount(*day) for day in days])


def time_of(microseconds: int) -> str:
    moment = datetime.datetime.fromtimestamp(microseconds / 1_000_000, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ms(entry: Entry) -> int:
    return entry.started_at // 1000


def _context(uri: str, public_url: str) -> HistoryContext | None:
    try:
        found = parse(uri)
    except InvalidUri:
        return None
    if found.type == "collection":
        return HistoryContext(found.type, f"{public_url}/v1/me/tracks", {}, uri)
    return HistoryContext(
        type=found.type,
        href=f"{public_url}/v1/{found.type}s/{found.id}",
        external_urls={"spotify": f"{public_url}/{found.type}/{found.id}"},
        uri=str(found),
    )
