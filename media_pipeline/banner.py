"""ffmpeg's description of an input, read into the shape of ffprobe's JSON.

Used only where ffmpeg comes without ffprobe (the `imageio-ffmpeg` wheel). The text is meant for people,
and has kept its form from ffmpeg 4 to 9.
"""

import re

from media_pipeline.reading import Fields

_INPUT = re.compile(r"^Input #0, (?P<name>.+), from '", re.MULTILINE)
_DURATION = re.compile(r"^\s+Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", re.MULTILINE)
_STREAM = re.compile(r"^\s+Stream #0:(?P<index>\d+).*?: (?P<kind>Video|Audio): (?P<codec>\w+)(?P<rest>.*)$")
_PROFILE = re.compile(r"^ \((?P<profile>[^)/]+)\)")
_SIZE = re.compile(r", (\d+)x(\d+)[ ,\[]")
_PIXELS = re.compile(r"^[^,]*, (?P<format>\w+)")
_ASPECT = re.compile(r"SAR (\d+:\d+)")
_RATE = re.compile(r", ([\d.]+) fps")
_SOUND = re.compile(r", (\d+) Hz, (?P<layout>[^,]+)")
_ROTATION = re.compile(r"rotation of (-?[\d.]+) degrees")
_TAG = re.compile(
    r"^ {4}(?P<name>creation_time|encoder|com\.apple\.quicktime\.creationdate) *: (?P<value>.+)$",
    re.IGNORECASE,
)
_CHANNELS = {"mono": 1, "stereo": 2, "5.1": 6, "5.1(side)": 6, "7.1": 8}


def header_from_banner(text: str) -> Fields:
    """Keys as in `ffprobe -show_format -show_streams`, as far as `probe` reads them."""
    _, _, described = text.partition("Input #0")
    named = _INPUT.search(text)
    form: dict[str, object] = {"format_name": named["name"] if named else "unknown", "tags": _tags(described)}
    duration = _DURATION.search(described)
    if duration is not None:
        hours, minutes, seconds = duration.groups()
        form["duration"] = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    return Fields({"format": form, "streams": _streams(described)})


def _tags(described: str) -> dict[str, object]:
    before_streams = described.partition("Stream #0:")[0]
    found = (_TAG.match(line) for line in before_streams.splitlines())
    return {match["name"].lower(): match["value"] for match in found if match}


def _streams(described: str) -> list[dict[str, object]]:
    streams: list[dict[str, object]] = []
    for line in described.splitlines():
        if (stream := _STREAM.match(line)) is not None:
            common: dict[str, object] = {"index": int(stream["index"]), "codec_name": stream["codec"]}
            profile = _PROFILE.match(stream["rest"])
            common["profile"] = profile["profile"] if profile else None
            special = _video(stream["rest"]) if stream["kind"] == "Video" else _audio(stream["rest"])
            streams.append(common | special)
        elif streams and (turned := _ROTATION.search(line)) is not None:
            streams[-1]["side_data_list"] = [{"rotation": float(turned[1])}]
    return streams


def _video(rest: str) -> dict[str, object]:
    size, pixels, aspect, rate = (
        _SIZE.search(rest + ","),
        _PIXELS.match(rest),
        _ASPECT.search(rest),
        _RATE.search(rest),
    )
    return {
        "codec_type": "video",
        "width": int(size[1]) if size else None,
        "height": int(size[2]) if size else None,
        "pix_fmt": pixels["format"] if pixels else None,
        "sample_aspect_ratio": aspect[1] if aspect else None,
        "avg_frame_rate": f"{round(float(rate[1]) * 1000)}/1000" if rate else None,
        "disposition": {"attached_pic": int("(attached pic)" in rest)},
    }


def _audio(rest: str) -> dict[str, object]:
    sound = _SOUND.search(rest)
    layout = sound["layout"].strip() if sound else ""
    counted = re.match(r"(\d+) channels", layout)
    channels = int(counted[1]) if counted else _CHANNELS.get(layout, 0)
    return {
        "codec_type": "audio",
        "sample_rate": int(sound[1]) if sound else None,
        "channels": channels,
    }
