"""The hottest questions of the product are answered by their indexes, whatever grows (issue of scale).

Two organisations' worth of rows stand in the tables; each question is asked as people ask it, every statement it
makes is explained by the database it ran on, and none may read a large table from one end to the other.
"""

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.models import AuditEntry, AuditLink
from app.events import queries as events
from app.events.models import Event, InboxEntry
from app.insight.models import Pending, VisitScore
from app.kit.database import Database
from app.kit.ids import new_id
from app.kit.orm import Base
from app.outlets.models import Outlet
from app.programmes.rules import RecordingMode
from app.recordings import queries_likeness
from app.recordings.models import FingerprintKey
from app.recordings.rules import Kind
from app.review.models import Publication, PublicationRevision
from app.rotation import queries as rotation
from app.rotation.models import Exposure
from app.visits.models import CrewMember, Visit
from app.webhooks import queries as webhooks
from app.webhooks.models import WebhookDelivery
from app.webhooks.rules import DeliveryState
from tests.support.insight import insight, published
from tests.support.multiplied import Made, days, instants, multiply, numbered, same, text
from tests.support.review import Desk, a_desk
from tests.support.webhooks import a_webhook
from tests.support.world import MONDAY, World

MANY = 10_000  # rows in a table: enough that no planner would rather read it whole
OUTLETS = 500
VISIT, OUTLET, EVENT = 1, 2, 3
AUTOMATIC = "sqlite_autoindex_recording_fingerprint_keys_1"
BEGINNING = date(2024, 1, 1)


@dataclass
class Plans:
    """What the database says of the statements it was given."""

    database: Database
    given: list[tuple[str, Any]] = field(default_factory=list)

    @contextmanager
    def listening(self) -> Iterator[None]:
        engine = self.database.engine.sync_engine
        sa.event.listen(engine, "before_cursor_execute", self._take)
        try:
            yield
        finally:
            sa.event.remove(engine, "before_cursor_execute", self._take)

    def _take(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            self.given.append((statement, parameters))

    async def read(self) -> tuple[set[str], dict[str, str]]:
        """Indexes that were used, and tables that were read from one end to the other, by which statement."""
        indexes: set[str] = set()
        whole: dict[str, str] = {}
        async with self.database.engine.connect() as connection:
            for statement, parameters in self.given:
                how = "EXPLAIN QUERY PLAN " if self.database.is_sqlite else "EXPLAIN (FORMAT JSON) "
                rows = (await connection.exec_driver_sql(how + statement, parameters)).all()
                look = _sqlite_plan if self.database.is_sqlite else _postgresql_plan
                for used, table in look(rows):
                    if used is not None:
                        indexes.add(used)
                    elif table is not None:
                        whole[table] = statement
        return indexes, whole


def _sqlite_plan(rows: Sequence[Any]) -> Iterator[tuple[str | None, str | None]]:
    for row in rows:
        words = str(row[-1]).split()
        if words[0] not in ("SEARCH", "SCAN"):
            continue
        if "INDEX" in words and words[0] == "SEARCH":
            yield words[words.index("INDEX") + 1], None
        elif "PRIMARY" in words:
            yield "PRIMARY KEY", None
        elif words[0] == "SCAN":
            yield None, words[1]


def _postgresql_plan(rows: Sequence[Any]) -> Iterator[tuple[str | None, str | None]]:
    found = rows[0][0]
    nodes = [one["Plan"] for one in (json.loads(found) if isinstance(found, str) else found)]
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if "Index Name" in node:
            yield node["Index Name"], None
        elif node["Node Type"] == "Seq Scan":
            yield None, node["Relation Name"]


@dataclass(frozen=True, slots=True)
class Grown:
    """A desk in a large house, and what its questions are of."""

    desk: Desk
    hook: UUID
    outlets: Sequence[str]


async def a_large_house(world: World) -> Grown:
    """One visit through the whole way and one that waits, and then each of their rows some thousand times."""
    desk = await a_desk(world, mode=RecordingMode.NONE, minimum_photos=0, publication_delay_hours=0)
    case = await published(desk)
    await insight(desk.scene.sam, "network")  # folds it
    hook = UUID((await a_webhook(await world.person("alice"), "http://127.0.0.1:9/"))["id"])
    video = await a_recording(desk, case.visit)
    async with world.database.writing() as session:
        await multiply_all(session, desk, UUID(case.visit), hook=hook, video=video)
    await analyse(world.database)
    return Grown(desk, hook, [str(desk.scene.outlet.id)])


async def a_recording(desk: Desk, visit: str) -> UUID:
    recording_id = new_id()
    await desk.arrived(visit, str(recording_id), Kind.VIDEO, by=desk.scene.ivy)
    return recording_id


async def multiply_all(session: AsyncSession, desk: Desk, done: UUID, *, hook: UUID, video: UUID) -> None:
    """Most of it ended long ago, as everywhere; most of it is another inspector's."""

    async def more(table: type[Base], like: sa.ColumnElement[bool], **made: Made) -> None:
        await multiply(session, table, like, times=MANY, **made)

    ids, spread, minutes = numbered(VISIT), days(BEGINNING, over=700), instants(MONDAY, over=MANY)
    outlet, other = numbered(OUTLET, of=OUTLETS), same(desk.scene.ian.id)
    places = Outlet.id == desk.scene.outlet.id
    await multiply(session, Outlet, places, times=OUTLETS, id=numbered(OUTLET), code=text("x-"))
    await more(Visit, Visit.id == done, id=ids, outlet_id=outlet, planned_on=spread, submitted_at=minutes)
    await more(CrewMember, CrewMember.visit_id == done, visit_id=ids, person_id=other)
    about = {"id": ids, "visit_id": ids, "outlet_id": outlet}
    await more(Publication, Publication.visit_id == done, **about, alias=text("a"), visited_on=spread)
    revised = PublicationRevision.publication_id.in_(
        sa.select(Publication.id).where(Publication.visit_id == done)
    )
    await more(PublicationRevision, revised, id=ids, publication_id=ids)
    told = VisitScore.visit_id == done
    await more(VisitScore, told, visit_id=ids, outlet_id=outlet, visited_on=spread, month=spread)
    place = {"place": text("x:"), "inspector_id": other}
    await more(Exposure, Exposure.visit_id == done, **about, **place)
    one = sa.select(sa.func.min(Event.number)).scalar_subquery()
    await more(Event, Event.number == one, id=numbered(EVENT), at=minutes)
    entry = sa.select(InboxEntry.id).limit(1).scalar_subquery()
    await more(InboxEntry, InboxEntry.id == entry, id=ids, event_id=numbered(EVENT), person_id=other)
    kept = sa.select(AuditEntry.id).limit(1).scalar_subquery()
    await more(AuditEntry, AuditEntry.id == kept, id=ids, subject_id=ids, at=minutes)
    link = {"number": lambda numbers: numbers.n + 1000, "entry_id": ids}
    await more(AuditLink, AuditLink.entry_id == kept, **link)
    await session.execute(sa.delete(Pending))  # as if folded: the facts are copies already
    await session.execute(sa.insert(WebhookDelivery), [a_delivery(hook)])
    await more(WebhookDelivery, WebhookDelivery.webhook_id == hook, id=ids, event_id=numbered(EVENT))
    known = FingerprintKey(organisation_id=desk.rita.actor.organisation_id, key=0, recording_id=video)
    session.add(known)
    await session.flush()
    await more(FingerprintKey, FingerprintKey.recording_id == video, key=lambda numbers: numbers.n)


def a_delivery(hook: UUID) -> dict[str, object]:
    return {
        "id": new_id(), "webhook_id": hook, "event_id": None, "kind": "visit.accepted", "payload": "{}",
        "state": DeliveryState.DELIVERED, "attempts": 1, "due_at": MONDAY, "created_at": MONDAY,
        "settled_at": MONDAY,
    }  # fmt: skip


async def analyse(database: Database) -> None:
    """What a database does by itself every now and then."""
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("ANALYZE")


Question = Callable[[Grown, AsyncSession], Awaitable[object]]


def asked(who: str, path: str, **params: str) -> Question:
    """Over HTTP, by one of the cast."""

    async def ask(house: Grown, _: AsyncSession) -> None:
        caller = await house.desk.world.person(who)
        where = path.format(outlet=house.outlets[0], ivy=house.desk.scene.ivy.id)
        answer = await caller.get(where, params=params)
        assert answer.status_code == 200, answer.text

    return ask


async def the_events_since(_: Grown, session: AsyncSession) -> object:
    settled = await events.settled(session)
    return (await session.scalars(events.between((settled[0] - 1, 0), settled).limit(100))).all()


async def what_is_due(house: Grown, session: AsyncSession) -> object:
    now = house.desk.world.clock.now
    return [
        await webhooks.with_something_due(session, now=now),
        await webhooks.next_due(session, house.hook, now=now),
    ]


async def who_was_there(house: Grown, session: AsyncSession) -> object:
    return await rotation.counted(session, house.desk.scene.ivy.id, ["outlet:x"])


async def what_is_alike(house: Grown, session: AsyncSession) -> object:
    home = house.desk.rita.actor.organisation_id
    return (await session.execute(queries_likeness.having_keys(home, [3, 5, 8]))).all()


# What is asked, and the index that answers it on PostgreSQL, and on SQLite where that is another.
QUESTIONS: dict[str, tuple[Question, str, str | None]] = {
    "a supervisor's visits": (asked("sam", "/v1/visits"), "ix_visits_organisation_id_planned_on", None),
    "an inspector's visits": (asked("ivy", "/v1/visits"), "ix_visit_crew_person_id", "sqlite_autoindex_visits_1"),
    "an outlet's reports": (asked("mona", "/v1/reports"), "ix_publications_outlet_id_visited_on", None),
    "the review queue": (asked("rita", "/v1/reviews"), "ix_visits_state", None),
    "a phone's copy": (asked("ivy", "/v1/sync"), "ix_visit_crew_person_id", None),
    "an inbox": (asked("ivy", "/v1/inbox"), "ix_inbox_entries_person_id_at", None),
    "the audit": (asked("alice", "/v1/audit"), "pk_audit_links", "sqlite_autoindex_audit_links_1"),
    "who may go where": (who_was_there, "ix_exposures_pair", None),
    "the events since": (the_events_since, "ix_events_order", None),
    "messages that are due": (what_is_due, "ix_webhook_deliveries_due", None),
    "recordings alike": (what_is_alike, "pk_recording_fingerprint_keys", AUTOMATIC),
    "an outlet's figures": (
        asked("mona", "/v1/insight/outlets/{outlet}", month="2026-03"), "ix_insight_visit_scores_outlet_id", None,
    ),
    "the network's figures": (
        asked("sam", "/v1/insight/network", month="2026-03"), "ix_insight_visit_scores_outlet_id", None,
    ),
}  # fmt: skip
LARGE = {
    one.__tablename__
    for one in (
        Visit, CrewMember, Publication, PublicationRevision, VisitScore, Exposure, Event, InboxEntry, AuditEntry, AuditLink,
        WebhookDelivery, FingerprintKey,
    )
}  # fmt: skip


async def test_the_hottest_questions_are_answered_by_their_indexes(world: World) -> None:
    house = await a_large_house(world)
    wrong = {}
    for name, (question, usual, sqlite) in QUESTIONS.items():
        wanted = (world.database.is_sqlite and sqlite) or usual
        plans = Plans(world.database)
        async with world.database.reading() as session:
            with plans.listening():
                await question(house, session)
        indexes, whole = await plans.read()
        assert plans.given, name
        read = {table: " ".join(said.split()) for table, said in whole.items() if table in LARGE}
        if read or wanted not in indexes:
            wrong[name] = {"read whole": read, "indexes": sorted(indexes)}
    assert not wrong, json.dumps(wrong, indent=1)
