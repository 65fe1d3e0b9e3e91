"""The audit trail: what was done to which item, by whom. Entries are added, and never changed."""

from enum import StrEnum
from typing import Any

import msgspec

AUDIT = "catalog-audit"


class Tag(StrEnum):
    """`source:subject:action`."""

    track_edited = "catalog:track:edited"
    track_taken_down = "catalog:track:taken-down"
    track_restored = "catalog:track:restored"
    album_edited = "catalog:album:edited"
    album_taken_down = "catalog:album:taken-down"
    album_restored = "catalog:album:restored"
    import_opened = "catalog:import:opened"


class Entry(msgspec.Struct, frozen=True):
    """One entry. `before` and `after` hold what differs, of what is said of the item.

    `owner` is whose item it is, "" for what was imported; `at` as times in `Terms`.
    """

    tag: Tag
    actor: str
    app: str
    type: str
    item: str
    owner: str
    at: str
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
