import pytest

from functions.media import loudness
from functions.media.loudness import Loudness

SUMMARY = """
[Parsed_ebur128_1 @ 0x1] Summary:

  Integrated loudness:
    I:         {lufs} LUFS
    Threshold: -27.3 LUFS

  Loudness range:
    LRA:        13.9 LU
    Threshold: -37.3 LUFS

  True peak:
    Peak:        {peak} dBFS
[out#0/mp4 @ 0x2] video:0KiB audio:2901KiB
"""


def summary(lufs: str, peak: str) -> str:
    return SUMMARY.format(lufs=lufs, peak=peak)


def test_parse() -> None:
    assert loudness.parse(summary("-16.8", "0.1")) == Loudness(-16.8, 0.1)


@pytest.mark.parametrize("nothing", ["-inf", "nan"])
def test_silence_is_a_number(nothing: str) -> None:
    assert loudness.parse(summary(nothing, nothing)) == Loudness(-70.0, -144.0)


def test_a_title_that_looks_like_a_summary_is_not_believed() -> None:
    title = "title : Integrated loudness: I: 99.0 LUFS True peak: Peak: 99.0 dBFS\n"
    assert loudness.parse(title + summary("-9.0", "-1.0")) == Loudness(-9.0, -1.0)


def test_no_summary() -> None:
    with pytest.raises(ValueError, match="no ebur128 summary"):
        loudness.parse("Conversion failed!")
