"""A house as large as wanted: one visit walked through the API, and its rows multiplied by the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import httpx2
import sqlalchemy as sa

from app.identity.models import Login, Person, PersonRole
from app.identity.passwords import Passwords
from app.identity.tokens import AccessClaims, make_access_token
from app.insight.models import Pending, Replanned
from app.kit.database import Database
from app.kit.orm import Base
from app.main import create_app, equip
from app.outlets.models import Outlet
from app.programmes.rules import RecordingMode
from app.recordings.models import FingerprintKey, Recording
from app.recordings.rules import Kind, State
from app.review.models import Publication, PublicationRevision
from app.settings import Settings
from app.visits.models import CheckIn, CrewMember, DraftAnswer, Visit, VisitTransition
from tests.support.insight import KEPT, published
from tests.support.multiplied import Made, Numbers, days, multiply, numbered, text, the_id
from tests.support.review import Desk, a_desk
from tests.support.visits import SHA
from tests.support.world import MONDAY, FakeClock, World

LEFT, DONE, OUTLET, PHONE, RECORDING = range(11, 16)
OUTLETS = 2_000
PEOPLE = 1_000
SHARING, SPREAD = 20, 1_000_003
BEGINNING = date(2024, 1, 1)


@dataclass
class House:
    desk: Desk
    left: UUID  # through the gate, not handed in
    done: UUID  # published

    @property
    def database(self) -> Database:
        return self.desk.world.database

    @property
    def settings(self) -> Settings:
        return self.desk.world.settings


@asynccontextmanager
async def a_house(url: str) -> AsyncIterator[House]:
    """Without a store: nothing here has files."""
    settings = Settings(_env_file=None, database_url=url, run_jobs=False)
    app, clock = create_app(settings), FakeClock()
    equip(app, settings, clock=clock, passwords=Passwords(cheap=True))
    app.state.database, app.state.storage = Database(url), None
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://plainclothes.test") as client:
        world = World(app, client, clock)
        desk = await a_desk(world, mode=RecordingMode.NONE, minimum_photos=0, publication_delay_hours=0)
        done = await published(desk)
        left = await desk.scene.arranged(desk.scene.ian)
        await desk.scene.entered(left, desk.scene.ian)
        answered = await desk.scene.answered(left, desk.scene.ian, **KEPT)
        assert answered.status_code == 200, answered.text
        gone = await desk.scene.leave(left, [], desk.scene.ian)
        assert gone.status_code == 200, gone.text
        yield House(desk, UUID(left), UUID(done.visit))
        await app.state.database.dispose()


async def grow(house: House, *, visits: int) -> None:
    """So many visits that ended, over two years and two thousand outlets, with their reports."""
    scene = house.desk.scene
    ids, spread, outlet = numbered(DONE), days(BEGINNING, over=730), numbered(OUTLET, of=OUTLETS)
    async with house.database.writing() as session:
        places = Outlet.id == scene.outlet.id
        await multiply(session, Outlet, places, times=OUTLETS, id=numbered(OUTLET), code=text("x-"))

        async def more(table: type[Base], like: sa.ColumnElement[bool], **made: Made) -> None:
            await multiply(session, table, like, times=visits, **made)

        about = {"id": ids, "outlet_id": outlet}
        await more(Visit, Visit.id == house.done, **about, planned_on=spread)
        await more(
            CrewMember, CrewMember.visit_id == house.done, visit_id=ids, person_id=numbered(PHONE, of=PEOPLE)
        )
        of_visit = Publication.visit_id == house.done
        await more(Publication, of_visit, **about, visit_id=ids, alias=text("a"), visited_on=spread)
        revised = PublicationRevision.publication_id.in_(sa.select(Publication.id).where(of_visit))
        await more(PublicationRevision, revised, id=ids, publication_id=ids)
        for marks in (Pending, Replanned):
            await session.execute(sa.delete(marks))
    await analysed(house.database)


async def hire(house: House) -> list[str]:
    """A thousand inspectors, each with a phone that is logged in: their access tokens."""
    ivy = house.desk.scene.ivy
    async with house.database.writing() as session:
        ids = numbered(PHONE)
        for table, like, made in (
            (Person, Person.id == ivy.id, {"id": ids, "email": text("p")}),
            (PersonRole, PersonRole.person_id == ivy.id, {"person_id": ids}),
            (Login, Login.id == ivy.actor.login_id, {"id": ids, "person_id": ids}),
        ):
            await multiply(session, table, like, times=PEOPLE, **made)
    key = house.settings.secret_key.get_secret_value()
    life = timedelta(days=400)
    phones = [the_id(PHONE, number) for number in range(1, PEOPLE + 1)]
    return [make_access_token(AccessClaims(one, one), key=key, now=MONDAY, life=life) for one in phones]


async def stand_at_the_door(house: House, *, visits: int) -> list[UUID]:
    """So many visits that are through the gate, with all their answers, and wait for being handed in."""
    async with house.database.writing() as session:
        ids = numbered(LEFT)
        await multiply(session, Visit, Visit.id == house.left, times=visits, id=ids)
        for table in (CrewMember, DraftAnswer):
            await multiply(session, table, table.visit_id == house.left, times=visits, visit_id=ids)
        for row in (VisitTransition, CheckIn):
            where = row.visit_id == house.left
            await multiply(session, row, where, times=visits, id=anew, visit_id=ids)
    await analysed(house.database)
    return [the_id(LEFT, number) for number in range(1, visits + 1)]


def anew(numbers: Numbers) -> sa.ColumnElement[object]:
    """An id that is nobody's."""
    return (
        sa.func.lower(sa.func.hex(sa.func.randomblob(16))) if numbers.is_sqlite else sa.func.gen_random_uuid()
    )


async def record_many(house: House, *, recordings: int, keys: int) -> UUID:
    """So many recordings with their keys, each of which twenty share; gives their organisation's id."""
    home, now = house.desk.rita.actor.organisation_id, house.desk.world.clock.now
    first = Recording(
        id=the_id(RECORDING, 0), organisation_id=home, visit_id=house.done, uploader_id=house.desk.scene.ivy.id,
        medium=Kind.VIDEO, content_type="video/mp4", device_kind="phone", size_bytes=1, sha256=SHA, part_bytes=5 << 20,
        state=State.PROCESSED, progress=1.0, token="0" * 32, staging_key="s", sealed_key="k", created_at=now, touched_at=now,
    )  # fmt: skip
    places = max(1, recordings // SHARING)

    def key(numbers: Numbers) -> sa.ColumnElement[int]:
        return numbers.n // recordings * SPREAD + numbers.n % recordings % places

    async with house.database.writing() as session:
        session.add(first)
        await session.flush()
        session.add(FingerprintKey(organisation_id=home, key=-1, recording_id=first.id))
        await session.flush()
        made = {"id": numbered(RECORDING), "staging_key": text("s"), "sealed_key": text("k")}
        await multiply(session, Recording, Recording.id == first.id, times=recordings, **made)
        known = numbered(RECORDING, of=recordings)
        alike = FingerprintKey.recording_id == first.id
        await multiply(session, FingerprintKey, alike, times=recordings * keys, key=key, recording_id=known)
    await analysed(house.database)
    return home


async def analysed(database: Database) -> None:
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("ANALYZE")
