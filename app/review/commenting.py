"""Saying something at a second of a published recording, and taking it back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.events.kinds import Kind
from app.events.service import announce
from app.identity import queries as identity
from app.identity.actor import Actor, Role
from app.kit.problems import AlreadyExists, Forbidden
from app.outlets import queries as outlets
from app.outlets import queries_duties as duties
from app.outlets.models import Outlet
from app.recordings import queries as recordings
from app.review import queries, queries_comments, queries_reports
from app.review.models import CommentRetraction, Publication, RecordingComment
from app.review.problems import SecondOutside
from app.review.rules import PublishedMedium
from app.review.rules_comments import Side, is_named
from app.review.schemas_comments import CommentIn, CommentOut

SPEAKERS = (Role.OUTLET_MANAGER, *queries.REVIEWERS)


async def comment(
    session: AsyncSession, actor: Actor, alias: str, number: int, body: CommentIn, *, now: datetime
) -> RecordingComment:
    """For managers of the outlet and the desk. The other side finds it in the inbox.

    Raises `NotFound`, `Forbidden`, `SecondOutside`, and `AlreadyExists` for another comment under this id.
    """
    publication = await queries_reports.get_report(session, actor, alias, now=now)
    actor.require(*SPEAKERS)
    known = await queries_comments.find_anywhere(session, body.id)
    if known is not None:
        return _same(known, actor, publication, number, body)
    await _require_within(session, publication, number, body.at_ms)
    made = RecordingComment(
        **body.model_dump(),
        organisation_id=publication.organisation_id,
        publication_id=publication.id,
        number=number,
        side=await side_of(session, actor, publication, now=now),
        author_id=actor.person_id,
        made_at=now,
    )
    session.add(made)
    record(session, actor, "comment.made", subject_id=made.id, details={"at_ms": body.at_ms}, now=now)
    announce(
        session,
        Kind.COMMENT_MADE,
        organisation_id=publication.organisation_id,
        subject_id=made.id,
        visit_id=publication.visit_id,
        outlet_id=publication.outlet_id,
        people=await _other_side(session, made.side, publication),
        data={"alias": publication.alias},
        now=now,
    )
    await session.flush()
    return made


async def retract(
    session: AsyncSession, actor: Actor, alias: str, comment_id: UUID, *, now: datetime
) -> RecordingComment:
    """Its author may; twice is once. What was said is not shown any more. Raises `NotFound` and `Forbidden`."""
    publication = await queries_reports.get_report(session, actor, alias, now=now)
    found = await queries_comments.get_comment(session, publication, comment_id)
    if found.author_id != actor.person_id:
        raise Forbidden("Only who wrote a comment may retract it.")
    if found.id not in await queries_comments.retracted_at(session, [found]):
        session.add(CommentRetraction(comment_id=found.id, retracted_at=now))
        record(session, actor, "comment.retracted", subject_id=found.id, now=now)
        await session.flush()
    return found


async def shown(
    session: AsyncSession, reader: Actor, alias: str, comments: Sequence[RecordingComment], *, now: datetime
) -> list[CommentOut]:
    """As the reader may see them: names of the own side only."""
    publication = await queries_reports.get_report(session, reader, alias, now=now)
    side = await side_of(session, reader, publication, now=now)
    names = await identity.names_of(session, {one.author_id for one in comments})
    retracted = await queries_comments.retracted_at(session, comments)
    return [
        CommentOut(
            id=one.id,
            at_ms=one.at_ms,
            text=None if one.id in retracted else one.text,
            side=one.side,
            author=names[one.author_id] if is_named(one.side, side) else None,
            is_mine=one.author_id == reader.person_id,
            made_at=one.made_at,
            retracted_at=retracted.get(one.id),
        )
        for one in comments
    ]


async def side_of(session: AsyncSession, actor: Actor, publication: Publication, *, now: datetime) -> Side:
    """Who is in charge of the outlet stands on its side, whatever else they are."""
    manager = actor.only(Role.OUTLET_MANAGER)
    is_theirs = await outlets.is_in_reach(session, manager, publication.outlet_id, now=now)
    return Side.OUTLET if is_theirs else Side.DESK


def _same(
    known: RecordingComment, actor: Actor, publication: Publication, number: int, body: CommentIn
) -> RecordingComment:
    told = (known.publication_id, known.number, known.author_id, known.at_ms, known.text)
    if told != (publication.id, number, actor.person_id, body.at_ms, body.text):
        raise AlreadyExists("There is a comment with this id already.")
    return known


async def _require_within(session: AsyncSession, publication: Publication, number: int, at_ms: int) -> None:
    file = await queries_reports.get_file(session, publication, PublishedMedium.RECORDING, number)
    found = await recordings.reports_of(session, [file.recording_id])
    length_ms = found[file.recording_id].duration_ms if file.recording_id in found else at_ms
    if at_ms > length_ms:
        raise SecondOutside(f"The recording ends after {length_ms} ms.", duration_ms=length_ms)


async def _other_side(session: AsyncSession, speaker: Side, publication: Publication) -> set[UUID]:
    if speaker is Side.DESK:
        return await duties.managers_of(session, publication.outlet_id)
    outlet = await session.get_one(Outlet, publication.outlet_id)
    return set(await session.scalars(duties.on_duty(outlet.region_id, Role.SUPERVISOR)))
