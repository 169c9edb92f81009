"""`python -m media_pipeline inspect|faces|render FILE` or `evaluate DIR`: JSON on stdout, progress on a terminal's stderr."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import NoReturn

from media_pipeline import (
    Blur,
    MediaError,
    RenderProfile,
    Renditions,
    Thresholds,
    ToolMissing,
    UnreadableMedia,
    find_faces,
    hash_file,
    inspect,
    render,
)
from media_pipeline.evaluation import evaluate
from media_pipeline.reading import Fields
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
    finding = commands.add_parser("faces", help="rectangles that hide every face found, for `render --blurs`")
    for command in (looking, making, finding):
        command.add_argument("file", type=Path)
        command.add_argument(
            "--json", action="store_true", help="one line, for programs, and no progress bar"
        )
    judging = commands.add_parser(
        "evaluate", help="precision and recall of every check on a folder with a labels.json"
    )
    judging.add_argument("file", type=Path, metavar="DIR")
    judging.add_argument("--json", action="store_true", help="one line, for programs")
    for command in (looking, judging):
        command.add_argument(
            "--thresholds",
            type=_thresholds,
            default=Thresholds(),
            metavar="FILE",
            help="JSON of a programme's own, by name; what it does not name stays",
        )
    looking.add_argument("--min-duration", type=float, metavar="SECONDS", help="shorter recordings fail")
    looking.add_argument("--hash", action="store_true", help="add the file's SHA-256")
    _add_marks(making)
    return parser


def _add_marks(making: argparse.ArgumentParser) -> None:
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
        "--blur",
        type=_blur,
        action="append",
        default=[],
        metavar="FROM-TO@LEFT,TOP,WIDTH,HEIGHT",
        help="hide a rectangle; seconds, and shares of the picture's sides; may be repeated",
    )
    making.add_argument(
        "--blurs", type=_blurs, default=(), metavar="FILE", help="rectangles as `faces` prints them"
    )
    making.add_argument(
        "--blur-faces", action="store_true", help="hide every face found: best effort, look through it"
    )
    making.add_argument(
        "--hls", action="store_true", help="also one fragmented MP4 and a playlist of byte ranges"
    )


def _interval(text: str) -> Interval:
    start, _, end = text.partition("-")
    try:
        return Interval(round(float(start) * 1000), round(float(end) * 1000))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no stretch of time like 83-91.5") from error


def _blur(text: str) -> Blur:
    span, _, place = text.partition("@")
    try:
        left, top, width, height = (float(side) for side in place.split(","))
        return Blur(_interval(span), left, top, width, height)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no rectangle like 83-91.5@0.1,0.2,0.3,0.3") from error


def _blurs(name: str) -> tuple[Blur, ...]:
    try:
        return tuple(_blur_of(fields) for fields in Fields.parse(Path(name).read_bytes()).objects("blurs"))
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{name}: {error}") from error


def _blur_of(fields: Fields) -> Blur:
    during = fields.object("during")
    sides = (fields.number(side) for side in ("left", "top", "width", "height"))
    return Blur(Interval(during.whole("start_ms"), during.whole("end_ms")), *sides)


def _thresholds(name: str) -> Thresholds:
    try:
        return Thresholds.from_mapping(Fields.parse(Path(name).read_bytes()).everything())
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{name}: {error}") from error


def _semitones(text: str) -> float:
    try:
        return RenderProfile(pitch_semitones=float(text)).pitch_semitones
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


async def _answer(options: argparse.Namespace) -> str:
    if options.command == "evaluate":
        evaluation = await evaluate(options.file, thresholds=options.thresholds)
        return evaluation.to_json() if options.json else evaluation.to_text()
    bar = None if options.json or not sys.stderr.isatty() else _draw
    indent = None if options.json else 2
    match options.command:
        case "faces":
            found = await find_faces(options.file, progress=bar)
            return json.dumps({"blurs": [asdict(blur) for blur in found]}, indent=indent)
        case "render":
            made = await render(options.file, options.out, _profile(options), progress=bar)
            return _listed(made, indent)
        case _:
            sha256 = await hash_file(options.file) if options.hash else None
            report = await inspect(options.file, thresholds=_asked(options), progress=bar, sha256=sha256)
            return report.to_json(indent=indent)


def _asked(options: argparse.Namespace) -> Thresholds:
    chosen: Thresholds = options.thresholds
    return chosen if options.min_duration is None else replace(chosen, min_duration_s=options.min_duration)


def _profile(options: argparse.Namespace) -> RenderProfile:
    return RenderProfile(
        mute=tuple(options.mute),
        pitch_semitones=options.pitch,
        blurs=(*options.blur, *options.blurs),
        blur_faces=options.blur_faces,
        stream_from_s=0.0 if options.hls else None,
    )


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
