"""Playing what was published: the outlet rendition and nothing else (D10.2), every play noted (D10.3)."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.kit.storage import Storage
from app.recordings import muting, playback, views
from app.recordings.problems import RenditionAwaited
from app.recordings.schemas import PlaybackOut
from app.review import queries_reports
from app.review.models import Publication
from app.review.publishing import PLAYED
from app.review.rules import PublishedMedium
from app.settings import Settings

PURPOSE = "published report"


async def play(
    session: AsyncSession,
    storage: Storage,
    viewer: Actor,
    alias: str,
    *,
    medium: PublishedMedium,
    number: int,
    settings: Settings,
    now: datetime,
) -> PlaybackOut:
    """Open a player on a numbered file of a report the viewer may read. Raises what `get_playable` raises."""
    publication = await queries_reports.get_report(session, viewer, alias, now=now)
    return await play_published(
        session,
        storage,
        viewer,
        publication,
        medium=medium,
        number=number,
        purpose=PURPOSE,
        settings=settings,
        now=now,
    )


async def play_published(
    session: AsyncSession,
    storage: Storage,
    viewer: Actor,
    publication: Publication,
    *,
    medium: PublishedMedium,
    number: int,
    purpose: str,
    settings: Settings,
    now: datetime,
) -> PlaybackOut:
    """As `play`, for somebody who was allowed to see the report in another way."""
    file = await queries_reports.get_file(session, publication, medium, number)
    rendition = await muting.get_playable(session, file.recording_id, PLAYED[medium])
    if await muting.faces_to_confirm(session, [file.recording_id]):
        raise RenditionAwaited("The file can be played again soon.")
    opened = await playback.open_playback(
        session,
        storage,
        viewer,
        rendition,
        purpose=purpose,
        life=timedelta(seconds=settings.play_link_seconds),
        now=now,
    )
    return views.playback(opened)
