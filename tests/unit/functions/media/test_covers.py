import io
from pathlib import Path

import pytest
from PIL import Image

from functions.media import covers
from functions.media.covers import InvalidCoverError
from shared import ids
from tests.unit.functions.media import sounds


@pytest.mark.parametrize(
    "picture",
    [
        sounds.picture(1000, 1000),
        sounds.picture(50, 50),
        sounds.picture(900, 300, kind="PNG"),
        sounds.picture(30, 40, mode="RGBA", kind="PNG"),
        sounds.picture(30, 40, mode="CMYK"),
        sounds.picture(30, 40, mode="P", kind="GIF"),
        sounds.picture(30, 40, mode="L", kind="WEBP"),
    ],
)
def test_every_size_is_written(tmp_path: Path, picture: bytes) -> None:
    cover_id = covers.write(picture, tmp_path)
    assert ids.is_valid(cover_id)
    for size in (640, 300, 64):
        with Image.open(tmp_path / cover_id / f"{size}.jpg") as image:
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (size, size))


def test_the_same_picture_is_the_same_cover(tmp_path: Path) -> None:
    red, blue = sounds.picture(colour="red"), sounds.picture(colour="blue")
    assert covers.cover_id(red) == covers.write(red, tmp_path) != covers.cover_id(blue)


def test_a_wide_picture_is_cut_to_its_middle(tmp_path: Path) -> None:
    wide = Image.new("RGB", (300, 100), "blue")
    wide.paste("red", (100, 0, 200, 100))
    file = io.BytesIO()
    wide.save(file, "PNG")
    with Image.open(tmp_path / covers.write(file.getvalue(), tmp_path) / "64.jpg") as image:
        for corner in ((2, 2), (61, 61)):
            colour = image.getpixel(corner)
            assert isinstance(colour, tuple)
            assert colour[0] > 200
            assert colour[2] < 50


def test_transparency_becomes_white(tmp_path: Path) -> None:
    clear = io.BytesIO()
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(clear, "PNG")
    with Image.open(tmp_path / covers.write(clear.getvalue(), tmp_path) / "64.jpg") as image:
        assert image.getpixel((32, 32)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (b"", "not a picture"),
        (b"\xff\xd8\xff" + bytes(1000), "not a picture"),
        (b"GIF89a", "not a picture"),
        (sounds.picture(1000, 1000)[:2000], "damaged"),
        (sounds.picture(10_000, 10_000, mode="1", kind="PNG", colour="white"), "pixels"),
        (bytes(covers.MAX_BYTES + 1), "larger than"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
    ],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_picture_that_cannot_be_used(tmp_path: Path, picture: bytes, message: str) -> None:
    with pytest.raises(InvalidCoverError, match=message):
        covers.write(picture, tmp_path)
    assert list(tmp_path.iterdir()) == []
