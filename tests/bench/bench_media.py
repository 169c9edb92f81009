"""What the media pipeline costs beside what cannot be avoided: decoding, and x264 where it must encode.

`python -m tests.bench.bench_media [--seconds 120] [--size 1280x720]…` prints a table and writes it to
`var/bench/media.json`. Each measurement stands between two of its yardstick from the same run: on a busy machine
compare the ratios of CPU time. Telephones write no frames that others do not build on (B-frames); a film that has them
stands in a row of its own, because there a look leaves them out. What starting tools takes, half a second or so, weighs
less the longer a recording is; those of visits last eight minutes and more (D7.1).
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest import mock

from app.demo.clips import make, moving_picture
from app.demo.voice import write_voice
from media_pipeline import find_tools, inspect, process
from media_pipeline.confinement import Confinement

_KEY_FRAME_A_SECOND = ("-g", "25")
_KEY_FRAME_IN_TEN_SECONDS = ("-g", "250", "-sc_threshold", "0")
_WITH_B_FRAMES = ("-bf", "3")
_AT_OUTLET_SIZE = "scale=-2:'min(720,ih)'"  # as renditions are made
_SIZES = ("1280x720", "1920x1080")
_BITS_PER_PIXEL = 0.19  # 4.5 Mbit/s at 720p, 10 at 1080p


@dataclass(frozen=True, slots=True)
class Cost:
    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table; `goal` is the ratio of CPU time to the yardstick's that we promise."""

    size: str
    what: str
    yardstick: str
    cost: Cost
    against: Cost
    goal: float

    @property
    def ratio(self) -> float:
        return self.cost.cpu_s / self.against.cpu_s


def measured(work: Callable[[], object]) -> Cost:
    """Wall time, and the CPU time of this process and of every tool it waited for."""
    cpu, wall = _cpu_s(), time.perf_counter()
    work()
    return Cost(round(time.perf_counter() - wall, 2), round(_cpu_s() - cpu, 2))


def _cpu_s() -> float:
    uses = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in uses)


async def _unboxed(_tool: Path, _directory: Path) -> Confinement:
    """The sandbox (some 60 ms a run) hides what its inmates used, so it stays off here."""
    return Confinement(prlimit=None, bwrap=None, notes=("bench: no sandbox",))


def ffmpeg(*arguments: str) -> Callable[[], object]:
    command = [str(find_tools().ffmpeg), "-nostdin", "-v", "error", "-y", "-threads", "4", *arguments]
    return lambda: subprocess.run(command, check=True)


def make_clip(path: Path, size: str, seconds: float, options: Sequence[str]) -> None:
    """Ten seconds are filmed, and repeated: what x264 takes to make them is nobody's measurement."""
    width, height = (int(side) for side in size.split("x"))
    bits = f"{round(width * height * 25 * _BITS_PER_PIXEL / 1000)}k"
    like_a_phone = ("-preset", "veryfast", "-bf", "0", "-b:v", bits, "-maxrate", bits, "-bufsize", bits)
    with tempfile.TemporaryDirectory() as name:
        voice, film = Path(name) / "voice.wav", Path(name) / "film.mp4"
        write_voice(voice, 10)
        sound = ["-i", str(voice)]
        make(film, picture=moving_picture(size), sound=sound, seconds=10, options=(*like_a_phone, *options))
        ffmpeg("-stream_loop", f"{seconds / 10 - 1:.0f}", "-i", str(film), "-c", "copy", str(path))()


def between(yardstick: Callable[[], object], *works: Callable[[], object]) -> tuple[list[Cost], Cost]:
    """What each work costs, and the mean of the yardstick before and after them."""
    before = measured(yardstick)
    costs = [measured(work) for work in works]
    after = measured(yardstick)
    return costs, Cost(
        round((before.wall_s + after.wall_s) / 2, 2), round((before.cpu_s + after.cpu_s) / 2, 2)
    )


def bench(directory: Path, *, size: str, seconds: float) -> list[Line]:
    names = ("dense.mp4", "sparse.mp4", "layered.mp4", "foreign.avi")
    dense, sparse, layered, foreign = (directory / name for name in names)
    make_clip(dense, size, seconds, _KEY_FRAME_A_SECOND)
    make_clip(sparse, size, seconds, _KEY_FRAME_IN_TEN_SECONDS)
    make_clip(layered, size, seconds, (*_KEY_FRAME_IN_TEN_SECONDS, *_WITH_B_FRAMES))
    ffmpeg("-i", str(sparse), "-c", "copy", str(foreign))()  # not copied from AVI: it must be encoded
    asyncio.run(inspect(dense))  # warm caches, ours and the disk's
    out = directory / "out"

    def look(path: Path) -> Callable[[], object]:
        return lambda: asyncio.run(inspect(path))

    def make_ready(path: Path) -> Callable[[], object]:
        return lambda: asyncio.run(process(path, out))

    def decode(path: Path) -> Callable[[], object]:
        return ffmpeg("-i", str(path), "-f", "null", "-")

    x264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-vf", _AT_OUTLET_SIZE, "-c:a", "aac")
    encode = ffmpeg("-i", str(foreign), *x264, str(directory / "yardstick.mp4"))
    (full, remux), full_decode = between(decode(sparse), look(sparse), make_ready(sparse))
    (leaving_out,), layered_decode = between(decode(layered), look(layered))
    (keys, keys_remux), dense_decode = between(decode(dense), look(dense), make_ready(dense))
    (encoding,), encoded = between(encode, make_ready(foreign))
    return [
        Line(size, "inspect, full decode", "decode", full, full_decode, 1.15),
        Line(size, "process, full decode + remux", "decode", remux, full_decode, 1.2),
        Line(size, "inspect, film with B-frames", "decode", leaving_out, layered_decode, 1.15),
        Line(size, "inspect, key frames", "decode", keys, dense_decode, 0.3),
        Line(size, "process, key frames + remux", "decode", keys_remux, dense_decode, 1.2),
        Line(size, "process + encode", "decode + x264 veryfast", encoding, encoded, 1.1),
    ]


def show(lines: Sequence[Line], seconds: float) -> str:
    heads = (
        "size",
        "what",
        "wall s",
        "CPU s",
        "CPU s per recorded minute",
        "beside",
        "CPU s",
        "ratio",
        "goal",
    )
    rows = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    rows += [
        f"| {line.size} | {line.what} | {line.cost.wall_s} | {line.cost.cpu_s} "
        f"| {60 * line.cost.cpu_s / seconds:.1f} | {line.yardstick} | {line.against.cpu_s} | {line.ratio:.2f} "
        f"| ≤ {line.goal} |"
        for line in lines
    ]
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--size", action="append", help="such as 1280x720; may be repeated")
    parser.add_argument("--json", type=Path, default=Path("var/bench/media.json"))
    options = parser.parse_args(arguments)
    lines: list[Line] = []
    with mock.patch("media_pipeline.workshop.find_confinement", _unboxed):
        for size in options.size or _SIZES:
            with tempfile.TemporaryDirectory() as name:
                lines += bench(Path(name), size=size, seconds=options.seconds)
    sys.stdout.write(f"{show(lines, options.seconds)}\n")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    kept = [asdict(line) | {"ratio": round(line.ratio, 3)} for line in lines]
    options.json.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
