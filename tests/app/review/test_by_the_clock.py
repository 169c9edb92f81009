"""What happens to reviews and reports by the clock: told once, and published in batches (D8.1, D8.3)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.events.kinds import Kind
from app.events.models import Event, InboxEntry
from app.identity.actor import Role
from app.kit.jobs import enqueue
from app.outlets.models import RegionDuty
from app.review import batches, reminding
from app.review.models import Publication
from app.review.rules_publication import goes_out, next_slot
from tests.support.places import in_charge
from tests.support.recordings import resources_of, worked
from tests.support.review import Desk, a_desk
from tests.support.world import World

SHANGHAI = "Asia/Shanghai"
EVERY_DAY = frozenset(range(7))
HOUR = timedelta(hours=1)


@pytest.fixture
async def desk(world: World) -> Desk:
    return await a_desk(world)


async def told(world: World, kind: Kind) -> list[tuple[UUID, set[UUID]]]:
    """What was announced of this kind, and to whom."""
    async with world.database.reading() as session:
        rows = await session.execute(
            sa.select(Event.id, Event.subject_id, InboxEntry.person_id)
            .outerjoin(InboxEntry, InboxEntry.event_id == Event.id)
            .where(Event.kind == kind)
            .order_by(Event.number)
        )
        found: dict[UUID, tuple[UUID, set[UUID]]] = {}
        for event, subject, person in rows:
            found.setdefault(event, (subject, set()))[1].update({person} - {None})
    return list(found.values())


async def audited(world: World, action: str) -> list[AuditEntry]:
    async with world.database.reading() as session:
        return list(await session.scalars(sa.select(AuditEntry).where(AuditEntry.action == action)))


async def escalated(world: World) -> int:
    return await world.database.transact(lambda session: reminding.escalate(session, now=world.clock.now))


async def reminded(world: World) -> int:
    return await world.database.transact(lambda session: reminding.remind(session, now=world.clock.now))


async def due(world: World) -> list[str]:
    async with world.database.reading() as session:
        return [str(one) for one in await batches.due_now(session, now=world.clock.now)]


class TestEscalation:
    async def test_is_told_once_of_each_overdue_submission_and_accepts_nothing(self, desk: Desk) -> None:
        """D8.1"""
        case, world = await desk.submitted(), desk.world
        world.clock.advance(hours=48)
        in_time = await escalated(world)
        world.clock.advance(seconds=1)
        late = [await escalated(world), await escalated(world)]

        assert (in_time, late) == (0, [1, 0])
        assert await told(world, Kind.REVIEW_ESCALATED) == [(UUID(case.visit), {desk.scene.sam.id})]
        (entry,) = await audited(world, "review.escalated")
        assert (entry.subject_id, entry.actor_id) == (UUID(case.visit), None)
        (line,) = (await desk.rita.get("/v1/reviews")).json()["items"]
        assert line["escalated_at"] == "2026-03-04T09:00:01Z"
        assert line["visit"]["state"] == "submitted"

    async def test_is_told_anew_of_a_correction_that_waits_too_long(self, desk: Desk) -> None:
        case, world = await desk.submitted(), desk.world
        world.clock.advance(hours=49)
        assert await escalated(world) == 1
        body = {"reason": "look again", "items": [{"item": "tidy", "reason": "look again"}]}
        await desk.rita.post(f"/v1/visits/{case.visit}/review/send-back", json=body)
        assert await escalated(world) == 0
        await desk.scene.submitted(case.visit)
        (line,) = (await desk.rita.get("/v1/reviews")).json()["items"]
        assert (line["escalated_at"], line["overdue"]) == (None, False)
        world.clock.advance(hours=49)
        assert await escalated(world) == 1

    async def test_goes_to_the_admins_where_no_supervisor_is_and_never_to_who_was_there(
        self, world: World
    ) -> None:
        desk = await a_desk(world)
        alice = await world.person("alice")
        both = await world.newcomer("both", Role.SUPERVISOR, Role.INSPECTOR)
        await in_charge(world, both, region=desk.scene.region)
        await desk.submitted(both)
        async with world.database.writing() as session:
            await session.execute(sa.delete(RegionDuty).where(RegionDuty.person_id == desk.scene.sam.id))
        world.clock.advance(hours=49)
        await escalated(world)
        assert [people for _subject, people in await told(world, Kind.REVIEW_ESCALATED)] == [{alice.id}]

    async def test_warns_whoever_reviews_in_the_last_quarter_once(self, desk: Desk) -> None:
        waiting = await desk.submitted()
        opened = await desk.submitted(desk.scene.ian, on="2026-03-03")
        await desk.opened(opened, by=desk.scene.sam)
        world = desk.world
        world.clock.advance(hours=35)
        early = await reminded(world)
        world.clock.advance(hours=2)
        soon = [await reminded(world), await reminded(world)]
        assert (early, soon) == (0, [2, 0])
        assert sorted(await told(world, Kind.REVIEW_DUE_SOON)) == sorted(
            [(UUID(waiting.visit), {desk.rita.id}), (UUID(opened.visit), {desk.scene.sam.id})]
        )


class TestSlots:
    @pytest.mark.parametrize(
        ("after", "weekdays", "expected"),
        [
            ("2026-03-03T00:59", EVERY_DAY, "2026-03-03T01:00"),  # 9 in Shanghai is 1 in Greenwich
            ("2026-03-03T01:00", EVERY_DAY, "2026-03-03T01:00"),
            ("2026-03-03T01:01", EVERY_DAY, "2026-03-04T01:00"),
            ("2026-03-02T17:00", EVERY_DAY, "2026-03-03T01:00"),  # there it is the 3rd already
            ("2026-03-03T01:01", {1}, "2026-03-10T01:00"),  # a Tuesday, and the next
            ("2026-03-03T01:01", {0, 4}, "2026-03-06T01:00"),
        ],
    )
    def test_are_the_next_hour_of_a_day_named(
        self, after: str, weekdays: frozenset[int], expected: str
    ) -> None:
        found = next_slot(_at(after), weekdays=weekdays, hour=9, time_zone=SHANGHAI)
        assert found == _at(expected)

    def test_are_waited_for_by_too_few_a_week_at_most(self) -> None:
        now, week = _at("2026-03-10T01:00"), timedelta(days=7)
        assert goes_out([now, now], minimum=2, longest_hold=week, now=now)
        assert not goes_out([now - week + HOUR], minimum=2, longest_hold=week, now=now)
        assert goes_out([now - week], minimum=2, longest_hold=week, now=now)


class TestBatches:
    async def test_go_out_by_themselves_at_the_hour_and_carry_one_moment(self, desk: Desk) -> None:
        """D8.3: the job itself, over the queue."""
        world = desk.world
        first = await desk.submitted()
        await desk.approved(first)
        world.clock.advance(hours=3, minutes=17)
        second = await desk.submitted(desk.scene.ian, on="2026-03-02")
        await desk.approved(second)
        world.clock.now = _at("2026-03-04T00:59")
        assert await due(world) == []
        world.clock.now = _at("2026-03-04T01:02")

        async with world.database.writing() as session:
            await enqueue(session, "review.publish-due")
        assert await worked(world) == []

        reports = (await desk.mona.get("/v1/reports")).json()["items"]
        assert len(reports) == 2
        assert {one["published_at"] for one in reports} == {"2026-03-04T01:02:00Z"}
        published = await told(world, Kind.PUBLICATION_PUBLISHED)
        assert [people for _subject, people in published] == [{desk.mona.id}] * 2
        entries = await audited(world, "visit.published")
        assert {entry.actor_id for entry in entries} == {None}
        async with world.database.reading() as session:
            answerable = set(await session.scalars(sa.select(Publication.published_by)))
        assert answerable == {desk.rita.id}

    async def test_wait_for_company_where_the_programme_says_so(self, world: World) -> None:
        desk = await a_desk(world, publication={"minimum_batch": 2, "weekdays": ["mon", "thu"], "hour": 6})
        first = await desk.submitted()
        await desk.approved(first)
        world.clock.now = _at("2026-03-04T22:30")  # Thursday, 6:30 there
        alone = await due(world)
        world.clock.now = _at("2026-03-09T09:00")
        second = await desk.submitted(desk.scene.ian, on="2026-03-09")
        await desk.approved(second)
        world.clock.now = _at("2026-03-11T22:00")
        together = await due(world)
        assert alone == []
        assert together == sorted([first.visit, second.visit])

    async def test_leave_out_what_was_taken_up_again_meanwhile(self, desk: Desk) -> None:
        world = desk.world
        case = await desk.submitted()
        await desk.approved(case)
        world.clock.now = _at("2026-03-04T01:00")
        assert await due(world) == [case.visit]
        await desk.rita.post(f"/v1/visits/{case.visit}/review/reopen", json={"reason": "A second look."})
        assert await due(world) == []
        at = world.clock.now.isoformat()
        assert await batches.publish_one(resources_of(world), case.visit, at) is False

    async def test_can_still_be_pressed_by_hand(self, desk: Desk) -> None:
        case = await desk.submitted()
        await desk.published(case)
        assert await due(desk.world) == []


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
