"""What a worker needs for one recording: memory, which must not grow with the file, and a core's time per minute.

`python -m tests.bench.bench_worker [--gigabytes 2]`: the same film at its own length and repeated until it has that
size, each hashed and processed in a process of its own, because a process never gives its peak back.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from app.demo.clips import make, moving_picture
from app.demo.voice import write_voice
from media_pipeline import find_tools, hash_file, process
from tests.bench.bench_media import _unboxed, measured
from tests.bench.rows import Row

SECONDS = 10
FEW = 7
RATE = ("-b:v", "40M", "-minrate", "40M", "-maxrate", "40M", "-bufsize", "40M", "-x264-params", "nal-hrd=cbr")
FILM = ("-preset", "ultrafast", "-g", "25", *RATE)


@dataclass(frozen=True, slots=True)
class Need:
    """Peaks are resident megabytes: of our process, and of the largest tool."""

    size_mb: int
    minutes: float
    wall_s: float
    cpu_s: float
    worker_mb: int
    tool_mb: int

    @property
    def cpu_s_per_minute(self) -> float:
        return self.cpu_s / self.minutes


def compare(gigabytes: float) -> tuple[Need, ...]:
    """What a file of a minute needs, which fills every buffer once, and what one of that size does."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        film, voice = directory / "film.mp4", directory / "voice.wav"
        write_voice(voice, SECONDS)
        sound = ["-i", str(voice)]
        make(film, picture=moving_picture("1280x720"), sound=sound, seconds=SECONDS, options=FILM)
        many = round(gigabytes * 1e9 / film.stat().st_size)
        return tuple(_in_a_process(_looped(film, times), SECONDS * times) for times in (FEW, many))


def memory_and_cost() -> Row:
    """For `make bench`: about a minute."""
    small, large = compare(2.0)
    return Row(
        f"worker's peak memory at {large.size_mb / 1000:.1f} GB against {small.size_mb / 1000:.1f} GB; "
        "CPU per recorded minute (720p, copied)",
        f"{large.worker_mb} MB against {small.worker_mb} MB, tools {large.tool_mb} MB; {large.cpu_s_per_minute:.1f} s",
        "+ 64 MB at most",
    )


def _looped(film: Path, times: int) -> Path:
    path = film.with_name(f"{times}.mp4")
    loop = ["-stream_loop", str(times - 1), "-i", str(film), "-c", "copy", str(path)]
    subprocess.run([find_tools().ffmpeg, "-nostdin", "-v", "error", *loop], check=True)
    return path


def _in_a_process(path: Path, seconds: float) -> Need:
    command = [
        sys.executable,
        "-m",
        "tests.bench.bench_worker",
        "--one",
        str(path),
        "--seconds",
        str(seconds),
    ]
    return Need(**json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


def _need(path: Path, seconds: float) -> dict[str, float]:
    """Without the sandbox, which hides what its inmates used."""

    async def work() -> None:
        await process(path, path.parent / f"out-{path.stem}", sha256=await hash_file(path))

    with mock.patch("media_pipeline.workshop.find_confinement", _unboxed):
        cost = measured(lambda: asyncio.run(work()))
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "size_mb": path.stat().st_size // 1_000_000,
        "minutes": seconds / 60,
        "wall_s": cost.wall_s,
        "cpu_s": cost.cpu_s,
        "worker_mb": peaks[0] // 1024,
        "tool_mb": peaks[1] // 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        sys.stdout.write(json.dumps(_need(options.one, options.seconds)))
        return
    for need in compare(options.gigabytes):
        sys.stdout.write(f"{need}, {need.cpu_s_per_minute:.2f} CPU s per recorded minute\n")


if __name__ == "__main__":
    main()
