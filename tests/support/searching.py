"""Looking for what must not be there, however it is written: ids, words, places and times.

`found(haystack, secrets)` unfolds the haystack first (percent-encoding, base64 of any alignment, JSON escapes) and
looks for every writing of every secret.
"""

import base64
import binascii
import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes
from uuid import UUID

SHANGHAI = timezone(timedelta(hours=8))
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}")
_ESCAPE = re.compile(rb"\\u([0-9a-fA-F]{4})")

Secret = str | UUID | datetime


def writings(secret: Secret) -> set[bytes]:
    """How a secret may be written; all lower case."""
    match secret:
        case UUID():
            texts = {str(secret), secret.hex, str(secret.int), secret.urn}
            raw = {secret.bytes, secret.bytes_le}
        case datetime():
            texts = {text for zone in (UTC, SHANGHAI) for text in _times(secret.astimezone(zone))}
            texts |= {str(int(secret.timestamp())), f"{int(secret.timestamp()):x}"}
            raw = set()
        case str():
            texts = {secret, json.dumps(secret)[1:-1], quote(secret)}
            raw = {secret.encode("utf-16-le"), secret.encode("utf-16-be")}
    return {text.encode().lower() for text in texts} | {one.lower() for one in raw}


def found(haystack: Iterable[bytes], secrets: Mapping[str, Secret]) -> set[str]:
    """The names of the secrets that are somewhere in it."""
    needles = {name: writings(secret) for name, secret in secrets.items()}
    seen: set[str] = set()
    for piece in haystack:
        for text in unfolded(piece):
            seen |= {
                name
                for name, ways in needles.items()
                if name not in seen and any(way in text for way in ways)
            }
    return seen


def exiftool(files: Iterable[bytes], directory: Path) -> bytes:
    """Everything that a tool for the purpose reads out of files: all tags, unknown ones and embedded ones too."""
    paths = []
    for number, content in enumerate(files):
        paths.append(directory / f"{number}.bin")
        paths[-1].write_bytes(content)
    command = ["exiftool", "-a", "-u", "-U", "-ee", "-G1", "-json", *map(str, paths)]
    done = subprocess.run(command, check=False, capture_output=True)  # 1 for files it knows nothing of
    told: list[dict[str, object]] = json.loads(done.stdout)
    # Its own words on the file it was given: our name for it, and when we wrote it.
    ours = ("SourceFile", "System:")
    return json.dumps(
        [{name: tag for name, tag in one.items() if not name.startswith(ours)} for one in told],
        ensure_ascii=False,
    ).encode()


def unfolded(piece: bytes) -> list[bytes]:
    """The piece, and what is wrapped in it; all lower case."""
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)).encode("utf-8", "ignore"), piece)
    texts = {piece, plain, unquote_to_bytes(piece)}
    wrapped = {inner for text in list(texts) for inner in _from_base64(text)}
    deeper = {inner for text in list(wrapped) for inner in _from_base64(text)}
    return [text.lower() for text in texts | wrapped | deeper]


def _from_base64(text: bytes) -> Iterable[bytes]:
    for match in _BASE64.finditer(text):
        run = match[0].translate(bytes.maketrans(b"-_", b"+/"))
        for start in range(4):  # it may begin anywhere in a longer word
            whole = run[start : start + (len(run) - start) // 4 * 4]
            rest = run[start:]
            for part in (whole, rest + b"=" * (-len(rest) % 4)):
                try:
                    yield base64.b64decode(part)
                except binascii.Error:
                    continue


def _times(local: datetime) -> Iterable[str]:
    """To the minute: the outlet learns the day and its part (D10.1)."""
    yield f"{local:%Y-%m-%dT%H:%M}"
    yield f"{local:%Y-%m-%d %H:%M}"
    yield f"{local:%Y%m%dT%H%M}"
    yield f"{local:%d %b %Y %H:%M}"
    yield f"{local:%Y:%m:%d %H:%M}"  # in photos
