"""A SQLite database and a bucket as files in a directory, and back: for an installation on one machine.

The database is copied first, as of one moment, while others go on writing. Keys of objects are drawn at random and never used
again, so that whatever the copied rows refer to is still there afterwards under the same key, was deleted since for good, or was
moved to another key that the rows name too (what arrived is sealed): whatever is gone when its turn comes makes us look once more.
What came to the store meanwhile is a superfluous copy and no mistake.
"""

import asyncio
import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from app.kit.storage import ObjectMissing, Storage

OBJECTS, MANIFEST, DATABASES = "objects", "manifest.json", "database-*.sqlite"


class BackupUnusable(Exception):
    """The directory does not hold what a backup writes; the message says what is wrong with it."""


class NotEmpty(Exception):
    """There is something already where a backup should be restored to."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An object of the bucket, as a file."""

    key: str
    size_bytes: int
    etag: str
    sha256: str
    content_type: str
    token: str | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What makes files a backup."""

    made_at: str
    database: str
    database_sha256: str
    objects: list[Kept]


@dataclass(frozen=True, slots=True)
class Summary:
    """What was copied, and what lay there from the last time."""

    objects: int
    size_bytes: int
    copied: int


async def back_up(database: Path, storage: Storage, directory: Path, *, now: datetime) -> Summary:
    """Write a backup into `directory`; objects that an earlier one left there are not fetched again.

    Until the manifest is replaced, at the end and at once, the directory holds the earlier backup.
    """
    await asyncio.to_thread((directory / OBJECTS).mkdir, mode=0o700, parents=True, exist_ok=True)
    earlier = await asyncio.to_thread(_read, directory)
    before = {} if earlier is None else {one.key: one for one in earlier.objects}
    unfinished = directory / "database.new"
    await asyncio.to_thread(copy_database, database, unfinished)
    kept: dict[str, Kept] = {}
    copied, moved = 0, True
    while moved:
        moved = False
        async for listed in storage.list_keys(""):
            if listed.key in kept:
                continue
            known = before.get(listed.key)
            if known is None or not await _is_the_same(storage, known, directory):
                known = await _fetched(storage, listed.key, directory)
                copied += known is not None
            if known is None:
                moved = True
            else:
                kept[listed.key] = known
    await asyncio.to_thread(_finish, directory, unfinished, list(kept.values()), now)
    return Summary(len(kept), sum(one.size_bytes for one in kept.values()), copied)


async def restore(directory: Path, database: Path, storage: Storage) -> Summary:
    """Put a backup where there is nothing yet, every byte compared with what was copied.

    The database comes last: a restore that was broken off has none, and may be begun again once the bucket is empty.
    Raises `BackupUnusable` and `NotEmpty`.
    """
    kept = await asyncio.to_thread(_whole, directory)
    if await asyncio.to_thread(database.exists):
        raise NotEmpty(f"there is a database at {database}")
    async for listed in storage.list_keys(""):
        raise NotEmpty(f"the bucket holds {listed.key}")
    for one in kept.objects:
        path = _file(directory, one.key)
        await storage.upload(path, one.key, content_type=one.content_type, token=one.token)
    await asyncio.to_thread(copy_database, directory / kept.database, database)
    return Summary(len(kept.objects), sum(one.size_bytes for one in kept.objects), len(kept.objects))


def copy_database(source: Path, target: Path) -> None:
    """As of one moment, whoever writes meanwhile. Raises `BackupUnusable` unless the copy is whole. Blocks."""
    target.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(f"file:{source}?mode=rw", uri=True)) as there:
        target.touch(mode=0o600)
        with closing(sqlite3.connect(target)) as here:
            there.backup(here)
            here.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
            found = here.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise BackupUnusable(f"{source} is damaged: {found}")


async def _is_the_same(storage: Storage, known: Kept, directory: Path) -> bool:
    head = await storage.head(known.key)
    file = _file(directory, known.key)
    return head is not None and head.etag == known.etag and await asyncio.to_thread(_has_size, file, known)


async def _fetched(storage: Storage, key: str, directory: Path) -> Kept | None:
    """`None` if it was deleted this moment."""
    path = _file(directory, key)
    await asyncio.to_thread(path.parent.mkdir, mode=0o700, parents=True, exist_ok=True)
    head = await storage.head(key)
    if head is None:
        return None
    try:
        got = await storage.download(key, path)
    except ObjectMissing:
        return None
    return Kept(key, got.size_bytes, head.etag, got.sha256, head.content_type, head.token)


def _finish(directory: Path, unfinished: Path, kept: list[Kept], now: datetime) -> None:
    """Everything is there: name it, then forget what is no longer named."""
    sha256 = _sha256(unfinished)
    database = directory / DATABASES.replace("*", sha256[:16])
    unfinished.replace(database)
    manifest = Manifest(now.isoformat(), database.name, sha256, kept)
    unfinished.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), encoding="utf-8")
    unfinished.replace(directory / MANIFEST)
    wanted = {_file(directory, one.key) for one in kept} | {database.absolute()}
    there = [path for path in (directory / OBJECTS).rglob("*") if path.is_file()]
    for path in (*there, *directory.glob(DATABASES)):
        if path.absolute() not in wanted:
            path.unlink()


def _read(directory: Path) -> Manifest | None:
    try:
        body = json.loads((directory / MANIFEST).read_bytes())
        return Manifest(**{**body, "objects": [Kept(**one) for one in body["objects"]]})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as problem:
        raise BackupUnusable(f"{directory / MANIFEST} cannot be read: {problem}") from problem


def _whole(directory: Path) -> Manifest:
    """What the manifest names, every file of it with the bytes it had."""
    found = _read(directory)
    if found is None:
        raise BackupUnusable(f"{directory} holds no backup: there is no {MANIFEST}")
    files = [(directory / Path(found.database).name, found.database_sha256)]
    files += [(_file(directory, one.key), one.sha256) for one in found.objects]
    for path, sha256 in files:
        if not path.is_file() or _sha256(path) != sha256:
            raise BackupUnusable(f"{path} is missing or damaged")
    return found


def _file(directory: Path, key: str) -> Path:
    """Inside the directory, whatever the key is. Raises `BackupUnusable`."""
    root = (directory / OBJECTS).absolute()
    path = root / key
    if ".." in Path(key).parts or path == root or not path.is_relative_to(root):
        raise BackupUnusable(f"an object is called {key!r}")
    return path


def _has_size(path: Path, known: Kept) -> bool:
    return path.is_file() and path.stat().st_size == known.size_bytes


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
