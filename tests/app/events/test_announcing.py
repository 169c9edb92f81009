"""Announcing: one row each, in the transaction of what happened, and never taken back."""

from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.events.kinds import Kind
from app.events.models import Event, InboxEntry
from app.events.service import announce
from app.kit.ids import new_id
from app.recordings.rules import State as RecordingState
from app.visits.rules import State as VisitState
from tests.support.visits import a_scene
from tests.support.world import World


async def kinds_of(world: World, subject_id: str | UUID) -> list[str]:
    """In the order in which they were announced."""
    async with world.database.reading() as session:
        rows = await session.scalars(
            sa.select(Event.kind).where(Event.subject_id == UUID(str(subject_id))).order_by(Event.number)
        )
        return [str(kind) for kind in rows]


class TestKinds:
    def test_name_every_state_of_a_visit_and_of_a_recording(self) -> None:
        named = {str(kind) for kind in Kind}

        assert named >= {f"visit.{state}" for state in VisitState}
        assert named >= {f"recording.{state}" for state in RecordingState}

    def test_fit_into_their_column(self) -> None:
        assert max(len(kind) for kind in Kind) <= 60


class TestAnnounce:
    async def test_puts_each_person_named_into_the_inbox_once(self, world: World) -> None:
        ivy, ian = await world.person("ivy"), await world.person("ian")
        subject = new_id()

        async with world.database.writing() as session:
            announce(
                session,
                Kind.ACTION_OPENED,
                organisation_id=ivy.actor.organisation_id,
                subject_id=subject,
                people=[ivy.id, ian.id, ivy.id],
                data={"due_on": "2026-03-17"},
                now=world.clock.now,
            )

        async with world.database.reading() as session:
            event = (await session.scalars(sa.select(Event))).one()
            entries = (await session.scalars(sa.select(InboxEntry))).all()
        assert (event.kind, event.subject_id, event.data) == (
            Kind.ACTION_OPENED,
            subject,
            {"due_on": "2026-03-17"},
        )
        assert sorted(entry.person_id for entry in entries) == sorted([ivy.id, ian.id])
        assert {(entry.event_id, entry.read_at) for entry in entries} == {(event.id, None)}

    async def test_is_undone_with_the_transaction_it_was_part_of(self, world: World) -> None:
        ivy = await world.person("ivy")

        async with world.database.opened() as session:  # ends without a commit
            announce(
                session,
                Kind.ACTION_OPENED,
                organisation_id=ivy.actor.organisation_id,
                subject_id=new_id(),
                people=[ivy.id],
                now=world.clock.now,
            )
            await session.flush()

        async with world.database.reading() as session:
            assert (await session.scalars(sa.select(Event))).all() == []

    @pytest.mark.parametrize("statement", ["UPDATE events SET data = '{}'", "DELETE FROM events"])
    async def test_is_not_taken_back(self, world: World, statement: str) -> None:
        ivy = await world.person("ivy")
        async with world.database.writing() as session:
            announce(
                session,
                Kind.APPEAL_FILED,
                organisation_id=ivy.actor.organisation_id,
                subject_id=new_id(),
                now=world.clock.now,
            )

        with pytest.raises(DBAPIError, match="events_is_append_only"):
            async with world.database.writing() as session:
                await session.execute(sa.text(statement))


class TestVisits:
    async def test_announce_every_transition(self, world: World) -> None:
        """D11: webhooks on every transition."""
        scene = await a_scene(world)
        visit_id = await scene.arranged(scene.ivy)

        (await scene.ivy.post(f"/v1/visits/{visit_id}/accept")).raise_for_status()

        assert await kinds_of(world, visit_id) == ["visit.proposed", "visit.reserved", "visit.accepted"]

    async def test_say_where_and_what_they_were_before(self, world: World) -> None:
        scene = await a_scene(world)
        visit_id = await scene.arranged(scene.ivy)

        async with world.database.reading() as session:
            rows = (await session.scalars(sa.select(Event).order_by(Event.number))).all()
        assert [row.data for row in rows] == [{"earlier": None}, {"earlier": "proposed"}]
        assert {(row.visit_id, row.outlet_id) for row in rows} == {(UUID(visit_id), scene.outlet.id)}
