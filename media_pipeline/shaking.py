"""How much the camera is thrown about: by how far the view moves between pictures a fifth of a second apart."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_pipeline.graphs import SMALL_HEIGHT, SMALL_WIDTH

Frames = NDArray[np.uint8]
_Values = NDArray[np.float64]

_TOGETHER_S = 0.35  # pictures further apart, as key frames are, say nothing about shaking
_LOST = 0.3  # correlation below which two pictures have nothing in common …
_LOST_SHARE = 0.5  # … and then the view has moved by as much as can be told
_AT_A_TIME = 400


def open_frames(path: Path) -> Frames:
    """The grey copies ffmpeg wrote, mapped rather than read: an hour is 83 MB."""
    size = SMALL_WIDTH * SMALL_HEIGHT
    count = path.stat().st_size // size if path.exists() else 0
    if not count:
        return np.zeros((0, SMALL_HEIGHT, SMALL_WIDTH), np.uint8)
    return np.memmap(path, np.uint8, "r", shape=(count, SMALL_HEIGHT, SMALL_WIDTH))


def jolts(frames: Frames, times_s: _Values) -> _Values:
    """Per frame by what share of the picture its motion differs from the motion before; NaN where nobody can say.

    Panning and walking move a picture evenly: only the change of motion counts.
    """
    count = min(len(frames), times_s.size)
    moved = np.full((times_s.size, 2), np.nan)
    for first in range(1, count, _AT_A_TIME):
        last = min(count, first + _AT_A_TIME)
        moved[first:last] = _motion(np.asarray(frames[first - 1 : last]))
    apart = np.diff(times_s, prepend=-np.inf)
    moved[apart > _TOGETHER_S] = np.nan
    changed = np.diff(moved, axis=0, prepend=np.full((1, 2), np.nan))
    return np.asarray(np.hypot(changed[:, 0], changed[:, 1]), dtype=np.float64)


def _motion(frames: Frames) -> _Values:
    """From each frame to the next, as shares of height and width, at the peak of their correlation."""
    plain = frames.astype(np.float32)
    plain -= plain.mean(axis=(1, 2), keepdims=True)
    plain *= np.hanning(SMALL_HEIGHT).astype(np.float32)[:, None] * np.hanning(SMALL_WIDTH).astype(np.float32)
    spectra = np.fft.rfft2(plain)
    together = np.fft.irfft2(spectra[1:] * np.conj(spectra[:-1]), s=(SMALL_HEIGHT, SMALL_WIDTH))
    energy = np.square(plain).sum(axis=(1, 2), dtype=np.float64)
    alike = together.reshape(len(together), -1).max(axis=1) / np.maximum(
        np.sqrt(energy[1:] * energy[:-1]), 1e-9
    )
    down, right = np.divmod(together.reshape(len(together), -1).argmax(axis=1), SMALL_WIDTH)
    moved = np.stack([_signed(down, SMALL_HEIGHT), _signed(right, SMALL_WIDTH)], axis=1)
    lost = alike < _LOST
    moved[lost] = np.where(np.arange(lost.sum())[:, None] % 2, _LOST_SHARE, -_LOST_SHARE)
    return moved


def _signed(steps: NDArray[np.intp], size: int) -> _Values:
    return np.asarray(np.where(steps > size // 2, steps - size, steps) / size, dtype=np.float64)
