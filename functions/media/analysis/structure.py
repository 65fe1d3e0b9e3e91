"""Where a track's sounds and its parts begin, and where it fades."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.media.analysis.frames import CHROMA_HOP, FRAMES_PER_S, HOP, RATE, Floats, Frames

Doubles = NDArray[np.float64]
Places = NDArray[np.int64]

QUIETEST_DB = -60.0

_SEGMENT_GAP_S = 0.1
_LEAST_RISE_DB = 1.0
# Parts are compared over eight seconds to either side, in steps of half a second.
_STEP = 22
_REACH = 16
_SECTION_GAP = 10
_FADE_DB = 3.0
_FADE_WINDOW_S = 0.5
_SHORTEST_FADE_S = 1.5


@dataclass(frozen=True)
class Cuts:
    """First frame of each part, ascending from 0, and how plain each beginning is, 0 to 1."""

    starts: Places
    confidence: Doubles


def decibels(power: NDArray[np.floating]) -> Doubles:
    """Of mean squares; silence is `QUIETEST_DB`."""
    floor = 10 ** (QUIETEST_DB / 10)
    found: Doubles = 10 * np.log10(np.maximum(power.astype(np.float64), floor))
    return found


def segments(frames: Frames) -> Cuts:
    """A new sound begins where the spectrum grows more than before, after and around."""
    onset = frames.onset.astype(np.float64)
    gap = round(_SEGMENT_GAP_S * FRAMES_PER_S)
    least = np.maximum(_LEAST_RISE_DB, 1.5 * _around(onset, round(FRAMES_PER_S / 2)))
    peaks = _peaks(onset, gap, least)
    # The rise is seen in the first frame that it reaches, half a window before it has come.
    # The cut at the very end sounds like one more onset.
    peaks = peaks[(peaks >= gap) & (peaks < len(onset) - gap)]
    starts = np.concatenate([[0], peaks]).astype(np.int64)
    strongest = max(1e-9, float(np.percentile(onset[peaks], 90))) if len(peaks) else 1.0
    confidence = np.clip(onset[starts] / strongest, 0, 1)
    return Cuts(starts, confidence)


def sections(frames: Frames, pitches: Floats) -> Cuts:
    """Where timbre and harmony change for long.

    Foote's checkerboard novelty on the self-similarity of the steps. His kernel is the product of
    two odd windows and likeness is a scalar product, so the novelty is the squared length of the
    features filtered with one such window: no matrix of all steps by all steps is made.
    """
    steps = np.arange(0, len(frames.power), _STEP)
    timbre = _standardised(means(frames.timbre, steps))
    harmony = _standardised(means(pitches, chroma_places(steps, len(pitches))))
    features = np.hstack([timbre, harmony]) / np.sqrt(24)
    if len(steps) < 2 * _REACH:
        return Cuts(np.zeros(1, np.int64), np.ones(1))
    kernel = np.exp(-0.5 * ((np.arange(_REACH) + 0.5) / (_REACH / 2)) ** 2)
    kernel = np.concatenate([kernel, -kernel]) / kernel.sum()
    padded = np.pad(features, ((_REACH, _REACH), (0, 0)), mode="edge")
    filtered = [np.convolve(column, kernel, "valid")[: len(steps)] for column in padded.T]
    novelty = np.sum(np.square(filtered), axis=0)
    least = np.full(len(novelty), max(0.05, float(novelty.mean() + novelty.std() / 2)))
    peaks = _peaks(novelty, _SECTION_GAP, least)
    peaks = peaks[(peaks >= _SECTION_GAP) & (peaks <= len(steps) - _SECTION_GAP)]
    confidence = np.clip(novelty[peaks] / max(1e-9, novelty.max()), 0, 1)
    starts = np.concatenate([[0], steps[peaks]]).astype(np.int64)
    return Cuts(starts, np.concatenate([[1.0], confidence]))


def fades(frames: Frames) -> tuple[float, float]:
    """End of the fade-in and start of the fade-out, in seconds; 0 and the length without them.

    Where the level, averaged over half a second, is first (last) within 3 dB of its median, if it
    rises (falls) steadily up to (from) there: a linear fade counts from 0.7 of its amplitude.
    """
    level = decibels(_around(frames.power.astype(np.float64), round(_FADE_WINDOW_S * FRAMES_PER_S)))
    sounding = level[level > QUIETEST_DB]
    if not len(sounding):
        return 0.0, frames.duration_s
    loud = np.flatnonzero(level >= np.median(sounding) - _FADE_DB)
    first, last = int(loud[0]), int(loud[-1])
    fade_in = first / FRAMES_PER_S if _falls(level[first::-1]) else 0.0
    fade_out = last / FRAMES_PER_S if _falls(level[last:]) else frames.duration_s
    return fade_in, min(fade_out, frames.duration_s)


def _falls(level: Doubles) -> bool:
    if len(level) < _SHORTEST_FADE_S * FRAMES_PER_S:
        return False
    quarters = [float(part.mean()) for part in np.array_split(level, 4)]
    return all(later <= before - 1 for before, later in itertools.pairwise(quarters))


def _around(values: Doubles, width: int) -> Doubles:
    """Mean of `width` values around each; at the ends of those that there are."""
    width |= 1
    sums = np.cumsum(np.pad(values, (width // 2 + 1, width // 2)))
    counts = np.cumsum(np.pad(np.ones(len(values)), (width // 2 + 1, width // 2)))
    found: Doubles = (sums[width:] - sums[:-width]) / (counts[width:] - counts[:-width])
    return found


def _peaks(values: Doubles, reach: int, least: Doubles) -> Places:
    """Where the value is at least `least` and the largest within `reach`: the first of equals."""
    padded = np.pad(values, reach, constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.flatnonzero((windows.argmax(axis=1) == reach) & (values >= least))


def means(rows: Floats, starts: Places) -> Doubles:
    """(parts, columns): mean of the rows from each start up to the next; starts may repeat."""
    sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    ends = np.append(starts[1:], len(rows))
    ends = np.maximum(ends, starts + 1)
    found: Doubles = (sums[ends] - sums[starts]) / (ends - starts)[:, None]
    return found


def chroma_places(starts: Places, count: int) -> Places:
    """The chroma frames in which these frames lie."""
    return np.minimum(starts * HOP // CHROMA_HOP, count - 1)


def seconds(places: Places) -> Doubles:
    """Of frames, from the beginning of the track."""
    return places.astype(np.float64) * (HOP / RATE)


def _standardised(columns: Doubles) -> Doubles:
    deviation = columns.std(axis=0)
    # Columns that hardly vary would have their noise blown up.
    found: Doubles = (columns - columns.mean(axis=0)) / np.maximum(
        deviation, 0.1 * (deviation.max() + 1e-9)
    )
    return found
