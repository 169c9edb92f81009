"""Retention over the death of its process: a real worker, really killed in the middle of deleting (D10.4)."""

from pathlib import Path

import sqlalchemy as sa

from app.audit.chain import TRAIL
from app.audit.models import AuditEntry
from app.kit.chains import verify_chain
from app.kit.jobs import count_jobs, enqueue, list_dead
from app.retention.rules import Class
from tests.support.line import Line
from tests.support.retained import a_published_end, asked_for, there, tombstones
from tests.support.review import a_desk
from tests.support.s3 import S3Server
from tests.support.waiting import eventually, until
from tests.support.worker import worker
from tests.support.world import World

SOME_REQUESTS_BYTES = 5_000  # of twenty requests that the deletions of one visit take

PATIENCE_S = 200  # a worker imports half the world before it begins, twice


async def done(world: World) -> int:
    return len([one for one in await tombstones(world) if one.deleted_at is not None])


class TestKill:
    async def test_killed_in_the_middle_it_loses_nothing_and_doubles_nothing(
        self, world: World, database_url: str, tmp_path: Path, object_store: S3Server
    ) -> None:
        """The worker's clock is the real one: originals of a visit of last spring are due, its renditions are not."""
        over = await a_published_end(await a_desk(world))
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
                line.stop_after(SOME_REQUESTS_BYTES)
                await asked_for(world)
                await until(line.stopped.is_set, within_s=PATIENCE_S)
                process.kill()
            before = await done(world)
            line.mend()
            decided = len(await tombstones(world))

            with worker(database_url, environment):
                await eventually(lambda: _all_done(world), within_s=PATIENCE_S)

        stones = await tombstones(world)
        assert before < len(stones) == decided
        assert await there(world, over.originals) == []
        assert await there(world, over.made) == over.made
        assert {one.retention_class for one in stones} == {Class.RAW_RECORDING, Class.FIELD_TRACE}
        async with world.database.reading() as session:
            proofs = list(
                await session.scalars(
                    sa.select(AuditEntry.details).where(AuditEntry.action == "retention.deleted")
                )
            )
            assert sorted(one["tombstone_id"] for one in proofs) == sorted(str(one.id) for one in stones)
            assert (await verify_chain(session, TRAIL, world.organisations["northwind"].id)).is_whole
            assert await list_dead(session) == []


async def _is_up(world: World) -> bool:
    """It has worked a job, and asks the store nothing more by itself."""
    async with world.database.reading() as session:
        return await count_jobs(session) == []


async def _all_done(world: World) -> bool:
    stones = await tombstones(world)
    return bool(stones) and all(one.deleted_at is not None for one in stones)
