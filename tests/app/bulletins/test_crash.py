"""A report over the death of its process: a real worker, really killed in the middle of drawing."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.bulletins.models import Bulletin, BulletinFile
from app.bulletins.rules import Format, Language
from app.events.models import Event, InboxEntry
from app.kit.jobs import count_jobs, enqueue, list_dead
from app.programmes.rules import RecordingMode
from tests.support.bulletins import asked_for, opened, shown, words_in
from tests.support.line import Line
from tests.support.published import Written, write
from tests.support.recordings import storage_of
from tests.support.review import a_desk
from tests.support.s3 import S3Server
from tests.support.waiting import eventually, until
from tests.support.worker import worker
from tests.support.world import World

ALL_BUT_SOME_BYTES = 50_000  # the content and the first PDF go through; the rest of the files are longer
PATIENCE_S = 200  # a worker imports half the world before it begins, twice


class TestKill:
    async def test_killed_in_the_middle_it_loses_nothing_and_doubles_nothing(
        self, world: World, database_url: str, tmp_path: Path, object_store: S3Server
    ) -> None:
        desk = await a_desk(world, mode=RecordingMode.NONE)
        scene = desk.scene
        visits = [Written(scene.outlet.id, 60, on=date(2026, 3, day)) for day in (2, 9)]
        await write(world.database, scene.programme, scene.version, visits)
        settings = world.settings
        environment = {
            "PLAINCLOTHES_DATA_DIR": str(tmp_path / "worker"),
            "PLAINCLOTHES_S3_BUCKET": settings.s3_bucket,
            "PLAINCLOTHES_S3_ACCESS_KEY": object_store.access_key,
            "PLAINCLOTHES_S3_SECRET_KEY": object_store.secret_key,
            "PLAINCLOTHES_EXECUTOR_ID": "worker-1",
        }
        with Line(object_store.endpoint_url) as line:
            environment["PLAINCLOTHES_S3_ENDPOINT"] = line.url
            async with world.database.writing() as session:
                await enqueue(session, "jobs.forget_finished")
            with worker(database_url, environment) as process:
                await eventually(lambda: _is_up(world), within_s=PATIENCE_S)
                line.stop_after(ALL_BUT_SOME_BYTES)
                asked = await asked_for(
                    scene.sam, cadence="monthly", on="2026-03-15", region_id=str(scene.region.id)
                )
                await until(line.stopped.is_set, within_s=PATIENCE_S)
                process.kill()
            before = await _written(world)
            line.mend()

            with worker(database_url, environment):
                await eventually(lambda: _is_ready(world), within_s=PATIENCE_S)

        after = await _written(world)
        made = await shown(scene.sam, asked["id"])
        assert 0 < len(before) < len(after) == 4
        assert before == [one for one in after if one in before]
        for one in made["files"]:
            file = await opened(scene.sam, made, one["language"], one["format"])
            assert hashlib.sha256(file).hexdigest() == one["sha256"]
        assert "60.00" in words_in(await opened(scene.sam, made, Language.ZH, Format.PDF))
        async with world.database.reading() as session:
            assert await _count(session, Bulletin) == 1
            assert await _count(session, Event, Event.kind == "bulletin.ready") == 1
            assert await _count(session, InboxEntry, InboxEntry.person_id == scene.sam.id) == 1
            assert await list_dead(session) == []
            key = (await session.scalars(sa.select(Bulletin.key))).one()
        assert len([one async for one in storage_of(world).list_keys(f"{key}/")]) == 5


async def _count(session: Any, table: Any, *where: sa.ColumnElement[bool]) -> int:
    return int(await session.scalar(sa.select(sa.func.count()).select_from(table).where(*where)))


async def _written(world: World) -> list[tuple[str, str, str]]:
    async with world.database.reading() as session:
        rows = await session.scalars(
            sa.select(BulletinFile).order_by(BulletinFile.drawn_at, BulletinFile.sha256)
        )
        return [(one.language, one.format, one.sha256) for one in rows]


async def _is_up(world: World) -> bool:
    """It has worked a job, and asks the store nothing more by itself."""
    async with world.database.reading() as session:
        return await count_jobs(session) == []


async def _is_ready(world: World) -> bool:
    async with world.database.reading() as session:
        return await _count(session, Bulletin, Bulletin.ready_at.is_not(None)) == 1
