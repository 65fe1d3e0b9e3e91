"""Album covers drawn from a palette and a seed."""

import io
from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFilter

SIZE = 1000
# Drawn larger and made smaller, so that edges are smooth.
_SCALE = 2
_EDGE = SIZE * _SCALE

Colour = tuple[int, int, int]
Painter = Callable[[Image.Image, Generator, Sequence[Colour]], None]


def draw(painter: Painter, palette: Sequence[Colour], seed: int) -> bytes:
    """A square JPEG of `SIZE` pixels: the same arguments always give the same bytes.

    The first two colours are those of the sky, from top to bottom; painters use the others.
    """
    image = _gradient(palette[0], palette[1])
    painter(image, np.random.default_rng(seed), palette[2:])
    small = image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    small.save(data, "JPEG", quality=90)
    return data.getvalue()


def lanterns(image: Image.Image, random: Generator, colours: Sequence[Colour]) -> None:
    """Lights that rise over dark water, and their reflections."""
    glow, water, core = colours
    horizon = round(_EDGE * 0.72)
    ImageDraw.Draw(image).rectangle((0, horizon, _EDGE, _EDGE), fill=water)
    for _ in range(15):
        depth = random.random()
        x = _EDGE * (0.06 + 0.88 * random.random())
        y = horizon * (0.1 + 0.78 * random.random())
        radius = _EDGE * (0.012 + 0.05 * depth)
        _glow(image, (x, y), radius * 3.2, glow, 0.5)
        _ellipse(image, (x, y), (radius, radius * 1.25), core)
        reflected = horizon + (horizon - y) * 0.33 + radius
        _glow(image, (x, reflected), radius * 2.2, glow, 0.35)
    _ripples(image, random, horizon, glow)


def night_tram(image: Image.Image, random: Generator, colours: Sequence[Colour]) -> None:
    """A moon between towers with lit windows, over rails that meet far away."""
    moon, tower, window, rail = colours
    centre = _EDGE / 2
    horizon = round(_EDGE * 0.68)
    _glow(image, (centre, _EDGE * 0.4), _EDGE * 0.42, moon, 0.45)
    _ellipse(image, (centre, _EDGE * 0.4), (_EDGE * 0.17, _EDGE * 0.17), moon)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, horizon, _EDGE, _EDGE), fill=tower)
    x = 0.0
    while x < _EDGE:
        width = _EDGE * (0.06 + 0.07 * random.random())
        away = abs(x + width / 2 - centre) / centre
        height = _EDGE * (0.05 + 0.38 * away**1.3 + 0.08 * random.random())
        pen.rectangle((x, horizon - height, x + width, horizon), fill=tower)
        _windows(pen, random, (x, horizon - height, x + width, horizon), window)
        x += width * 1.04
    for spread in (-0.62, -0.2, 0.2, 0.62):
        foot = centre + spread * _EDGE
        pen.line((centre + spread * 30, horizon, foot, _EDGE), fill=rail, width=round(_EDGE / 130))


def _gradient(top: Colour, bottom: Colour) -> Image.Image:
    way = np.linspace(0, 1, _EDGE)[:, np.newaxis]
    column = np.array(top) * (1 - way) + np.array(bottom) * way
    pixels = np.broadcast_to(column[:, np.newaxis, :], (_EDGE, _EDGE, 3))
    return Image.fromarray(pixels.astype(np.uint8))


def _glow(
    image: Image.Image, centre: tuple[float, float], radius: float, colour: Colour, strength: float
) -> None:
    """Light that fades with distance, laid over the image."""
    side = max(2, round(radius * 2))
    axis = np.linspace(-1, 1, side)
    distance = np.hypot(axis[:, np.newaxis], axis[np.newaxis, :])
    veil = (255 * strength * np.clip(1 - distance, 0, 1) ** 2).astype(np.uint8)
    corner = (round(centre[0] - radius), round(centre[1] - radius))
    image.paste(Image.new("RGB", (side, side), colour), corner, Image.fromarray(veil))


def _ellipse(
    image: Image.Image, centre: tuple[float, float], radii: tuple[float, float], colour: Colour
) -> None:
    (x, y), (across, down) = centre, radii
    ImageDraw.Draw(image).ellipse((x - across, y - down, x + across, y + down), fill=colour)


def _ripples(image: Image.Image, random: Generator, horizon: int, colour: Colour) -> None:
    veil = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(veil)
    for _ in range(140):
        near = random.random() ** 1.6
        y = horizon + near * (_EDGE - horizon)
        x = random.random() * _EDGE
        length = _EDGE * (0.02 + 0.12 * near)
        pen.line((x - length, y, x + length, y), fill=round(30 + 40 * near), width=4)
    image.paste(Image.new("RGB", image.size, colour), (0, 0), veil.filter(ImageFilter.BoxBlur(3)))


def _windows(
    pen: ImageDraw.ImageDraw,
    random: Generator,
    tower: tuple[float, float, float, float],
    colour: Colour,
) -> None:
    left, top, right, bottom = tower
    step = _EDGE * 0.022
    for y in np.arange(top + step * 0.7, bottom - step, step):
        for x in np.arange(left + step * 0.5, right - step * 0.8, step):
            if random.random() < 0.28:
                pen.rectangle((x, y, x + step * 0.42, y + step * 0.52), fill=colour)
