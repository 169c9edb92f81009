"""What `hatch_build.py` left in `dist`, in memory, each file with the headers it is served with."""

import mimetypes
from functools import cache
from pathlib import Path

from app.kit.files import ASK_AGAIN, File

DIST = Path(__file__).with_name("dist")
INDEX = "index.html"
IMMUTABLE = "public, max-age=31536000, immutable"  # the name holds the content's hash
KINDS = {".js": "text/javascript; charset=utf-8", ".webmanifest": "application/manifest+json"}


class NotBuilt(Exception):
    """There is no web application beside the code."""


@cache
def site() -> dict[str, File]:
    """Every file by its path: `index.html`, `assets/…`. Read once; raises `NotBuilt`."""
    if not (DIST / INDEX).is_file():
        raise NotBuilt
    names = (file.relative_to(DIST).as_posix() for file in DIST.rglob("*") if file.is_file())
    return {name: _read(name) for name in names if not name.endswith(".gz") and not name.startswith(".")}


def _read(name: str) -> File:
    file = DIST / name
    packed = file.with_name(f"{file.name}.gz")
    return File.of(
        file.read_bytes(),
        packed.read_bytes() if packed.is_file() else None,
        KINDS.get(file.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream",
        IMMUTABLE if name.startswith("assets/") else ASK_AGAIN,
    )
