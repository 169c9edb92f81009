"""Photos and documents of appeals and actions: declared, sent straight to the store, looked at, opened by a link (D8.4).

The store is never asked inside a transaction. A file is one part of a multipart upload: its address takes the content
with the declared MD5 and no other, and what arrived is read back before it counts.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import queries_files
from app.cases.models import Appeal, CaseFile
from app.cases.models_actions import Action
from app.cases.problems import FileAwaited, FileRefused, FilesFull
from app.cases.rules_files import KEY_PREFIX, MOST_FILES, ContentType, FileState, file_name, is_really
from app.cases.schemas_files import FileIn
from app.identity.actor import Actor
from app.kit.jobs import Resources
from app.kit.problems import AlreadyExists
from app.kit.storage import NoSuchUpload, SignedRequest, Storage, StorageRefused
from app.recordings.uploads import Means

IDLE_LIMIT = timedelta(days=1)  # a file of a few MB is sent at once, or never
Reach = Callable[
    [AsyncSession], Awaitable[Appeal | Action]
]  # locks the case; raises unless files may be added
Added = Callable[[AsyncSession, CaseFile], Awaitable[None]]  # notes that a file is there


@dataclass(frozen=True, slots=True)
class Upload:
    """A declared file and the request that brings it; `None` when it has arrived."""

    file: CaseFile
    request: SignedRequest | None
    expires_at: datetime | None


async def declare(means: Means, actor: Actor, reach: Reach, body: FileIn, *, now: datetime) -> Upload:
    """Raises `AlreadyExists` for another file under the same id, `FilesFull`, `FileRefused`, and what `reach` raises."""
    async with means.database.writing() as session:
        file = await _declared(session, actor, await reach(session), body, now=now)
    if file.state is FileState.STORED:
        return Upload(file, None, None)
    if file.state is FileState.REFUSED:
        raise FileRefused(reason="content")
    if file.upload_id is None or not await _is_pending(means.storage, file):
        file = await _begin(means, file)
    life = timedelta(minutes=means.settings.part_link_minutes)
    signed = await means.storage.sign_parts(
        file.key, file.upload_id or "", md5_by_number={1: file.md5}, expires_in=life
    )
    return Upload(file, signed[1], now + life)


async def complete(means: Means, reach: Reach, number: int, added: Added, *, now: datetime) -> CaseFile:
    """Have the store make the object, read it, and see that it is what was declared. May be asked again.

    Raises `FileAwaited`, and `FileRefused` for what is something else; that is deleted.
    """
    async with means.database.writing() as session:
        file = await queries_files.get_file(session, await reach(session), number)
    if file.state is FileState.STORED:
        return file
    seen = Seen("content", None) if file.state is FileState.REFUSED else await _look(means.storage, file)
    wrong = seen.wrong
    async with means.database.writing() as session:
        file = await queries_files.get_file(session, await reach(session), number)
        if file.state is FileState.AWAITED and wrong is None:
            file.state, file.stored_at, file.upload_id = FileState.STORED, now, None
            file.sha256 = seen.sha256
            await added(session, file)
        elif file.state is FileState.AWAITED:
            file.state, file.upload_id = FileState.REFUSED, None
    if wrong is not None:
        await means.storage.delete(file.key)
        raise FileRefused(_WRONG[wrong], reason=wrong)
    return file


async def link(storage: Storage, file: CaseFile, *, noun: str, life: timedelta) -> str:
    """Under a name that tells its number only. Documents are saved, not shown: they may hold scripts."""
    content_type = ContentType(file.content_type)
    return await storage.sign_get(
        file.key,
        expires_in=life,
        filename=file_name(noun, file.number, content_type),
        content_type=content_type,
        disposition="attachment" if content_type is ContentType.PDF else "inline",
    )


async def erase(resources: Resources, file_id: UUID) -> str:
    """End what is kept of a file: for retention, which decides when (D10.4). May be repeated; gives its key."""
    async with resources.database.writing() as session:
        file = await queries_files.lock_file(session, file_id)
        file.erased_at = file.erased_at or resources.clock()
    await resources.storage.delete(file.key)
    return file.key


async def sweep(resources: Resources) -> int:
    """Forget files that were declared and never came. Gives how many."""
    before = resources.clock() - IDLE_LIMIT
    async with resources.database.writing() as session:
        idle = list(await queries_files.idle_files(session, created_before=before))
        for file in idle:
            await session.delete(file)
    for file in idle:
        if file.upload_id is not None:
            await resources.storage.abort_multipart(file.key, file.upload_id)
        await resources.storage.delete(file.key)
    return len(idle)


async def _declared(
    session: AsyncSession, actor: Actor, case: Appeal | Action, body: FileIn, *, now: datetime
) -> CaseFile:
    known = await queries_files.find_anywhere(session, body.id)
    if known is not None:
        _require_same(known, case, body)
        return known
    count = await queries_files.last_number(session, case)
    if count >= MOST_FILES:
        raise FilesFull(f"A case has {MOST_FILES} files at most.", limit=MOST_FILES)
    file = CaseFile(
        id=body.id,
        organisation_id=case.organisation_id,
        appeal_id=case.id if isinstance(case, Appeal) else None,
        action_id=case.id if isinstance(case, Action) else None,
        number=count + 1,
        uploaded_by=actor.person_id,
        content_type=str(body.content_type),
        size_bytes=body.size_bytes,
        md5=body.md5,
        key=f"{KEY_PREFIX}{token_hex(16)}",
        token=token_hex(16),
        upload_id=None,
        state=FileState.AWAITED,
        created_at=now,
        stored_at=None,
    )
    session.add(file)
    await session.flush()
    return file


def _require_same(known: CaseFile, case: Appeal | Action, body: FileIn) -> None:
    told = (known.content_type, known.size_bytes, known.md5)
    is_here = case.id in {known.appeal_id, known.action_id}
    if not is_here or told != (str(body.content_type), body.size_bytes, body.md5):
        raise AlreadyExists("There is another file with this id: make a new one.")


async def _begin(means: Means, seen: CaseFile) -> CaseFile:
    upload_id = await means.storage.create_multipart(
        seen.key, token=seen.token, content_type=seen.content_type
    )
    async with means.database.writing() as session:
        file = await queries_files.lock_file(session, seen.id)
        is_ours = file.upload_id == seen.upload_id
        if is_ours:
            file.upload_id = upload_id
    if not is_ours:  # the same request, sent twice at once
        await means.storage.abort_multipart(seen.key, upload_id)
    return file


async def _is_pending(storage: Storage, file: CaseFile) -> bool:
    try:
        await storage.list_parts(file.key, file.upload_id or "")
    except NoSuchUpload:
        return False
    return True


_WRONG = {
    "size": "It does not have the declared size.",
    "content": "It does not have the declared content.",
    "type": "It is no file of the declared type.",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What arrived: what is wrong with it, or its hash."""

    wrong: str | None
    sha256: str | None


async def _look(storage: Storage, file: CaseFile) -> Seen:
    """Raises `FileAwaited` when nothing arrived."""
    head = await storage.head(file.key)
    if head is None:
        await _assemble(storage, file)
        head = await storage.head(file.key)
    if head is None or head.token != file.token:
        raise FileAwaited
    if head.size_bytes != file.size_bytes:
        return Seen("size", None)
    content = await storage.get_bytes(file.key)
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != file.md5:
        return Seen("content", None)
    if not is_really(content, ContentType(file.content_type)):
        return Seen("type", None)
    return Seen(None, hashlib.sha256(content).hexdigest())


async def _assemble(storage: Storage, file: CaseFile) -> None:
    """Whatever the store answers, a look at the object decides."""
    if file.upload_id is None:
        raise FileAwaited
    try:
        parts = [part for part in await storage.list_parts(file.key, file.upload_id) if part.number == 1]
        if not parts:
            raise FileAwaited
        await storage.complete_multipart(file.key, file.upload_id, parts=parts)
    except StorageRefused:
        return
