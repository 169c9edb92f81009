"""What follows from a publication, and from each revision of it: the appeal window, and actions (D8.4, D8.5).

A job that publication enqueues in its own transaction; the table of follow-ups says how far it has come, so that it may
run twice, late, or be done in the transaction of a decision.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import queries, rechecking, rules
from app.cases.models import FollowUp
from app.outlets import queries as outlets
from app.review import queries_reports
from app.review.models import Publication
from app.visits import queries as visits
from app.visits.models import Visit
from app.visits.rules import REPORTED
from app.visits.terms import terms_of

BATCH = 200  # of publications that were missed


async def follow(session: AsyncSession, publication: Publication, *, now: datetime) -> None:
    """Open, verify, re-open and cancel actions as the newest revision says. Done once for each revision."""
    visit = await queries.lock_visit(session, publication.visit_id)  # first, as a decision does
    await outlets.lock_outlets(session, [publication.outlet_id])  # one report of an outlet after the other
    follow_up = await follow_up_of(session, publication, visit)
    newest = (await queries_reports.editions_of(session, [publication]))[publication.id]
    number = newest.revision.number
    if number <= follow_up.revision_number or visit.state not in REPORTED:
        return
    is_first = follow_up.revision_number == 0
    follow_up.revision_number = number
    await rechecking.look(session, publication, visit, newest.score, is_first=is_first, now=now)
    await session.flush()


async def follow_up_of(session: AsyncSession, publication: Publication, visit: Visit) -> FollowUp:
    """Made unless it is there; the caller holds the visit locked."""
    known = await queries.find_follow_up(session, publication.id)
    if known is not None:
        return known
    outlet = await visits.get_outlet(session, visit)
    closes_at = rules.window_closes_at(
        publication.published_at, days=terms_of(visit).rules.appeal_window_days, time_zone=outlet.time_zone
    )
    made = FollowUp(
        publication_id=publication.id,
        organisation_id=publication.organisation_id,
        revision_number=0,
        window_closes_at=closes_at,
        final_from=closes_at,
    )
    session.add(made)
    await session.flush()
    return made


async def follow_by_id(session: AsyncSession, publication_id: UUID, *, now: datetime) -> None:
    await follow(session, await session.get_one(Publication, publication_id), now=now)
