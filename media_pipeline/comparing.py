"""Whether two fingerprints are of one recording, and which stretch they share.

Sound: the bit planes are correlated over all shifts at once (by FFT); at the best shift the stretch on which
more bits agree than chance allows is the overlap. Picture: likewise, but of each bit only its changes count,
for two visits to one counter look alike without being one.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from media_pipeline.fingerprint import PICTURE_STEP_S, SOUND_STEP_S, Fingerprint
from media_pipeline.timeline import Interval

_Signs = NDArray[np.float32]
_Values = NDArray[np.float64]
_Word = TypeVar("_Word", np.uint32, np.uint64)

DUPLICATE_FROM = 0.35  # agreement: 0 is chance, 1 is every bit; re-encoded recordings keep 0.55 and more
SHORTEST_OVERLAP_S = 10.0  # less, pauses not counted, may be a jingle that both heard
_AGREEING_S = 4.0  # agreement is averaged over this long before it counts


@dataclass(frozen=True, slots=True)
class Match:
    """`similarity` is 0 for strangers and 1 for the same bits, measured over the shared stretch.

    `here` and `there` are that stretch on the two timelines, at least `SHORTEST_OVERLAP_S` long; absent when
    nothing is shared. `sound` and
    `picture` are the agreements of each alone, `None` where one of the two has none to compare.
    """

    similarity: float
    here: Interval | None = None
    there: Interval | None = None
    sound: float | None = None
    picture: float | None = None

    @property
    def duplicate(self) -> bool:
        """Alike enough, for long enough, to say that one was made of the other."""
        return self.here is not None and self.similarity >= DUPLICATE_FROM


@dataclass(frozen=True, slots=True)
class _Shared:
    agreement: float
    here_s: float
    there_s: float
    length_s: float


def compare(here: Fingerprint, there: Fingerprint) -> Match:
    """Takes some milliseconds for recordings of half an hour. Symmetric but for the order of the intervals."""
    sound = _shared(_signs(here.sound, 32), _signs(there.sound, 32), SOUND_STEP_S)
    picture = _shared(_changes(_signs(here.picture, 64)), _changes(_signs(there.picture, 64)), PICTURE_STEP_S)
    best = max((shared for shared in (sound, picture) if shared), key=_weight, default=None)
    if best is None:
        return Match(0.0)
    alone = (round(one.agreement, 3) if one else None for one in (sound, picture))
    if best.length_s <= 0:
        return Match(round(best.agreement, 3), None, None, *alone)
    return Match(
        round(best.agreement, 3), _interval(best.here_s, best), _interval(best.there_s, best), *alone
    )


def _weight(shared: _Shared) -> tuple[bool, float]:
    """A shared stretch tells more than a better agreement elsewhere."""
    return shared.length_s > 0, shared.agreement


def _interval(start_s: float, shared: _Shared) -> Interval:
    return Interval(round(start_s * 1000), round((start_s + shared.length_s) * 1000))


def _signs(words: NDArray[_Word], bits: int) -> _Signs:
    """Rows of +1 and −1; a word that tells nothing is a row of 0."""
    shifts = np.arange(bits, dtype=words.dtype)
    signs = ((words[:, None] >> shifts) & words.dtype.type(1)).astype(np.float32) * 2 - 1
    signs[words == 0] = 0
    return signs


def _changes(signs: _Signs) -> _Signs:
    """Each bit less what it mostly is, so that what stands still through a recording counts for nothing."""
    told = np.any(signs != 0, axis=1)
    if not told.any():
        return signs
    moved = signs - signs[told].mean(axis=0, dtype=np.float64).astype(np.float32)
    moved[~told] = 0
    return np.asarray(moved, dtype=np.float32)


def _shared(here: _Signs, there: _Signs, step_s: float) -> _Shared | None:
    if not here.any() or not there.any():
        return None
    shift = _best_shift(here, there, step_s)
    first, other = max(0, shift), max(0, -shift)
    length = min(len(here) - first, len(there) - other)
    one, two = here[first : first + length], there[other : other + length]
    told = np.any(one, axis=1) & np.any(two, axis=1)  # a pause tells nothing, and does not end the stretch
    agreeing = _agreement(one, two, max(1, round(_AGREEING_S / step_s)))
    start, end = _longest(np.isnan(agreeing) | (agreeing >= DUPLICATE_FROM))
    if np.count_nonzero(told[start:end]) * step_s < SHORTEST_OVERLAP_S:
        return _Shared(0.0, 0.0, 0.0, 0.0)
    part = slice(start, end)
    return _Shared(
        agreement=max(0.0, _cosine(one[part], two[part])),
        here_s=(first + start) * step_s,
        there_s=(other + start) * step_s,
        length_s=(end - start) * step_s,
    )


def _best_shift(here: _Signs, there: _Signs, step_s: float) -> int:
    """By how many steps `there` must be moved to lie on `here`; where the products' sum stands out the most."""
    size = 1 << (len(here) + len(there) - 1).bit_length()
    products = np.zeros(size // 2 + 1, np.complex128)
    for plane in range(here.shape[1]):
        products += np.fft.rfft(here[:, plane], size) * np.conj(np.fft.rfft(there[:, plane], size))
    sums = np.fft.irfft(products, size)
    powers = np.fft.rfft(np.square(here).sum(axis=1), size) * np.conj(
        np.fft.rfft(np.square(there).sum(axis=1), size)
    )
    met = np.fft.irfft(powers, size)
    shortest = SHORTEST_OVERLAP_S / step_s / max(1, min(len(here), len(there)))
    least = max(1e-6, min(1.0, shortest) * float(met.max()))  # a chance meeting of two ends is no news
    return _unwrapped(int(np.argmax(sums / np.sqrt(np.maximum(met, least)))), size, len(here))


def _unwrapped(at: int, size: int, length: int) -> int:
    return at if at < length else at - size


def _agreement(one: _Signs, two: _Signs, width: int) -> _Values:
    """Moving cosine of the two, one value a step, NaN in pauses; ends are as their nearest full window."""
    width = min(width, len(one))
    kernel = np.ones(width)

    def moving(values: _Signs) -> _Values:
        summed = np.convolve(values.sum(axis=1, dtype=np.float64), kernel, mode="valid")
        before = (width - 1) // 2
        return np.pad(summed, (before, len(one) - summed.size - before), mode="edge")

    both = np.sqrt(moving(np.square(one)) * moving(np.square(two)))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(both > 1e-6, moving(one * two) / both, np.nan), dtype=np.float64)


def _cosine(one: _Signs, two: _Signs) -> float:
    both = float(np.sqrt(np.square(one).sum() * np.square(two).sum()))
    return float((one * two).sum()) / both if both else 0.0


def _longest(holds: NDArray[np.bool_]) -> tuple[int, int]:
    """From the first to after the last step of the longest stretch that holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(np.int8)))
    if not edges.size:
        return 0, 0
    starts, ends = edges[::2], edges[1::2]
    longest = int(np.argmax(ends - starts))
    return int(starts[longest]), int(ends[longest])
