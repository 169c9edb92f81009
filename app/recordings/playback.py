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
from app.recordings.play_rules import LONGEST_HEARTBEAT_MS, PLAYBACK_LIFE, Act, rewritten, watermark_text
from app.recordings.problems import NotStreamed, PlaybackClosed, RenditionAwaited, SecondsOutOfOrder
from app.recordings.rules import COMPANIONS, RenditionKind, rendition_key

DISCARD = "recordings.discard"
STREAM = "stream.mp4"  # as the media pipeline names it in playlists
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
class Watermark:
    """What the player shows over the picture, so that a screen that was filmed tells whose it was."""

    text: str
    code: str


@dataclass(frozen=True, slots=True)
class Playback:
    """An opened player: its link, and links to what it shows beside."""

    id: UUID
    url: str
    content_type: str
    expires_at: datetime
    companions: Mapping[RenditionKind, str]
    playlist: str | None
    position_ms: int
    watermark: Watermark


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
        code=token_hex(4),
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
    player, rendition = await _get_going(session, viewer, playback_id, now)
    await ledger.append(session, player, Act.RENEWED, now=now)
    return await _linked(session, storage, player, rendition, life=life, now=now)


async def playlist(
    session: AsyncSession,
    storage: Storage,
    viewer: Actor,
    playback_id: UUID,
    *,
    life: timedelta,
    now: datetime,
) -> str:
    """The playlist of a long one with one fresh link in it, by which the player fetches ranges of bytes.

    Asked for again before the link expires, it is a renewal. Raises as `renew`, and `NotStreamed`.
    """
    player, rendition = await _get_going(session, viewer, playback_id, now)
    if rendition.stream_key is None or rendition.playlist is None:
        raise NotStreamed
    await ledger.append(session, player, Act.RENEWED, now=now)
    url = await storage.sign_get(
        rendition.stream_key, expires_in=life, filename=STREAM, content_type=rendition.content_type
    )
    return rewritten(rendition.playlist, name=STREAM, url=url)


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
    for key in [key for by_kind in found.values() for one in by_kind.values() for key in keys_of(one)]:
        renamed[key] = rendition_key(token_hex(16), PurePosixPath(key).suffix)
        await storage.copy(key, renamed[key])
    async with database.writing() as session:
        current = await queries.renditions_of(session, [one.id for one in recordings], kinds=kinds)
        for rendition in (each for by_kind in current.values() for each in by_kind.values()):
            old = [key for key in keys_of(rendition) if key in renamed]
            unused += old
            if rendition.key in old:
                rendition.key = renamed.pop(rendition.key)
            if rendition.stream_key in old:
                rendition.stream_key = renamed.pop(rendition.stream_key)
        unused += renamed.values()  # copies of what was replaced meanwhile
        if unused:
            await enqueue(session, DISCARD, unused)


def keys_of(rendition: Rendition) -> list[str]:
    """Every object that is one rendition."""
    return [key for key in (rendition.key, rendition.stream_key) if key is not None]


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
    viewer = await queries.get_viewer(session, player)
    return Playback(
        id=player.id,
        url=await _link(storage, rendition, life),
        content_type=rendition.content_type,
        expires_at=now + life,
        companions={one.kind: await _link(storage, one, life) for one in beside},
        playlist=None if rendition.playlist is None else f"/v1/playbacks/{player.id}/playlist",
        position_ms=await queries.find_position(session, player.id),
        watermark=Watermark(
            watermark_text(
                rendition.kind, name=viewer.name, email=viewer.email, code=player.code or "", now=now
            ),
            player.code or "",
        ),
    )


async def _link(storage: Storage, rendition: Rendition, life: timedelta) -> str:
    """Made here: the store is not asked."""
    name = FILE_NAMES[rendition.kind] + PurePosixPath(rendition.key).suffix
    return await storage.sign_get(
        rendition.key, expires_in=life, filename=name, content_type=rendition.content_type
    )


async def _get_going(
    session: AsyncSession, viewer: Actor, playback_id: UUID, now: datetime
) -> tuple[tables.Playback, Rendition]:
    player, rendition = await queries.get_playback(session, viewer, playback_id)
    _require_open(player, now)
    if rendition.replaced_at is not None:
        raise RenditionAwaited("What this player plays was taken back: open the recording again.")
    return player, rendition


def _require_open(player: tables.Playback, now: datetime) -> None:
    if player.closed_at is not None or now - player.opened_at > PLAYBACK_LIFE:
        raise PlaybackClosed
