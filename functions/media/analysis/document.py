"""The analysis as it is published: the Web API's `AudioAnalysisObject`, as JSON."""

import msgspec

# A change in how anything is measured makes another version.
VERSION = "1.0.0"


class Meta(msgspec.Struct, frozen=True):
    """How it was made. Neither when nor how quickly: a second run makes the same bytes."""

    analyzer_version: str = VERSION
    platform: str = "Linux"
    detailed_status: str = "OK"
    status_code: int = 0
    timestamp: int = 0
    analysis_time: float = 0.0
    input_process: str = "FFmpeg, mixed to mono, 22050 Hz"


class TrackAnalysis(msgspec.Struct, frozen=True, kw_only=True):
    """The track as a whole. The fingerprint strings of the contract are of dead formats: empty."""

    num_samples: int
    duration: float
    sample_md5: str = ""
    offset_seconds: int = 0
    window_seconds: int = 0
    analysis_sample_rate: int
    analysis_channels: int = 1
    end_of_fade_in: float
    start_of_fade_out: float
    loudness: float
    tempo: float
    tempo_confidence: float
    time_signature: int
    time_signature_confidence: float
    key: int
    key_confidence: float
    mode: int
    mode_confidence: float
    codestring: str = ""
    code_version: float = 0.0
    echoprintstring: str = ""
    echoprint_version: float = 0.0
    synchstring: str = ""
    synch_version: float = 0.0
    rhythmstring: str = ""
    rhythm_version: float = 0.0


class Interval(msgspec.Struct, frozen=True):
    """In seconds."""

    start: float
    duration: float
    confidence: float


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """`loudness` in dB below full scale; `key` and `mode` -1 where there is none."""

    start: float
    duration: float
    confidence: float
    loudness: float
    tempo: float
    tempo_confidence: float
    key: int
    key_confidence: float
    mode: int
    mode_confidence: float
    time_signature: int
    time_signature_confidence: float


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """Loudness in dB below full scale, times in seconds from the segment's start.

    `pitches`: 12 from C upwards, the strongest 1. `timbre`: 12 coefficients in dB, the level first.
    """

    start: float
    duration: float
    confidence: float
    loudness_start: float
    loudness_max: float
    loudness_max_time: float
    loudness_end: float
    pitches: list[float]
    timbre: list[float]


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """`AudioAnalysisObject`."""

    meta: Meta = Meta()
    track: TrackAnalysis
    bars: list[Interval]
    beats: list[Interval]
    sections: list[Section]
    segments: list[Segment]
    tatums: list[Interval]
