"""What the media pipeline costs beside what cannot be avoided: decoding, and x264 where it must encode.

`python -m tests.bench.bench_media [--seconds 60] [--size 1280x720]` prints a table and writes it to
`var/bench/media.json`. Each measurement stands beside its yardstick from the same run: on a busy machine
compare the ratios of CPU time.
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
_LIKE_A_PHONE = ("-preset", "veryfast", "-b:v", "4500k", "-maxrate", "4500k", "-bufsize", "9000k")


@dataclass(frozen=True, slots=True)
class Cost:
    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table; `goal` is the ratio of CPU time to the yardstick's that we promise."""

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
    voice = path.with_suffix(".wav")
    write_voice(voice, min(seconds, 20))
    sound = ["-stream_loop", "-1", "-i", str(voice)]
    make(path, picture=moving_picture(size), sound=sound, seconds=seconds, options=(*_LIKE_A_PHONE, *options))


def bench(directory: Path, *, size: str, seconds: float) -> list[Line]:
    dense, sparse, foreign = (directory / name for name in ("dense.mp4", "sparse.mp4", "foreign.avi"))
    make_clip(dense, size, seconds, _KEY_FRAME_A_SECOND)
    make_clip(sparse, size, seconds, _KEY_FRAME_IN_TEN_SECONDS)
    ffmpeg("-i", str(sparse), "-c", "copy", str(foreign))()  # not copied from AVI: it must be encoded
    asyncio.run(inspect(dense))  # warm caches, ours and the disk's

    out = directory / "out"
    decode_dense = measured(ffmpeg("-i", str(dense), "-f", "null", "-"))
    decode_sparse = measured(ffmpeg("-i", str(sparse), "-f", "null", "-"))
    x264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-c:a", "aac")
    encode = measured(ffmpeg("-i", str(foreign), *x264, str(directory / "yardstick.mp4")))
    return [
        Line(
            "inspect, full decode",
            "decode",
            measured(lambda: asyncio.run(inspect(sparse))),
            decode_sparse,
            1.15,
        ),
        Line(
            "process, full decode + remux",
            "decode",
            measured(lambda: asyncio.run(process(sparse, out))),
            decode_sparse,
            1.2,
        ),
        Line(
            "inspect, key frames", "decode", measured(lambda: asyncio.run(inspect(dense))), decode_dense, 0.3
        ),
        Line(
            "process, key frames + remux",
            "decode",
            measured(lambda: asyncio.run(process(dense, out))),
            decode_dense,
            0.3,
        ),
        Line(
            "process + encode",
            "decode + x264 veryfast",
            measured(lambda: asyncio.run(process(foreign, out))),
            encode,
            1.1,
        ),
    ]


def show(lines: Sequence[Line], seconds: float) -> str:
    rows = ["| what | wall s | CPU s | × real time | beside | CPU s | ratio | goal |", "|" + "---|" * 8]
    rows += [
        f"| {line.what} | {line.cost.wall_s} | {line.cost.cpu_s} | {seconds / line.cost.wall_s:.1f} "
        f"| {line.yardstick} | {line.against.cpu_s} | {line.ratio:.2f} | ≤ {line.goal} |"
        for line in lines
    ]
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--json", type=Path, default=Path("var/bench/media.json"))
    options = parser.parse_args(arguments)
    boxless = mock.patch("media_pipeline.workshop.find_confinement", _unboxed)
    with tempfile.TemporaryDirectory() as name, boxless:
        lines = bench(Path(name), size=options.size, seconds=options.seconds)
    sys.stdout.write(f"{options.size}, {options.seconds:g} s\n\n{show(lines, options.seconds)}\n")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    kept = [asdict(line) | {"ratio": round(line.ratio, 3)} for line in lines]
    options.json.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
