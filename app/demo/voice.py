"""A voice nobody has: vowels of a source and three resonances, in syllables and phrases.

No recording of a person is shipped for the sake of a demonstration, and no speech synthesiser is needed.
A voice detector takes it for speech.
"""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Wave = NDArray[np.float64]

_FORMANTS_HZ = {
    "a": (730, 1090, 2440),
    "e": (530, 1840, 2480),
    "i": (270, 2290, 3010),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}
_BANDWIDTHS_HZ = (80, 100, 140)
_LOUDNESS = 0.4


def speak(seconds: float, *, seed: int = 7) -> NDArray[np.int16]:
    """Sixteen-bit mono at `RATE`; the same seed says the same."""
    chance = np.random.default_rng(seed)
    wanted = round(seconds * RATE)
    said: list[Wave] = []
    while sum(piece.size for piece in said) < wanted:
        for _ in range(int(chance.integers(5, 10))):
            said += [_consonant(chance), _vowel(chance)]
        said.append(np.zeros(round(chance.uniform(0.25, 0.5) * RATE)))
    spoken = np.concatenate(said)[:wanted] + 0.003 * chance.standard_normal(wanted)
    return (np.clip(spoken, -1, 1) * 32767).astype("<i2")


def write_voice(path: Path, seconds: float, *, seed: int = 7) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(speak(seconds, seed=seed).tobytes())


def _consonant(chance: np.random.Generator) -> Wave:
    length = round(chance.uniform(0.04, 0.09) * RATE)
    return np.diff(chance.standard_normal(length + 1)) * 0.06 * np.hanning(length)


def _vowel(chance: np.random.Generator) -> Wave:
    length = round(chance.uniform(0.14, 0.26) * RATE)
    along = np.linspace(0, 1, length)
    pitch_hz = chance.uniform(105, 150) * (1 + 0.06 * np.sin(np.pi * along)) * (1.05 - 0.1 * along)
    pulses = np.diff(np.floor(np.cumsum(pitch_hz / RATE)), prepend=0.0).clip(0, 1)
    sound = pulses + 0.01 * chance.standard_normal(length)
    for centre, width in zip(_FORMANTS_HZ["aeiou"[chance.integers(5)]], _BANDWIDTHS_HZ, strict=True):
        sound = _resonate(sound, centre, width)
    rise = np.minimum(np.arange(length) / (0.02 * RATE), (length - np.arange(length)) / (0.04 * RATE))
    return np.asarray(_LOUDNESS * sound / np.abs(sound).max() * np.minimum(1, rise), dtype=np.float64)


def _resonate(sound: Wave, centre_hz: float, width_hz: float) -> Wave:
    """A two-pole filter; a syllable is short enough for a plain loop."""
    radius = float(np.exp(-np.pi * width_hz / RATE))
    first = 2 * radius * float(np.cos(2 * np.pi * centre_hz / RATE))
    second = -radius * radius
    rung: list[float] = []
    before, earlier = 0.0, 0.0
    for value in sound.tolist():
        now = value + first * before + second * earlier
        rung.append(now)
        before, earlier = now, before
    return np.array(rung)
