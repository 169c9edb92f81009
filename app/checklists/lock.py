"""`published.lock`: what was published under an id and version never changes.

One line per published version, `id@version: fingerprint`. A file whose fingerprint differs from its line
has been edited after publication and needs a new version number instead.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from app.checklists.document import Document

LOCK_NAME = "published.lock"
HEADER = (
    "# Published checklists: id@version: SHA-256 of the content. Written by `plainclothes checklist lock`.\n"
)
LINE = re.compile(r"([a-z0-9-]+@[1-9][0-9]*): ([0-9a-f]{64})")


class LockUnreadable(Exception):
    """The lock file holds a line that is not `id@version: fingerprint`, or a version twice."""


def read_lock(path: Path) -> dict[str, str]:
    """Fingerprints by `id@version`; empty when there is no file yet."""
    if not path.exists():
        return {}
    entries: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        parts = LINE.fullmatch(line)
        if parts is None or parts[1] in entries:
            raise LockUnreadable(f"{path.name}, line {number}: not a new `id@version: sha256`")
        entries[parts[1]] = parts[2]
    return entries


def write_lock(path: Path, entries: Mapping[str, str]) -> None:
    """All entries, in order."""
    lines = [f"{name}: {fingerprint}\n" for name, fingerprint in sorted(entries.items())]
    path.write_text(HEADER + "".join(lines), encoding="utf-8")


def changed_after_publication(document: Document, entries: Mapping[str, str]) -> bool:
    """Whether this version was published with other content."""
    published = entries.get(name_of(document))
    return published is not None and published != document.fingerprint()


def name_of(document: Document) -> str:
    """How the lock and every score name a version."""
    return f"{document.id}@{document.version}"
