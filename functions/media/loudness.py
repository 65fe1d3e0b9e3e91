"""How loud a track is (EBU R128), read from what FFmpeg's `ebur128` filter says at its end."""

import re
from dataclasses import dataclass

# Silence has no loudness. These stand for it: the gate of EBU R128, and a 24-bit zero.
SILENT_LUFS = -70.0
SILENT_PEAK_DB = -144.0

_SUMMARY = re.compile(
    r"Integrated loudness:\s+I:\s+(?P<lufs>\S+) LUFS.*?True peak:\s+Peak:\s+(?P<peak>\S+) dBFS",
    re.DOTALL,
)


@dataclass(frozen=True)
class Loudness:
    """`integrated_lufs` in LUFS, `true_peak_db` in dBTP."""

    integrated_lufs: float
    true_peak_db: float


def parse(log: str) -> Loudness:
    """From FFmpeg's log; raises `ValueError` if it has no summary."""
    summaries = list(_SUMMARY.finditer(log))
    if not summaries:
        raise ValueError("no ebur128 summary in the log")
    found = summaries[-1]  # the log repeats the track's tags before, and they may say anything
    return Loudness(
        integrated_lufs=_at_least(SILENT_LUFS, found["lufs"]),
        true_peak_db=_at_least(SILENT_PEAK_DB, found["peak"]),
    )


def _at_least(least: float, text: str) -> float:
    value = float(text)
    return max(least, value)
