"""Listens to a track while it is encoded, and says afterwards what was to be heard."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

from functions.media.analysis import embedding, structure
from functions.media.analysis.document import (
    Analysis,
    Interval,
    Section,
    Segment,
    TrackAnalysis,
)
from functions.media.analysis.estimates import Estimates, estimates
from functions.media.analysis.frames import FRAMES_PER_S, RATE, Floats, FrameMeter, Frames
from functions.media.analysis.rhythm import Rhythm, rhythm, tempo_of, window_of
from functions.media.analysis.structure import Cuts
from functions.media.analysis.tonality import Key, key_of, pitch_classes
from shared.events import Features

Doubles = NDArray[np.float64]

_BLOCK_BYTES = 262_144
_SAMPLE_BYTES = 4
_SHORTEST_S = 0.001


@dataclass(frozen=True)
class Heard:
    """`features` for the catalogue, `analysis` to be published; `vector`: see `embedding`."""

    features: Features
    analysis: Analysis
    vector: list[float]


def listen(stream: IO[bytes], *others: Callable[[Floats], None]) -> Frames:
    """Reads mono 32-bit floats at `RATE` to their end, a block at a time, and closes the stream.

    `others` are shown each block, too. Whatever happens, the stream is read to its end: its writer
    would wait for ever.
    """
    meter = FrameMeter()
    try:
        rest = b""
        while data := stream.read(_BLOCK_BYTES):
            data = rest + data
            whole = len(data) // _SAMPLE_BYTES * _SAMPLE_BYTES
            samples = np.frombuffer(data[:whole], "<f4")
            for watch in (meter.add, *others):
                watch(samples)
            rest = data[whole:]
        return meter.frames()
    finally:
        with stream:
            while stream.read(_BLOCK_BYTES):
                pass


def hear(frames: Frames, lufs: float) -> Heard:
    """Everything about a track from its frames and its integrated loudness."""
    pitches = pitch_classes(frames.chroma, frames.tuning)
    beat, key = rhythm(frames), key_of(pitches)
    cuts = structure.segments(frames)
    guessed = estimates(frames, beat, key, cuts, lufs)
    vector = embedding.embedding(frames, pitches, beat, key, guessed)
    return Heard(
        features=_features(beat, key, guessed, lufs),
        analysis=Analysis(
            track=_track(frames, beat, key, lufs),
            bars=_intervals(*_bars(beat), frames),
            beats=_intervals(_times(beat), beat.beat_confidence, frames),
            sections=_sections(frames, pitches, beat),
            segments=_segments(frames, pitches, cuts),
            tatums=_intervals(*_tatums(beat), frames),
        ),
        vector=_list(vector, 5),
    )


def _features(beat: Rhythm, key: Key, guessed: Estimates, lufs: float) -> Features:
    return Features(
        tempo=_round(beat.tempo),
        tempo_confidence=_round(beat.tempo_confidence),
        key=key.key,
        key_confidence=_round(key.key_confidence),
        mode=key.mode,
        mode_confidence=_round(key.mode_confidence),
        time_signature=beat.metre,
        time_signature_confidence=_round(beat.metre_confidence),
        loudness=_round(lufs),
        energy=_round(guessed.energy),
        danceability=_round(guessed.danceability),
        valence=_round(guessed.valence),
        acousticness=_round(guessed.acousticness),
        instrumentalness=_round(guessed.instrumentalness),
        liveness=_round(guessed.liveness),
        speechiness=_round(guessed.speechiness),
    )


def _track(frames: Frames, beat: Rhythm, key: Key, lufs: float) -> TrackAnalysis:
    fade_in, fade_out = structure.fades(frames)
    return TrackAnalysis(
        num_samples=frames.samples,
        duration=_round(frames.duration_s, 5),
        analysis_sample_rate=RATE,
        end_of_fade_in=_round(fade_in, 5),
        start_of_fade_out=_round(fade_out, 5),
        loudness=_round(lufs),
        tempo=_round(beat.tempo),
        tempo_confidence=_round(beat.tempo_confidence),
        time_signature=beat.metre,
        time_signature_confidence=_round(beat.metre_confidence),
        key=key.key,
        key_confidence=_round(key.key_confidence),
        mode=key.mode,
        mode_confidence=_round(key.mode_confidence),
    )


def _times(beat: Rhythm) -> Doubles:
    return structure.seconds(beat.beats)


def _bars(beat: Rhythm) -> tuple[Doubles, Doubles]:
    first = slice(beat.downbeat, None, beat.metre)
    confidence = beat.beat_confidence[first] * (0.5 + beat.metre_confidence / 2)
    return _times(beat)[first], confidence


def _tatums(beat: Rhythm) -> tuple[Doubles, Doubles]:
    times, parts = _times(beat), beat.subdivision
    if len(times) < 2:
        return times, beat.beat_confidence
    places = np.arange((len(times) - 1) * parts + 1) / parts
    whole = np.arange(len(times))
    return np.interp(places, whole, times), np.interp(places, whole, beat.beat_confidence)


def _sections(frames: Frames, pitches: Floats, beat: Rhythm) -> list[Section]:
    cuts = structure.sections(frames, pitches)
    ends = np.append(cuts.starts[1:], len(frames.power))
    times = _with_end(structure.seconds(cuts.starts), frames)
    chroma = structure.chroma_places(cuts.starts, len(pitches))
    chroma_ends = np.maximum(np.append(chroma[1:], len(pitches)), chroma + 1)
    found = []
    for i, (start, end) in enumerate(zip(cuts.starts, ends, strict=True)):
        windows = beat.tempogram[window_of(start) : max(window_of(end), window_of(start) + 1)]
        tempo, confidence = tempo_of(windows) if beat.tempo else (0.0, 0.0)
        key = key_of(pitches[chroma[i] : chroma_ends[i]])
        loudness = structure.decibels(frames.power[start:end].mean(keepdims=True))
        found.append(
            Section(
                start=_round(times[i], 5),
                duration=_round(times[i + 1] - times[i], 5),
                confidence=_round(cuts.confidence[i]),
                loudness=_round(loudness[0]),
                tempo=_round(tempo),
                tempo_confidence=_round(confidence),
                key=key.key,
                key_confidence=_round(key.key_confidence),
                mode=key.mode if key.key >= 0 else -1,
                mode_confidence=_round(key.mode_confidence),
                time_signature=beat.metre,
                time_signature_confidence=_round(beat.metre_confidence),
            )
        )
    return found


def _segments(frames: Frames, pitches: Floats, cuts: Cuts) -> list[Segment]:
    level = structure.decibels(frames.power)
    ends = np.append(cuts.starts[1:], len(level))
    times = _with_end(structure.seconds(cuts.starts), frames)
    timbre = structure.means(frames.timbre, cuts.starts)
    sums = structure.means(pitches, structure.chroma_places(cuts.starts, len(pitches)))
    strongest = sums.max(axis=1, keepdims=True)
    shares = np.where(strongest > 0, sums / np.maximum(strongest, 1e-12), 0.0)
    found = []
    for i, (start, end) in enumerate(zip(cuts.starts, ends, strict=True)):
        loudest = int(np.argmax(level[start:end]))
        duration = times[i + 1] - times[i]
        found.append(
            Segment(
                start=_round(times[i], 5),
                duration=_round(duration, 5),
                confidence=_round(cuts.confidence[i]),
                loudness_start=_round(level[start]),
                loudness_max=_round(level[start + loudest]),
                loudness_max_time=_round(min(loudest / FRAMES_PER_S, duration), 5),
                loudness_end=_round(level[min(end, len(level) - 1)]),
                pitches=_list(shares[i]),
                timbre=_list(timbre[i]),
            )
        )
    return found


def _intervals(starts: Doubles, confidence: Doubles, frames: Frames) -> list[Interval]:
    """Each lasts until the next; the last one as long as the one before it, or to the end."""
    if not len(starts):
        return []
    last = starts[-1] - starts[-2] if len(starts) > 1 else frames.duration_s
    durations = np.diff(starts, append=min(starts[-1] + last, frames.duration_s))
    return [
        Interval(_round(start, 5), _round(max(duration, 0.0), 5), _round(each))
        for start, duration, each in zip(starts, durations, confidence, strict=True)
        if start < frames.duration_s
    ]


def _with_end(starts: Doubles, frames: Frames) -> Doubles:
    return np.append(starts, max(frames.duration_s, starts[-1] + _SHORTEST_S))


def _round(value: float, digits: int = 3) -> float:
    return round(float(value), digits)


def _list(values: NDArray[np.floating], digits: int = 3) -> list[float]:
    return [_round(value, digits) for value in values]
