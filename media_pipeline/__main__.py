"""`python -m media_pipeline inspect|render FILE` or `evaluate DIR`: JSON on stdout, progress on a terminal's stderr."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from media_pipeline import (
    MediaError,
    RenderProfile,
    Renditions,
    Thresholds,
    ToolMissing,
    UnreadableMedia,
    hash_file,
    inspect,
    render,
)
from media_pipeline.evaluation import evaluate
from media_pipeline.timeline import Interval

OK, TOOL_FAILED, BAD_FILE, TOOL_MISSING, USAGE = 0, 1, 2, 3, 64
_BAR = 40


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """0 done, 1 a tool failed, 2 a bad file, 3 ffmpeg missing, 64 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        print(asyncio.run(_answer(options)))
    except ValueError as error:
        return _complain(str(error), USAGE)
    except UnreadableMedia as error:
        return _complain(f"{options.file}: {error}", BAD_FILE)
    except ToolMissing as error:
        return _complain(str(error), TOOL_MISSING)
    except MediaError as error:
        return _complain(f"{options.file}: {error}", TOOL_FAILED)
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m media_pipeline", description="Check and render recordings of visits.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    looking = commands.add_parser("inspect", help="report on a recording's quality, as JSON")
    making = commands.add_parser("render", help="write the renditions an outlet may see")
    for command in (looking, making):
        command.add_argument("file", type=Path)
        command.add_argument(
            "--json", action="store_true", help="one line, for programs, and no progress bar"
        )
    judging = commands.add_parser(
        "evaluate", help="precision and recall of every check on a folder with a labels.json"
    )
    judging.add_argument("file", type=Path, metavar="DIR")
    judging.add_argument("--json", action="store_true", help="one line, for programs")
    looking.add_argument("--min-duration", type=float, metavar="SECONDS", help="shorter recordings fail")
    looking.add_argument("--hash", action="store_true", help="add the file's SHA-256")
    making.add_argument("--out", type=Path, required=True, metavar="DIR")
    making.add_argument(
        "--mute",
        type=_interval,
        action="append",
        default=[],
        metavar="FROM-TO",
        help="seconds; may be repeated",
    )
    making.add_argument(
        "--pitch", type=_semitones, default=0.0, metavar="SEMITONES", help="move every voice: reversible"
    )
    making.add_argument(
        "--hls", action="store_true", help="also one fragmented MP4 and a playlist of byte ranges"
    )
    return parser


def _interval(text: str) -> Interval:
    start, _, end = text.partition("-")
    try:
        return Interval(round(float(start) * 1000), round(float(end) * 1000))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no stretch of time like 83-91.5") from error


def _semitones(text: str) -> float:
    try:
        return RenderProfile(pitch_semitones=float(text)).pitch_semitones
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


async def _answer(options: argparse.Namespace) -> str:
    if options.command == "evaluate":
        evaluation = await evaluate(options.file)
        return evaluation.to_json() if options.json else evaluation.to_text()
    bar = None if options.json or not sys.stderr.isatty() else _draw
    indent = None if options.json else 2
    if options.command == "render":
        profile = RenderProfile(
            mute=tuple(options.mute),
            pitch_semitones=options.pitch,
            stream_from_s=0.0 if options.hls else None,
        )
        return _listed(await render(options.file, options.out, profile, progress=bar), indent)
    least = options.min_duration
    thresholds = Thresholds() if least is None else Thresholds(min_duration_s=least)
    sha256 = await hash_file(options.file) if options.hash else None
    report = await inspect(options.file, thresholds=thresholds, progress=bar, sha256=sha256)
    return report.to_json(indent=indent)


def _listed(renditions: Renditions, indent: int | None) -> str:
    return json.dumps(asdict(renditions), default=str, ensure_ascii=False, indent=indent)


def _draw(fraction: float) -> None:
    done = round(fraction * _BAR)
    end = "\n" if fraction >= 1 else ""
    print(f"\r[{'#' * done}{'.' * (_BAR - done)}] {fraction:4.0%}", end=end, file=sys.stderr, flush=True)


def _complain(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
