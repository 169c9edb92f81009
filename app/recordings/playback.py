"""Playing: links that live a minute or so, and a note of every second played (D10.3).

Who may play what is decided above, where visits and publications are known; a player belongs to whom it was opened for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from secrets import token_hex
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.kit.database import Database
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.kit.storage import Storage
from app.recordings import ledger, queries
from app.recordings import models as tables
from app.recordings.models import Rendition
from app.recordings.problems import PlaybackClosed, RenditionAwaited, SecondsOutOfOrder
from app.recordings.rules import (
    COMPANIONS,
    LONGEST_HEARTBEAT_MS,
    PLAYBACK_LIFE,
    Act,
    RenditionKind,
    rendition_key,
)

DISCARD = "recordings.discard"
# What a download is called: the same for everybody (D10.1).
FILE_NAMES: Mapping[RenditionKind, str] = {
    RenditionKind.ORIGINAL: "original",
    RenditionKind.OUTLET: "recording",
    RenditionKind.PHOTO: "photo",
    RenditionKind.POSTER: "poster",
    RenditionKind.SPRITE: "thumbnails",
    RenditionKind.CUES: "thumbnails",
    RenditionKind.PEAKS: "peaks",
}


@dataclass(frozen=True, slots=True)
class Playback:
    """An opened player: its link, and links to what it shows beside."""

    id: UUID
    url: str
    content_type: str
    expires_at: datetime
    companions: Mapping[RenditionKind, str]


async def open_playback(
    session: AsyncSession,
    storage: Storage,
    viewer: Actor,
    rendition: Rendition,
    *,
    purpose: str,
    life: timedelta,
    now: datetime,
) -> Playback:
    """Open a player for somebody who may; the opening itself is in the ledger."""
    player = tables.Playback(
        id=new_id(),
        organisation_id=viewer.organisation_id,
        viewer_id=viewer.person_id,
        rendition_id=rendition.id,
        purpose=purpose,
        opened_at=now,
    )
    session.add(player)
    await session.flush()
    await ledger.append(session, player, Act.OPENED, now=now)
    return await _linked(session, storage, player, rendition, life=life, now=now)


async def renew(
    session: AsyncSession,
    storage: Storage,
    viewer: Actor,
    playback_id: UUID,
    *,
    life: timedelta,
    now: datetime,
) -> Playback:
    """Fresh links for a player that goes on. Raises `PlaybackClosed`, also when it was opened hours ago.

    Raises `RenditionAwaited` when what it plays was taken back: opened again, it plays what was made instead.
    """
    player, rendition = await queries.get_playback(session, viewer, playback_id)
    _require_open(player, now)
    if rendition.replaced_at is not None:
        raise RenditionAwaited("What this player plays was taken back: open the recording again.")
    await ledger.append(session, player, Act.RENEWED, now=now)
    return await _linked(session, storage, player, rendition, life=life, now=now)


async def heartbeat(
    session: AsyncSession,
    viewer: Actor,
    playback_id: UUID,
    *,
    from_ms: int,
    to_ms: int,
    now: datetime,
    ended: bool = False,
) -> None:
    """Note what was played. Raises `SecondsOutOfOrder` and `PlaybackClosed`."""
    player, _rendition = await queries.get_playback(session, viewer, playback_id)
    _require_open(player, now)
    if not 0 <= to_ms - from_ms <= LONGEST_HEARTBEAT_MS:
        raise SecondsOutOfOrder(f"Tell of at most {LONGEST_HEARTBEAT_MS} ms at a time, forwards.")
    if to_ms > from_ms:
        await ledger.append(session, player, Act.PLAYED, from_ms=from_ms, to_ms=to_ms, now=now)
    if ended:
        player.closed_at = now


async def rekey(database: Database, storage: Storage, visit_id: UUID) -> None:
    """Give all renditions of a visit fresh names in the store, for its publication.

    The time an object was stored shows in its headers, and would tell when the inspector's phone sent the file
    (D10.1). Ends its own transaction; done again, it does the same again.
    """
    async with database.reading() as session:
        recordings = await queries.recordings_of_visit(session, visit_id)
        kinds = [kind for kind in RenditionKind if kind is not RenditionKind.ORIGINAL]
        found = await queries.renditions_of(session, [one.id for one in recordings], kinds=kinds)
    renamed: dict[str, str] = {}
    unused: list[JsonValue] = []
    for rendition in (each for by_kind in found.values() for each in by_kind.values()):
        fresh = rendition_key(token_hex(16), PurePosixPath(rendition.key).suffix)
        await storage.copy(rendition.key, fresh)
        renamed[rendition.key] = fresh
    async with database.writing() as session:
        current = await queries.renditions_of(session, [one.id for one in recordings], kinds=kinds)
        for rendition in (each for by_kind in current.values() for each in by_kind.values()):
            if rendition.key in renamed:
                old, rendition.key = rendition.key, renamed.pop(rendition.key)
                unused.append(old)
        unused += renamed.values()  # copies of what was replaced meanwhile
        if unused:
            await enqueue(session, DISCARD, unused)


async def _linked(
    session: AsyncSession,
    storage: Storage,
    player: tables.Playback,
    rendition: Rendition,
    *,
    life: timedelta,
    now: datetime,
) -> Playback:
    found = await queries.renditions_of(session, [rendition.recording_id], kinds=COMPANIONS)
    beside = found[rendition.recording_id].values()
    return Playback(
        id=player.id,
        url=await _link(storage, rendition, life),
        content_type=rendition.content_type,
        expires_at=now + life,
        companions={one.kind: await _link(storage, one, life) for one in beside},
    )


async def _link(storage: Storage, rendition: Rendition, life: timedelta) -> str:
    """Made here: the store is not asked."""
    name = FILE_NAMES[rendition.kind] + PurePosixPath(rendition.key).suffix
    return await storage.sign_get(
        rendition.key, expires_in=life, filename=name, content_type=rendition.content_type
    )


def _require_open(player: tables.Playback, now: datetime) -> None:
    if player.closed_at is not None or now - player.opened_at > PLAYBACK_LIFE:
        raise PlaybackClosed
