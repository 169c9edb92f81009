"""The quick check: samples of a recording are looked at while its bytes are still on the phone (D7.3).

The samples themselves are not kept.
"""

import asyncio
import binascii
import json
from base64 import b64decode
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.actor import Actor
from app.kit.problems import Unavailable
from app.recordings import queries
from app.recordings.models import QuickCheck
from app.recordings.problems import QuickCheckConflict, SamplesUnfit, SamplesUnreadable, TooManyQuickChecks
from app.recordings.quick_rules import MOST_CHECKS, unfit
from app.recordings.rules import Kind
from app.recordings.schemas_quick import QuickCheckIn, SampledMedium
from app.recordings.uploads import Means
from media_pipeline import (
    CheckKind,
    Frame,
    QuickLook,
    Severity,
    Snippet,
    Thresholds,
    ToolError,
    UnreadableMedia,
    look_at_samples,
)

AT_A_TIME = 2  # a decoder and a listener each, beside the requests of everybody else
_looking = asyncio.Semaphore(AT_A_TIME)


async def find_check(
    session: AsyncSession, actor: Actor, *, visit_id: UUID, recording_id: UUID, body: QuickCheckIn
) -> QuickCheck | None:
    """The check of that id if it was made already. Raises `QuickCheckConflict` and `TooManyQuickChecks`."""
    known = await session.get(QuickCheck, body.id)
    if known is None:
        if await queries.count_quick_checks(session, recording_id) >= MOST_CHECKS:
            raise TooManyQuickChecks(f"A recording is checked by samples {MOST_CHECKS} times at most.")
        return None
    told = (known.visit_id, known.recording_id, known.sender_id, known.sha256)
    if told != (visit_id, recording_id, actor.person_id, body.sha256):
        raise QuickCheckConflict
    return known


async def look(body: QuickCheckIn, thresholds: Thresholds) -> QuickLook:
    """Takes a second or so, outside any transaction. Raises `SamplesUnfit`, `SamplesUnreadable`, `Unavailable`."""
    why = unfit(
        is_video=body.medium is SampledMedium.VIDEO,
        duration_ms=body.duration_ms,
        frames_ms=[frame.at_ms for frame in body.frames],
        snippets_ms=[snippet.at_ms for snippet in body.snippets],
    )
    if why is not None:
        raise SamplesUnfit(why.detail)
    frames = [Frame(frame.at_ms, _bytes(frame.jpeg)) for frame in body.frames]
    snippets = [Snippet(snippet.at_ms, _bytes(snippet.wav)) for snippet in body.snippets]
    try:
        async with _looking:
            return await look_at_samples(
                frames, snippets, duration_ms=body.duration_ms, thresholds=thresholds
            )
    except UnreadableMedia as bad:
        raise SamplesUnreadable(f"{bad}", reason=bad.reason.value, zh=bad.zh, en=bad.en) from bad
    except ToolError as error:
        raise Unavailable("Samples cannot be checked now: the device's own check counts alone.") from error


async def keep(
    means: Means,
    actor: Actor,
    look: QuickLook,
    *,
    visit_id: UUID,
    recording_id: UUID,
    body: QuickCheckIn,
    now: datetime,
) -> QuickCheck:
    failed = {check.kind for check in look.checks if check.severity is Severity.FAILED}
    check = QuickCheck(
        id=body.id,
        organisation_id=actor.organisation_id,
        visit_id=visit_id,
        recording_id=recording_id,
        sender_id=actor.person_id,
        medium=Kind(body.medium),
        sha256=body.sha256,
        duration_ms=body.duration_ms,
        frames=len(body.frames),
        heard_ms=look.heard_ms,
        checks=json.loads(json.dumps([asdict(check) for check in look.checks])),
        performed=[kind.value for kind in look.performed],
        black=CheckKind.COVERED in failed,
        silent=CheckKind.SILENT in failed,
        made_at=now,
    )
    async with means.database.writing() as session:
        session.add(check)
    return check


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except binascii.Error as error:
        raise SamplesUnreadable("A sample is not Base64.") from error
