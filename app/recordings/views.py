"""From rows to wire types."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.kit.storage import Part, SignedRequest
from app.recordings.models import QuickCheck, Recording
from app.recordings.playback import Playback
from app.recordings.rules import may_free_phone_copy
from app.recordings.schemas import (
    PartOut,
    PartsOut,
    PlaybackOut,
    RecordingOut,
    RejectionOut,
    SignedPartOut,
    SignedPartsOut,
)
from app.recordings.schemas_quick import FoundInSamplesOut, QuickCheckOut
from app.recordings.uploads import ARRIVED


def recording(row: Recording) -> RecordingOut:
    return RecordingOut(
        id=row.id,
        visit_id=row.visit_id,
        medium=row.medium,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        state=row.state,
        part_bytes=row.part_bytes,
        part_count=row.plan.count,
        progress=row.progress,
        stored_at=row.stored_at,
        verified_at=row.verified_at,
        settled_at=row.settled_at,
        may_free_copy=may_free_phone_copy(row.state),
        rejected=rejection(row),
    )


def rejection(row: Recording) -> RejectionOut | None:
    if row.rejected_code is None:
        return None
    return RejectionOut(code=row.rejected_code, zh=row.rejected_zh or "", en=row.rejected_en or "")


def quick_check(row: QuickCheck) -> QuickCheckOut:
    return QuickCheckOut(
        id=row.id,
        recording_id=row.recording_id,
        basis="samples",
        black=row.black,
        silent=row.silent,
        checks=[FoundInSamplesOut.model_validate(check) for check in row.checks],
        performed=row.performed,
        made_at=row.made_at,
    )


def signed_parts(
    row: Recording, requests: Mapping[int, SignedRequest], *, expires_at: datetime
) -> SignedPartsOut:
    parts = [
        SignedPartOut(
            number=number,
            size_bytes=row.plan.size_of(number),
            method=request.method,
            url=request.url,
            headers=dict(request.headers),
        )
        for number, request in sorted(requests.items())
    ]
    return SignedPartsOut(parts=parts, expires_at=expires_at)


def parts(row: Recording, there: Sequence[Part]) -> PartsOut:
    sizes = {part.number: part.size_bytes for part in there}
    return PartsOut(
        state=row.state,
        part_bytes=row.part_bytes,
        part_count=row.plan.count,
        parts=[PartOut(number=part.number, size_bytes=part.size_bytes, md5=part.etag) for part in there],
        unfinished=[] if row.state in ARRIVED else row.plan.unfinished(sizes),
    )


def playback(opened: Playback) -> PlaybackOut:
    return PlaybackOut.model_validate(opened)
