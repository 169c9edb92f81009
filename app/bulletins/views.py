"""From rows to wire types: bulletins."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.bulletins import queries
from app.bulletins.models import Bulletin, BulletinFile
from app.bulletins.rules import State, file_name
from app.bulletins.schemas import BulletinFileOut, BulletinLinkOut, BulletinOut
from app.kit.storage import Storage
from app.outlets.models import Outlet, Region
from app.settings import Settings


async def bulletins(session: AsyncSession, rows: Sequence[Bulletin]) -> list[BulletinOut]:
    files = await queries.files_of(session, [row.id for row in rows])
    subjects = await queries.subjects_of(session, rows)
    numbers = await queries.followed(session, rows)
    return [
        _bulletin(
            row,
            subjects.get(row.subject_id),
            numbers.get(row.follows_id) if row.follows_id else None,
            files.get(row.id, []) if row.state is State.READY else [],
        )
        for row in rows
    ]


async def bulletin(session: AsyncSession, row: Bulletin) -> BulletinOut:
    return (await bulletins(session, [row]))[0]


async def link(
    storage: Storage, row: Bulletin, file: BulletinFile, *, settings: Settings, now: datetime
) -> BulletinLinkOut:
    """Good for a minute or so, and saved under a name that tells whose days it is of."""
    life = timedelta(seconds=settings.play_link_seconds)
    url = await storage.sign_get(
        row.file_key(file.language, file.format),
        expires_in=life,
        filename=file_name(row.cadence, row.first_on, row.edition, file.language, file.format),
        content_type=file.format.media_type,
        disposition="attachment",
    )
    return BulletinLinkOut(
        url=url, content_type=file.format.media_type, sha256=file.sha256, expires_at=now + life
    )


def _bulletin(
    row: Bulletin, subject: Region | Outlet | None, follows: int | None, files: Sequence[BulletinFile]
) -> BulletinOut:
    return BulletinOut(
        id=row.id,
        programme_id=row.programme_id,
        kind=row.kind,
        cadence=row.cadence,
        scope=row.scope,
        region_id=row.region_id,
        outlet_id=row.outlet_id,
        subject_code=None if subject is None else subject.code,
        name_zh=None if subject is None else subject.name_zh,
        name_en=None if subject is None else subject.name_en,
        first_on=row.first_on,
        last_on=row.last_on,
        edition=row.edition,
        follows_id=row.follows_id,
        follows=follows,
        state=row.state,
        requested_at=row.requested_at,
        as_of=row.as_of,
        content_sha256=row.content_sha256,
        score_revisions=row.score_revisions,
        ready_at=row.ready_at,
        files=[BulletinFileOut.model_validate(one) for one in files],
    )
