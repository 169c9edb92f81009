"""The truth set: recordings that were spoilt on purpose, with labels that say how.

Each seed films other halls with other people and other voices, so that thresholds can be tried on a set they were
not chosen on. Labels follow from how a clip was made, never from what a check says of it. Random bits in valid AMR
frames are a clip as well; what they sound like nobody can say, so it only must be readable.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.demo.voice import RATE
from media_pipeline import CheckKind
from media_pipeline.evaluation import LABELS_FILE
from tests.support import scenes
from tests.support.amr import write_amr
from tests.support.clips import make_amr
from tests.support.scenes import Scene, Sound

SECONDS = 10.0

_VIDEO: dict[str, tuple[str, Sequence[str]]] = {
    "h264": (".mp4", ()),
    "one-key": (".mp4", ("-g", "250")),
    "hevc": (".mp4", ("-c:v", "libx265", "-x265-params", "log-level=none:info=0", "-tag:v", "hvc1")),
    "vp8": (".webm", ("-c:v", "libvpx", "-deadline", "realtime", "-b:v", "600k", "-c:a", "libopus")),
    "vp9-odd": (
        ".webm",
        ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "600k", "-c:a", "libopus"),
    ),
    "av1": (".mkv", ("-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "lp=1", "-c:a", "libopus")),
    "ten-bit": (".mp4", ("-pix_fmt", "yuv420p10le")),
    "rotated": (".mp4", ()),
    "uneven": (".mkv", ("-fps_mode", "vfr")),
}
_AUDIO: dict[str, tuple[str, Sequence[str]]] = {
    "aac": (".m4a", ()),
    "mp3": (".mp3", ("-c:a", "libmp3lame")),
    "pcm": (".wav", ("-c:a", "pcm_s16le")),
    "opus": (".opus", ("-c:a", "libopus")),
    "amr": (".3gp", ()),
}
_PICTURES: dict[str, tuple[str, frozenset[CheckKind]]] = {
    "normal": ("null", frozenset()),
    "covered": ("drawbox=color=0x101010:t=fill,noise=alls=12:allf=t", frozenset({CheckKind.COVERED})),
    "covered-in-light": (
        "drawbox=color=0xb08060:t=fill:enable='gte(t,3)',noise=alls=4:allf=t",
        frozenset({CheckKind.COVERED}),
    ),
    "frozen": (
        "trim=end=4,tpad=stop_mode=clone:stop_duration=30,trim=end=10",
        frozenset({CheckKind.FROZEN}),
    ),
    "dark": ("lutyuv=y='16+(val-16)*0.25'", frozenset({CheckKind.TOO_DARK})),
    "blurred": ("gblur=sigma=12", frozenset({CheckKind.BLURRED})),
}


@dataclass(frozen=True, slots=True)
class Clip:
    name: str
    kinds: frozenset[CheckKind]
    scene: Scene | None
    sound: Sound | None
    options: tuple[str, ...] = ()
    rotate: bool = False


def make_truth(directory: Path, *, seed: int, every: int = 1) -> dict[str, frozenset[CheckKind] | None]:
    """The whole set with its `labels.json`; returns the labels. `every=2` makes half of it."""
    directory.mkdir(parents=True, exist_ok=True)
    clips = [*_films(seed), *_sounds(seed), *_odd_ones(seed)][::every]
    with ThreadPoolExecutor(max_workers=2) as workers:
        list(workers.map(lambda clip: _make(directory, clip), clips))
    make_amr(directory / "rustling.3gp", seconds=SECONDS, seed=seed)
    labels: dict[str, frozenset[CheckKind] | None] = {clip.name: clip.kinds for clip in clips}
    labels["rustling.3gp"] = None
    written = {name: None if kinds is None else sorted(kinds) for name, kinds in labels.items()}
    (directory / LABELS_FILE).write_text(json.dumps(written, indent=1), encoding="utf-8")
    return labels


def _make(directory: Path, clip: Clip) -> None:
    wave = None
    if clip.name.endswith(".3gp") and clip.sound is not None:
        write_amr(directory / clip.name, clip.sound)
        return
    if clip.sound is not None:
        wave = scenes.write_wave(directory / f"{clip.name}.source", clip.sound)
    path = directory / clip.name
    scenes.record(path, scene=clip.scene, sound=wave, options=clip.options, rotate=clip.rotate)
    if wave is not None:
        wave.unlink()


def _films(seed: int) -> Iterator[Clip]:
    """Every coding × good, covered, frozen, and two of the rest in turn."""
    rest = ("covered-in-light", "dark", "blurred")
    for turn, (coding, (suffix, options)) in enumerate(_VIDEO.items()):
        for place, spoilt in enumerate(("normal", "covered", "frozen", rest[turn % 3], rest[(turn + 1) % 3])):
            filters, kinds = _PICTURES[spoilt]
            if coding == "uneven":  # a phone that drops frames in poor light
                filters = f"select='not(eq(mod(n,7),2)+eq(mod(n,11),4))',{filters}"
            number = 1000 * seed + 10 * turn + place
            size = (319, 241) if coding == "vp9-odd" else (320, 240)
            scene = Scene(number, SECONDS, *size, sway=0.0 if place == 0 and turn % 2 else 24.0)
            yield Clip(
                name=f"{coding}-{spoilt}{suffix}",
                kinds=kinds,
                scene=scene,
                sound=scenes.talk(SECONDS, seed=number),
                options=("-vf", filters, *options),
                rotate=coding == "rotated",
            )


def _sounds(seed: int) -> Iterator[Clip]:
    for turn, (coding, (suffix, options)) in enumerate(_AUDIO.items()):
        for place, (spoilt, (make, kinds)) in enumerate(_SOUNDS.items()):
            yield Clip(
                f"{coding}-{spoilt}{suffix}",
                kinds,
                None,
                make(1000 * seed + 500 + 20 * turn + place),
                tuple(options),
            )


def _odd_ones(seed: int) -> Iterator[Clip]:
    """A film without sound, and good pictures over sounds nobody can use."""
    scene = Scene(1000 * seed + 900, SECONDS, 320, 240)
    yield Clip("no-sound.mp4", frozenset({CheckKind.NO_SOUND}), scene, None)
    thrown = replace(scene, seed=1000 * seed + 905, shake=90.0)
    shaken = frozenset({CheckKind.SHAKEN})
    yield Clip("shaken.mp4", shaken, thrown, scenes.talk(SECONDS, seed=thrown.seed), ("-g", "250"))
    for place, spoilt in enumerate(("silent", "clipped", "street", "music")):
        make, kinds = _SOUNDS[spoilt]
        number = 1000 * seed + 910 + place
        yield Clip(f"film-{spoilt}.mp4", kinds, replace(scene, seed=number), make(number))


def _silent(seed: int) -> Sound:
    """A dead microphone: the last bit flickers."""
    return np.asarray(0.0002 * np.random.default_rng(seed).standard_normal(round(SECONDS * RATE)))


def _clipped(seed: int) -> Sound:
    return np.asarray(np.clip(12 * scenes.talk(SECONDS, seed=seed), -1, 1))


def _half(spoilt: Callable[[int], Sound]) -> Callable[[int], Sound]:
    """Good, until something happens to the microphone."""

    def sound(seed: int) -> Sound:
        good, bad = scenes.talk(SECONDS, seed=seed), spoilt(seed)
        return np.concatenate([good[: good.size // 2], bad[bad.size // 2 :]])

    return sound


def _muffled(seed: int) -> Sound:
    """Cloth: 24 dB an octave away above 350 Hz."""
    spoken = np.fft.rfft(scenes.talk(SECONDS, seed=seed))
    hertz = np.fft.rfftfreq(round(SECONDS * RATE), 1 / RATE)
    cloth = np.fft.irfft(spoken / (1 + (hertz / 350) ** 4), round(SECONDS * RATE))
    return np.asarray(cloth / np.abs(cloth).max() * 0.5)


def _windy(seed: int) -> Sound:
    return scenes.talk(SECONDS, seed=seed, loudness=0.15) + scenes.wind(SECONDS, seed=seed, loudness=0.25)


_NOBODY = frozenset({CheckKind.NO_SPEECH})
_SOUNDS: dict[str, tuple[Callable[[int], Sound], frozenset[CheckKind]]] = {
    "normal": (lambda seed: scenes.talk(SECONDS, seed=seed), frozenset()),
    "quiet-voice": (lambda seed: scenes.talk(SECONDS, seed=seed, loudness=0.2), frozenset()),
    "silent": (_silent, frozenset({CheckKind.SILENT, CheckKind.NO_SPEECH})),
    "unplugged": (
        lambda seed: np.zeros(round(SECONDS * RATE)),
        frozenset({CheckKind.SILENT, CheckKind.NO_SPEECH}),
    ),
    "half-silent": (_half(_silent), frozenset({CheckKind.SILENT})),
    "clipped": (_clipped, frozenset({CheckKind.CLIPPED})),
    "half-clipped": (_half(_clipped), frozenset({CheckKind.CLIPPED})),
    "street": (lambda seed: scenes.street(SECONDS, seed=seed), _NOBODY),
    "empty-hall": (lambda seed: scenes.room(SECONDS, seed=seed, loudness=0.03), _NOBODY),
    "music": (lambda seed: scenes.music(SECONDS, seed=seed), _NOBODY),
    "muffled": (_muffled, frozenset({CheckKind.MUFFLED})),
    "wind": (_windy, frozenset({CheckKind.WIND})),
}
