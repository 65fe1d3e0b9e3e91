"""The demo's two albums: what is played, by which instruments, under which cover."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emulators.demo import cover, synth
from emulators.demo.cover import Colour, Painter
from emulators.demo.score import Part, Score
from emulators.demo.synth import Voice


@dataclass(frozen=True)
class Piece:
    """A track to compose. A `lossless` one is stored as FLAC, the others as Ogg Vorbis."""

    title: str
    score: Score
    voices: Mapping[Part, Voice]
    isrc: str
    lossless: bool = False
    room_s: float = 1.8


@dataclass(frozen=True)
class Album:
    """Tracks of one artist. The cover lies in each file, or beside them as `cover.jpg`."""

    title: str
    artist: str
    genre: str
    date: str
    pieces: Sequence[Piece]
    painter: Painter
    palette: Sequence[Colour]
    seed: int
    is_cover_in_files: bool


_FIRST_LIGHT = Piece(
    title="First Light on the Quay",
    isrc="QZCDZ2600001",
    lossless=True,
    score=Score(
        tonic=62,
        mode="ionian",
        beats_a_bar=4,
        tempo=80,
        chords=(0, 5, 3, 4, 0, 2, 3, 4, 5, 3, 4, 0),
        melody_bars=range(2, 12),
        drum_bars=range(4, 11),
        kick=(0, 2.5),
        snare=(1, 3),
        seed=11,
    ),
    voices={
        Part.melody: Voice(synth.bell, 0.34, pan=0.15, room=0.4),
        Part.chords: Voice(synth.electric_piano, 0.2, pan=-0.15, room=0.2),
        Part.arpeggio: Voice(synth.harp, 0.12, pan=0.35, room=0.35),
        Part.bass: Voice(synth.bass, 0.34, room=0.03),
        Part.kick: Voice(synth.kick, 0.5, room=0.02),
        Part.snare: Voice(synth.brush, 0.16, pan=0.05, room=0.12),
        Part.hat: Voice(synth.hat, 0.07, pan=-0.3, room=0.08),
    },
)

_PAPER_LANTERNS = Piece(
    title="Paper Lanterns",
    isrc="QZCDZ2600002",
    room_s=2.4,
    score=Score(
        tonic=66,
        mode="aeolian",
        beats_a_bar=3,
        tempo=116,
        chords=(0, 0, 5, 2, 6, 0, 5, 2, 4, 0, 3, 0, 5, 6, 2, 5, 3, 6, 0, 0),
        melody_bars=range(2, 19),
        drum_bars=range(0),
        seed=23,
    ),
    voices={
        Part.melody: Voice(synth.flute, 0.24, pan=-0.1, room=0.45),
        Part.chords: Voice(synth.pad, 0.05, room=0.4),
        Part.arpeggio: Voice(synth.harp, 0.26, pan=0.25, room=0.35),
        Part.bass: Voice(synth.bass, 0.24, room=0.06),
    },
)

_TRAM_TO_THE_SEA = Piece(
    title="Tram to the Sea",
    isrc="QZCDZ2600003",
    score=Score(
        tonic=57,
        mode="dorian",
        beats_a_bar=4,
        tempo=94,
        chords=(0, 3, 0, 3, 0, 3, 6, 2, 0, 3, 5, 4, 0, 3),
        melody_bars=range(2, 14),
        drum_bars=range(1, 13),
        kick=(0, 1.5, 2),
        snare=(1, 3),
        swing=0.14,
        seed=37,
    ),
    voices={
        Part.melody: Voice(synth.electric_piano, 0.3, pan=0.2, room=0.3),
        Part.chords: Voice(synth.electric_piano, 0.15, pan=-0.25, room=0.18),
        Part.bass: Voice(synth.bass, 0.4, room=0.02),
        Part.kick: Voice(synth.kick, 0.6, room=0.02),
        Part.snare: Voice(synth.brush, 0.26, pan=0.1, room=0.15),
        Part.hat: Voice(synth.hat, 0.12, pan=-0.25, room=0.06),
    },
)

_QUIET_PLATFORM = Piece(
    title="Quiet Platform",
    isrc="QZCDZ2600004",
    room_s=2.8,
    score=Score(
        tonic=63,
        mode="mixolydian",
        beats_a_bar=4,
        tempo=66,
        chords=(0, 6, 3, 0, 5, 3, 6, 0),
        melody_bars=range(1, 8),
        drum_bars=range(0),
        seed=41,
    ),
    voices={
        Part.melody: Voice(synth.bell, 0.22, pan=0.2, room=0.6),
        Part.chords: Voice(synth.pad, 0.09, room=0.4),
        Part.arpeggio: Voice(synth.electric_piano, 0.1, pan=-0.3, room=0.5),
        Part.bass: Voice(synth.bass, 0.24, room=0.05),
    },
)

ALBUMS = (
    Album(
        title="Paper Lanterns",
        artist="Ida Corvane",
        genre="Chamber Pop",
        date="2026-03-20",
        pieces=(_FIRST_LIGHT, _PAPER_LANTERNS),
        painter=cover.lanterns,
        palette=((24, 27, 68), (214, 112, 106), (255, 186, 104), (22, 24, 56), (255, 226, 176)),
        seed=5,
        is_cover_in_files=True,
    ),
    Album(
        title="Night Trams",
        artist="Osse Linden",
        genre="Downtempo",
        date="2026-06-05",
        pieces=(_TRAM_TO_THE_SEA, _QUIET_PLATFORM),
        painter=cover.night_tram,
        palette=(
            *((13, 18, 43), (62, 92, 138)),
            *((242, 232, 207), (12, 14, 30), (250, 196, 98), (120, 134, 168)),
        ),
        seed=8,
        is_cover_in_files=False,
    ),
)
