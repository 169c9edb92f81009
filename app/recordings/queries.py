"""Every SELECT over recordings."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.identity.models import Person
from app.kit.problems import NotFound
from app.recordings.models import (
    FacesConfirmed,
    LedgerHead,
    MuteRevision,
    Playback,
    PlayEntry,
    QuickCheck,
    Recording,
    RecordingReport,
    Rendition,
)
from app.recordings.problems import EvidenceDeleted
from app.recordings.rules import RenditionKind, State

PENDING = (State.UPLOADING, State.COMPLETING)


def own(actor: Actor) -> sa.Select[Recording]:
    """What the actor uploads. Everybody else comes through a visit."""
    return sa.select(Recording).where(
        Recording.organisation_id == actor.organisation_id, Recording.uploader_id == actor.person_id
    )


async def get_own(
    session: AsyncSession, actor: Actor, recording_id: UUID, *, lock: bool = False
) -> Recording:
    """`NotFound` if absent or somebody else's. With `lock`, nobody changes it before this transaction ends."""
    statement = own(actor).where(Recording.id == recording_id)
    recording = await session.scalar(statement.with_for_update() if lock else statement)
    if recording is None:
        raise NotFound("There is no recording with this id among those you upload.")
    return recording


async def find_anywhere(session: AsyncSession, recording_id: UUID) -> Recording | None:
    """For a create under a client-made id: whatever has it already."""
    return await session.get(Recording, recording_id)


async def get_for_work(session: AsyncSession, recording_id: UUID, *, lock: bool = False) -> Recording:
    """For jobs, which act for nobody."""
    statement = sa.select(Recording).where(Recording.id == recording_id)
    return (await session.scalars(statement.with_for_update() if lock else statement)).one()


async def recordings_of_visit(session: AsyncSession, visit_id: UUID) -> Sequence[Recording]:
    """In the order they were declared; the caller has found out who may see them."""
    rows = await session.scalars(
        sa.select(Recording)
        .where(Recording.visit_id == visit_id)
        .order_by(Recording.created_at, Recording.id)
    )
    return rows.all()


async def find_all(session: AsyncSession, recording_ids: Collection[UUID]) -> dict[UUID, Recording]:
    """Those of the ids that were declared as uploads; the caller has found out who may see them."""
    rows = await session.scalars(sa.select(Recording).where(Recording.id.in_(recording_ids)))
    return {row.id: row for row in rows}


async def bytes_of_visit(session: AsyncSession, visit_id: UUID) -> int:
    """What the files of a visit weigh together, those still to come included and aborted ones not."""
    total = await session.scalar(
        sa.select(sa.func.sum(Recording.size_bytes)).where(
            Recording.visit_id == visit_id, Recording.aborted_at.is_(None)
        )
    )
    return int(total or 0)


async def bytes_of_person(session: AsyncSession, actor: Actor, *, since: datetime) -> int:
    """What the person's files weigh that were declared or sent since then, aborted ones not.

    Until the transaction ends nobody else counts the same person's: two phones do not share one rest.
    """
    person = sa.select(Person.id).where(Person.id == actor.person_id)
    await session.execute(person.with_for_update(key_share=True))
    total = await session.scalar(
        own(actor)
        .with_only_columns(sa.func.sum(Recording.size_bytes))
        .where(Recording.touched_at > since, Recording.aborted_at.is_(None))
    )
    return int(total or 0)


async def unsettled(session: AsyncSession, *, most_tries: int) -> Sequence[Recording]:
    """Recordings that have arrived and wait for work, which was begun less often than that."""
    rows = await session.scalars(
        sa.select(Recording)
        .where(Recording.state.in_((State.STORED, State.VERIFIED)), Recording.tries < most_tries)
        .order_by(Recording.stored_at, Recording.id)
    )
    return rows.all()


async def reports_of(session: AsyncSession, recording_ids: Collection[UUID]) -> dict[UUID, RecordingReport]:
    """The latest report of each of the recordings that were looked into."""
    rows = await session.scalars(
        sa.select(RecordingReport)
        .where(RecordingReport.recording_id.in_(recording_ids))
        .order_by(RecordingReport.made_at, RecordingReport.id)
    )
    return {row.recording_id: row for row in rows}


async def quick_checks_of(session: AsyncSession, recording_ids: Collection[UUID]) -> dict[UUID, QuickCheck]:
    """The latest look at samples of each of the recordings that had one."""
    rows = await session.scalars(
        sa.select(QuickCheck)
        .where(QuickCheck.recording_id.in_(recording_ids))
        .order_by(QuickCheck.made_at, QuickCheck.id)
    )
    return {row.recording_id: row for row in rows}


async def count_quick_checks(session: AsyncSession, recording_id: UUID) -> int:
    counted = sa.select(sa.func.count()).where(QuickCheck.recording_id == recording_id)
    return int(await session.scalar(counted) or 0)


async def renditions_of(
    session: AsyncSession,
    recording_ids: Collection[UUID],
    *,
    kinds: Iterable[RenditionKind] = RenditionKind,
) -> dict[UUID, dict[RenditionKind, Rendition]]:
    """The current renditions of each recording, by kind."""
    rows = await session.scalars(
        sa.select(Rendition).where(
            Rendition.recording_id.in_(recording_ids),
            Rendition.kind.in_(list(kinds)),
            Rendition.replaced_at.is_(None),
        )
    )
    found: dict[UUID, dict[RenditionKind, Rendition]] = {one: {} for one in recording_ids}
    for row in rows:
        found[row.recording_id][row.kind] = row
    return found


async def require_kept(session: AsyncSession, recording_id: UUID, kind: RenditionKind) -> None:
    """Raises `EvidenceDeleted` for what retention ended. The caller has found out who may know of the recording."""
    recording = await get_for_work(session, recording_id)
    is_original = kind is RenditionKind.ORIGINAL
    erased_at = recording.original_erased_at if is_original else recording.renditions_erased_at
    if erased_at is not None:
        raise EvidenceDeleted(
            f"It was deleted on {erased_at.date().isoformat()}.", deleted_on=erased_at.date().isoformat()
        )


async def find_rendition(session: AsyncSession, recording_id: UUID, kind: RenditionKind) -> Rendition | None:
    return (await renditions_of(session, [recording_id], kinds=[kind]))[recording_id].get(kind)


async def mutes_of(session: AsyncSession, recording_ids: Collection[UUID]) -> dict[UUID, MuteRevision]:
    """The marks as they stand, of each of the recordings that ever had any."""
    rows = await session.scalars(
        sa.select(MuteRevision)
        .where(MuteRevision.recording_id.in_(recording_ids))
        .order_by(MuteRevision.number)
    )
    return {row.recording_id: row for row in rows}


async def find_mutes(session: AsyncSession, recording_id: UUID) -> MuteRevision | None:
    return (await mutes_of(session, [recording_id])).get(recording_id)


async def mute_history(session: AsyncSession, recording_id: UUID) -> Sequence[MuteRevision]:
    """Newest first; the caller has found out who may see the recording."""
    rows = await session.scalars(
        sa.select(MuteRevision)
        .where(MuteRevision.recording_id == recording_id)
        .order_by(MuteRevision.number.desc())
    )
    return rows.all()


async def unrendered_marks(session: AsyncSession) -> Sequence[MuteRevision]:
    """Marks as they stand that no rendition follows yet. For the clock, which acts for nobody."""
    newest = (
        sa.select(MuteRevision.recording_id, sa.func.max(MuteRevision.number).label("number"))
        .group_by(MuteRevision.recording_id)
        .subquery()
    )
    made = sa.exists().where(
        Rendition.recording_id == MuteRevision.recording_id,
        Rendition.kind == RenditionKind.OUTLET,
        Rendition.mute_number == MuteRevision.number,
    )
    rows = await session.scalars(
        sa.select(MuteRevision)
        .join(
            newest,
            sa.and_(
                MuteRevision.recording_id == newest.c.recording_id, MuteRevision.number == newest.c.number
            ),
        )
        .where(~made)
        .order_by(MuteRevision.made_at, MuteRevision.id)
    )
    return rows.all()


async def confirmed_among(session: AsyncSession, rendition_ids: Collection[UUID]) -> set[UUID]:
    """Renditions whose hidden faces a person looked through."""
    rows = await session.scalars(
        sa.select(FacesConfirmed.rendition_id).where(FacesConfirmed.rendition_id.in_(rendition_ids))
    )
    return set(rows)


async def get_mutes(session: AsyncSession, revision_id: UUID) -> MuteRevision:
    """For jobs, which act for nobody."""
    return (await session.scalars(sa.select(MuteRevision).where(MuteRevision.id == revision_id))).one()


async def get_playback(session: AsyncSession, actor: Actor, playback_id: UUID) -> tuple[Playback, Rendition]:
    """A player the actor opened, and what it plays."""
    found = await session.execute(
        sa.select(Playback, Rendition)
        .join(Rendition, Rendition.id == Playback.rendition_id)
        .where(
            Playback.id == playback_id,
            Playback.organisation_id == actor.organisation_id,
            Playback.viewer_id == actor.person_id,
        )
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound("There is no player with this id among those you opened.")
    return row[0], row[1]


async def find_position(session: AsyncSession, playback_id: UUID) -> int:
    """Where the player was when it last told, in milliseconds; 0 before."""
    last = (
        sa.select(PlayEntry.to_ms)
        .where(PlayEntry.playback_id == playback_id, PlayEntry.to_ms.is_not(None))
        .order_by(PlayEntry.number.desc())
        .limit(1)
    )
    return int(await session.scalar(last) or 0)


async def get_viewer(session: AsyncSession, player: Playback) -> Person:
    return (await session.scalars(sa.select(Person).where(Person.id == player.viewer_id))).one()


async def players_with_code(
    session: AsyncSession, code: str
) -> Sequence[tuple[Playback, Person, Recording, RenditionKind]]:
    """Whose screens showed a watermark with that code; for operators, who are told it by whoever found a picture."""
    rows = await session.execute(
        sa.select(Playback, Person, Recording, Rendition.kind)
        .join(Person, Person.id == Playback.viewer_id)
        .join(Rendition, Rendition.id == Playback.rendition_id)
        .join(Recording, Recording.id == Rendition.recording_id)
        .where(Playback.code == code)
        .order_by(Playback.opened_at)
    )
    return [(player, viewer, recording, kind) for player, viewer, recording, kind in rows]


async def chained_organisations(session: AsyncSession) -> Sequence[UUID]:
    """Organisations of which anything was ever played."""
    heads = sa.select(LedgerHead.organisation_id)
    links = sa.select(PlayEntry.organisation_id)
    return (await session.scalars(sa.union(heads, links))).all()


async def links_after(
    session: AsyncSession, organisation_id: UUID, number: int, *, limit: int
) -> Sequence[PlayEntry]:
    """The links of a chain that follow that number, in order."""
    rows = await session.scalars(
        sa.select(PlayEntry)
        .where(PlayEntry.organisation_id == organisation_id, PlayEntry.number > number)
        .order_by(PlayEntry.number)
        .limit(limit)
    )
    return rows.all()


async def idle_uploads(session: AsyncSession, *, touched_before: datetime) -> Sequence[UUID]:
    rows = await session.scalars(
        sa.select(Recording.id).where(Recording.state.in_(PENDING), Recording.touched_at < touched_before)
    )
    return rows.all()


async def pending_upload_ids(session: AsyncSession) -> set[str]:
    rows = await session.scalars(sa.select(Recording.upload_id).where(Recording.state.in_(PENDING)))
    return {upload_id for upload_id in rows if upload_id}


async def known_keys(session: AsyncSession, keys: Collection[str]) -> set[str]:
    """Those of the object keys that something still refers to. A rendition that was replaced is nobody's (D10.2): its
    object goes even if the job died that was to discard it.
    """
    staged = sa.select(Recording.staging_key).where(
        Recording.staging_key.in_(keys), Recording.state.in_((*PENDING, State.STORED))
    )
    current = Rendition.replaced_at.is_(None)
    rendered = sa.select(Rendition.key).where(Rendition.key.in_(keys), current)
    streamed = sa.select(Rendition.stream_key).where(Rendition.stream_key.in_(keys), current)
    return set(await session.scalars(sa.union(staged, rendered, streamed)))


async def known_originals(session: AsyncSession, keys: Collection[str]) -> set[str]:
    """Those of the keys that are some recording's sealed original, whatever became of it."""
    return set(await session.scalars(sa.select(Recording.sealed_key).where(Recording.sealed_key.in_(keys))))
