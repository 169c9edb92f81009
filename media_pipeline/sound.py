"""The sound, as 16 kHz mono PCM on the recording's timeline, and what it says."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_pipeline.graphs import SOUND_RATE
from media_pipeline.thresholds import CheckKind, Thresholds
from media_pipeline.timeline import Intervals, at_least, where

Samples = NDArray[np.int16]
Values = NDArray[np.float64]

WINDOW_S = 0.5
WINDOW = round(WINDOW_S * SOUND_RATE)
_FULL_SCALE = 32768.0
_AT_FULL_SCALE = round(0.95 * _FULL_SCALE)  # AAC and AMR bring clipped tops down by as much as a twentieth
_FLOOR_DB = -120.0
_TREBLE_FROM_HZ = 1500.0
# Below every voice; a cloth over the microphone leaves the voice's pitch, which lies above.
_RUMBLE_HZ = (15.0, 90.0)
_HUM_BINS = 2  # on either side: as wide as the window smears one tone
_WINDOWS_AT_A_TIME = 120  # a minute: memory stays flat however long the recording
_BRIDGE_MS = 1000  # speech pauses inside a muffled or clipped stretch


@dataclass(frozen=True, slots=True)
class SoundWindows:
    """Per half second: level in dBFS, treble and rumble against all energy in dB, share of samples at full scale."""

    level: Values
    treble: Values
    clipped: Values
    rumble: Values


def open_samples(path: Path) -> Samples:
    """The PCM file, mapped rather than read: an hour is 115 MB."""
    if not path.exists() or path.stat().st_size < 2:
        return np.zeros(0, dtype=np.int16)
    return np.memmap(path, dtype="<i2", mode="r", shape=(path.stat().st_size // 2,))


def measure(samples: Samples, *, duration_ms: int) -> SoundWindows:
    """Windows over the whole recording: where the sound track ends early, the rest of them is silent."""
    nothing = (_FLOOR_DB, 0.0, 0.0, _FLOOR_DB)
    level, treble, clipped, rumble = (np.full(_windows_in(duration_ms), value) for value in nothing)
    first = 0
    for block in _blocks(samples):
        here = slice(first, first + len(block))
        room = len(level[here])  # the track may run a moment past the recording's rounded end
        if room:
            level[here], treble[here], clipped[here], rumble[here] = _measure_block(block[:room])
        first += len(block)
    return SoundWindows(level, treble, clipped, rumble)


def _windows_in(duration_ms: int) -> int:
    """A last stretch of less than half a window is nobody's."""
    return max(1, round(duration_ms / 1000 / WINDOW_S))


def _blocks(samples: Samples) -> Iterator[NDArray[np.int16]]:
    size = WINDOW * _WINDOWS_AT_A_TIME
    for start in range(0, samples.size, size):
        block = np.asarray(samples[start : start + size])
        left = block.size % WINDOW
        if left >= WINDOW // 2:
            block = np.pad(block, (0, WINDOW - left), mode="reflect")
        elif left:
            block = block[:-left]
        if block.size:
            yield block.reshape(-1, WINDOW)


def _measure_block(block: NDArray[np.int16]) -> tuple[Values, Values, Values, Values]:
    waves = block.astype(np.float32) / _FULL_SCALE
    level = _decibels(np.mean(np.square(waves, dtype=np.float64), axis=1))
    spectrum = np.abs(np.fft.rfft(waves * np.hanning(WINDOW).astype(np.float32), axis=1)) ** 2
    first = round(_TREBLE_FROM_HZ * WINDOW_S)
    everything = spectrum[:, 1:].sum(axis=1)
    share = spectrum[:, first:].sum(axis=1) / np.maximum(everything, 1e-30)
    clipped = np.mean(np.abs(block.astype(np.int32)) >= _AT_FULL_SCALE, axis=1)
    rumble = _without_hum(spectrum).sum(axis=1) / np.maximum(everything, 1e-30)
    return (
        level,
        _decibels(share.astype(np.float64)),
        clipped.astype(np.float64),
        _decibels(rumble.astype(np.float64)),
    )


def _without_hum(spectrum: NDArray[np.float32]) -> NDArray[np.float32]:
    """The lowest frequencies without their strongest tone: mains hum is one line, wind is broad."""
    low = spectrum[:, round(_RUMBLE_HZ[0] * WINDOW_S) : round(_RUMBLE_HZ[1] * WINDOW_S)]
    away = np.abs(np.arange(low.shape[1]) - low.argmax(axis=1)[:, None])
    return np.where(away > _HUM_BINS, low, np.float32(0))


def _decibels(power: Values) -> Values:
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (_FLOOR_DB / 10))), dtype=np.float64)


def find_in_sound(
    windows: SoundWindows, thresholds: Thresholds, *, duration_ms: int
) -> dict[CheckKind, Intervals]:
    """Where the sound is unusable. Silence and wind explain a lack of treble: such a window is not muffled."""
    edges = window_edges_ms(windows.level.size, duration_ms)
    silent_now = windows.level < thresholds.silent_dbfs
    windy_now = (windows.level > thresholds.wind_dbfs) & (windows.rumble > thresholds.wind_rumble_db)
    muffled_now = ~silent_now & ~windy_now & (windows.treble < thresholds.muffled_treble_db)
    clipped_now = windows.clipped > thresholds.clipped_share

    def stretches(holds: NDArray[np.bool_], shortest_s: float, bridge_ms: int) -> Intervals:
        found = where(edges, [bool(value) for value in holds], bridge_ms=bridge_ms)
        return at_least(found, round(shortest_s * 1000))

    return {
        CheckKind.SILENT: stretches(silent_now, thresholds.silent_min_s, 0),
        CheckKind.MUFFLED: stretches(muffled_now, thresholds.muffled_min_s, _BRIDGE_MS),
        CheckKind.CLIPPED: stretches(clipped_now, thresholds.clipped_min_s, _BRIDGE_MS),
        CheckKind.WIND: stretches(windy_now, thresholds.wind_min_s, _BRIDGE_MS),
    }


def window_edges_ms(count: int, duration_ms: int) -> list[int]:
    """Where windows begin, and where the last ends: with the recording."""
    step = round(WINDOW_S * 1000)
    return [min(index * step, duration_ms) for index in range(count)] + [duration_ms]
