"""A small site that lost nothing, and what was promised there: for planting losses.

site = await a_site(world)
assert site.lost_rows() == set()
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.kit.database import Database
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.kit.orm import Base
from app.kit.storage.s3 import S3Storage
from app.recordings.models import Recording, Rendition
from tests.support import bulletins
from tests.support.places import an_outlet
from tests.support.recordings import storage_of, worked
from tests.support.retained import ORIGINAL, Ended, a_published_end, asked_for
from tests.support.review import Case, Desk, a_desk
from tests.support.tampering import tamper
from tests.support.webhooks import Message, Receiver, a_webhook
from tests.support.world import World
from tests.torture.checking import Checker
from tests.torture.checking_files import FileChecker
from tests.torture.records import Records
from tests.torture.tally import Tally

ANSWERS: Mapping[str, object] = {
    "greeting": True,
    "queue-machine": None,
    "patience": "fair",
    "no-smoking": False,
    "uniform": True,
    "tidy": True,
}
"""Of `Scene.answered`."""


@dataclass
class Prepared:
    """`case` was handed in and published, `over` was deleted by retention, `bulletin` is ready."""

    desk: Desk
    case: Case
    over: Ended
    bulletin: str
    play: str
    directory: Path
    tally: Tally
    records: Records
    messages: list[Message] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.desk.world.database

    @property
    def storage(self) -> S3Storage:
        return storage_of(self.desk.world)

    def lost_rows(self) -> set[str]:
        return {
            *Checker(self.tally, self.records, [self.over], self.messages).check(),
            *self.records.unfinished(),
        }

    async def lost_files(self) -> set[str]:
        checker = FileChecker(self.storage, self.tally, self.records, [self.over], self.directory)
        return set(await checker.check())

    async def add_again(self, table: str, where: str, **changes: Any) -> None:
        """A second row like the first one found, but for its id and these columns."""
        wanted = Base.metadata.tables[table]
        async with self.database.writing() as session:
            found = await session.execute(sa.select(wanted).where(sa.text(where)).limit(1))
            row = {**dict(found.mappings().one()), "id": new_id(), **changes}
            await session.execute(wanted.insert().values(row))


async def a_site(world: World, directory: Path) -> Prepared:
    """One visit of last spring whose originals' time is over, one of today, and all jobs done."""
    desk = await a_desk(world)
    over = await a_published_end(desk)
    world.clock.advance(days=100)
    tally = Tally()
    with Receiver() as receiver:
        await a_webhook(await world.person("alice"), receiver.url, "visit.submitted", "publication.published")
        case = await _published_now(desk)
        play = await _played(desk, case)
        asked = await bulletins.asked_for(
            desk.scene.sam, cadence="weekly", on=world.clock.now.date().isoformat()
        )
        await asked_for(world)
        async with world.database.writing() as session:
            await enqueue(session, "webhooks.fan-out")
            await enqueue(session, "insight.fold")
        assert await worked(world) == []
    tally.visits[case.visit] = (str(desk.scene.ivy.id), str(desk.scene.outlet.id))
    tally.submissions[case.visit] = dict(ANSWERS)
    for recording in (case.video, *case.photos):
        tally.uploads[recording] = hashlib.sha256(ORIGINAL).hexdigest()
    tally.plays.add(play)
    tally.reports.add(case.visit)
    tally.bulletins.add(asked["id"])
    tally.asked_in_peace.add(asked["id"])
    records = Records(world.settings.database_url)
    return Prepared(desk, case, over, asked["id"], play, directory, tally, records, list(receiver.messages))


async def _published_now(desk: Desk) -> Case:
    """With files of which the store has all the bytes that the database speaks of."""
    world = desk.world
    hall = await an_outlet(world, "hall-1", region=desk.scene.region)
    case = await desk.submitted(outlet_id=str(hall.id), on=world.clock.now.date().isoformat())
    await desk.published(case)
    ours = Recording.visit_id == UUID(case.visit)
    async with world.database.reading() as session:
        originals = list(await session.scalars(sa.select(Recording.sealed_key).where(ours)))
        made = sa.select(Rendition.key).join(Recording, Recording.id == Rendition.recording_id).where(ours)
        renditions = list(await session.scalars(made))
    for original in originals:
        assert original is not None
        await desk.storage.put_bytes(original, ORIGINAL, content_type="video/mp4")
    hashes = {key: hashlib.sha256(await storage_of(world).get_bytes(key)).hexdigest() for key in renditions}
    await tamper(
        world.database,
        *(f"UPDATE renditions SET sha256 = '{has}' WHERE key = '{key}'" for key, has in hashes.items()),  # noqa: S608 (our own)
        unguarded=("renditions",),
    )
    return case


async def _played(desk: Desk, case: Case) -> str:
    asked = f"/v1/visits/{case.visit}/recordings/{case.video}/play"
    begun = await desk.rita.post(asked, json={"purpose": "review of the visit"})
    assert begun.status_code == 201, begun.text
    play = str(begun.json()["id"])
    beat = {"from_ms": 0, "to_ms": 1500, "ended": True}
    told = await desk.rita.post(f"/v1/playbacks/{play}/heartbeat", json=beat)
    assert told.status_code == 204, told.text
    return play
