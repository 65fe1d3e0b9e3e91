import dataclasses
import itertools

import pytest

from emulators.demo import score
from emulators.demo.pieces import ALBUMS
from emulators.demo.score import MODES, Part, Score

SCORES = [piece.score for album in ALBUMS for piece in album.pieces]


@pytest.mark.parametrize("piece", SCORES)
def test_every_tone_is_in_the_key(piece: Score) -> None:
    key = {(piece.tonic + interval) % 12 for interval in MODES[piece.mode]}
    pitched = [note for note in score.notes(piece) if note.part in {"melody", "chords", "bass"}]
    assert pitched
    assert {note.pitch % 12 for note in pitched} <= key


@pytest.mark.parametrize("piece", SCORES)
def test_notes_lie_within_the_piece(piece: Score) -> None:
    for note in score.notes(piece):
        assert 0 <= note.start < piece.beats
        assert 0 < note.velocity <= 1
        assert 24 <= note.pitch <= 96


@pytest.mark.parametrize("piece", SCORES)
def test_chords_move_little(piece: Score) -> None:
    tones = [note.pitch for note in score.notes(piece) if note.part is Part.chords]
    chords = [tones[start : start + 4] for start in range(0, len(tones), 4)]
    for before, after in itertools.pairwise(chords):
        assert max(abs(a - b) for a, b in zip(before, after, strict=True)) <= 5


def test_the_seed_makes_the_melody() -> None:
    piece = SCORES[0]
    assert score.notes(piece) == score.notes(piece)
    other = dataclasses.replace(piece, seed=piece.seed + 1)
    assert score.notes(piece) != score.notes(other)


def test_swing_delays_the_second_eighths() -> None:
    piece = dataclasses.replace(SCORES[0], swing=0.1)
    hats = [note.start % 1 for note in score.notes(piece) if note.part is Part.hat]
    assert {round(at, 6) for at in hats} == {0.0, 0.6}
