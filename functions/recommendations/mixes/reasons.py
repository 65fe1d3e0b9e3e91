"""Why a track is in a mix, told in a few words."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from functions.recommendations.mixes.listening import Fact
from functions.recommendations.model import MixTrack, Why

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Of so many of what somebody likes best the most alike is named.
_NAMED = 60

_TEXTS = {
    Why.because: "Because you like {about}",
    Why.sounds_like: "Sounds like {about}",
    Why.familiar: "You play this",
    Why.on_repeat: "You play this a lot",
    Why.new_from: "New from {about}",
    Why.popular: "Many people are playing this",
}
_WITHOUT_NAME = {
    Why.because: "Goes with what you like",
    Why.sounds_like: "Sounds like what you play",
    Why.new_from: "New",
}


class Reasons:
    """Finds which of the tracks that somebody likes speaks for another one."""

    def __init__(self, liked: Sequence[str], facts: Mapping[str, Fact]) -> None:
        self._facts = facts
        self._liked = [each for each in liked if each in facts][:_NAMED]
        self._measured = [each for each in self._liked if facts[each].vector]
        self._vectors: NDArray[np.float32] | None = None

    def track(self, track_id: str, why: Why) -> MixTrack:
        fact = self._facts[track_id]
        about = ""
        if why is Why.new_from:
            about = fact.artist_name
        elif why in {Why.because, Why.sounds_like}:
            about = self._about(fact)
        return MixTrack(track_id, list(fact.artists), why, about, explicit=fact.explicit)

    def _about(self, fact: Fact) -> str:
        """The artist of theirs that it is closest to: its own, by sound, by genre, or the first."""
        for liked in self._liked:
            if set(self._facts[liked].artists) & set(fact.artists):
                return self._facts[liked].artist_name
        if fact.vector and self._measured:
            return self._facts[self._closest(fact)].artist_name
        for liked in self._liked:
            if set(self._facts[liked].genres) & set(fact.genres):
                return self._facts[liked].artist_name
        return self._facts[self._liked[0]].artist_name if self._liked else ""

    def _closest(self, fact: Fact) -> str:
        import numpy as np

        if self._vectors is None:
            vectors = np.array([self._facts[each].vector for each in self._measured], np.float32)
            self._vectors = vectors / np.maximum(
                np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9
            )
        return self._measured[int((self._vectors @ np.asarray(fact.vector)).argmax())]


def text(track: MixTrack) -> str:
    """In English."""
    if not track.about and track.why in _WITHOUT_NAME:
        return _WITHOUT_NAME[track.why]
    return _TEXTS[track.why].format(about=track.about)
