"""From a recording and the rules it was made under to the profile of its renditions, and from files to rows."""

import json
from dataclasses import asdict
from datetime import datetime

from app.kit.ids import new_id
from app.programmes.schemas import RenditionRules
from app.recordings.models import Recording, Rendition
from app.recordings.rules import Kind, RenditionKind
from media_pipeline import Interval, RenderProfile, Renditions, Thresholds
from media_pipeline import Rendition as File
from media_pipeline.timeline import Intervals

WHOLLY = Interval(0, 7 * 24 * 3600 * 1000)  # longer than any recording


def profile_of(recording: Recording, mute: Intervals = ()) -> RenderProfile:
    """What the programme asked for when the visit was made, and what people marked since."""
    rules = RenditionRules.model_validate(recording.rendition_rules or {})
    return RenderProfile(
        mute=(WHOLLY,) if rules.mute_sound else mute,
        pitch_semitones=float(rules.pitch_semitones),
        shorter_side=rules.shorter_side,
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


def rendition_row(
    recording: Recording,
    kind: RenditionKind,
    file: File,
    key: str,
    profile: RenderProfile | None,
    *,
    mute_number: int = 0,
    now: datetime,
) -> Rendition:
    return Rendition(
        id=new_id(),
        organisation_id=recording.organisation_id,
        recording_id=recording.id,
        kind=kind,
        profile={} if profile is None else json.loads(json.dumps(asdict(profile))),
        mute_number=mute_number,
        key=key,
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        content_type=file.media_type,
        made_at=now,
    )
