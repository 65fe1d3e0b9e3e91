"""Tempo, beats, tatums and bars, from how the spectrum grows from frame to frame."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from functions.media.analysis.frames import CHROMA_HOP, FRAMES_PER_S, HOP, Floats, Frames

Doubles = NDArray[np.float64]
Places = NDArray[np.int64]

# Windows of 12 s every 3 s: long enough for four periods of the slowest tempo.
_WINDOW = 512
_STEP = 128
_TEMPI = np.geomspace(40, 240, 600)
_USUAL_TEMPO = 120.0
_OCTAVES_AROUND = 0.9
_PERIODS = 4
# A rise of less than this, in dB a frame on average over the bands, is no beat of anything.
_LEAST_ONSET_DB = 0.5
_LEAST_S = 2.0
# An envelope that varies by less than 0.05 dB is that of a steady sound.
_LEAST_POWER = _WINDOW * 0.05**2
_TIGHTNESS = 100.0
_MOST_DRIFT = 0.03
_METRES = (4, 3, 5, 7)
# Most music is in four; five and seven are believed only when they are plain.
_PRIOR = {4: 0.1, 3: 0.0, 5: -0.3, 7: -0.3}
_LEAST_METRE_CONFIDENCE = 0.1
_LEAST_BEATS = 12
_LEAST_ACCENT = 0.5
_AUDIBLE_BEAT = 0.1


@dataclass(frozen=True)
class Rhythm:
    """Of a whole track. `tempo` in beats a minute, 0 (and no `beats`) where there is none.

    `beats`: frame of each, ascending; `beat_confidence` likewise. `metre` in beats a bar, of which
    `downbeat` is the first one's index; `subdivision`: tatums a beat. `tempogram`: see there.
    """

    tempo: float
    tempo_confidence: float
    beats: Places
    beat_confidence: Doubles
    metre: int
    metre_confidence: float
    downbeat: int
    subdivision: int
    tempogram: Doubles


def rhythm(frames: Frames) -> Rhythm:
    """The rhythm of a track; one of less than two seconds has none."""
    envelope = _envelope(frames.onset)
    grid = tempogram(envelope)
    tempo, confidence = tempo_of(grid)
    if frames.duration_s < _LEAST_S or envelope.max(initial=0) < _LEAST_ONSET_DB:
        tempo, confidence = 0.0, 0.0
    beats = _beats(envelope, tempo) if confidence > 0 else np.empty(0, np.int64)
    if len(beats) < 2:
        return Rhythm(0.0, 0.0, beats[:0], np.empty(0), 4, 0.0, 0, 1, grid)
    strength = _at(envelope, beats)
    metre, metre_confidence, downbeat = _metre(frames, beats)
    return Rhythm(
        tempo=_refined(tempo, beats),
        tempo_confidence=confidence,
        beats=beats,
        beat_confidence=np.clip(strength / max(1e-9, np.percentile(strength, 90)), 0, 1),
        metre=metre,
        metre_confidence=metre_confidence,
        downbeat=downbeat,
        subdivision=_subdivision(envelope, beats),
        tempogram=grid,
    )


def tempogram(envelope: Doubles) -> Doubles:
    """(windows, lags): autocorrelation of the envelope around every third second, 1 at lag 0."""
    padded = np.pad(envelope, (0, max(0, _WINDOW - len(envelope))))
    windows = sliding_window_view(padded, _WINDOW)[::_STEP]
    found = [_autocorrelation(part) for part in np.array_split(windows, 1 + len(windows) // 256)]
    return np.concatenate(found)


def tempo_of(grid: Doubles) -> tuple[float, float]:
    """Tempo and confidence from (a part of) a tempogram.

    The tempo whose first four periods agree best, weighed by how usual it is.
    """
    sounding = grid[grid[:, 0] > 0]
    if not len(sounding):
        return 0.0, 0.0
    correlation = sounding.mean(axis=0)
    lags = 60 * FRAMES_PER_S / _TEMPI
    multiples = lags * np.arange(1, _PERIODS + 1)[:, None]
    known = multiples < _WINDOW * 0.75
    combed = np.interp(multiples, np.arange(_WINDOW), correlation) * known
    score = combed.sum(axis=0) / known.sum(axis=0)
    usual = np.exp(-0.5 * (np.log2(_TEMPI / _USUAL_TEMPO) / _OCTAVES_AROUND) ** 2)
    best = int(np.argmax(score * usual))
    return float(_TEMPI[best]), float(np.clip((score[best] - 0.05) / 0.55, 0, 1))


def window_of(frame: int) -> int:
    """The tempogram's first row that lies after a frame."""
    return frame // _STEP


def _envelope(onset: Floats) -> Doubles:
    """What stands out of the second around it."""
    width = round(FRAMES_PER_S) | 1
    sums = np.cumsum(np.pad(onset.astype(np.float64), (width // 2 + 1, width // 2)))
    around = (sums[width:] - sums[:-width]) / width
    envelope: Doubles = np.maximum(onset - around, 0)
    return envelope


def _autocorrelation(windows: NDArray[np.floating]) -> Doubles:
    centred = windows - windows.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centred, 2 * _WINDOW, axis=1)
    raw = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :_WINDOW]
    unbiased = raw * (_WINDOW / (_WINDOW - np.arange(_WINDOW)))
    power = raw[:, :1]
    found: Doubles = np.where(power > _LEAST_POWER, unbiased / np.maximum(power, _LEAST_POWER), 0.0)
    return found


def _beats(envelope: Doubles, tempo: float) -> Places:
    """The steady train that meets the most onsets: Ellis, Beat Tracking by Dynamic Programming."""
    period = 60 * FRAMES_PER_S / tempo
    sounding = envelope[envelope > 0]
    local = _smooth(envelope / max(1e-9, float(sounding.std())), period / 32)
    nearest, farthest = round(period / 2), round(2 * period)
    lags = np.arange(farthest, nearest - 1, -1)
    penalty = -_TIGHTNESS * np.log(lags / period) ** 2
    total = np.concatenate([np.full(farthest, -np.inf), local])
    back = np.full(len(local), -1, np.int64)
    # Nobody looks back less than half a period: that many frames are worked out at once.
    for start in range(0, len(local), nearest):
        frames = np.arange(start, min(start + nearest, len(local)))
        choices = total[farthest + frames[:, None] - lags] + penalty
        best = choices.argmax(axis=1)
        gain = choices[np.arange(len(frames)), best]
        worthwhile = gain > 0
        total[farthest + frames[worthwhile]] += gain[worthwhile]
        back[frames[worthwhile]] = (frames - lags[best])[worthwhile]
    scores = total[farthest:]
    last = max(0, len(scores) - round(period))
    beat = last + int(np.argmax(scores[last:]))
    beats = []
    while beat >= 0:
        beats.append(beat)
        beat = int(back[beat])
    return _without_silent_ends(envelope, np.array(beats[::-1], np.int64))


def _refined(tempo: float, beats: Places) -> float:
    """The tempo by the beats themselves, unless they leave it."""
    if len(beats) < _LEAST_BEATS:
        return tempo
    index = np.arange(len(beats)) - (len(beats) - 1) / 2
    by_beats = 60 * FRAMES_PER_S * float(index @ index) / float(index @ beats)
    return by_beats if abs(by_beats / tempo - 1) < _MOST_DRIFT else tempo


def _without_silent_ends(envelope: Doubles, beats: Places) -> Places:
    strength = _at(envelope, beats)
    heard = np.flatnonzero(strength > _AUDIBLE_BEAT * np.sqrt(np.mean(strength**2)))
    return beats[heard[0] : heard[-1] + 1] if len(heard) else beats[:0]


def _smooth(values: Doubles, deviation: float) -> Doubles:
    reach = max(1, round(3 * deviation))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(deviation, 0.3)) ** 2)
    if len(values) <= 2 * reach:
        return values
    smooth: Doubles = np.convolve(values, kernel, "same")
    return smooth


def _at(values: NDArray[np.floating], places: Places) -> Doubles:
    """The largest value within a frame of each place."""
    padded = np.pad(values.astype(np.float64), 1)
    found: Doubles = np.maximum.reduce([padded[places + shift] for shift in range(3)])
    return found


def _metre(frames: Frames, beats: Places) -> tuple[int, float, int]:
    """Beats a bar, how plain that is, and the first downbeat: from accents that come again."""
    if len(beats) < _LEAST_BEATS:
        return 4, 0.0, 0
    level = 10 * np.log10(np.maximum(frames.power, 1e-6))
    accent = _standard(_at(level, np.minimum(beats + 2, len(level) - 1)), 2.0)
    accent += _standard(_at(frames.bass_onset, beats), 4.0)
    accent += _standard(_harmonic_change(frames, beats), 0.1)
    power = float(np.mean(accent**2))
    if power < _LEAST_ACCENT:
        return 4, 0.0, 0

    def again(lag: int) -> float:
        return float(np.mean(accent[lag:] * accent[:-lag]) / power)

    scores = {metre: again(metre) + _PRIOR[metre] for metre in _METRES}
    scores[4] = max(scores[4], again(2))
    metre = max(_METRES, key=lambda each: scores[each])
    others = max(score for each, score in scores.items() if each != metre)
    phases = [float(accent[phase::metre].mean()) for phase in range(metre)]
    confidence = np.clip(min(scores[metre] - others, again(metre)), 0, 1)
    if metre != 4 and confidence < _LEAST_METRE_CONFIDENCE:
        return 4, 0.0, 0
    return metre, float(confidence), int(np.argmax(phases))


def _harmonic_change(frames: Frames, beats: Places) -> Doubles:
    """One minus the likeness of the harmony after each beat to that before it."""
    place = np.minimum(beats * HOP // CHROMA_HOP, len(frames.chroma) - 1)
    edges = np.append(place, len(frames.chroma))
    edges = np.maximum.accumulate(edges)
    spans = np.add.reduceat(frames.chroma, np.minimum(edges[:-1], len(frames.chroma) - 1))
    unit = spans / np.maximum(np.linalg.norm(spans, axis=1, keepdims=True), 1e-9)
    likeness = np.sum(unit[1:] * unit[:-1], axis=1)
    return np.concatenate([[0.0], 1 - likeness.astype(np.float64)])


def _standard(values: Doubles, least: float) -> Doubles:
    """In deviations from the mean; variation of less than `least` counts for less."""
    found: Doubles = (values - values.mean()) / max(float(values.std()), least)
    return found


def _subdivision(envelope: Doubles, beats: Places) -> int:
    """Whether more happens at halves or at thirds of the beats, or nothing much between them."""

    def between(*shares: float) -> float:
        gaps = np.diff(beats)
        places = [beats[:-1] + np.rint(gaps * share).astype(np.int64) for share in shares]
        return float(np.mean([_at(envelope, each).mean() for each in places]))

    whole, halves, thirds = float(_at(envelope, beats).mean()), between(0.5), between(1 / 3, 2 / 3)
    if max(halves, thirds) < 0.1 * whole:
        return 1
    return 2 if halves >= thirds else 3
