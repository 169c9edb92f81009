"""Who is told what of reviews and publications. Nothing in here carries more than its readers may know (D10.1)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.events.kinds import Kind
from app.events.service import announce
from app.identity.actor import Role
from app.identity.queries import people_with_role
from app.outlets import queries_duties as duties
from app.review import queries_marking
from app.review.models import MarkingTask, Publication
from app.visits import queries as visits
from app.visits.models import Visit
from app.visits.rules import CrewRole


def of_visit(
    session: AsyncSession,
    kind: Kind,
    visit: Visit,
    *,
    people: Sequence[UUID] = (),
    items: Sequence[str] = (),
    now: datetime,
) -> None:
    """With the time by which the review is due, and items that somebody is to look at."""
    announce(
        session,
        kind,
        organisation_id=visit.organisation_id,
        subject_id=visit.id,
        visit_id=visit.id,
        outlet_id=visit.outlet_id,
        people=people,
        data={
            "due_at": visit.review_due_at.isoformat() if visit.review_due_at else None,
            **({"items": list(items)} if items else {}),
        },
        now=now,
    )


async def sent_back(session: AsyncSession, visit: Visit, items: Sequence[str], *, now: datetime) -> None:
    """To the lead, who answers; the reasons stand under the visit."""
    crew = await visits.crew_of(session, visit)
    leads = [member.person_id for member in crew if member.role is CrewRole.LEAD]
    of_visit(session, Kind.REVIEW_SENT_BACK, visit, people=leads, items=items, now=now)


async def second_marking_wanted(
    session: AsyncSession, visit: Visit, task: MarkingTask | None, *, now: datetime
) -> None:
    """To the marker, or to those who have to find one. It does not name the visit: no inspector learns of the sample."""
    people = [task.marker_id] if task else await supervisors_of(session, visit)
    announce(
        session,
        Kind.REVIEW_SECOND_MARKING_WANTED,
        organisation_id=visit.organisation_id,
        subject_id=task.id if task else visit.id,
        people=people,
        now=now,
    )


async def published(session: AsyncSession, publication: Publication, *, now: datetime) -> None:
    """To the outlet's managers."""
    await _of_publication(session, Kind.PUBLICATION_PUBLISHED, publication, now=now)


async def revised(session: AsyncSession, publication: Publication, *, now: datetime) -> None:
    """To all who were told of the publication."""
    await _of_publication(session, Kind.PUBLICATION_REVISED, publication, now=now)


async def _of_publication(
    session: AsyncSession, kind: Kind, publication: Publication, *, now: datetime
) -> None:
    """Under the alias: the visit's id tells when the visit was made, and is not in here."""
    announce(
        session,
        kind,
        organisation_id=publication.organisation_id,
        subject_id=publication.id,
        outlet_id=publication.outlet_id,
        people=await duties.managers_of(session, publication.outlet_id),
        data={
            "alias": publication.alias,
            "visited_on": publication.visited_on.isoformat(),
            "day_part": str(publication.day_part),
        },
        now=now,
    )


async def supervisors_of(session: AsyncSession, visit: Visit) -> list[UUID]:
    """Of the outlet's region, without those who were there; the admins where there is none."""
    found = await _of_region(session, visit, Role.SUPERVISOR)
    return found or sorted(await people_with_role(session, visit.organisation_id, Role.ADMIN))


async def reviewers_of(session: AsyncSession, visit: Visit) -> list[UUID]:
    """Of the outlet's region, without those who were there; the supervisors where there is none."""
    return await _of_region(session, visit, Role.REVIEWER) or await supervisors_of(session, visit)


async def _of_region(session: AsyncSession, visit: Visit, role: Role) -> list[UUID]:
    outlet = await visits.get_outlet(session, visit)
    crew = {member.person_id for member in await visits.crew_of(session, visit)}
    return sorted(set(await queries_marking.desk_of(session, outlet.region_id, role)) - crew)
