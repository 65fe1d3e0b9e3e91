"""What is recommended to whom, as it is kept."""

from enum import Enum

import msgspec

from shared.mixes import Kind

# Beyond this the oldest opinion goes.
MOST_OPINIONS = 500


class Why(str, Enum):
    """Why a track is in a mix."""

    because = "because"
    sounds_like = "sounds-like"
    familiar = "familiar"
    on_repeat = "on-repeat"
    new_from = "new-from"
    popular = "popular"


class Opinion(str, Enum):
    """What a person thinks of a track or an artist: never again, less of it, or more."""

    hide = "hide"
    less = "less"
    more = "more"


class Said(msgspec.Struct, frozen=True):
    """An opinion of a thing, which is written as `type:id`."""

    of: str
    opinion: Opinion


class MixTrack(msgspec.Struct, frozen=True):
    """A track of a mix. `about`: the artist's name that the reason names, or "".

    `explicit` as its night knew; where no night has noted it, it may well be.
    """

    id: str
    artists: list[str]
    why: Why
    about: str = ""
    explicit: bool = True


class Mix(msgspec.Struct, frozen=True, kw_only=True):
    """A ready playlist. The first `size` tracks are shown, the rest steps in for hidden ones.

    `number` tells the daily mixes apart. `period` is the week or the day that it was made for,
    an ISO date; `cover_id` an album's cover, or "".
    """

    id: str
    kind: Kind
    number: int = 0
    period: str
    about: list[str] = []
    cover_id: str = ""
    size: int
    tracks: list[MixTrack]


class UserMixes(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept for a person, in one document: read as a whole, and written as one.

    `made_at` in seconds since the epoch, 0 before the first night; `model` is that of the night,
    "" where there was none. What was said comes oldest first: Firestore's maps have no order.
    """

    made_at: int = 0
    model: str = ""
    mixes: list[Mix] = []
    said: list[Said] = []
    erased: bool = False

    @property
    def opinions(self) -> dict[str, Opinion]:
        """By `type:id`, in the order in which they were said."""
        return {each.of: each.opinion for each in self.said}


class KnownTrack(msgspec.Struct, frozen=True):
    """A track with what is needed to choose among tracks."""

    id: str
    artists: list[str]
    explicit: bool
    markets: list[str]
    cover_id: str


class PopularHere(msgspec.Struct, frozen=True):
    """What is played in a country, or anywhere, by the most people first."""

    tracks: list[KnownTrack] = []


class Radio(msgspec.Struct, frozen=True):
    """What goes with a track or an artist, the nearest first. `about`: the artist's name."""

    near: list[KnownTrack] = []
    about: str = ""


class Related(msgspec.Struct, frozen=True):
    """Artists by id whom the same people listen to as another, the nearest first."""

    artists: list[str] = []
