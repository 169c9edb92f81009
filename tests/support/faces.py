"""A face nobody has, drawn well enough for a detector to take it for one."""

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float64]

_WALL, _SKIN, _HAIR, _COAT = (110, 120, 125), (205, 160, 130), (45, 32, 28), (60, 70, 110)
_LIPS, _MOUTH, _BROWS, _WHITE, _EYES = (
    (160, 70, 70),
    (90, 35, 35),
    (55, 40, 35),
    (235, 232, 228),
    (40, 28, 22),
)


def portrait(height: int, width: int, *, middle: tuple[float, float], size: float) -> NDArray[np.uint8]:
    """RGB; `middle` is between the eyes' corners and the mouth, as x and y, `size` half the head's height, in pixels."""
    picture = np.zeros((height, width, 3)) + np.array(_WALL)
    for across, down, wide, tall, colour in _SHAPES:
        shape = _ellipse(height, width, middle, size, (across, down, wide, tall))
        picture[shape] = colour
        if colour is _SKIN and wide > 0.5:
            picture[shape] *= _light(width, middle[0], size)[None, :].repeat(height, 0)[shape][:, None]
    return np.clip(_softened(picture, max(1, round(size * 0.04))), 0, 255).astype(np.uint8)


# Place and half axes as shares of `size`: coat, neck, hair, face, then what is in it.
_SHAPES: tuple[tuple[float, float, float, float, tuple[int, int, int]], ...] = (
    (0, 2.2, 1.6, 1.2, _COAT),
    (0, 0.9, 0.4, 0.6, _SKIN),
    (0, -0.15, 0.85, 1.12, _HAIR),
    (0, 0.05, 0.72, 0.95, _SKIN),
    *((side * 0.3, -0.12, 0.15, 0.075, _WHITE) for side in (-1, 1)),
    *((side * 0.3, -0.12, 0.07, 0.075, _EYES) for side in (-1, 1)),
    *((side * 0.3, -0.3, 0.2, 0.04, _BROWS) for side in (-1, 1)),
    *((side * 0.09, 0.27, 0.05, 0.035, _LIPS) for side in (-1, 1)),
    (0, 0.2, 0.09, 0.13, (217, 170, 138)),
    (0, 0.52, 0.26, 0.07, _LIPS),
    (0, 0.52, 0.25, 0.012, _MOUTH),
)


def _ellipse(
    height: int,
    width: int,
    middle: tuple[float, float],
    size: float,
    shape: tuple[float, float, float, float],
) -> NDArray[np.bool_]:
    down, across = np.mgrid[0:height, 0:width]
    x, y = middle[0] + shape[0] * size, middle[1] + shape[1] * size
    return np.asarray(((across - x) / (shape[2] * size)) ** 2 + ((down - y) / (shape[3] * size)) ** 2 < 1)


def _light(width: int, middle: float, size: float) -> Picture:
    return np.asarray(1 - 0.25 * ((np.arange(width) - middle) / (0.72 * size)) ** 2, dtype=np.float64)


def _softened(picture: Picture, reach: int) -> Picture:
    for axis in (0, 1):
        moved = [np.roll(picture, by, axis) for by in range(-reach, reach + 1)]
        picture = np.asarray(np.mean(moved, axis=0), dtype=np.float64)
    return picture
