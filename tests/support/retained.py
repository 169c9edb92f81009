"""Visits whose time may be over, and what is kept of them.

kept = await a_published_end(desk)      # a case, published and final
await ran(world)                        # what the nightly run does
"""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from app.kit.jobs import enqueue
from app.recordings.models import Recording, Rendition
from app.retention.jobs import DELETE
from app.retention.models import Tombstone
from app.visits.models import Visit
from app.visits.rules import State
from app.visits.transitions import become
from tests.support.recordings import dead_jobs, storage_of, worked
from tests.support.review import Case, Desk
from tests.support.world import World

ORIGINAL = b"the original"


@dataclass(frozen=True)
class Ended:
    """A visit that is over, its report, and its files' keys in the store: originals and what was made of them."""

    case: Case
    alias: str
    originals: list[str]
    made: list[str]


async def ended(world: World, visit_id: str, *, state: State = State.FINAL) -> None:
    """As the job that closes appeal windows, or a person, ends a visit."""
    async with world.database.writing() as session:
        visit = await session.get_one(Visit, UUID(visit_id))
        become(session, visit, state, actor=None, reason="the appeal window is over", now=world.clock.now)


async def a_published_end(desk: Desk, case: Case | None = None) -> Ended:
    """A visit of ivy's with a film and photos, published, and final a week later."""
    world = desk.world
    case = case or await desk.submitted()
    alias = await desk.published(case)
    world.clock.advance(days=7)
    await ended(world, case.visit)
    async with world.database.reading() as session:
        ours = Recording.visit_id == UUID(case.visit)
        originals = list(await session.scalars(sa.select(Recording.sealed_key).where(ours)))
        made = await session.scalars(
            sa.select(Rendition.key).join(Recording, Recording.id == Rendition.recording_id).where(ours)
        )
        keys = list(made)
    for key in originals:
        assert key is not None
        await storage_of(world).put_bytes(key, ORIGINAL, content_type="video/mp4")
    return Ended(case, alias, [key for key in originals if key], keys)


async def asked_for(world: World) -> None:
    """The nightly run, now, by whoever works jobs."""
    async with world.database.writing() as session:
        await enqueue(session, DELETE)


async def ran(world: World) -> None:
    await asked_for(world)
    assert await worked(world) == []
    assert await dead_jobs(world.database) == []


async def there(world: World, keys: list[str]) -> list[str]:
    """Those of the keys that the store has."""
    return [key for key in keys if await storage_of(world).head(key) is not None]


async def tombstones(world: World) -> list[Tombstone]:
    async with world.database.reading() as session:
        return list(await session.scalars(sa.select(Tombstone).order_by(Tombstone.decided_at, Tombstone.id)))
