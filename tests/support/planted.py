"""Recordings in which somebody's identity is hidden wherever a file has room for it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from app.demo.clips import TELLTALE, find_ffmpeg
from tests.support.clips import Clips

# Told apart, so that a test can say which one survived, and where it had been put.
PLANTED = {
    **TELLTALE,
    "album": "SERIAL-8842-KX",
    "chapter": "Chapter by Wang Meili",
    "handler": "Handler of Wang Meili",
    "subtitle": "Spoken by Wang Meili",
    "cover": "Cover of Wang Meili",
    "sei": "SEI-IMEI-490154203237518",
    "open-unit": "NAL-SERIAL-77120",
    "xmp": "Wang Meili, XMP",
    "attachment": "Attachment of Wang Meili",
    "bext": "bext-serial-5521",
}
_UUID = "086f3693b7b34f2c965321492feee5b8"


def _ffmpeg(*words: str | Path) -> None:
    subprocess.run([find_ffmpeg(), "-nostdin", "-v", "error", "-y", *map(str, words)], check=True)


def _exiftool(path: Path, *words: str) -> None:
    command = ["exiftool", "-q", "-overwrite_original", *words, str(path)]
    subprocess.run(command, check=True, capture_output=True)


def _tags() -> list[str]:
    names = (*TELLTALE, "album")
    return [word for name in names for word in ("-metadata", f"{name}={PLANTED[name]}")]


def _cover(directory: Path) -> Path:
    path = directory / "cover.jpg"
    _ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x64", "-frames:v", "1", path)
    _exiftool(path, f"-Comment={PLANTED['cover']}", f"-EXIF:Artist={PLANTED['cover']}")
    return path


def _texts(directory: Path) -> tuple[Path, Path]:
    chapters, subtitles = directory / "chapters.txt", directory / "said.srt"
    chapters.write_text(
        f";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=5000\ntitle={PLANTED['chapter']}\n"
    )
    subtitles.write_text(f"1\n00:00:00,000 --> 00:00:05,000\n{PLANTED['subtitle']}\n")
    return chapters, subtitles


def phone_film(clips: Clips, path: Path) -> None:
    """MP4: tags, chapters, handlers, subtitles, a cover, SEI, a unit of a kind left open, and XMP."""
    chapters, subtitles = _texts(path.parent)
    marked = path.with_suffix(".h264")
    sei = f"h264_metadata=sei_user_data='{_UUID}+{PLANTED['sei']}'"
    _ffmpeg("-i", clips("good.mp4"), "-an", "-c", "copy", "-bsf:v", f"h264_mp4toannexb,{sei}", marked)
    unit = b"\0\0\0\1\x18" + PLANTED["open-unit"].encode()
    marked.write_bytes(
        marked.read_bytes().replace(b"\0\0\1\x65", b"\0\0\1\x18" + unit[5:] + b"\0\0\1\x65", 3)
    )
    inputs: list[str | Path] = [
        "-r",
        "25",
        "-i",
        marked,
        "-i",
        clips("good.mp4"),
        "-i",
        chapters,
        "-i",
        subtitles,
    ]
    maps = ["-map", "0:v", "-map", "1:a", "-map", "3", "-map_chapters", "2"]
    named = [
        word for kind in "vas" for word in (f"-metadata:s:{kind}:0", f"handler_name={PLANTED['handler']}")
    ]
    coded = ["-c", "copy", "-c:s", "mov_text"]
    _ffmpeg(*inputs, *maps, *coded, *_tags(), *named, "-movflags", "+use_metadata_tags", path)
    gps = ("-Keys:GPSCoordinates=39.9042 116.4074 40", "-UserData:GPSCoordinates=39.9042 116.4074 40")
    _exiftool(path, f"-XMP-dc:Creator={PLANTED['xmp']}", f"-XMP-aux:SerialNumber={PLANTED['album']}", *gps)
    _exiftool(path, f"-ItemList:CoverArt<={_cover(path.parent)}")


def kitchen_sink(clips: Clips, path: Path) -> None:
    """Matroska: tags, chapters, subtitles, an attachment."""
    chapters, subtitles = _texts(path.parent)
    letter = path.with_suffix(".txt")
    letter.write_text(PLANTED["attachment"])
    inputs: list[str | Path] = ["-i", clips("vp8.webm"), "-i", chapters, "-i", subtitles]
    attached: list[str | Path] = ["-attach", letter, "-metadata:s:t", "mimetype=text/plain"]
    _ffmpeg(*inputs, "-map", "0", "-map", "2", "-map_chapters", "1", "-c", "copy", *_tags(), *attached, path)


def song(clips: Clips, path: Path) -> None:
    """MP3: ID3 tags and a cover."""
    pictured = ["-map", "0:a", "-map", "1", "-c", "copy", "-disposition:v:0", "attached_pic"]
    _ffmpeg("-i", clips("voice.mp3"), "-i", _cover(path.parent), *pictured, *_tags(), path)


def dictaphone(clips: Clips, path: Path) -> None:
    """WAV: INFO and bext chunks."""
    bext = ["-write_bext", "1", "-metadata", f"description={PLANTED['bext']}"]
    _ffmpeg("-i", clips("voice.wav"), "-c", "copy", *_tags(), *bext, path)


def sound_of_a_phone(clips: Clips, path: Path) -> None:
    """M4A: tags, a handler, XMP."""
    handler = ["-metadata:s:a", f"handler_name={PLANTED['handler']}", "-movflags", "+use_metadata_tags"]
    _ffmpeg("-i", clips("voice.m4a"), "-c", "copy", *_tags(), *handler, path)
    _exiftool(path, f"-XMP-dc:Creator={PLANTED['xmp']}")


# What each is made by, and what must be found in it for the test to mean something.
MAKERS: dict[str, tuple[Callable[[Clips, Path], None], frozenset[str]]] = {
    "phone.mp4": (phone_film, frozenset(PLANTED) - {"attachment", "bext"}),
    "sink.mkv": (kitchen_sink, frozenset({"chapter", "subtitle", "attachment", "artist", "album"})),
    "song.mp3": (song, frozenset({"cover", "artist", "album", "comment"})),
    "memo.wav": (dictaphone, frozenset({"bext", "artist", "comment"})),
    "memo.m4a": (sound_of_a_phone, frozenset({"handler", "artist", "album", "xmp"})),
}


def planted_in(data: bytes) -> set[str]:
    """Which of them the bytes hold, in any encoding a container uses."""
    encodings = ("utf-8", "utf-16-le", "utf-16-be")
    return {name for name, said in PLANTED.items() if any(said.encode(code) in data for code in encodings)}
