"""A backup of an installation on one machine, restored where nothing is, and compared."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from app.kit.backup import BackupUnusable, NotEmpty, back_up, restore
from app.kit.clock import utc_now
from app.kit.embedded_s3.supervisor import EmbeddedS3
from app.kit.storage.s3 import S3Storage
from tests.support.s3 import of_embedded, store

OBJECTS = {
    "sealed/0123": b"an original",
    "renditions/4567.mp4": b"what is played",
    "incoming/89ab": b"just arrived",
}


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Path:
    """With rows, some of which stand in the write-ahead log alone."""
    file = tmp_path / "var" / "plainclothes.sqlite"
    file.parent.mkdir()
    file.write_bytes(sqlite_template.read_bytes())
    write(file, "northwind")
    return file


@pytest.fixture
async def bucket(embedded_s3: EmbeddedS3) -> S3Storage:
    found = await an_empty_bucket(embedded_s3)
    for key, content in OBJECTS.items():
        await store(found, key, parts=[content])
    return found


async def an_empty_bucket(embedded_s3: EmbeddedS3) -> S3Storage:
    made = S3Storage(of_embedded(embedded_s3).settings(f"backup-{uuid4()}"))
    await made.ensure_bucket()
    return made


def write(file: Path, slug: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "INSERT INTO organisations (id, slug, name, created_at) VALUES (?, ?, 'Somebody', '2026-03-02 09:00:00')",
            (uuid4().hex, slug),
        )


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


async def contents(bucket: S3Storage) -> dict[str, tuple[bytes, str, str | None]]:
    found = {}
    async for listed in bucket.list_keys(""):
        head = await bucket.head(listed.key)
        assert head is not None
        found[listed.key] = (await bucket.get_bytes(listed.key), head.content_type, head.token)
    return found


class TestRestore:
    async def test_gives_every_row_and_every_object_back(
        self, database: Path, bucket: S3Storage, embedded_s3: EmbeddedS3, tmp_path: Path
    ) -> None:
        with closing(sqlite3.connect(database)) as writer:  # somebody is in the middle of writing
            writer.execute("BEGIN IMMEDIATE")
            made = await back_up(database, bucket, tmp_path / "backup", now=utc_now())
        target, elsewhere = tmp_path / "new" / "plainclothes.sqlite", await an_empty_bucket(embedded_s3)

        restored = await restore(tmp_path / "backup", target, elsewhere)

        assert (made.objects, made.copied, restored.objects) == (3, 3, 3)
        assert dump(target) == dump(database)
        assert await contents(elsewhere) == await contents(bucket)
        assert {key: one[0] for key, one in (await contents(elsewhere)).items()} == OBJECTS

    async def test_is_refused_where_something_is(
        self, database: Path, bucket: S3Storage, embedded_s3: EmbeddedS3, tmp_path: Path
    ) -> None:
        await back_up(database, bucket, tmp_path / "backup", now=utc_now())

        with pytest.raises(NotEmpty, match="database"):
            await restore(tmp_path / "backup", database, await an_empty_bucket(embedded_s3))
        with pytest.raises(NotEmpty, match="bucket holds"):
            await restore(tmp_path / "backup", tmp_path / "new.sqlite", bucket)

    async def test_of_what_was_damaged_or_leads_outside_is_refused_before_anything_is_written(
        self, database: Path, bucket: S3Storage, embedded_s3: EmbeddedS3, tmp_path: Path
    ) -> None:
        directory, target = tmp_path / "backup", tmp_path / "new.sqlite"
        elsewhere = await an_empty_bucket(embedded_s3)
        await back_up(database, bucket, directory, now=utc_now())
        manifest = json.loads((directory / "manifest.json").read_text())
        outside = {**manifest, "objects": [{**manifest["objects"][0], "key": "../manifest.json"}]}
        spoilt = directory / "objects" / "sealed" / "0123"

        for spoil in (
            lambda: spoilt.write_bytes(b"AN original"),
            lambda: (directory / "manifest.json").write_text(json.dumps(outside)),
            (directory / "manifest.json").unlink,
        ):
            await asyncio.to_thread(spoil)
            with pytest.raises(BackupUnusable):
                await restore(directory, target, elsewhere)

        assert await contents(elsewhere) == {}
        assert not target.exists()


class TestBackUp:
    async def test_finds_what_moved_to_another_key_while_it_looked(
        self, database: Path, bucket: S3Storage, embedded_s3: EmbeddedS3, tmp_path: Path
    ) -> None:
        """What arrived is sealed at any moment: listed under its first key, and gone from there when its turn comes."""
        jobs = S3Storage(of_embedded(embedded_s3).settings(bucket._bucket))

        def seal(**_: object) -> None:
            bucket._s3.meta.events.unregister("before-call.s3.HeadObject", seal)
            place = {"Bucket": bucket._bucket, "Key": "incoming/89ab"}
            jobs._s3.copy_object(Bucket=bucket._bucket, Key="sealed/89ab", CopySource=place)  # type: ignore[arg-type]
            jobs._s3.delete_object(Bucket=bucket._bucket, Key="incoming/89ab")

        bucket._s3.meta.events.register("before-call.s3.HeadObject", seal)

        made = await back_up(database, bucket, tmp_path / "backup", now=utc_now())

        assert (made.objects, made.copied) == (3, 3)
        assert (tmp_path / "backup" / "objects" / "sealed" / "89ab").read_bytes() == OBJECTS["incoming/89ab"]

    async def test_again_copies_what_is_new_and_forgets_what_is_gone(
        self, database: Path, bucket: S3Storage, tmp_path: Path
    ) -> None:
        directory = tmp_path / "backup"
        await back_up(database, bucket, directory, now=utc_now())
        await bucket.delete("incoming/89ab")
        await store(bucket, "sealed/cdef", parts=[b"the next one"])
        write(database, "southgate")

        again = await back_up(database, bucket, directory, now=utc_now())

        assert (again.objects, again.copied) == (3, 1)
        files = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
        assert files == {
            "manifest.json",
            json.loads((directory / "manifest.json").read_text())["database"],
            *(f"objects/{key}" for key in ("sealed/0123", "sealed/cdef", "renditions/4567.mp4")),
        }
