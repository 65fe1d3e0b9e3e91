"""All mixes of a listener: candidates in, ready playlists out. The same night makes the same."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from functions.recommendations.mixes.chance import generator, shuffled
from functions.recommendations.mixes.clusters import clusters, nearest
from functions.recommendations.mixes.diversity import capped, interleaved, spread
from functions.recommendations.mixes.listening import Fact, Listener, Rules, week_of
from functions.recommendations.mixes.reasons import Reasons
from functions.recommendations.model import Mix, Why
from shared.mixes import Kind, mix_id

SIZE = 30
DAILY_SIZE = 50
# Stand by for what is hidden.
SPARE = 10
# Of an artist, where there is enough of others, and where there is not.
_MOST_OF_ARTIST = 2
_MOST_IF_FEW = 5
_MOST_OF_ARTIST_DAILY = 8
_MOST_NEW_OF_ARTIST = 3
_EXPLORED = 0.1
_NEW_IN_DAILY = 0.4
_LEAST_DAILY = 4
_LEAST_ON_REPEAT = 3
_REPEATED = 2
_TASTES = 120
_LEAST_NEW = 10
_NAMED = 3


@dataclass(frozen=True)
class Shelf:
    """What there is to choose from: `fresh` and `popular` are ids, the newest and the most first.

    Every id that a listener's lists name may be missing in `facts`: it is gone then.
    """

    facts: Mapping[str, Fact]
    fresh: Sequence[str] = ()
    popular: Sequence[str] = ()

    def artist_of(self, track_id: str) -> str:
        return self.facts[track_id].artist


def make(
    listener: Listener, shelf: Shelf, day: datetime.date, before: Sequence[Mix] = ()
) -> list[Mix]:
    """In the order in which they are shown; `before` are those of last night."""
    maker = _Maker(listener, shelf, day)
    discover = maker.discover(next((m for m in before if m.kind is Kind.discover_weekly), None))
    made = [discover, *maker.daily(), maker.on_repeat(), maker.release_radar()]
    return [mix for mix in made if mix is not None]


class _Maker:
    def __init__(self, listener: Listener, shelf: Shelf, day: datetime.date) -> None:
        self._listener = listener
        self._shelf = shelf
        self._facts = shelf.facts
        self._day = day.isoformat()
        self._week = week_of(day).isoformat()
        self._rules = Rules(listener, shelf.facts)
        self._liked = self._rules.of(listener.liked(shelf.facts))
        self._reasons = Reasons(self._liked, shelf.facts)
        self._played = {each.track_id for each in listener.tastes}

    def discover(self, before: Mix | None) -> Mix | None:
        """Stays as it is for a week, unless there was not enough for a whole one."""
        if before is not None and before.period == self._week and len(before.tracks) >= SIZE:
            return self._as_tonight(before)
        chance = generator(self._listener.user, Kind.discover_weekly.value, self._week)
        pool = self._unheard(self._listener.ranked)
        own = set(pool)
        explored = self._unheard(self._shelf.popular)
        drawn = interleaved(
            shuffled(pool, chance, 0.3),
            shuffled([each for each in explored if each not in own], chance, 1.0),
            _EXPLORED,
        )
        if before is not None and before.period != self._week:
            seen = {track.id for track in before.tracks}
            drawn.sort(key=seen.__contains__)

        def why(track: str) -> Why:
            return self._why_ranked(track) if track in own else Why.popular

        chosen = self._capped(drawn, _MOST_OF_ARTIST)
        if len(chosen) < SIZE:
            chosen = self._capped(drawn, _MOST_IF_FEW)
        return self._mix(Kind.discover_weekly, chosen, SIZE, why, period=self._week)

    def daily(self) -> list[Mix]:
        """One for each kind of music that they play; familiar tracks, and new ones among them."""
        groups = clusters(self._liked[:_TASTES], self._facts)
        unheard = self._unheard(self._listener.ranked)
        made: list[Mix] = []
        for group, others in zip(groups, nearest(unheard, groups, self._facts), strict=True):
            number = len(made) + 1
            chance = generator(self._listener.user, Kind.daily_mix.value, str(number), self._day)
            mixed = interleaved(
                shuffled(group, chance, 0.5),
                shuffled(others[: max(_LEAST_NEW, len(group))], chance, 0.4),
                _NEW_IN_DAILY,
            )
            chosen = self._capped(mixed, _MOST_OF_ARTIST_DAILY)
            if len(chosen) < _LEAST_DAILY:
                continue

            mix = self._mix(
                Kind.daily_mix,
                chosen,
                DAILY_SIZE,
                self._why_daily,
                period=self._day,
                number=number,
                named=group,
            )
            made += [mix] if mix else []
        return made

    def on_repeat(self) -> Mix | None:
        often = sorted(
            (each for each in self._listener.tastes if each.recent >= _REPEATED),
            key=lambda each: (-each.recent, each.track_id),
        )
        chosen = self._rules.of([each.track_id for each in often])
        if len(chosen) < _LEAST_ON_REPEAT:
            return None
        return self._mix(Kind.on_repeat, chosen, SIZE, lambda _: Why.on_repeat, period=self._day)

    def release_radar(self) -> Mix | None:
        """New releases: of the artists that they play, and others that they may like."""
        fresh = self._unheard(self._shelf.fresh)
        artists = {artist for each in self._liked for artist in self._facts[each].artists}
        artists |= self._listener.wanted_artists
        own = [each for each in fresh if not artists.isdisjoint(self._facts[each].artists)]
        new = set(fresh)
        others = [each for each in self._listener.ranked if each in new]
        chosen = self._capped([*own, *others], _MOST_NEW_OF_ARTIST)
        mine = set(own)

        def why(track: str) -> Why:
            return Why.new_from if track in mine else self._why_ranked(track)

        return self._mix(Kind.release_radar, chosen, SIZE, why, period=self._week)

    def _as_tonight(self, mix: Mix) -> Mix:
        """The same tracks, with what is known of them now."""
        tracks = [
            msgspec.structs.replace(each, explicit=self._facts[each.id].explicit)
            if each.id in self._facts
            else each
            for each in mix.tracks
        ]
        return msgspec.structs.replace(mix, tracks=tracks)

    def _unheard(self, tracks: Sequence[str]) -> list[str]:
        return [each for each in self._rules.of(tracks) if each not in self._played]

    def _capped(self, tracks: Sequence[str], most: int) -> list[str]:
        return capped(tracks, self._shelf.artist_of, most)

    def _why_daily(self, track: str) -> Why:
        return Why.familiar if track in self._played else self._why_ranked(track)

    def _why_ranked(self, track: str) -> Why:
        return Why.sounds_like if track in self._listener.by_sound else Why.because

    def _mix(
        self,
        kind: Kind,
        chosen: Sequence[str],
        size: int,
        why: Callable[[str], Why],
        *,
        period: str,
        number: int = 0,
        named: Sequence[str] = (),
    ) -> Mix | None:
        """None of nothing."""
        if not chosen:
            return None
        ordered = [*spread(chosen[:size], self._shelf.artist_of), *chosen[size : size + SPARE]]
        names = (self._facts[each].artist_name for each in named or ordered)
        return Mix(
            id=mix_id(self._listener.user, kind, number),
            kind=kind,
            number=number,
            period=period,
            about=list(dict.fromkeys(name for name in names if name))[:_NAMED],
            cover_id=next((c for each in ordered if (c := self._facts[each].cover_id)), ""),
            size=size,
            tracks=[self._reasons.track(each, why(each)) for each in ordered],
        )
