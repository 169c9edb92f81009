"""Whether the store holds what the database says, byte by byte, and nothing else; and whether the chains hold."""

import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.kit.storage import ObjectMissing
from app.kit.storage.s3 import S3Storage
from tests.support.command import plainclothes
from tests.support.retained import Ended
from tests.torture.records import Records, named
from tests.torture.tally import Tally

CHAINS = ("ledger", "audit")
KEYS = (
    "SELECT sealed_key AS key FROM recordings WHERE original_erased_at IS NULL",
    "SELECT key FROM renditions WHERE replaced_at IS NULL",
    "SELECT stream_key AS key FROM renditions WHERE replaced_at IS NULL",
    "SELECT key FROM case_files",
    "SELECT key || '/content.json' AS key FROM bulletins WHERE as_of IS NOT NULL AND failed_at IS NULL AND deleted_at IS NULL",
    (
        "SELECT b.key || '/' || f.language || '.' || f.format AS key FROM bulletin_files f"
        " JOIN bulletins b ON b.id = f.bulletin_id WHERE b.failed_at IS NULL AND b.deleted_at IS NULL"
    ),
)
"""Of what is to be in the store."""

HASHED = (
    "SELECT key, sha256 FROM renditions WHERE replaced_at IS NULL",
    (
        "SELECT key || '/content.json' AS key, content_sha256 AS sha256 FROM bulletins"
        " WHERE ready_at IS NOT NULL AND deleted_at IS NULL"
    ),
    (
        "SELECT b.key || '/' || f.language || '.' || f.format AS key, f.sha256 FROM bulletin_files f"
        " JOIN bulletins b ON b.id = f.bulletin_id WHERE b.failed_at IS NULL AND b.deleted_at IS NULL"
    ),
)
"""What the product made itself, with what it is known by."""


@dataclass
class FileChecker:
    """`over` are visits of which the store has only something that stands for their files."""

    storage: S3Storage
    tally: Tally
    records: Records
    over: Sequence[Ended]
    directory: Path

    async def check(self) -> list[str]:
        return [loss async for loss in self._all()]

    async def _all(self) -> AsyncIterator[str]:
        there = {one.key async for one in self.storage.list_keys("")}
        async for loss in self._uploads():
            yield loss
        async for loss in self._made(there):
            yield loss
        async for loss in self._objects(there):
            yield loss

    async def _uploads(self) -> AsyncIterator[str]:
        """Every completed upload is readable, with the hash it was declared with."""
        rows = self.records.rows("SELECT id, state, sealed_key, rejected_code FROM recordings")
        found = {named(one["id"]): one for one in rows}
        for recording, sha256 in self.tally.uploads.items():
            one = found.get(recording)
            if one is None or one["state"] != "processed":
                yield f"upload {recording}: {dict(one) if one else 'gone'}"
            elif (has := await self._sha256(one["sealed_key"])) is None:
                yield f"upload {recording}: its original is not in the store"
            elif has != sha256:
                yield f"upload {recording}: its original holds something else"

    async def _made(self, there: set[str]) -> AsyncIterator[str]:
        """Renditions, bulletins: what is there holds what was made."""
        invented = {key for ended in self.over for key in ended.made}
        for statement in HASHED:
            for one in self.records.rows(statement):
                if one["key"] in there - invented and await self._sha256(one["key"]) != one["sha256"]:
                    yield f"object {one['key']} holds something else than was made"

    async def _objects(self, there: set[str]) -> AsyncIterator[str]:
        """Nothing that no row refers to, nothing missing, nothing whose time is over, nothing pending."""
        known = {
            one["key"] for statement in KEYS for one in self.records.rows(statement) if one["key"] is not None
        }
        invented = {key for ended in self.over for key in (*ended.made, *ended.originals)}
        for key in sorted(there - known):
            yield f"object {key}: nothing refers to it"
        for key in sorted(known - there - invented):
            yield f"object {key}: it is not there"
        for upload in await self.storage.list_uploads():
            yield f"upload of {upload.key} is pending since {upload.begun_at}"
        for ended in self.over:
            for key in there.intersection(ended.originals):
                yield f"object {key}: its time is over"
            for key in set(ended.made) - there:
                yield f"object {key}: deleted before its time"

    async def _sha256(self, key: str) -> str | None:
        """None for what is not there."""
        path = self.directory / "fetched"
        try:
            await self.storage.download(key, path)
        except ObjectMissing:
            return None
        return hashlib.sha256(path.read_bytes()).hexdigest()


def broken_chains(database_url: str, *, chains: Sequence[str] = CHAINS) -> Iterator[str]:
    """By the commands that people run."""
    for chain in chains:
        done = plainclothes(chain, "verify", settings={"database_url": database_url})
        if done.returncode:
            yield f"{chain} verify: {done.stdout} {done.stderr}"
