"""A report over the death of its process: a real worker, really killed in the middle of drawing."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.bulletins.models import Bulletin, BulletinFile
from app.bulletins.rules import Format, Language
from app.events.models import Event, InboxEntry
from app.kit.jobs import list_dead
from app.programmes.rules import RecordingMode
from tests.support.bulletins import asked_for, opened, shown, words_in
from tests.support.published import Written, write
from tests.support.recordings import storage_of
from tests.support.review import a_desk
from tests.support.s3 import S3Server
from tests.support.worker import killed_midway, worker_environment
from tests.support.world import World

ALL_BUT_SOME_BYTES = 50_000  # the content and the first PDF go through; the rest of the files are longer


class TestKill:
    async def test_killed_in_the_middle_it_loses_nothing_and_doubles_nothing(
        self, world: World, database_url: str, tmp_path: Path, object_store: S3Server
    ) -> None:
        desk = await a_desk(world, mode=RecordingMode.NONE)
        scene = desk.scene
        visits = [Written(scene.outlet.id, 60, on=date(2026, 3, day)) for day in (2, 9)]
        await write(world.database, scene.programme, scene.version, visits)
        environment = worker_environment(object_store, tmp_path / "worker", bucket=world.settings.s3_bucket)
        asked, before = await killed_midway(
            world,
            database_url,
            environment,
            after_bytes=ALL_BUT_SOME_BYTES,
            begin=lambda: asked_for(
                scene.sam, cadence="monthly", on="2026-03-15", region_id=str(scene.region.id)
            ),
            is_done=lambda: _is_ready(world),
            look=lambda: _written(world),
        )

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


async def _is_ready(world: World) -> bool:
    async with world.database.reading() as session:
        return await _count(session, Bulletin, Bulletin.ready_at.is_not(None)) == 1
