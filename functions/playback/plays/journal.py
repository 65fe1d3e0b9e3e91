"""What a listener played on one day: a set of plays, packed into one document.

A day only grows, and to add a play that is there changes nothing: deliveries may come twice and
in any order. Days are those of UTC in which plays started.
"""

import datetime
import zlib
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from shared.events import Play

# A play every 14 seconds, around the clock. A document of a mebibyte would hold twice as many.
MOST_A_DAY = 6000

_MICROSECONDS = 1_000_000
_LAST_DAY = 99991231


class Key(NamedTuple):
    """A listener's day, as `2026-11-23`."""

    user_id: str
    day: str

    @property
    def name(self) -> str:
        """Of its document: a listener's days lie together, the newest first.

        Firestore reads names in that order without an index; backwards it would need one.
        """
        return f"{self.user_id}:{_LAST_DAY - int(self.day.replace('-', ''))}"


class Entry(msgspec.Struct, array_like=True, frozen=True):
    """A play as it is kept. `started_at` in µs since the epoch.

    `told`: it is in the numbers of plays of its track, or never will be.
    """

    play_id: str
    track_id: str
    started_at: int
    ms_played: int
    end_position_ms: int
    duration_ms: int
    reason_end: str
    context_uri: str
    counted: bool
    told: bool

    @property
    def at(self) -> tuple[int, str]:
        """The order of plays; no two of a listener's are equal."""
        return self.started_at, self.play_id


def key_of(play: Play) -> Key:
    return Key(play.user_id, day_of(play.started_at))


def day_of(microseconds: int) -> str:
    moment = datetime.datetime.fromtimestamp(microseconds // _MICROSECONDS, datetime.UTC)
    return moment.date().isoformat()


def entry_of(play: Play) -> Entry:
    return Entry(
        play_id=play.play_id,
        track_id=play.track_id,
        started_at=play.started_at,
        ms_played=play.ms_played,
        end_position_ms=play.end_position_ms,
        duration_ms=play.duration_ms,
        reason_end=play.reason_end,
        context_uri=play.context_uri,
        counted=play.counted,
        told=not play.counted,
    )


def merged(entries: list[Entry], new: Iterable[Entry]) -> list[Entry] | None:
    """All of them, each once and in order; None if there is nothing new."""
    known = {entry.play_id for entry in entries}
    added: dict[str, Entry] = {}
    for entry in new:
        if entry.play_id not in known:
            added.setdefault(entry.play_id, entry)
    if not added:
        return None
    return sorted([*entries, *added.values()], key=lambda entry: entry.at)


def untold(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if not entry.told]


def pack(entries: list[Entry]) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(entries), level=1)


def unpack(packed: bytes) -> list[Entry]:
    return msgspec.msgpack.decode(zlib.decompress(packed), type=list[Entry])
