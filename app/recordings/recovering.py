"""Work that died for good is begun again: a full disk is emptied, a broken tool mended, and nobody has to ask (D7.3)."""

from collections.abc import Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.jobs import Resources, unfinished_among
from app.recordings import muting, queries
from app.recordings.models import MuteRevision
from app.recordings.rules import MOST_TRIES, State
from app.recordings.uploads import have_worked, job_of

log = structlog.get_logger(__name__)


async def begin_again(resources: Resources) -> int:
    """Enqueue every recording that arrived and that no job works on or waits for. Their number.

    After `MOST_TRIES` it is left to a person: it stands on the list of missing evidence, and its job among the dead.
    """
    async with resources.database.reading() as session:
        waiting = await queries.unsettled(session, most_tries=MOST_TRIES)
        busy = await unfinished_among(session, [job_of(recording) for recording in waiting])
    stuck = [recording for recording in waiting if job_of(recording) not in busy]
    for seen in stuck:
        async with resources.database.writing() as session:
            recording = await queries.get_for_work(session, seen.id, lock=True)
            if recording.tries != seen.tries or recording.state not in {State.STORED, State.VERIFIED}:
                continue
            recording.tries += 1
            await have_worked(session, recording)
            log.warning(
                "work on a recording begun again", recording_id=str(recording.id), tries=recording.tries
            )
    return len(stuck)


async def render_again(resources: Resources) -> int:
    """Likewise for marks whose renditions nobody makes: until they are made, nothing is played or published (D10.2)."""
    async with resources.database.reading() as session:
        stuck = await _dead_renderings(session)
    for seen in stuck:
        async with resources.database.writing() as session:
            recording = await queries.get_for_work(session, seen.recording_id, lock=True)
            revision = await queries.get_mutes(session, seen.id)
            if revision.tries != seen.tries:
                continue
            revision.tries += 1
            await muting.have_rendered(session, recording, revision)
            log.warning("rendering begun again", recording_id=str(recording.id), tries=revision.tries)
    return len(stuck)


async def _dead_renderings(session: AsyncSession) -> Sequence[MuteRevision]:
    waiting = [one for one in await queries.unrendered_marks(session) if one.tries < MOST_TRIES]
    busy = await unfinished_among(session, [muting.job_of(one) for one in waiting])
    return [one for one in waiting if muting.job_of(one) not in busy]
