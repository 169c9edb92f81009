"""Bringing one file to one visit, however often it takes: found again by its content, declared, sent, completed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from app.client.desk import Desk, Refused
from app.client.uploading import Digests, Sent, Uploader, digest
from app.identity.schemas import MeOut
from app.recordings.rules import Kind
from app.recordings.schemas import RecordingIn, RecordingOut
from app.recordings.upload_rules import PART_BYTES
from app.visits.schemas_recordings import EvidenceOut

ROUNDS = 4
# What the server answers when its store and our view of it have come apart: look again, and go on from there.
BEGIN_AGAIN = frozenset({"upload-lost", "upload-not-open", "upload-unfinished", "parts-missing"})


@dataclass(frozen=True, slots=True)
class Article:
    """A file and what it is declared as."""

    path: Path
    medium: Kind
    content_type: str
    device_kind: str


def bring(
    desk: Desk, uploader: Uploader, visit_id: UUID, article: Article, *, new_id: Callable[[], UUID]
) -> Sent:
    """Nothing is kept beside the file: the visit's list says under which id this content was begun before.

    Raises `Refused` and what `Uploader.send` raises.
    """
    digests = digest(article.path, part_bytes=PART_BYTES)
    declared = _declaration(desk, visit_id, article, digests, new_id)
    for rest in reversed(range(ROUNDS)):
        try:
            recording = desk.post(f"/v1/visits/{visit_id}/recordings", RecordingOut, declared)
            fits = digests if recording.part_bytes == PART_BYTES else None
            return uploader.send(recording.id, article.path, fits)
        except Refused as refused:
            if refused.problem.type not in BEGIN_AGAIN or not rest:
                raise
    raise AssertionError("the last round returns or raises")


def _declaration(
    desk: Desk, visit_id: UUID, article: Article, digests: Digests, new_id: Callable[[], UUID]
) -> RecordingIn:
    me = desk.get("/v1/me", MeOut)
    evidence = desk.get(f"/v1/visits/{visit_id}/recordings", EvidenceOut)
    content = (digests.size_bytes, digests.sha256)
    begun = [
        (one.id, one.medium, one.device_kind)
        for one in evidence.recordings
        if (one.size_bytes, one.sha256) == content and one.uploader_id == me.id
    ]
    promised = [  # at the leave gate
        (one.recording_id, Kind(one.medium), one.device_kind)
        for one in evidence.missing
        if (one.size_bytes, one.sha256) == content and one.state is None
    ]
    known = [*begun, *promised, (new_id(), article.medium, article.device_kind)]
    recording_id, medium, device_kind = known[0]
    return RecordingIn(
        id=recording_id,
        medium=medium,
        content_type=article.content_type,
        device_kind=device_kind,
        size_bytes=digests.size_bytes,
        sha256=digests.sha256,
    )
