"""Cover pictures: squares in the sizes that the catalogue offers."""

import hashlib
import io
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from shared import ids

SIZES = (640, 300, 64)
MAX_BYTES = 20 * 1024 * 1024
_MAX_PIXELS = 50_000_000
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_QUALITY = 88


class InvalidCoverError(Exception):
    """The picture cannot be used; the message says why, for the uploader."""


def cover_id(picture: bytes) -> str:
    """The same picture is the same cover, whoever sends it."""
    return ids.from_bytes(hashlib.sha256(picture).digest()[: ids.BYTES])


def write(picture: bytes, out: Path) -> str:
    """Write `<out>/<cover id>/<size>.jpg` and return the id; raises `InvalidCoverError`.

    A picture that is no square is cut to its middle: covers are squares everywhere they are shown,
    and bars drawn into the file would stay for good.
    """
    image = _read(picture)
    folder = out / cover_id(picture)
    folder.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        square = ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS)
        square.save(folder / f"{size}.jpg", quality=_QUALITY, optimize=True, progressive=True)
    return folder.name


def _read(picture: bytes) -> Image.Image:
    if len(picture) > MAX_BYTES:
        raise InvalidCoverError(f"The cover is larger than {MAX_BYTES // 1024**2} MiB")
    try:
        with Image.open(io.BytesIO(picture), formats=_FORMATS) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise InvalidCoverError(f"The cover has {image.width} by {image.height} pixels")
            # Lets the JPEG decoder scale down as it reads.
            image.draft("RGB", (2 * SIZES[0], 2 * SIZES[0]))
            return _opaque(ImageOps.exif_transpose(image))
    except InvalidCoverError:
        raise
    except UnidentifiedImageError as error:
        raise InvalidCoverError("The cover is not a picture of a kind that we know") from error
    except (OSError, ValueError, SyntaxError, LookupError, ArithmeticError) as error:
        raise InvalidCoverError("The cover is damaged") from error
    except Image.DecompressionBombError as error:
        raise InvalidCoverError("The cover has too many pixels") from error


def _opaque(image: Image.Image) -> Image.Image:
    """In RGB, on white where it was transparent."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    white = Image.new("RGBA", rgba.size, "white")
    return Image.alpha_composite(white, rgba).convert("RGB")
