"""Retention over the death of its process: a real worker, really killed in the middle of deleting (D10.4)."""

from pathlib import Path

import sqlalchemy as sa

from app.audit.chain import TRAIL
from app.audit.models import AuditEntry
from app.kit.chains import verify_chain
from app.kit.jobs import list_dead
from app.retention.rules import Class
from tests.support.retained import a_published_end, asked_for, there, tombstones
from tests.support.review import a_desk
from tests.support.s3 import S3Server
from tests.support.worker import killed_midway, worker_environment
from tests.support.world import World

SOME_REQUESTS_BYTES = 5_000  # of twenty requests that the deletions of one visit take


async def done(world: World) -> int:
    return len([one for one in await tombstones(world) if one.deleted_at is not None])


class TestKill:
    async def test_killed_in_the_middle_it_loses_nothing_and_doubles_nothing(
        self, world: World, database_url: str, tmp_path: Path, object_store: S3Server
    ) -> None:
        """The worker's clock is the real one: originals of a visit of last spring are due, its renditions are not."""
        over = await a_published_end(await a_desk(world))
        environment = worker_environment(object_store, tmp_path / "worker", bucket=world.settings.s3_bucket)

        async def so_far() -> tuple[int, int]:
            return await done(world), len(await tombstones(world))

        _, (before, decided) = await killed_midway(
            world,
            database_url,
            environment,
            after_bytes=SOME_REQUESTS_BYTES,
            begin=lambda: asked_for(world),
            is_done=lambda: _all_done(world),
            look=so_far,
        )

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


async def _all_done(world: World) -> bool:
    stones = await tombstones(world)
    return bool(stones) and all(one.deleted_at is not None for one in stones)
