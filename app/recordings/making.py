"""From a recording and the rules it was made under to the profile of its renditions, and from files to rows."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from app.kit.ids import new_id
from app.kit.storage import Storage
from app.programmes.schemas import RenditionRules
from app.recordings.models import Recording, Rendition
from app.recordings.rules import Kind, RenditionKind, rendition_key
from media_pipeline import Blur, Interval, RenderProfile, Renditions, Thresholds
from media_pipeline import Rendition as File
from media_pipeline.timeline import Intervals

WHOLLY = Interval(0, 7 * 24 * 3600 * 1000)  # longer than any recording


@dataclass(frozen=True, slots=True)
class Marks:
    """What people marked in a recording."""

    mute: Intervals = ()
    blurs: tuple[Blur, ...] = ()
    blur_faces: bool = False


NO_MARKS = Marks()


def profile_of(recording: Recording, marks: Marks = NO_MARKS) -> RenderProfile:
    """What the programme asked for when the visit was made, and what people marked since."""
    rules = RenditionRules.model_validate(recording.rendition_rules or {})
    return RenderProfile(
        mute=(WHOLLY,) if rules.mute_sound else marks.mute,
        blurs=marks.blurs,
        blur_faces=rules.blur_faces or marks.blur_faces,
        pitch_semitones=float(rules.pitch_semitones),
        shorter_side=rules.shorter_side,
        stream_from_s=rules.stream_from_minutes * 60.0,
    )


def thresholds_of(recording: Recording) -> Thresholds:
    """The programme's when the visit was made; a film without a picture is none, unless it says otherwise."""
    needed: dict[str, object] = {"picture_required": recording.medium is Kind.VIDEO}
    return Thresholds.from_mapping(needed | (recording.check_rules or {}))


def files_of(renditions: Renditions) -> tuple[tuple[RenditionKind, File], ...]:
    by_kind = {
        RenditionKind.OUTLET: renditions.outlet,
        RenditionKind.POSTER: renditions.poster,
        RenditionKind.SPRITE: renditions.sprite,
        RenditionKind.CUES: renditions.cues,
        RenditionKind.PEAKS: renditions.peaks,
    }
    return tuple((kind, file) for kind, file in by_kind.items() if file is not None)


@dataclass(frozen=True, slots=True)
class Stored:
    """A finished file in the store, with the same cut for HLS beside it if it is long."""

    kind: RenditionKind
    file: File
    key: str
    stream_key: str | None = None
    playlist: str | None = None
    hidden: tuple[Blur, ...] = ()


async def store(
    storage: Storage,
    names: Sequence[str],
    files: Sequence[tuple[RenditionKind, File]],
    *,
    stream: File | None = None,
    playlist: File | None = None,
    hidden: tuple[Blur, ...] = (),
) -> list[Stored]:
    """Send everything under drawn names, the last of which is the stream's: done again, it overwrites what was sent."""
    stored = []
    for name, (kind, file) in zip(names, files, strict=False):
        shown = hidden if kind is RenditionKind.OUTLET else ()
        one = Stored(kind, file, rendition_key(name, file.path.suffix), hidden=shown)
        if kind is RenditionKind.OUTLET and stream is not None and playlist is not None:
            key = rendition_key(names[-1], stream.path.suffix)
            await storage.upload(stream.path, key, content_type=stream.media_type)
            one = replace(one, stream_key=key, playlist=await asyncio.to_thread(playlist.path.read_text))
        await storage.upload(file.path, one.key, content_type=file.media_type)
        stored.append(one)
    return stored


def told(blur: Blur) -> dict[str, Any]:
    """As it is kept, and as it goes over the wire."""
    return {
        "start_ms": blur.during.start_ms,
        "end_ms": blur.during.end_ms,
        "left": blur.left,
        "top": blur.top,
        "width": blur.width,
        "height": blur.height,
    }


def rendition_row(
    recording: Recording,
    stored: Stored,
    profile: RenderProfile | None,
    *,
    mute_number: int = 0,
    now: datetime,
) -> Rendition:
    return Rendition(
        id=new_id(),
        organisation_id=recording.organisation_id,
        recording_id=recording.id,
        kind=stored.kind,
        profile={} if profile is None else json.loads(json.dumps(asdict(profile))),
        mute_number=mute_number,
        key=stored.key,
        stream_key=stored.stream_key,
        playlist=stored.playlist,
        hidden=[told(one) for one in stored.hidden] or None,
        sha256=stored.file.sha256,
        size_bytes=stored.file.size_bytes,
        content_type=stored.file.media_type,
        made_at=now,
    )
