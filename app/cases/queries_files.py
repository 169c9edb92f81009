"""Every SELECT over the files of appeals and actions, for those who were allowed to see the case."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.cases.models import Appeal, CaseFile
from app.cases.models_actions import Action
from app.cases.rules_files import FileState
from app.kit.problems import NotFound
from app.recordings.problems import EvidenceDeleted


async def files_of(session: AsyncSession, case: Appeal | Action) -> Sequence[CaseFile]:
    """Those that have arrived, in order of their numbers."""
    rows = await session.scalars(
        sa.select(CaseFile).where(_of(case), CaseFile.state == FileState.STORED).order_by(CaseFile.number)
    )
    return rows.all()


async def get_file(session: AsyncSession, case: Appeal | Action, number: int) -> CaseFile:
    """Whether it has arrived or not."""
    file = await session.scalar(
        sa.select(CaseFile)
        .where(_of(case), CaseFile.number == number)
        .execution_options(populate_existing=True)
    )
    if file is None:
        raise NotFound("There is no file with this number here.")
    return file


async def get_stored(session: AsyncSession, case: Appeal | Action, number: int) -> CaseFile:
    """Raises `NotFound`, and `EvidenceDeleted` when its time is over."""
    file = await get_file(session, case, number)
    if file.state is not FileState.STORED:
        raise NotFound("There is no file with this number here.")
    if file.erased_at is not None:
        raise EvidenceDeleted(deleted_on=file.erased_at.date().isoformat())
    return file


async def has_stored_since(session: AsyncSession, action: Action, instant: datetime | None) -> bool:
    """Whether a file of the action has arrived, and after that instant."""
    there = sa.select(CaseFile.id).where(_of(action), CaseFile.state == FileState.STORED)
    if instant is not None:
        there = there.where(CaseFile.stored_at >= instant)
    return await session.scalar(there.limit(1)) is not None


async def last_number(session: AsyncSession, case: Appeal | Action) -> int:
    """0: there is none."""
    return await session.scalar(sa.select(sa.func.max(CaseFile.number)).where(_of(case))) or 0


async def find_anywhere(session: AsyncSession, file_id: UUID) -> CaseFile | None:
    """For declaring one under a client-made id only."""
    return await session.get(CaseFile, file_id)


async def lock_file(session: AsyncSession, file_id: UUID) -> CaseFile:
    rows = await session.scalars(sa.select(CaseFile).where(CaseFile.id == file_id).with_for_update())
    return rows.one()


async def idle_files(session: AsyncSession, *, created_before: datetime) -> Sequence[CaseFile]:
    rows = await session.scalars(
        sa.select(CaseFile)
        .where(CaseFile.state == FileState.AWAITED, CaseFile.created_at < created_before)
        .with_for_update()
    )
    return rows.all()


def _of(case: Appeal | Action) -> sa.ColumnElement[bool]:
    return (CaseFile.appeal_id if isinstance(case, Appeal) else CaseFile.action_id) == case.id
