"""Where a person listens at once, and which devices keep tracks for them.

A session is somewhere that plays: a client names its own, and those of an app that names none are
one. Beginning one more than the plan allows ends the one that was heard of least lately.
"""

import msgspec

from functions.playback import errors
from functions.playback.errors import Refused
from functions.playback.players.changes import Change, Changes
from functions.playback.players.model import OfflineDevice, Player, Session
from functions.playback.players.store import Room
from functions.playback.streams.plans import PAYING_PLANS
from shared.tokens import Caller

STREAMS = {"free": 1, "premium": 1, "family": 6}
MOST_OFFLINE_DEVICES = 5
OFFLINE_MS = 30 * 24 * 3600 * 1000

# Not noted more often than this: every track asks.
_NOTED_EVERY_MS = 60_000
# How many of those that ended are remembered, so that they hear of it.
_MOST_ENDED = 8


class Sessions:
    """People's sessions. One that is not heard of for `life_ms` is forgotten."""

    def __init__(self, changes: Changes, *, life_ms: int) -> None:
        self._changes = changes
        self._life_ms = life_ms

    async def begin(self, caller: Caller, session_id: str, device_id: str = "") -> None:
        """Somebody starts to play here: it may take the place of another session."""

        async def work(room: Room, now: int) -> Change | None:
            return self._noted(room.player, caller, session_id, device_id, now)

        await self._changes.make(caller.subject, work)

    async def go_on(self, caller: Caller, session_id: str, device_id: str = "") -> None:
        """Somebody asks for a key here; raises `Refused` if another session took over."""

        async def work(room: Room, now: int) -> Change | None:
            for session in room.player.sessions:
                if session.id == session_id and session.ended_version:
                    raise Refused(
                        "Playback was started elsewhere, which ended it here",
                        errors.SESSION_TAKEN_OVER,
                    )
            return self._noted(room.player, caller, session_id, device_id, now)

        await self._changes.make(caller.subject, work)

    async def keep_offline(self, caller: Caller, device_id: str) -> OfflineDevice:
        """A device keeps tracks, for `OFFLINE_MS` from now on.

        Raises `Refused` where the plan does not allow it or there are too many such devices.
        """
        if caller.plan not in PAYING_PLANS:
            raise Refused("Offline listening needs a premium plan", errors.PREMIUM_REQUIRED)

        async def work(room: Room, now: int) -> Change | None:
            kept = {each.device_id: each for each in _unexpired(room.player, now)}
            known = kept.get(device_id)
            if known is None and len(kept) >= MOST_OFFLINE_DEVICES:
                raise Refused(
                    f"At most {MOST_OFFLINE_DEVICES} devices keep tracks: remove one first",
                    errors.TOO_MANY_DEVICES,
                )
            if known is not None and now + OFFLINE_MS - known.expires_at < _NOTED_EVERY_MS:
                return None
            device = room.devices.get(device_id)
            kept[device_id] = OfflineDevice(
                device_id=device_id,
                name=device.name if device else known.name if known else "",
                added_at=known.added_at if known else now,
                expires_at=now + OFFLINE_MS,
            )
            return Change(msgspec.structs.replace(room.player, offline=list(kept.values())))

        room = await self._changes.make(caller.subject, work)
        (device,) = [each for each in room.player.offline if each.device_id == device_id]
        return device

    async def offline(self, caller: Caller) -> list[OfflineDevice]:
        """The devices that keep tracks, in the order they came."""
        room = await self._changes.read(caller.subject)
        return _unexpired(room.player, self._changes.clock())

    async def remove_offline(self, caller: Caller, device_id: str) -> None:
        """It gets no keys any more; one that is gone already is no error."""

        async def work(room: Room, now: int) -> Change | None:
            left = [each for each in room.player.offline if each.device_id != device_id]
            if len(left) == len(room.player.offline):
                return None
            return Change(msgspec.structs.replace(room.player, offline=left))

        await self._changes.make(caller.subject, work)

    def _noted(
        self, player: Player, caller: Caller, session_id: str, device_id: str, now: int
    ) -> Change | None:
        known = [each for each in player.sessions if now - each.seen_at < self._life_ms]
        for each in known:
            is_here = each.id == session_id and not each.ended_version
            if is_here and now - each.seen_at < _NOTED_EVERY_MS and each.device_id == device_id:
                return None
        here = Session(id=session_id, app=caller.client_id, device_id=device_id, seen_at=now)
        others = [each for each in known if each.id != session_id]
        ended = [each for each in others if each.ended_version]
        live = [each for each in others if not each.ended_version]
        live.sort(key=lambda each: each.seen_at, reverse=True)
        room_for = STREAMS.get(caller.plan, 1) - 1
        over = [
            msgspec.structs.replace(each, ended_version=player.version + 1, ended_by=session_id)
            for each in live[room_for:]
        ]
        sessions = [here, *live[:room_for], *[*over, *ended][:_MOST_ENDED]]
        return Change(msgspec.structs.replace(player, sessions=sessions))


def default_session(caller: Caller) -> str:
    """Of an app that names none."""
    return f"app:{caller.client_id}"


def _unexpired(player: Player, now: int) -> list[OfflineDevice]:
    return [each for each in player.offline if each.expires_at > now]
