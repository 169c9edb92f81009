"""Published visits made through the whole real way, but for files: quick enough for a handful in a test.

hall = await a_hall(desk, "gz-2")
case = await published(desk, hall, values={"tidy": False})
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.insight import checking, folding, gathering
from app.kit.ids import new_id
from app.outlets.models import Outlet
from app.review import publishing, queries_reports
from app.visits import queries as visits
from app.visits import submitting
from app.visits.models import Answer, AnswersRevision, Visit
from tests.support.places import an_outlet
from tests.support.review import Case, Desk
from tests.support.visits import a_photo
from tests.support.world import Caller

KEPT = {"no-smoking": True, "queue-machine": True, "patience": "good"}


async def a_hall(desk: Desk, code: str, **fields: Any) -> Outlet:
    return await an_outlet(desk.world, code, region=fields.pop("region", desk.scene.region), **fields)


async def published(
    desk: Desk,
    outlet: Outlet | None = None,
    *,
    on: str = "2026-03-02",
    by: Caller | None = None,
    values: Mapping[str, Any] | None = None,
    smoked: bool = False,
) -> Case:
    """All items kept unless `values` says otherwise: 100 points. The desk publishes at once.

    Where somebody smoked, the norm is breached, with a photo that is declared and never comes.
    """
    scene, lead = desk.scene, by or desk.scene.ivy
    visit = await scene.arranged(lead, outlet_id=str((outlet or scene.outlet).id), on=on)
    await scene.entered(visit, lead)
    photo = a_photo()
    breach = {"value": False, "evidence": [{"photo": photo["recording_id"]}]}
    given = {**KEPT, **(values or {}), **({"no-smoking": breach} if smoked else {})}
    answered = await scene.answered(visit, lead, **given)
    assert answered.status_code == 200, answered.text
    gone = await scene.leave(visit, [photo] if smoked else [], lead)
    assert gone.status_code == 200, gone.text
    await scene.submitted(visit, lead)
    case = Case(visit, "", [])
    await desk.opened(case)
    if smoked:
        assert (await desk.judge(case)).status_code == 200
    lacking = {"without_files_because": "The phone was lost."} if smoked else {}
    approved = await desk.approve(case, by=None, **lacking)
    assert approved.status_code == 200, approved.text
    done = await desk.rita.post(f"/v1/visits/{visit}/publish")
    assert done.status_code == 200, done.text
    return case


async def insight(who: Caller, path: str, **params: Any) -> Any:
    answer = await who.get(f"/v1/insight/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def are_right(desk: Desk) -> bool:
    """Whether everything that is folded is what a recomputation gives, and nothing is left to fold."""
    home = desk.rita.actor.organisation_id
    await folding.catch_up(desk.world.database, home, now=desk.world.clock.now)
    await gathering.gather(desk.world.database, home, now=desk.world.clock.now)
    found = await checking.check(desk.world.database, home)
    return found.is_right and found.pending == 0


async def visit_row(desk: Desk, case: Case) -> Visit:
    async with desk.world.database.reading() as session:
        return (await session.scalars(sa.select(Visit).where(Visit.id == UUID(case.visit)))).one()


async def correct(desk: Desk, case: Case, **changed: bool) -> None:
    """What an appeal does: other answers, a score of them, and a publication that names it."""
    now = desk.world.clock.now
    async with desk.world.database.writing() as session:
        visit = await visits.get_visit(session, desk.scene.sam.actor, UUID(case.visit), now=now)
        before = await visits.latest_answers(session, visit)
        assert before is not None
        answers = await _copied(session, before, changed, now)
        score = await submitting.make_score(session, visit, answers, made_by=None, reason="appeal", now=now)
        publication = await queries_reports.find_publication(session, visit)
        assert publication is not None
        await publishing.revise(
            session, desk.rita.actor, publication, score, summary_for_outlet="", reason="appeal", now=now
        )


async def _copied(
    session: AsyncSession, before: AnswersRevision, changed: Mapping[str, bool], now: datetime
) -> AnswersRevision:
    revision = AnswersRevision(
        id=new_id(),
        visit_id=before.visit_id,
        number=before.number + 1,
        made_by=before.made_by,
        made_at=now,
        reason="appeal",
    )
    session.add(revision)
    await session.flush()
    for row in await visits.answers_in(session, before.id):
        told = {column.key: getattr(row, column.key) for column in sa.inspect(Answer).columns}
        content = {"value": changed[row.item_code]} if row.item_code in changed else row.content
        session.add(Answer(**{**told, "revision_id": revision.id, "content": content}))
    await session.flush()
    return revision
