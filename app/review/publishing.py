"""Publication: what an outlet gets to see of a visit, under an alias and without a trace of who came (D8.3, D10.1)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record, record_by_itself
from app.identity.actor import Actor
from app.kit.database import Database
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.kit.storage import Storage
from app.recordings import muting, playback
from app.recordings import queries as recordings
from app.recordings.models import Rendition
from app.recordings.problems import FacesUnconfirmed, RenditionAwaited
from app.recordings.rules import RenditionKind
from app.review import announcing, queries, queries_reports
from app.review.models import Approval, Publication, PublicationRevision, PublishedFile
from app.review.problems import PublicationTooEarly
from app.review.rules import PublishedMedium
from app.visits import queries as visits
from app.visits.models import ScoreRevision, Visit
from app.visits.problems import WrongState
from app.visits.rules import REPORTED, DayPart, State
from app.visits.transitions import become, require_state

PUBLISHED = "visit.published"
FOLLOW_UP = "publications.follow-up"  # the name of the job; what it does stands above (`app.cases`)
BATCH = 50  # copies of recordings take a while; whoever publishes more asks again

PLAYED = {
    PublishedMedium.RECORDING: RenditionKind.OUTLET,
    PublishedMedium.PHOTO: RenditionKind.PHOTO,
}


class Finder(Protocol):
    """Finds the visit among those that somebody may publish."""

    async def __call__(self, session: AsyncSession, *, lock: bool) -> Visit: ...


@dataclass(frozen=True, slots=True)
class Press:
    """What publishing needs of the process. It ends its own transactions: files are copied between them."""

    database: Database
    storage: Storage


async def publish(press: Press, actor: Actor, visit_id: UUID, *, now: datetime) -> Publication:
    """Publish one approved visit. Publishing it again gives the same publication.

    Raises `PublicationTooEarly` before the delay is over, and `WrongState` for a visit nobody approved.
    Raises `FacesUnconfirmed` before a person has looked through hidden faces, and `RenditionAwaited` while something muted is being rendered again: the report would lack it (D10.2).
    """

    async def find(session: AsyncSession, *, lock: bool) -> Visit:
        return await queries.get_for_review(session, actor, visit_id, now=now, lock=lock)

    return await _publish(press, find, by=actor, now=now)


async def publish_by_itself(press: Press, visit_id: UUID, *, now: datetime) -> Publication:
    """The same for the clock, which acts for nobody."""

    async def find(session: AsyncSession, *, lock: bool) -> Visit:
        return await queries_reports.get_for_publication(session, visit_id, lock=lock)

    return await _publish(press, find, by=None, now=now)


async def publish_due(press: Press, actor: Actor, *, now: datetime) -> list[Publication]:
    """Publish a batch of the visits whose delay is over, as far as the actor may; `Forbidden` for other roles."""
    actor.require(*queries.REVIEWERS)
    async with press.database.reading() as session:
        due = await queries_reports.due_for_publication(session, actor, now=now, limit=BATCH)
    published = []
    for visit_id in due:
        try:
            published.append(await publish(press, actor, visit_id, now=now))
        except (
            WrongState,
            RenditionAwaited,
            FacesUnconfirmed,
        ):  # voided, taken up again or muted meanwhile: not now
            continue
    return published


async def revise(
    session: AsyncSession,
    actor: Actor,
    publication: Publication,
    score: ScoreRevision,
    *,
    summary_for_outlet: str,
    reason: str,
    now: datetime,
) -> PublicationRevision:
    """Let the publication say another score from now on (D8.6). `reason` is read by the outlet."""
    before = (await queries_reports.revisions_of(session, publication))[-1][0]
    revision = _revision(
        publication,
        before.number + 1,
        score.id,
        summary=summary_for_outlet,
        reason=reason,
        made_by=actor.person_id,
        now=now,
    )
    session.add(revision)
    record(session, actor, "publication.revised", subject_id=publication.visit_id, now=now)
    await announcing.revised(session, publication, now=now)
    await session.flush()
    await enqueue(session, FOLLOW_UP, str(publication.id))
    return revision


async def _publish(press: Press, find: Finder, *, by: Actor | None, now: datetime) -> Publication:
    async with press.database.reading() as session:
        visit = await find(session, lock=False)
        known = await _find_published(session, visit)
        if known is not None:
            return known
        await _get_due(session, visit, now=now)
    await playback.rekey(press.database, press.storage, visit.id)
    async with press.database.writing() as session:
        visit = await find(session, lock=True)
        known = await _find_published(session, visit)
        if known is not None:  # somebody else was quicker
            return known
        approval = await _get_due(session, visit, now=now)
        return await _make_public(session, by, visit, approval, now=now)


async def _find_published(session: AsyncSession, visit: Visit) -> Publication | None:
    return await queries_reports.find_publication(session, visit) if visit.state in REPORTED else None


async def _get_due(session: AsyncSession, visit: Visit, *, now: datetime) -> Approval:
    """The approval that makes this publication possible now."""
    require_state(visit, State.APPROVED, to="be published")
    approval = await queries.get_approval(session, visit)
    if approval.publish_after > now:
        raise PublicationTooEarly(
            f"It may be published from {approval.publish_after.isoformat()} on.",
            publish_after=approval.publish_after.isoformat(),
        )
    declared = [entry.recording_id for entry in await visits.manifest_of(session, visit)]
    unseen = await muting.faces_to_confirm(session, declared)
    if unseen:
        raise FacesUnconfirmed("Look through the hidden faces first.", recordings=sorted(map(str, unseen)))
    awaited = await muting.awaited(session, declared)
    if awaited:
        raise RenditionAwaited(
            "The visit is published when its recordings are rendered.", recordings=sorted(map(str, awaited))
        )
    return approval


async def _make_public(
    session: AsyncSession, by: Actor | None, visit: Visit, approval: Approval, *, now: datetime
) -> Publication:
    outlet = await visits.get_outlet(session, visit)
    assert visit.entered_at is not None
    assert visit.entered_on is not None
    publication = Publication(
        id=new_id(),
        organisation_id=visit.organisation_id,
        visit_id=visit.id,
        outlet_id=visit.outlet_id,
        alias=secrets.token_hex(16),  # an id made here would carry a time
        visited_on=visit.entered_on,
        day_part=DayPart.at(visit.entered_at.astimezone(ZoneInfo(outlet.time_zone)).time()),
        kind=visit.kind,
        published_at=now,
        published_by=by.person_id if by else approval.approved_by,
    )
    session.add(publication)
    await session.flush()
    session.add(
        _revision(
            publication,
            1,
            approval.score_revision_id,
            summary=approval.summary_for_outlet,
            reason="published",
            made_by=publication.published_by,
            now=now,
        )
    )
    session.add_all(await _numbered_files(session, publication, visit))
    become(session, visit, State.PUBLISHED, actor=by, reason="", now=now)
    _record(session, by, visit, now=now)
    await announcing.published(session, publication, now=now)
    await session.flush()
    await enqueue(session, FOLLOW_UP, str(publication.id))
    return publication


def _record(session: AsyncSession, by: Actor | None, visit: Visit, *, now: datetime) -> None:
    if by is None:
        record_by_itself(session, visit.organisation_id, PUBLISHED, subject_id=visit.id, now=now)
    else:
        record(session, by, PUBLISHED, subject_id=visit.id, now=now)


async def _numbered_files(
    session: AsyncSession, publication: Publication, visit: Visit
) -> Sequence[PublishedFile]:
    """Recordings and photos in the order in which they were taken, each medium counted from 1."""
    declared = [entry.recording_id for entry in await visits.manifest_of(session, visit)]
    renditions = await recordings.renditions_of(session, declared, kinds=PLAYED.values())
    return [
        PublishedFile(
            publication_id=publication.id, medium=medium, number=number, recording_id=rendition.recording_id
        )
        for medium, kind in PLAYED.items()
        for number, rendition in enumerate(_of_kind(declared, renditions, kind), start=1)
    ]


def _of_kind(
    declared: Sequence[UUID], renditions: dict[UUID, dict[RenditionKind, Rendition]], kind: RenditionKind
) -> list[Rendition]:
    return [renditions[one][kind] for one in declared if kind in renditions[one]]


def _revision(
    publication: Publication,
    number: int,
    score_revision_id: UUID,
    *,
    summary: str,
    reason: str,
    made_by: UUID,
    now: datetime,
) -> PublicationRevision:
    return PublicationRevision(
        id=new_id(),
        publication_id=publication.id,
        number=number,
        score_revision_id=score_revision_id,
        summary_for_outlet=summary,
        reason=reason,
        made_by=made_by,
        made_at=now,
    )
