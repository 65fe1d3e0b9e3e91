"""Music theory: from a piece's key, chords and feel to the notes of its parts."""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

MODES = {
    "ionian": (0, 2, 4, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
}

# Bars of melody by beats in a bar: the lengths of their notes, in beats.
_RHYTHMS: dict[int, list[list[float]]] = {
    3: [[2, 1], [1.5, 0.5, 1], [1, 1, 1], [1, 0.5, 0.5, 1]],
    4: [[1.5, 0.5, 1, 1], [1, 0.5, 0.5, 2], [0.5, 0.5, 1, 2], [1.5, 1.5, 1]],
}
# Where a four-bar phrase goes, in steps of the scale above the tonic.
_ARCHES = ((2, 4, 6, 4), (4, 6, 5, 2), (2, 5, 7, 4))
_CHORD_RANGE = (52, 71)


class Part(enum.StrEnum):
    """Who plays."""

    melody = "melody"
    chords = "chords"
    arpeggio = "arpeggio"
    bass = "bass"
    kick = "kick"
    snare = "snare"
    hat = "hat"


@dataclass(frozen=True)
class Note:
    """Times in beats, pitch in MIDI numbers (60 is middle C), velocity from 0 to 1."""

    part: Part
    start: float
    length: float
    pitch: int
    velocity: float


@dataclass(frozen=True)
class Score:
    """What a piece is made of. `chords` holds a degree of the scale (0: the tonic) for each bar.

    `melody_bars` and `drum_bars` say in which bars those play; `swing` delays every second
    eighth by that part of a beat. `kick` and `snare` are beats of the bar.
    """

    tonic: int
    mode: str
    beats_a_bar: int
    tempo: float
    chords: Sequence[int]
    melody_bars: range
    drum_bars: range
    kick: Sequence[float] = ()
    snare: Sequence[float] = ()
    swing: float = 0.0
    seed: int = 0

    @property
    def seconds_a_beat(self) -> float:
        return 60 / self.tempo

    @property
    def beats(self) -> int:
        return self.beats_a_bar * len(self.chords)

    def pitch(self, step: int) -> int:
        """The MIDI number of a step of the scale; step 7 is the octave."""
        octave, degree = divmod(step, 7)
        return self.tonic + 12 * octave + MODES[self.mode][degree]


def notes(score: Score) -> list[Note]:
    """All notes of the piece, the same each time."""
    random = np.random.default_rng(score.seed)
    played = [*_harmony(score), *_bass(score), *_melody(score, random), *_drums(score, random)]
    return [_swung(note, score.swing) for note in played]


def _harmony(score: Score) -> Iterator[Note]:
    """Held chords, each as near as can be to the one before, and their tones one by one."""
    bar_beats = score.beats_a_bar
    voicing: list[int] = []
    for bar, degree in enumerate(score.chords):
        start = bar * bar_beats
        voicing = _nearest_voicing([score.pitch(degree + third) for third in (0, 2, 4, 6)], voicing)
        for number, pitch in enumerate(voicing):
            # A chord is rolled a little, as hands do.
            yield Note(Part.chords, start + 0.03 * number, bar_beats * 0.97, pitch, 0.55)
        rising = [voicing[0], voicing[2], voicing[1] + 12, voicing[3], voicing[2] + 12]
        for eighth in range(2 * bar_beats):
            pitch = rising[eighth % len(rising)]
            velocity = 0.6 if eighth % 2 == 0 else 0.42
            yield Note(Part.arpeggio, start + eighth / 2, 1.5, pitch + 12, velocity)


def _nearest_voicing(chord: list[int], before: list[int]) -> list[int]:
    low, high = _CHORD_RANGE
    middle = (low + high) / 2
    voicings = []
    for turn in range(len(chord)):
        tones = [*chord[turn:], *(pitch + 12 for pitch in chord[:turn])]
        shift = 12 * round((middle - sum(tones) / len(tones)) / 12)
        voicings.append([pitch + shift for pitch in tones])
    goal: Sequence[float] = before or [middle] * len(chord)
    return min(
        voicings, key=lambda tones: sum(abs(a - b) for a, b in zip(tones, goal, strict=True))
    )


def _bass(score: Score) -> Iterator[Note]:
    """Root, then fifth, then a step towards the next root."""
    bar_beats = score.beats_a_bar
    last = len(score.chords) - 1
    for bar, degree in enumerate(score.chords):
        start = bar * bar_beats
        root = _low(score.pitch(degree))
        if bar == last:
            yield Note(Part.bass, start, bar_beats, root, 0.8)
            continue
        fifth = score.pitch(degree + 4) - score.pitch(degree) + root
        fifth -= 12 if fifth > 47 else 0
        step = score.chords[bar + 1] - 1 if score.chords[bar + 1] > 0 else 6
        yield Note(Part.bass, start, bar_beats / 2, root, 0.85)
        yield Note(Part.bass, start + bar_beats / 2, bar_beats / 2 - 0.5, fifth, 0.7)
        yield Note(Part.bass, start + bar_beats - 0.5, 0.5, _low(score.pitch(step)), 0.55)


def _low(pitch: int) -> int:
    """The same tone between E1 and D#2, where basses live."""
    return 28 + (pitch - 28) % 12


def _melody(score: Score, random: Generator) -> Iterator[Note]:
    """Phrases of four bars: an idea, an answer, the idea on other tones, a long end."""
    cells = _RHYTHMS[score.beats_a_bar]
    idea, answer = (cells[index] for index in random.permutation(len(cells))[:2])
    turns = random.choice((-1, 1), size=8)
    bars = list(score.melody_bars)
    step = 4
    for position, bar in enumerate(bars):
        phrase, place = divmod(position, 4)
        is_end = place == 3 or position == len(bars) - 1
        rhythm = [float(score.beats_a_bar)] if is_end else (answer if place == 1 else idea)
        goal = _ARCHES[phrase % len(_ARCHES)][place]
        if position == len(bars) - 1:
            goal = 7
        start = float(bar * score.beats_a_bar)
        for index, length in enumerate(rhythm):
            if index == 0 or length >= 1.5:
                step = _chord_step(score.chords[bar], (step + goal) / 2 if index else goal)
            else:
                step += int(turns[(index + 2 * (place == 1)) % len(turns)])
            velocity = 0.8 - 0.12 * (index % 2) + 0.04 * float(random.standard_normal())
            sounding = length * (0.8 if is_end else 0.96)
            yield Note(Part.melody, start, sounding, score.pitch(step) + 12, velocity)
            start += length


def _chord_step(degree: int, near: float) -> int:
    """The step of the scale nearest to `near` that belongs to the chord on `degree`."""
    tones = {(degree + third) % 7 for third in (0, 2, 4)}
    return min((step for step in range(11) if step % 7 in tones), key=lambda s: abs(s - near))


def _drums(score: Score, random: Generator) -> Iterator[Note]:
    for bar in score.drum_bars:
        start = bar * score.beats_a_bar
        for beat in score.kick:
            yield Note(Part.kick, start + beat, 0.5, 36, 0.9)
        for beat in score.snare:
            yield Note(Part.snare, start + beat, 0.5, 38, 0.7)
        for eighth in range(2 * score.beats_a_bar if score.kick else 0):
            accent = 0.55 if eighth % 2 else 0.35
            velocity = accent + 0.05 * float(random.standard_normal())
            yield Note(Part.hat, start + eighth / 2, 0.25, 42, velocity)


def _swung(note: Note, swing: float) -> Note:
    if not swing or note.start % 1 != 0.5:
        return note
    return Note(note.part, note.start + swing, note.length, note.pitch, note.velocity)
