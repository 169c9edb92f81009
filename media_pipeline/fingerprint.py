"""What a recording is recognised by when it comes again: re-encoded, resized, trimmed, louder or softer.

The sound is told by the signs of energy differences between neighbouring bands and moments (after Haitsma and
Kalker, "A Highly Robust Audio Fingerprinting System", ISMIR 2002), 32 bits eight times a second; the picture by
the signs of brightness differences between neighbouring fields of a 9 × 8 copy (dHash), 64 bits twice a second.
Neither lets anybody hear or see the recording. Speeding up, mirroring and cropping are not seen through.
"""

import base64
import binascii
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_pipeline.graphs import SOUND_RATE
from media_pipeline.shaking import Frames
from media_pipeline.sound import Samples

VERSION = "p1"
SOUND_STEP_S = 0.128
PICTURE_STEP_S = 0.5

Words = NDArray[np.uint32]
Hashes = NDArray[np.uint64]
_Energies = NDArray[np.float32]

_HOP = round(SOUND_STEP_S * SOUND_RATE) // 2  # energies are taken twice a step and smoothed over a second
_FRAME = 2 * _HOP
_BANDS = 33
_LOWEST_HZ, _HIGHEST_HZ = 300.0, 3400.0  # what the narrowest telephone codec lets through
_SMOOTHED_HOPS = 16
_APART_HOPS = 8  # moments compared lie half a second apart
_FRAMES_AT_A_TIME = 1000  # a minute or so: memory stays flat however long the recording
_FIELDS_ACROSS, _FIELDS_DOWN = 9, 8
_QUIET_POWER = 10 ** (-62 / 10)  # below this a codec's noise decides the signs, not the room's
_FLAT_LUMA = 12  # a frame with less contrast than this between its fields shows nothing to know it by
_LONGEST_BYTES = 4 * 1024**2  # a fingerprint unpacked; four hours take 0.7 MB
_KEY_SAMPLING = 4  # one word in so many becomes a key; the word itself decides which
_SOUND_KEY_BIT, _KEY_BITS = (
    1 << 61,
    (1 << 61) - 1,
)  # sound above, picture below: signed 64-bit columns hold both


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """`sound[i]` stands for the time `i × SOUND_STEP_S`, `picture[i]` for `i × PICTURE_STEP_S`; 0 tells nothing."""

    sound: Words
    picture: Hashes

    def __bool__(self) -> bool:
        return bool(self.sound.any() or self.picture.any())

    def encode(self) -> str:
        """Printable, with its version: `p1.` and base64; some 30 bytes per second of a film."""
        packed = self.sound.size.to_bytes(4, "big") + self.sound.astype("<u4").tobytes()
        packed += self.picture.astype("<u8").tobytes()
        return f"{VERSION}.{base64.b64encode(zlib.compress(packed, 6)).decode('ascii')}"

    @classmethod
    def decode(cls, text: str) -> "Fingerprint":
        """Raises `ValueError` when the text is no fingerprint of this version."""
        version, _, body = text.partition(".")
        if version != VERSION:
            raise ValueError(f"a fingerprint of version {version[:8]!r}, this program reads {VERSION!r}")
        try:
            inflated = zlib.decompressobj()
            packed = inflated.decompress(base64.b64decode(body, validate=True), _LONGEST_BYTES)
            if not inflated.eof:
                raise ValueError("the fingerprint has no end")
            cut = 4 + 4 * int.from_bytes(packed[:4], "big")
            return cls(np.frombuffer(packed[4:cut], "<u4"), np.frombuffer(packed[cut:], "<u8"))
        except (binascii.Error, zlib.error) as error:
            raise ValueError("the text is no fingerprint") from error

    def keys(self) -> frozenset[int]:
        """Whole numbers below 2⁶² to look candidates up by, two or so a second of sound, more of a moving picture.

        Store them one a row under an index. A recording that holds the same sound or picture shares some;
        `compare` the dozen that share the most. Sharing a key proves nothing. Half an hour of sound gives some
        three thousand. A film whose sound was replaced is only found if its picture moves.
        """
        return frozenset(self._keys())

    def _keys(self) -> Iterator[int]:
        told = np.unique(self.sound[self.sound != 0]).astype(np.uint64)
        chosen = told[_mixed(told) % _KEY_SAMPLING == 0]
        yield from (int(word) | _SOUND_KEY_BIT for word in chosen)
        seen = np.unique(self.picture[self.picture != 0])
        for half in (seen >> np.uint64(32), (seen & np.uint64(0xFFFFFFFF)) | np.uint64(1 << 32)):
            yield from (int(word) & _KEY_BITS for word in _mixed(np.unique(half)))


def _mixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """splitmix64's finisher: spreads neighbouring words evenly."""
    mixed = words.copy()
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def take_fingerprint(
    samples: Samples | None, frames: Frames | None, times_s: NDArray[np.float64]
) -> Fingerprint:
    """From 16 kHz PCM and the small grey copies ffmpeg wrote beside the statistics of `times_s`."""
    return Fingerprint(
        sound=_sound_words(samples) if samples is not None else np.zeros(0, np.uint32),
        picture=_picture_words(frames, times_s) if frames is not None else np.zeros(0, np.uint64),
    )


def _sound_words(samples: Samples) -> Words:
    energies = np.concatenate([np.zeros((0, _BANDS), np.float32), *_band_energies(samples)])
    if len(energies) <= _SMOOTHED_HOPS + _APART_HOPS:
        return np.zeros(0, np.uint32)
    sums = np.cumsum(energies, axis=0, dtype=np.float64)
    smooth = (sums[_SMOOTHED_HOPS:] - sums[:-_SMOOTHED_HOPS]) / _SMOOTHED_HOPS
    steps = np.diff(np.log10(np.maximum(smooth, 1e-12)), axis=1)
    risen = (steps[_APART_HOPS:] > steps[:-_APART_HOPS])[::2]
    loud = smooth.sum(axis=1)
    told = np.minimum(loud[_APART_HOPS:], loud[:-_APART_HOPS])[::2] > _QUIET_POWER
    weights = np.uint32(1) << np.arange(_BANDS - 1, dtype=np.uint32)
    return np.asarray(np.where(told, (risen * weights).sum(axis=1, dtype=np.uint32), 0), dtype=np.uint32)


def _band_energies(samples: Samples) -> Iterator[_Energies]:
    """Mean square per band for frames half overlapping, block by block."""
    window = np.hanning(_FRAME).astype(np.float32)
    edges_hz = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, _BANDS + 1)
    edges = np.round(edges_hz * _FRAME / SOUND_RATE).astype(np.intp)
    scale = np.float32(2 / (_FRAME * float(np.square(window).sum()) * 32768.0**2))
    frames = max(0, (samples.size - _FRAME) // _HOP + 1)
    for first in range(0, frames, _FRAMES_AT_A_TIME):
        last = min(frames, first + _FRAMES_AT_A_TIME)
        block = np.asarray(samples[first * _HOP : (last - 1) * _HOP + _FRAME]).astype(np.float32)
        sliding = np.lib.stride_tricks.sliding_window_view(block, _FRAME)[::_HOP]
        power = np.square(np.abs(np.fft.rfft(sliding * window, axis=1)[:, : edges[-1]]))
        yield np.add.reduceat(power, edges[:-1], axis=1) * scale


def _picture_words(frames: Frames, times_s: NDArray[np.float64]) -> Hashes:
    count = min(len(frames), times_s.size)
    if count == 0:
        return np.zeros(0, np.uint64)
    blocks = (_fields(frames[at : at + _FRAMES_AT_A_TIME]) for at in range(0, count, _FRAMES_AT_A_TIME))
    fields = np.concatenate([*blocks])[:count]
    brighter = (fields[:, :, 1:] > fields[:, :, :-1]).reshape(count, -1)
    weights = np.uint64(1) << np.arange(brighter.shape[1], dtype=np.uint64)
    hashes = (brighter * weights).sum(axis=1, dtype=np.uint64)
    flat = fields.reshape(count, -1)
    hashes[(flat.max(axis=1) - flat.min(axis=1)) < _FLAT_LUMA] = 0
    moments = np.arange(0, times_s[count - 1] + PICTURE_STEP_S / 2, PICTURE_STEP_S)
    return np.asarray(hashes[_nearest(times_s[:count], moments)], dtype=np.uint64)


def _fields(frames: Frames) -> NDArray[np.int16]:
    """Nine by eight means of each picture."""
    tall, wide = frames.shape[1] // _FIELDS_DOWN, frames.shape[2] // _FIELDS_ACROSS
    parts = frames.reshape(len(frames), _FIELDS_DOWN, tall, _FIELDS_ACROSS, wide)
    return np.asarray(np.rint(parts.mean(axis=(2, 4), dtype=np.float32)), dtype=np.int16)


def _nearest(times: NDArray[np.float64], moments: NDArray[np.float64]) -> NDArray[np.intp]:
    after = np.clip(np.searchsorted(times, moments), 1, max(1, times.size - 1))
    if times.size == 1:
        return np.zeros(moments.size, np.intp)
    return np.asarray(
        np.where(moments - times[after - 1] <= times[after] - moments, after - 1, after), np.intp
    )
