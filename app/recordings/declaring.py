"""Declaring a file: before a byte of it is sent, whether it will be taken (D10.5, D11)."""

from collections.abc import Collection
from datetime import datetime
from secrets import token_hex
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.kit.problems import Problem
from app.programmes.schemas import ProgrammeRules
from app.recordings import queries
from app.recordings.models import Recording
from app.recordings.problems import (
    NotLawful,
    PersonFull,
    RecordingConflict,
    RecordingTooLarge,
    TypeRefused,
    VisitFull,
)
from app.recordings.rules import Kind, State, upload_key
from app.recordings.schemas import RecordingIn
from app.recordings.transitions import become
from app.recordings.upload_rules import (
    PART_BYTES,
    PERSON_PERIOD,
    Refusal,
    SoFar,
    UploadLimits,
    base_type,
    refuse_declaration,
)


async def declare(
    session: AsyncSession,
    actor: Actor,
    *,
    visit_id: UUID,
    body: RecordingIn,
    lawful: Collection[Kind],
    limits: UploadLimits,
    rules: ProgrammeRules,
    now: datetime,
) -> Recording:
    """Take a file's declaration, whose visit the caller holds locked. The same again gives the same recording.

    Raises `RecordingConflict`, `NotLawful`, `TypeRefused`, `RecordingTooLarge` or `VisitFull`.
    """
    known = await queries.find_anywhere(session, body.id)
    if known is not None and not _is_same(known, actor, visit_id, body):
        raise RecordingConflict
    if known is not None and known.aborted_at is None:
        return known
    if body.medium not in lawful:
        raise NotLawful(f"At this visit no {body.medium} may be made.", lawful=sorted(lawful))
    await _require_room(session, actor, visit_id, body, limits, now=now)
    if known is not None:
        known.aborted_at, known.touched_at = None, now
        return known
    recording = Recording(
        **body.model_dump(exclude={"content_type"}),
        content_type=base_type(body.content_type),
        organisation_id=actor.organisation_id,
        visit_id=visit_id,
        uploader_id=actor.person_id,
        part_bytes=PART_BYTES,
        rendition_rules=rules.rendition.model_dump(mode="json"),
        check_rules=rules.checks.overrides(),
        state=State.CREATED,
        tries=0,
        progress=0.0,
        created_at=now,
        touched_at=now,
    )
    session.add(recording)
    draw_attempt(session, recording, now=now)
    await session.flush()
    return recording


def draw_attempt(session: AsyncSession, recording: Recording, *, now: datetime) -> None:
    """Nothing of an earlier attempt may meet the next one: neither its URLs nor its object."""
    become(session, recording, State.CREATED, now=now)
    recording.token, recording.staging_key = token_hex(16), upload_key(token_hex(16))
    recording.upload_id = recording.expected_etag = None


def _is_same(known: Recording, actor: Actor, visit_id: UUID, body: RecordingIn) -> bool:
    mine = known.organisation_id == actor.organisation_id and known.uploader_id == actor.person_id
    told = (known.visit_id, known.medium, known.size_bytes, known.sha256, known.device_kind)
    return mine and told == (visit_id, body.medium, body.size_bytes, body.sha256, body.device_kind)


async def _require_room(
    session: AsyncSession,
    actor: Actor,
    visit_id: UUID,
    body: RecordingIn,
    limits: UploadLimits,
    *,
    now: datetime,
) -> None:
    so_far = SoFar(
        await queries.bytes_of_visit(session, visit_id),
        await queries.bytes_of_person(session, actor, since=now - PERSON_PERIOD),
    )
    refusal = refuse_declaration(
        body.medium,
        content_type=body.content_type,
        size_bytes=body.size_bytes,
        limits=limits,
        so_far=so_far,
    )
    if refusal is not None:
        raise _problem(refusal, body, limits, so_far)


def _problem(refusal: Refusal, body: RecordingIn, limits: UploadLimits, so_far: SoFar) -> Problem:
    match refusal:
        case Refusal.TYPE_NOT_ALLOWED | Refusal.EMPTY:
            return TypeRefused(f"{body.content_type} is no type of a {body.medium} that we can read.")
        case Refusal.FILE_TOO_LARGE:
            most = limits.of(body.medium)
            return RecordingTooLarge(f"A {body.medium} may have {most} bytes.", limit_bytes=most)
        case Refusal.VISIT_TOO_LARGE:
            left = max(0, limits.visit_bytes - so_far.visit_bytes)
            return VisitFull(f"There is room for {left} bytes more at this visit.", room_bytes=left)
        case Refusal.PERSON_TOO_MUCH:
            left = max(0, limits.person_bytes - so_far.person_bytes)
            return PersonFull(f"There is room for {left} bytes more today.", room_bytes=left)
