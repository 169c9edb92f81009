"""HTTP for muting: what of a recording nobody at the outlet may hear (D10.2)."""

from uuid import UUID

from fastapi import Response
from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import record
from app.identity.dependencies import ONCE, Caller
from app.kit.etags import IfMatch
from app.kit.problem_responses import documented
from app.kit.problems import Forbidden, NotFound, PreconditionRequired, Stale
from app.kit.routing import Now, Reading, Session, feature_router
from app.recordings import muting
from app.recordings import queries as recordings
from app.recordings.making import Marks
from app.recordings.problems import EvidenceDeleted, MutesUnfit, NotMutable, RenditionAwaited
from app.recordings.rules import RenditionKind, rendering
from app.review import queries
from app.review.problems import OwnVisit, SecondMarker
from app.review.schemas_mutes import BlurredOut, MutesIn, MutesOut, MutingOut
from app.visits.models import Visit
from media_pipeline import Blur, Interval

router = feature_router("review", prefix="/visits/{visit_id}/recordings/{recording_id}/mutes")


@router.get("", responses=documented(NotFound, Forbidden))
async def show_mutes(
    visit_id: UUID, recording_id: UUID, session: Reading, caller: Caller, now: Now, response: Response
) -> MutingOut:
    """What is muted, who said so and why, and whether it is rendered already."""
    visit = await queries.get_for_reading(session, caller, visit_id, now=now)
    await _require_recording(session, visit, recording_id)
    return await _shown(session, recording_id, response)


@router.put(
    "",
    responses=documented(
        NotFound,
        Forbidden,
        OwnVisit,
        SecondMarker,
        Stale,
        PreconditionRequired,
        EvidenceDeleted,
        NotMutable,
        MutesUnfit,
    ),
)
async def mute(
    visit_id: UUID,
    recording_id: UUID,
    body: MutesIn,
    session: Session,
    caller: Caller,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> MutingOut:
    """Say what is to be muted. What there was to play is taken back at once, from published reports too (D10.2).

    Renditions that follow the marks are made in the background; publication waits for them. `If-Match` is the ETag of
    the marks you read, `"0"` for the first.
    """
    visit = await queries.get_for_review(session, caller, visit_id, now=now)
    await _require_recording(session, visit, recording_id)
    wanted = Marks(
        mute=tuple(Interval(stretch.start_ms, stretch.end_ms) for stretch in body.mute),
        blurs=tuple(
            Blur(Interval(one.start_ms, one.end_ms), one.left, one.top, one.width, one.height)
            for one in body.blur
        ),
        blur_faces=body.blur_faces,
    )
    revision = await muting.mark(
        session, caller, recording_id, wanted, reason=body.reason, expected=expected, now=now
    )
    details: dict[str, JsonValue] = {"recording_id": str(recording_id), "number": revision.number}
    record(session, caller, "recording.muted", subject_id=visit.id, now=now, details=details)
    return await _shown(session, recording_id, response)


@router.post(
    "/confirm-faces",
    dependencies=ONCE,
    responses=documented(NotFound, Forbidden, OwnVisit, RenditionAwaited, EvidenceDeleted),
)
async def confirm_faces(
    visit_id: UUID, recording_id: UUID, session: Session, caller: Caller, now: Now, response: Response
) -> MutingOut:
    """You have looked through it: faces are hidden where they must be. Mark what was missed by rectangles first."""
    visit = await queries.get_for_review(session, caller, visit_id, now=now)
    await _require_recording(session, visit, recording_id)
    await muting.confirm_faces(session, caller, recording_id, now=now)
    details: dict[str, JsonValue] = {"recording_id": str(recording_id)}
    record(session, caller, "recording.faces_confirmed", subject_id=visit.id, now=now, details=details)
    return await _shown(session, recording_id, response)


async def _require_recording(session: AsyncSession, visit: Visit, recording_id: UUID) -> None:
    if recording_id not in {one.id for one in await recordings.recordings_of_visit(session, visit.id)}:
        raise NotFound("The visit has no recording with this id.")


async def _shown(session: AsyncSession, recording_id: UUID, response: Response) -> MutingOut:
    history = await recordings.mute_history(session, recording_id)
    number = history[0].number if history else 0
    response.headers["ETag"] = f'"{number}"'
    made = await recordings.find_rendition(session, recording_id, RenditionKind.OUTLET)
    is_awaited = bool(await muting.awaited(session, [recording_id]))
    return MutingOut(
        number=number,
        is_rendered=not is_awaited,
        hidden=[BlurredOut.model_validate(one) for one in (made.hidden if made else None) or ()],
        faces_to_confirm=recording_id in await muting.faces_to_confirm(session, [recording_id]),
        rendering=rendering(is_awaited=is_awaited, tries=history[0].tries if history else 0),
        revisions=[MutesOut.model_validate(revision) for revision in history],
    )
