"""The steps of making an edition. Every one may be done twice: it finds what it did, or does the same again."""

import asyncio
import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.bulletins import announcing, gathering, pdf, queries, xlsx
from app.bulletins.content import Content
from app.bulletins.models import Bulletin, BulletinFile
from app.bulletins.rules import Format, Language, files_wanted
from app.insight import folding
from app.kit.jobs import Resources
from app.kit.problems import Problem

CONTENT_TYPE = "application/json"
REASON_LENGTH = 500


class ContentChanged(Problem):
    """Not for the wire: what lies in the store is not what the edition is pinned to, and no other try will mend it."""

    type = "content-changed"
    title = "What the edition was drawn from is not what was gathered"


def written(content: Content) -> bytes:
    """What is pinned: the same content is always the same bytes."""
    return content.model_dump_json().encode()


def drawn(content: Content, language: Language, format_: Format, *, font: str) -> bytes:
    """Blocking. Raises `NoFont`."""
    match format_:
        case Format.PDF:
            return pdf.drawn(content, language, font=font)
        case Format.XLSX:
            return xlsx.drawn(content, language)


async def gather(resources: Resources, bulletin_id: UUID, as_of: str) -> None:
    """Pin it: what it says goes to the store, its hash to the database. What is pinned stays."""
    bulletin = await _read(resources, bulletin_id)
    if bulletin.as_of is not None:
        return
    moment = datetime.fromisoformat(as_of)
    await folding.catch_up(resources.database, bulletin.organisation_id, now=resources.clock())
    async with resources.database.reading() as session:
        content = await gathering.gather(session, bulletin, as_of=moment)
    pinned = written(content)
    await resources.storage.put_bytes(bulletin.content_key, pinned, content_type=CONTENT_TYPE)

    async def pin(session: AsyncSession) -> None:
        row = await queries.get_for_work(session, bulletin_id, lock=True)
        if row.as_of is None:
            row.as_of, row.content_sha256 = moment, _hash(pinned)
            row.score_revisions = len(content.score_revisions)

    await resources.database.transact(pin)


async def draw(resources: Resources, bulletin_id: UUID, language: Language, format_: Format) -> None:
    """One of its files, from what is pinned and nothing else; one that is there stays."""
    async with resources.database.reading() as session:
        bulletin = await queries.get_for_work(session, bulletin_id)
        if await session.get(BulletinFile, (bulletin_id, language, format_)) is not None:
            return
    content = await pinned_content(resources, bulletin)
    font = resources.settings.report_font
    file = await asyncio.to_thread(drawn, content, language, format_, font=font)
    key = bulletin.file_key(language, format_)
    await resources.storage.put_bytes(key, file, content_type=format_.media_type)

    async def note(session: AsyncSession) -> None:
        if await session.get(BulletinFile, (bulletin_id, language, format_)) is None:
            row = BulletinFile(bulletin_id=bulletin_id, language=language, format=format_)
            row.size_bytes, row.sha256, row.drawn_at = len(file), _hash(file), resources.clock()
            session.add(row)

    await resources.database.transact(note)


async def pinned_content(resources: Resources, bulletin: Bulletin) -> Content:
    """Raises `ContentChanged` if it is not what was gathered."""
    pinned = await resources.storage.get_bytes(bulletin.content_key)
    if _hash(pinned) != bulletin.content_sha256:
        raise ContentChanged
    return Content.model_validate_json(pinned)


async def finish(resources: Resources, bulletin_id: UUID) -> None:
    """It is ready, and that is told once."""

    async def end(session: AsyncSession) -> None:
        row = await queries.get_for_work(session, bulletin_id, lock=True)
        if row.ready_at is None:
            row.ready_at = resources.clock()
            await announcing.ready(session, row, now=row.ready_at)

    await resources.database.transact(end)


async def give_up(resources: Resources, bulletin_id: UUID, reason: str) -> None:
    """So that it can be asked for again; the job stands among the dead ones."""

    async def end(session: AsyncSession) -> None:
        row = await queries.get_for_work(session, bulletin_id, lock=True)
        if row.ready_at is None and row.failed_at is None:
            row.failed_at, row.failed_because = resources.clock(), reason[:REASON_LENGTH]

    await resources.database.transact(end)


async def erase(resources: Resources, bulletin_id: UUID) -> list[str]:
    """End what is kept of an edition: for retention, which decides when (D10.4). May be repeated; gives the keys."""
    async with resources.database.writing() as session:
        row = await queries.get_for_work(session, bulletin_id, lock=True)
        row.deleted_at = row.deleted_at or resources.clock()
    await resources.storage.delete_prefix(f"{row.key}/")
    return [row.content_key, *(row.file_key(language, kind) for language, kind in files_wanted())]


async def _read(resources: Resources, bulletin_id: UUID) -> Bulletin:
    async with resources.database.reading() as session:
        return await queries.get_for_work(session, bulletin_id)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
