"""Players in Firestore: one document a person, under it their devices and lists of tracks.

A write holds only if the player is still what it was worked out from. Transactions are not used:
they hold locks, and several devices write at once. Heartbeats touch their device's document alone.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from functions.playback.devices.model import Device
from functions.playback.players.model import Player
from shared import ids
from shared.documents import from_document, to_document
from shared.firestore import Conflict, InFirestore

PLAYERS = "players"
DEVICES = "devices"
LISTS = "lists"

_DELETED_AT_ONCE = 200


@dataclass(frozen=True)
class Room:
    """A person's player and devices as they were read. `read_at` is the document's own version."""

    player: Player
    devices: dict[str, Device]
    read_at: Any = None


@dataclass(frozen=True)
class Written:
    """What a write changes besides the player."""

    devices: Sequence[Device] = ()
    left: Sequence[str] = ()
    lists: dict[str, Sequence[str]] = field(default_factory=dict)


class Players(Protocol):
    """What is kept about people's players."""

    async def room(self, user: str) -> Room: ...

    async def write(self, user: str, player: Player, before: Room, also: Written) -> None:
        """All of it or nothing; raises `Conflict`."""
        ...

    async def touch(self, user: str, device_id: str, seen_at: int) -> bool:
        """A device is still there; False if it is not registered."""
        ...

    async def list_of(self, user: str, list_id: str) -> Sequence[str]: ...

    async def erase(self, user: str) -> None:
        """Deletes all that is kept about a person; later writes for them are refused."""
        ...


class FirestorePlayers(InFirestore):
    """All of the above."""

    async def room(self, user: str) -> Room:
        document = self.client.document(PLAYERS, user)
        snapshot, devices = await asyncio.gather(
            document.get(), _all(document.collection(DEVICES).stream())
        )
        return Room(
            player=player_of(snapshot.to_dict()),
            devices={each.id: device_of(each) for each in devices},
            read_at=snapshot.update_time if snapshot.exists else None,
        )

    async def write(self, user: str, player: Player, before: Room, also: Written) -> None:
        from google.api_core.exceptions import (
            Aborted,
            AlreadyExists,
            FailedPrecondition,
            NotFound,
        )

        batch = self.client.batch()
        document = self.client.document(PLAYERS, user)
        if before.read_at is None:
            batch.create(document, to_document(player))
        else:
            unchanged = self.client.write_option(last_update_time=before.read_at)
            batch.update(document, to_document(player), option=unchanged)
        for device in also.devices:
            batch.set(document.collection(DEVICES).document(device.id), _device_document(device))
        for device_id in also.left:
            batch.delete(document.collection(DEVICES).document(device_id))
        for list_id, track_ids in also.lists.items():
            batch.set(document.collection(LISTS).document(list_id), {"tracks": _packed(track_ids)})
        replaced = before.player.source.list_id
        if replaced and replaced != player.source.list_id:
            batch.delete(document.collection(LISTS).document(replaced))
        try:
            await batch.commit()
        except (Aborted, AlreadyExists, FailedPrecondition, NotFound) as error:
            raise Conflict(str(error)) from error

    async def touch(self, user: str, device_id: str, seen_at: int) -> bool:
        from google.api_core.exceptions import NotFound

        try:
            await self.client.document(PLAYERS, user, DEVICES, device_id).update(
                {"seen_at": seen_at}
            )
        except NotFound:
            return False
        return True

    async def list_of(self, user: str, list_id: str) -> Sequence[str]:
        snapshot = await self.client.document(PLAYERS, user, LISTS, list_id).get()
        document = snapshot.to_dict()
        return _unpacked(document["tracks"]) if document else ()

    async def erase(self, user: str) -> None:
        # First: whoever read the player before can write no more.
        document = self.client.document(PLAYERS, user)
        await document.set({"erased": True})
        for name in (DEVICES, LISTS):
            collection = document.collection(name)
            while found := await _all(collection.select([]).limit(_DELETED_AT_ONCE).stream()):
                batch = self.client.batch()
                for snapshot in found:
                    batch.delete(snapshot.reference)
                await batch.commit()


def player_of(document: dict[str, Any] | None) -> Player:
    return from_document(document, Player) if document else Player()


def device_of(snapshot: Any) -> Device:
    return from_document({**snapshot.to_dict(), "id": snapshot.id}, Device)


def _device_document(device: Device) -> dict[str, Any]:
    document = to_document(device)
    del document["id"]
    return document


def _packed(track_ids: Iterable[str]) -> bytes:
    """Sixteen bytes a track; a list may hold ten thousand."""
    return b"".join(ids.to_bytes(each) for each in track_ids)


def _unpacked(raw: bytes) -> tuple[str, ...]:
    return tuple(ids.from_bytes(raw[at : at + ids.BYTES]) for at in range(0, len(raw), ids.BYTES))


async def _all(stream: Any) -> list[Any]:
    return [snapshot async for snapshot in stream]
