"""Of each stretch of a long recording the loudest part is listened to."""

import numpy as np
from numpy.typing import NDArray

from app.demo.voice import RATE, speak
from media_pipeline import Interval, Thresholds
from media_pipeline.sound import measure
from media_pipeline.speech import Speech, listen


def rustle(seconds: float) -> NDArray[np.int16]:
    return (np.random.default_rng(5).standard_normal(round(seconds * RATE)) * 300).astype(np.int16)


def heard(samples: NDArray[np.int16], told: list[float] | None = None) -> Speech:
    duration_ms = round(samples.size * 1000 / RATE)
    windows = measure(samples, duration_ms=duration_ms)
    progress = (told if told is not None else []).append
    return listen(samples, windows, Thresholds(), duration_ms=duration_ms, progress=progress)


class TestListen:
    def test_finds_the_few_words_in_minutes_of_rustling(self) -> None:
        samples = rustle(180)
        samples[100 * RATE : 106 * RATE] = speak(6)

        speech = heard(samples)

        assert all(not piece.start_ms <= 103_000 < piece.end_ms for piece in speech.absent)
        assert speech.share > 0

    def test_rustling_alone_is_not_speech(self) -> None:
        assert heard(rustle(90)).absent == (Interval(0, 90_000),)

    def test_silence_is_not_listened_to(self) -> None:
        told: list[float] = []

        speech = heard(np.zeros(70 * RATE, dtype=np.int16), told)

        assert speech.absent == (Interval(0, 70_000),)
        assert speech.share == 0.0
        assert told[-1] == 1.0

    def test_a_recording_without_a_single_sample_has_no_speech(self) -> None:
        samples = np.zeros(0, dtype=np.int16)
        windows = measure(samples, duration_ms=4000)

        speech = listen(samples, windows, Thresholds(), duration_ms=4000, progress=lambda _: None)

        assert speech.absent == (Interval(0, 4000),)
