"""Scenes as a covert camera meets them, drawn and sounded by numpy; each seed is another visit to another hall.

A hall is counters, posters and lamps under uneven light; people walk through it; the camera sways in a pocket
or rests on a counter, and its sensor is noisy. The sound is speech, a ventilation's hum, and clatter.
"""

import subprocess
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.demo.clips import find_ffmpeg
from app.demo.voice import RATE, speak

Frames = Iterator[bytes]
Luma = NDArray[np.float32]
Sound = NDArray[np.float64]

_MARGIN = 32


@dataclass(frozen=True, slots=True)
class Scene:
    """`light` scales the brightness, `sway` the camera's wandering in pixels (0 rests on a counter).

    `shake` throws it about by as many pixels, in any direction, several times a second, between its `shaken` seconds.
    """

    seed: int
    seconds: float = 10.0
    width: int = 192
    height: int = 144
    rate: int = 10
    light: float = 1.0
    sway: float = 24.0
    people: int = 3
    grain: float = 4.0
    shake: float = 0.0
    shaken: tuple[float, float] = (0.0, 1e9)


def frames(scene: Scene) -> Frames:
    """Planar 4:2:0, 8 bits, one frame after the other."""
    chance = np.random.default_rng(scene.seed)
    margin = _MARGIN + int(scene.shake)
    hall = _hall(chance, scene.height + 2 * margin, scene.width + 2 * margin)
    drift = _drift(chance, round(scene.seconds * scene.rate), scene.sway, scene.rate) + _thrown(scene)
    walkers = [_walker(chance, scene) for _ in range(scene.people)]
    chroma = np.full(((scene.height + 1) // 2, (scene.width + 1) // 2), 128, np.uint8)
    tints = bytes(chroma + 6) + bytes(chroma - 5)
    for index, (down, right) in enumerate(drift):
        picture = hall.copy()
        for walker in walkers:
            _draw(picture, walker, index / scene.rate)
        top, left = margin + int(down), margin + int(right)
        seen = picture[top : top + scene.height, left : left + scene.width] * scene.light
        seen = seen + scene.grain * chance.standard_normal(seen.shape, dtype=np.float32)
        yield np.clip(seen + 16, 0, 255).astype(np.uint8).tobytes() + tints


def _hall(chance: np.random.Generator, height: int, width: int) -> Luma:
    across, along = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    slopes = chance.uniform(-50, 50, 2)
    hall = 105 + slopes[0] * (across - 0.5) + slopes[1] * (along - 0.5)
    for _ in range(26):
        top, left = int(chance.integers(0, height - 8)), int(chance.integers(0, width - 8))
        tall, wide = int(chance.integers(6, height // 2)), int(chance.integers(6, width // 3))
        hall[top : top + tall, left : left + wide] = chance.uniform(15, 215)
    for _ in range(40):  # print on posters and signs: fine detail
        top, left = int(chance.integers(0, height - 4)), int(chance.integers(0, width - 20))
        hall[top : top + 2, left : left + 18 : 2] = chance.uniform(0, 230)
    return np.asarray(hall, dtype=np.float32)


def _drift(chance: np.random.Generator, count: int, sway: float, rate: int) -> NDArray[np.float64]:
    """Two slow sines and a tremble, within the margin."""
    times = np.arange(count)[:, None] / rate
    pace, phase = chance.uniform(0.5, 1.6, (2, 2)), chance.uniform(0, 6.3, (2, 2))
    slow = sum(np.sin(times * pace[n] + phase[n]) for n in range(2)) / 2
    tremble = np.cumsum(chance.standard_normal((count, 2)), axis=0) * 0.3
    wandered = sway * slow + (np.clip(tremble, -6, 6) if sway else 0)
    return np.asarray(np.clip(wandered, -_MARGIN, _MARGIN - 1), dtype=np.float64)


def _thrown(scene: Scene) -> NDArray[np.float64]:
    """Nobody holds it: about three swings a second, each somewhere else."""
    times = np.arange(round(scene.seconds * scene.rate)) / scene.rate
    if not scene.shake:
        return np.zeros((times.size, 2))
    chance = np.random.default_rng([scene.seed, 9])
    knots = np.arange(0, scene.seconds + 1, 1 / 6)
    swings = chance.uniform(-1, 1, (2, knots.size))
    moved = np.stack([np.interp(times, knots, swing) for swing in swings], axis=1) * scene.shake
    moved[(times < scene.shaken[0]) | (times >= scene.shaken[1])] = 0
    return np.asarray(moved, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Walker:
    start: float
    pace: float
    top: int
    wide: int
    luma: float


def _walker(chance: np.random.Generator, scene: Scene) -> _Walker:
    return _Walker(
        start=float(chance.uniform(0, scene.width)),
        pace=float(chance.choice((-1, 1)) * chance.uniform(8, 34)),
        top=int(chance.integers(scene.height // 4, scene.height // 2)),
        wide=int(chance.integers(12, max(13, scene.width // 6))),
        luma=float(chance.uniform(20, 200)),
    )


def _draw(picture: Luma, walker: _Walker, time_s: float) -> None:
    left = int((walker.start + walker.pace * time_s) % picture.shape[1])
    picture[walker.top + _MARGIN :, left : left + walker.wide] = walker.luma
    head = walker.wide // 3
    picture[walker.top + _MARGIN - 2 * head : walker.top + _MARGIN, left + head : left + 2 * head] = 150


def talk(seconds: float, *, seed: int, loudness: float = 0.5) -> Sound:
    """Speech over a hall's hum; −1 to 1."""
    return speak(seconds, seed=seed) / 32768.0 * loudness + room(seconds, seed=seed, loudness=0.012)


def room(seconds: float, *, seed: int, loudness: float) -> Sound:
    """Ventilation, mains hum and clatter, nobody speaking."""
    chance = np.random.default_rng([seed, 1])
    count = round(seconds * RATE)
    times = np.arange(count) / RATE
    air = _coloured(chance, count, slope=0.7)
    hum = 0.3 * np.sin(2 * np.pi * 50 * times) + 0.1 * np.sin(2 * np.pi * 150 * times)
    sound = air + hum
    for _ in range(round(seconds)):
        at = int(chance.integers(0, max(1, count - 800)))
        sound[at : at + 800] += (
            chance.uniform(1, 6) * chance.standard_normal(800) * np.exp(-np.arange(800) / 90)
        )
    return np.asarray(loudness * sound, dtype=np.float64)


def street(seconds: float, *, seed: int, loudness: float = 0.12) -> Sound:
    """Traffic: noise that swells, engines, no voice."""
    chance = np.random.default_rng([seed, 2])
    count = round(seconds * RATE)
    times = np.arange(count) / RATE
    swell = 1.2 + np.sin(times * chance.uniform(0.4, 1.1) + chance.uniform(0, 6))
    engine = sum(
        np.sin(2 * np.pi * base * times + chance.uniform(0, 6)) for base in chance.uniform(60, 190, 3)
    )
    return np.asarray(
        loudness * (_coloured(chance, count, slope=0.55) * swell + 0.2 * engine), dtype=np.float64
    )


def music(seconds: float, *, seed: int, loudness: float = 0.18) -> Sound:
    """Plucked chords with a beat, nobody singing."""
    chance = np.random.default_rng([seed, 3])
    count, step = round(seconds * RATE), round(0.25 * RATE)
    sound = 0.02 * chance.standard_normal(count)
    scale = 220 * 2 ** (np.array([0, 2, 4, 7, 9, 12, 14, 16]) / 12)
    for start in range(0, count, step):
        ring = np.arange(min(3 * step, count - start)) / RATE
        for pitch in chance.choice(scale, 2):
            tone = sum(np.sin(2 * np.pi * pitch * over * ring) / over for over in (1, 2, 3, 4))
            sound[start : start + ring.size] += tone * np.exp(-ring * 4)
        if (start // step) % 2 == 0:
            drum = chance.standard_normal(min(900, count - start))
            sound[start : start + drum.size] += 1.5 * drum * np.exp(-np.arange(drum.size) / 120)
    return loudness * sound


def wind(seconds: float, *, seed: int, loudness: float = 0.35) -> Sound:
    """Gusts on a bare microphone: rumble below 200 Hz that comes and goes."""
    chance = np.random.default_rng([seed, 4])
    count = round(seconds * RATE)
    knots = np.arange(0, seconds + 1, 0.4)
    gusts = np.interp(np.arange(count) / RATE, knots, chance.uniform(0.25, 1, knots.size))
    return loudness * _coloured(chance, count, slope=1.6) * gusts


def _coloured(chance: np.random.Generator, count: int, *, slope: float) -> Sound:
    """Noise whose power falls by `20 · slope` dB a decade above 40 Hz; of unit power."""
    spectrum = np.fft.rfft(chance.standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    shaped = np.fft.irfft(spectrum / np.maximum(hertz, 40) ** slope * (hertz > 15), count)
    return np.asarray(shaped / shaped.std(), dtype=np.float64)


def write_wave(path: Path, sound: Sound) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def record(
    path: Path, *, scene: Scene | None, sound: Path | None, options: Sequence[str] = (), rotate: bool = False
) -> Path:
    """One recording as a device would write it; quick encoders, a key frame a second unless told otherwise."""
    inputs: list[str] = []
    if scene is not None:
        size = f"{scene.width}x{scene.height}"
        inputs += ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", str(scene.rate), "-i", "pipe:0"]
    if sound is not None:
        inputs += ["-i", str(sound)]
    plain = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "10",
        "-c:a",
        "aac",
        "-b:a",
        "48k",
        *("-flags:v", "+bitexact", "-flags:a", "+bitexact", "-fflags", "+bitexact"),
    ]
    if "-c:v" not in options and scene is not None:  # no device writes x264's name
        plain += ["-bsf:v", "filter_units=remove_types=6"]
    turned = ["-metadata:s:v", "rotate=90"] if rotate else []
    command = [find_ffmpeg(), "-nostdin", "-v", "error", "-y", *inputs, *plain, *turned, *options, str(path)]
    picture = b"".join(frames(scene)) if scene is not None else None
    subprocess.run(command, input=picture, stdin=None if picture else subprocess.DEVNULL, check=True)
    return path
