"""Parts of the picture nobody at the outlet may see, and the mask that hides them.

What is hidden is replaced by a mosaic so coarse that a face is a spot or two: nothing is left to sharpen.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_pipeline.timeline import Interval

MASK_FILE = "mask.gray"
MASK_WIDTH, MASK_HEIGHT = 96, 96  # cells; a rectangle grows to whole ones
MASK_RATE = 5  # masks a second; a stretch grows to whole ones
MOSAIC_CELLS = 16  # across the picture's longer side
_MARGIN_MS = 30
_CELL_MARGIN = 0.25  # scaling rounds to pixels
_SECONDS_AT_A_TIME = 60


@dataclass(frozen=True, slots=True)
class Blur:
    """A rectangle of the upright picture for a stretch of time; the picture is one wide and one high."""

    during: Interval
    left: float
    top: float
    width: float
    height: float

    def __post_init__(self) -> None:
        sides = (self.left, self.top, self.width, self.height)
        inside = all(math.isfinite(side) and 0 <= side <= 1 for side in sides) and self.width and self.height
        if not inside or self.left + self.width > 1 + 1e-9 or self.top + self.height > 1 + 1e-9:
            raise ValueError(f"a blurred rectangle lies inside the picture, 0 to 1 each way: {sides}")


Blurs = tuple[Blur, ...]


def write_mask(path: Path, blurs: Iterable[Blur], *, duration_ms: int) -> None:
    """White is hidden. A mask for each fifth of a second, to the end and a little beyond; memory stays flat."""
    wanted = sorted(blurs, key=lambda blur: blur.during)
    count = math.ceil(duration_ms * MASK_RATE / 1000) + MASK_RATE
    step = MASK_RATE * _SECONDS_AT_A_TIME
    with path.open("wb") as file:
        for first in range(0, count, step):
            masks = np.zeros((min(step, count - first), MASK_HEIGHT, MASK_WIDTH), np.uint8)
            for blur in wanted:
                _hide(masks, blur, first)
            file.write(masks.tobytes())


def _hide(masks: NDArray[np.uint8], blur: Blur, first: int) -> None:
    start = math.floor((blur.during.start_ms - _MARGIN_MS) * MASK_RATE / 1000) - first
    end = math.ceil((blur.during.end_ms + _MARGIN_MS) * MASK_RATE / 1000) - first
    if end <= 0 or start >= len(masks):
        return
    rows = _cells(blur.top, blur.height, MASK_HEIGHT)
    columns = _cells(blur.left, blur.width, MASK_WIDTH)
    masks[max(0, start) : end, rows, columns] = 255


def _cells(start: float, length: float, count: int) -> slice:
    first = math.floor(start * count - _CELL_MARGIN)
    return slice(max(0, first), math.ceil((start + length) * count + _CELL_MARGIN))
