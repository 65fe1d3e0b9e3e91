"""Commands to a player: each asks its device for a state, and gives that state a higher version."""

import secrets
from collections.abc import Callable

import msgspec

from functions.playback import errors
from functions.playback.devices.model import Device, is_there
from functions.playback.errors import Refused
from functions.playback.players.changes import Change, Changes
from functions.playback.players.contexts import Contexts
from functions.playback.players.model import (
    MOST_QUEUED,
    Action,
    Entry,
    Player,
    Repeat,
    begun,
    commanded,
    position_at,
)
from functions.playback.players.moves import Candidate, following, preceding
from functions.playback.players.playable import Playable
from functions.playback.players.store import Room
from shared.protos.catalog_pb2 import Track
from shared.tokens import Caller


class Commands:
    """What a person may ask of their player. `device_id` "" is the device that is active.

    All raise `Refused` with the reason, and what `Contexts` raises.
    """

    def __init__(
        self,
        changes: Changes,
        contexts: Contexts,
        *,
        seed: Callable[[], int] = lambda: secrets.randbits(63),
    ) -> None:
        self._changes = changes
        self._contexts = contexts
        self.playable = Playable(contexts)
        self.new_seed = seed

    async def resume(self, caller: Caller, device_id: str, position_ms: int | None) -> None:
        async def work(room: Room, now: int) -> Change:
            device = target(room, device_id, now)
            player = settled(room, device, now)
            if player.entry is None:
                or_else = errors.nothing_to_play()
                return Change(await self._moved(caller, player, now, or_else=or_else))
            if not await self.playable.may_go_on(caller, player.entry):
                return Change(await self._moved(caller, player, now, or_else=errors.filtered()))
            moved = player.device_id != room.player.device_id
            places = {} if position_ms is None else {"position_ms": position_ms}
            resumed = commanded(
                player,
                Action.resume,
                now,
                positions=moved or bool(places),
                is_playing=True,
                at=now,
                **places,
            )
            return Change(await self._not_past_the_end(caller, resumed, player, now))

        await self._changes.make(caller.subject, work)

    async def pause(self, caller: Caller, device_id: str) -> None:
        async def work(room: Room, now: int) -> Change | None:
            player = settled(room, active(room, device_id, now), now)
            if not player.is_playing:
                return None
            return Change(commanded(player, Action.pause, now, is_playing=False))

        await self._changes.make(caller.subject, work)

    async def seek(self, caller: Caller, device_id: str, position_ms: int) -> None:
        async def work(room: Room, now: int) -> Change:
            player = settled(room, active(room, device_id, now), now)
            if player.entry is None:
                raise Refused("Nothing is being played", errors.NOT_PLAYING_TRACK)
            sought = commanded(player, Action.seek, now, positions=True, position_ms=position_ms)
            return Change(await self._not_past_the_end(caller, sought, player, now))

        await self._changes.make(caller.subject, work)

    async def next(self, caller: Caller, device_id: str) -> None:
        async def work(room: Room, now: int) -> Change:
            player = settled(room, active(room, device_id, now), now)
            no_next = Refused("Player command failed: No next track", errors.NO_NEXT_TRACK)
            return Change(await self._moved(caller, player, now, or_else=no_next))

        await self._changes.make(caller.subject, work)

    async def previous(self, caller: Caller, device_id: str) -> None:
        async def work(room: Room, now: int) -> Change:
            player = settled(room, active(room, device_id, now), now)
            order = await self._contexts.order(caller, player)
            found = await self.playable.first(caller, preceding(player, order))
            if found is None:
                raise Refused("Player command failed: No previous track", errors.NO_PREV_TRACK)
            return Change(moved_to(player, *found, Action.skip, now))

        await self._changes.make(caller.subject, work)

    async def repeat(self, caller: Caller, device_id: str, repeat: Repeat) -> None:
        async def work(room: Room, now: int) -> Change | None:
            player = settled(room, host(room, device_id, now), now)
            if player.repeat is repeat and player.device_id == room.player.device_id:
                return None
            return Change(commanded(player, Action.options, now, repeat=repeat))

        await self._changes.make(caller.subject, work)

    async def shuffle(self, caller: Caller, device_id: str, *, on: bool) -> None:
        """Turning it on again changes nothing: an order holds until it is turned off."""

        async def work(room: Room, now: int) -> Change | None:
            player = settled(room, host(room, device_id, now), now)
            if player.shuffle is on and player.device_id == room.player.device_id:
                return None
            anchor = player.entry.index if on and player.entry else -1
            seed = self.new_seed() if on else 0
            return Change(
                commanded(player, Action.options, now, shuffle=on, seed=seed, anchor=anchor)
            )

        await self._changes.make(caller.subject, work)

    async def volume(self, caller: Caller, device_id: str, percent: int) -> None:
        """Of any device; the others go on as they do."""

        async def work(room: Room, now: int) -> Change:
            device = target(room, device_id, now)
            if not device.supports_volume:
                raise Refused(
                    "Player command failed: Cannot control device volume",
                    errors.VOLUME_CONTROL_DISALLOW,
                )
            player = commanded(room.player, Action.volume, now)
            louder = msgspec.structs.replace(
                device, volume=percent, volume_version=player.command_version
            )
            return Change(player, devices=(louder,))

        await self._changes.make(caller.subject, work)

    async def enqueue(self, caller: Caller, device_id: str, track_id: str) -> None:
        async def work(room: Room, now: int) -> Change:
            player = settled(room, host(room, device_id, now), now)
            if len(player.queue) >= MOST_QUEUED:
                raise Refused(f"The queue is full: at most {MOST_QUEUED} tracks", errors.UNKNOWN)
            return Change(commanded(player, Action.queue, now, queue=[*player.queue, track_id]))

        await self.playable.check(caller, track_id)
        await self._changes.make(caller.subject, work)

    async def transfer(self, caller: Caller, device_id: str, *, play: bool) -> None:
        """`play`: start there; else it goes on there as it did, or stays paused."""

        async def work(room: Room, now: int) -> Change:
            player = settled(room, target(room, device_id, now), now)
            playing = (player.is_playing or play) and player.entry is not None
            if playing and not await self.playable.may_go_on(caller, player.entry):
                return Change(await self._moved(caller, player, now, or_else=errors.filtered()))
            return Change(
                commanded(player, Action.transfer, now, positions=True, is_playing=playing)
            )

        await self._changes.make(caller.subject, work)

    async def advance(self, caller: Caller, device_id: str, turn: int) -> Room:
        """The active device has come to the end of its track, the `turn`-th that was begun.

        Asking again, or late, changes nothing. Answers the player as it is then.
        """

        async def work(room: Room, now: int) -> Change | None:
            player = room.player
            if player.device_id != device_id or player.turn != turn or player.entry is None:
                return None
            order = await self._contexts.order(caller, player)
            found = await self.playable.first(caller, following(player, order, by_itself=True))
            if found is None:
                return Change(_stopped(player, now))
            return Change(moved_to(player, *found, Action.skip, now))

        return await self._changes.make(caller.subject, work)

    async def _moved(self, caller: Caller, player: Player, now: int, *, or_else: Refused) -> Player:
        order = await self._contexts.order(caller, player)
        found = await self.playable.first(caller, following(player, order))
        if found is None:
            raise or_else
        return moved_to(player, *found, Action.skip, now)

    async def _not_past_the_end(
        self, caller: Caller, wanted: Player, player: Player, now: int
    ) -> Player:
        """As the contract has it: a place behind the end is the next track."""
        assert wanted.entry is not None
        if wanted.position_ms < wanted.entry.duration_ms:
            return wanted
        order = await self._contexts.order(caller, player)
        found = await self.playable.first(caller, following(player, order))
        if found is None:
            return _stopped(player, now)
        return moved_to(player, *found, Action.skip, now)


def target(room: Room, device_id: str, now: int) -> Device:
    """The device that a command names, else the active one: it is there, and takes commands."""
    current = _current(room, now)
    named = room.devices.get(device_id)
    if device_id and (named is None or not is_there(named, now)):
        raise errors.device_not_found()
    device = named or current
    if device is None:
        raise errors.no_active_device()
    if device.is_restricted:
        raise Refused(
            "Player command failed: Device not controllable", errors.DEVICE_NOT_CONTROLLABLE
        )
    return device


def host(room: Room, device_id: str, now: int) -> Device:
    """The active device, whichever the command names; where none is active, that one."""
    return _current(room, now) or target(room, device_id, now)


def active(room: Room, device_id: str, now: int) -> Device:
    """The active device; a command that names another one is refused."""
    device = target(room, device_id, now)
    if device.id != room.player.device_id:
        raise Refused("Player command failed: The device is not the active one", errors.UNKNOWN)
    return device


def _current(room: Room, now: int) -> Device | None:
    device = room.devices.get(room.player.device_id)
    return device if device is not None and is_there(device, now) else None


def settled(room: Room, device: Device, now: int) -> Player:
    """The player with its place in the track worked out, on `device`."""
    player = room.player
    before = room.devices.get(player.device_id)
    goes_on = player.device_id == device.id or _current(room, now) is not None
    return msgspec.structs.replace(
        player,
        device_id=device.id,
        position_ms=position_at(player, now, before),
        at=now,
        is_playing=player.is_playing and goes_on,
    )


def moved_to(
    player: Player, candidate: Candidate, track: Track, action: Action, now: int
) -> Player:
    """The player at the beginning of another track."""
    return begun(
        player,
        Entry(track.id, track.duration_ms, candidate.at, candidate.queued),
        action,
        now,
        queue=player.queue[candidate.used :],
        is_playing=not candidate.stops,
    )


def _stopped(player: Player, now: int) -> Player:
    return commanded(player, Action.stop, now, positions=True, position_ms=0, is_playing=False)
