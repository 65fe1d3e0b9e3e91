"""Mixes in the Web API's shapes: playlists that nobody owns but the platform."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from functions.recommendations.mixes.reasons import text
from functions.recommendations.names import description_of, name_of
from functions.recommendations.reader import ShownMix
from shared.openapi import TrackJson
from shared.paging import Page, Window, page
from shared.snapshots import snapshot_id
from shared.uris import uri

OWNER = "cadenza"
# As the catalogue writes an album's cover, widest first.
_SIZES = (640, 300, 64)


class MixUrls(msgspec.Struct, frozen=True):
    spotify: str


class MixImage(msgspec.Struct, frozen=True):
    """`width` and `height` in pixels."""

    url: str
    height: int
    width: int


class MixOwner(msgspec.Struct, frozen=True, kw_only=True):
    """The platform itself."""

    display_name: str
    external_urls: MixUrls
    href: str
    id: str
    type: str = "user"
    uri: str


class MixTracksRef(msgspec.Struct, frozen=True):
    href: str
    total: int


class MixReason(msgspec.Struct, frozen=True):
    """Why a track is there. `kind` is for programs, `about` an artist's name or "", `text` English.

    Kinds: because, sounds-like, familiar, on-repeat, new-from, popular.
    """

    kind: str
    about: str
    text: str


class MixItem(msgspec.Struct, frozen=True, kw_only=True):
    """`track` and `item` are the same."""

    added_at: str
    added_by: MixOwner
    is_local: bool = False
    primary_color: str | None = None
    track: TrackJson
    item: TrackJson
    reason: MixReason


class _MixBase(msgspec.Struct, frozen=True, kw_only=True):
    collaborative: bool = False
    description: str
    external_urls: MixUrls
    href: str
    id: str
    images: list[MixImage]
    kind: str
    name: str
    owner: MixOwner
    primary_color: str | None = None
    public: bool = False
    snapshot_id: str
    type: str = "playlist"
    uri: str


class SimplifiedMix(_MixBase, frozen=True, kw_only=True):
    """As SimplifiedPlaylistObject. `kind`: discover-weekly, daily-mix and so on."""

    items: MixTracksRef
    tracks: MixTracksRef


class FullMix(_MixBase, frozen=True, kw_only=True):
    """As PlaylistObject."""

    items: Page[MixItem]
    tracks: Page[MixItem]


class MixViews:
    """Their links lead to this deployment."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    def listed(self, mixes: Sequence[ShownMix], window: Window) -> Page[SimplifiedMix]:
        chosen = mixes[window.offset : window.offset + window.limit]
        items = [
            SimplifiedMix(**self._base(each), items=self._ref(each), tracks=self._ref(each))
            for each in chosen
        ]
        return page(items, window, len(mixes), self._href("me/mixes"))

    def full(self, shown: ShownMix, described: Mapping[str, msgspec.Raw]) -> FullMix:
        """Tracks that are not described are gone."""
        items = [
            MixItem(
                added_at=_moment(shown.made_at),
                added_by=self._owner(),
                track=described[track.id],
                item=described[track.id],
                reason=MixReason(track.why.value, track.about, text(track)),
            )
            for track in shown.tracks
            if track.id in described
        ]
        window = Window(max(1, shown.mix.size), 0)
        whole = page(items, window, len(items), self._href(f"me/mixes/{shown.mix.id}"))
        return FullMix(**self._base(shown), items=whole, tracks=whole)

    def _base(self, shown: ShownMix) -> dict[str, Any]:
        mix = shown.mix
        return {
            "description": description_of(mix),
            "external_urls": MixUrls(f"{self._public_url}/mix/{mix.id}"),
            "href": self._href(f"me/mixes/{mix.id}"),
            "id": mix.id,
            "images": self._images(mix.cover_id),
            "kind": mix.kind.value,
            "name": name_of(mix),
            "owner": self._owner(),
            "snapshot_id": snapshot_id(mix.id, shown.version),
            "uri": uri("playlist", mix.id),
        }

    def _images(self, cover_id: str) -> list[MixImage]:
        if not cover_id:
            return []
        folder = f"{self._public_url}/images/{cover_id}"
        return [MixImage(f"{folder}/{size}.jpg", size, size) for size in _SIZES]

    def _ref(self, shown: ShownMix) -> MixTracksRef:
        return MixTracksRef(self._href(f"me/mixes/{shown.mix.id}"), len(shown.tracks))

    def _owner(self) -> MixOwner:
        return MixOwner(
            display_name="Cadenza",
            external_urls=MixUrls(f"{self._public_url}/user/{OWNER}"),
            href=self._href(f"users/{OWNER}"),
            id=OWNER,
            uri=uri("user", OWNER),
        )

    def _href(self, path: str) -> str:
        return f"{self._public_url}/v1/{path}"


def _moment(seconds: int) -> str:
    at = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
