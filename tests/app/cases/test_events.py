"""What is announced of appeals and actions, and who finds it in the inbox (D8.4, D8.5, D11)."""

from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from app.events.kinds import Kind
from app.events.models import Event, InboxEntry
from app.events.whitelist import told
from app.identity.actor import Role
from tests.support.cases import Court, a_court
from tests.support.world import World


@pytest.fixture
async def court(world: World) -> Court:
    return await a_court(world)


async def announced(court: Court, noun: str) -> list[Event]:
    """Events of appeals or actions, oldest first."""
    async with court.world.database.reading() as session:
        rows = await session.scalars(sa.select(Event).order_by(Event.number))
        return [row for row in rows if row.kind.startswith(f"{noun}.")]


async def inboxes(court: Court) -> Mapping[Kind, set[str]]:
    """Names of those who find an event of a kind."""
    names = {caller.id: caller.name for caller in court.world.callers.values()}
    found: dict[Kind, set[str]] = {}
    async with court.world.database.reading() as session:
        rows = await session.execute(
            sa.select(Event.kind, InboxEntry.person_id).join(Event, Event.id == InboxEntry.event_id)
        )
        for kind, person_id in rows:
            found.setdefault(kind, set()).add(names[person_id])
    return found


class TestEveryTransition:
    async def test_is_announced_to_whom_it_concerns_and_says_no_more_than_they_may_know(
        self, court: Court
    ) -> None:
        """D10.1"""
        await court.world.person("alice")
        _case, alias = await court.case_and_alias()
        returned = await court.filed(alias, "tidy")
        await court.sam.post(f"/v1/appeals/{returned}/return", json={"reason": "Say what was tidy."})
        withdrawn = await court.filed(alias, "tidy")
        await court.mona.post(f"/v1/appeals/{withdrawn}/withdraw")
        patience = (await court.action("patience"))["id"]
        assert (await court.act(patience, "start")).status_code == 200
        await court.proven(patience)
        appeal = await court.admitted(alias, "no-smoking")
        court.world.clock.advance(days=16)
        await court.tick()
        await court.decided(appeal, "no-smoking", "upheld", answer={"value": True})

        appeals, actions = await announced(court, "appeal"), await announced(court, "action")

        assert [one.kind.partition(".")[2] for one in appeals] == [
            "filed", "returned", "filed", "withdrawn", "filed", "admitted", "escalated", "decided",
        ]  # fmt: skip
        assert [one.kind.partition(".")[2] for one in actions] == [
            "opened", "opened", "started", "proof_submitted", "proof_accepted", "overdue", "overdue", "cancelled",
        ]  # fmt: skip
        found = await inboxes(court)
        assert found[Kind.APPEAL_FILED] == {"sam"}
        assert found[Kind.APPEAL_RETURNED] == {"mona"}
        assert found[Kind.APPEAL_ADMITTED] == {"mona", "petra", "paul"}
        assert found[Kind.APPEAL_ESCALATED] == {"sam", "petra", "paul", "alice"}
        assert found[Kind.APPEAL_DECIDED] == {"mona", "sam", "ivy"}
        assert found[Kind.ACTION_OPENED] == {"mona"}
        assert found[Kind.ACTION_OVERDUE] == {"mona", "sam"}
        self._tells_each_what_is_theirs(appeals[-1], alias)

    def _tells_each_what_is_theirs(self, decided: Event, alias: str) -> None:
        values = {"subject_id": "a", "visit_id": "v", "outlet_id": "o", **decided.data}
        outlet = told([Role.OUTLET_MANAGER], decided.kind, values) or {}
        inspector = told([Role.INSPECTOR], decided.kind, values) or {}
        assert (outlet["alias"], outlet["decision"]) == (alias, {"no-smoking": "upheld"})
        assert "visit_id" not in outlet
        assert inspector.keys() == {"subject_id", "visit_id", "state", "items", "decision"}
        assert told([Role.INSPECTOR], Kind.APPEAL_FILED, values) is None
