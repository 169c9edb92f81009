"""The picture's statistics, as ffmpeg printed them, and what they say."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_pipeline.shaking import Frames, jolts
from media_pipeline.thresholds import CheckKind, Thresholds
from media_pipeline.timeline import Interval, Intervals, at_least, merged, where, without

Values = NDArray[np.float64]

_LUMA, _LOW, _HIGH, _BLUR = "signalstats.YAVG", "signalstats.YLOW", "signalstats.YHIGH", "blur"
_COLUMNS = (_LUMA, _LOW, _HIGH, _BLUR)
_FREEZE_START, _FREEZE_END = "freezedetect.freeze_start", "freezedetect.freeze_end"
_BRIDGE_MS = (
    400  # two samples: a good one between bad ones, or a key frame in a frozen picture, is no new event
)
_NEIGHBOURS = 5
# A picture that stops coming for this long stands still on the screen, though no frame says so. Longer than
# the widest gap (2 s) at which key frames alone are decoded.
_STANDSTILL_S = 2.5


@dataclass(frozen=True, slots=True)
class PictureSamples:
    """Per sample its time in seconds and its statistics; NaN where there is none (a flat picture has no blur)."""

    times_s: Values
    luma: Values
    spread: Values
    blur: Values
    jolt: Values
    freezes: tuple[tuple[float, float | None], ...]


def read_samples(path: Path, frames: Frames) -> PictureSamples:
    """Read the `metadata=print` file; an absent one means that no frame could be decoded. `frames` lie beside it."""
    times: list[float] = []
    rows: list[list[float]] = []
    freezes: list[tuple[float, float | None]] = []
    for key, value in _entries(path):
        if key == "frame":
            times.append(value)
            rows.append([float("nan")] * len(_COLUMNS))
        elif key in _COLUMNS:
            rows[-1][_COLUMNS.index(key)] = value
        elif key == _FREEZE_START:
            freezes.append((value, None))
        elif key == _FREEZE_END and freezes:
            freezes[-1] = (freezes[-1][0], value)
    table = np.array(rows, dtype=np.float64).reshape(-1, len(_COLUMNS))
    times_s = np.array(times, dtype=np.float64)
    return PictureSamples(
        times_s=times_s,
        luma=table[:, 0],
        spread=table[:, 2] - table[:, 1],
        blur=table[:, 3],
        jolt=jolts(frames, times_s),
        freezes=tuple(freezes),
    )


def _entries(path: Path) -> Iterator[tuple[str, float]]:
    if not path.exists():
        return
    with path.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            if line.startswith("frame:"):
                yield "frame", float(line.rpartition("pts_time:")[2])
            else:
                key, _, value = line.rstrip().partition("=")
                yield key.removeprefix("lavfi."), float(value)


def find_in_picture(
    samples: PictureSamples, thresholds: Thresholds, *, duration_ms: int
) -> dict[CheckKind, Intervals]:
    """Where the picture is unusable. Covered is taken away from all others: it explains them."""
    edges = [min(round(time * 1000), duration_ms) for time in samples.times_s] + [duration_ms]
    covered_now = (samples.spread < thresholds.covered_spread) | (
        (samples.luma < thresholds.covered_dark_luma) & (samples.spread < thresholds.covered_dark_spread)
    )
    dark_now = (samples.luma < thresholds.dark_luma) & ~covered_now
    blurred_now = (samples.blur > thresholds.blur_score) & ~covered_now & ~dark_now

    def stretches(holds: NDArray[np.bool_], shortest_s: float) -> Intervals:
        found = where(edges, [bool(value) for value in holds], bridge_ms=_BRIDGE_MS)
        return at_least(found, round(shortest_s * 1000))

    covered = stretches(covered_now, thresholds.covered_min_s)
    frozen = _frozen(samples, duration_ms)
    found = {
        CheckKind.COVERED: covered,
        CheckKind.FROZEN: at_least(without(frozen, covered), round(thresholds.frozen_min_s * 1000)),
        CheckKind.TOO_DARK: stretches(dark_now, thresholds.dark_min_s),
        CheckKind.BLURRED: stretches(blurred_now, thresholds.blur_min_s),
    }
    if np.isfinite(samples.jolt).any():  # not by key frames alone
        shaken_now = (_around(samples.jolt) > thresholds.shaken_jolt_share) & ~covered_now & ~dark_now
        found[CheckKind.SHAKEN] = stretches(shaken_now, thresholds.shaken_min_s)
    return found


def _around(values: Values) -> Values:
    """Each with its neighbours' mean, over a second or so; NaN counts for nothing."""
    known = np.isfinite(values)
    kernel = np.ones(min(_NEIGHBOURS, values.size))
    sums = np.convolve(np.where(known, values, 0.0), kernel, mode="same")
    counts = np.convolve(known.astype(np.float64), kernel, mode="same")
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan), dtype=np.float64)


def _frozen(samples: PictureSamples, duration_ms: int) -> Intervals:
    """ffmpeg's freezes, the last of which may lack an end, and stretches in which no frame came at all."""
    end_s = duration_ms / 1000
    spans = [(start, end_s if end is None else end) for start, end in samples.freezes]
    edges = np.concatenate([[0.0], samples.times_s, [end_s]])
    long = np.diff(edges) >= _STANDSTILL_S
    spans += list(zip(edges[:-1][long].tolist(), edges[1:][long].tolist(), strict=True))
    rounded = ((round(start * 1000), min(round(end * 1000), duration_ms)) for start, end in spans)
    return merged((Interval(start, end) for start, end in rounded if 0 <= start < end), bridge_ms=_BRIDGE_MS)


def typical(values: Values) -> float | None:
    """The median, NaN and infinities aside."""
    finite = values[np.isfinite(values)]
    return round(float(np.median(finite)), 2) if finite.size else None
