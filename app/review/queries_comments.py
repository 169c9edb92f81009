"""Every SELECT over comments. The report they stand at was looked up for the caller before."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.problems import NotFound
from app.review.models import CommentRetraction, Publication, RecordingComment


def of_recording(publication: Publication, number: int) -> sa.Select[RecordingComment]:
    return sa.select(RecordingComment).where(
        RecordingComment.publication_id == publication.id, RecordingComment.number == number
    )


async def find_anywhere(session: AsyncSession, comment_id: UUID) -> RecordingComment | None:
    """To tell an id that is taken."""
    return await session.get(RecordingComment, comment_id)


async def get_comment(session: AsyncSession, publication: Publication, comment_id: UUID) -> RecordingComment:
    comment = await session.get(RecordingComment, comment_id)
    if comment is None or comment.publication_id != publication.id:
        raise NotFound("The report has no comment with this id.")
    return comment


async def retracted_at(session: AsyncSession, comments: Sequence[RecordingComment]) -> dict[UUID, datetime]:
    """By comment, of those that were retracted."""
    rows = await session.scalars(
        sa.select(CommentRetraction).where(CommentRetraction.comment_id.in_([one.id for one in comments]))
    )
    return {row.comment_id: row.retracted_at for row in rows}
