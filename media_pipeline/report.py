"""What is known about one recording, as values that survive a trip through JSON unchanged."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from media_pipeline.reading import Fields
from media_pipeline.thresholds import CheckKind
from media_pipeline.timeline import Interval, Intervals
from media_pipeline.traces import Trace, TraceKind

SCHEMA = 1


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    FAILED = "failed"


class CreatedSource(StrEnum):
    """Where a file says when it was made.

    `local_tag` is the device's local time with its zone. `header` is UTC by the standard; some devices write their local
    time there, and some the moment recording ended instead of the one it began.
    """

    LOCAL_TAG = "local_tag"
    HEADER = "header"


class AnalysisMode(StrEnum):
    """How much of the picture was decoded."""

    FULL = "full"
    KEYFRAMES = "keyframes"
    SOUND_ONLY = "sound_only"


@dataclass(frozen=True, slots=True)
class VideoStream:
    """`width` and `height` as coded; `rotation` in degrees clockwise turns it upright for the viewer."""

    index: int
    codec: str
    profile: str | None
    width: int
    height: int
    pixel_format: str | None
    pixel_aspect: float
    rotation: int
    frame_rate: float | None
    duration_s: float | None

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height as the viewer sees them: square pixels, upright."""
        width = max(1, round(self.width * self.pixel_aspect))
        return (self.height, width) if self.rotation % 180 else (width, self.height)


@dataclass(frozen=True, slots=True)
class AudioStream:
    index: int
    codec: str
    profile: str | None
    sample_rate: int
    channels: int
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """`duration_s` is counted from the packets that are there; `declared_duration_s` is what the header says.

    `created_at` is `creation_time` understood: aware, and absent where the file tells no zone or no time.
    `gaps` are stretches of half a second and more for which a track holds nothing; `traces` hint at editing.
    """

    size_bytes: int
    container: str
    duration_s: float
    declared_duration_s: float | None
    creation_time: str | None
    writer: str | None
    video: VideoStream | None
    audio: AudioStream | None
    max_keyframe_gap_s: float | None
    sha256: str | None = None
    created_at: datetime | None = None
    created_source: CreatedSource | None = None
    gaps: Intervals = ()
    traces: tuple[Trace, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One thing found, where on the timeline, how bad, and a sentence for people."""

    kind: CheckKind
    severity: Severity
    intervals: Intervals
    share: float
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Measures:
    """Typical values over the recording: medians over time, `None` where there was nothing to measure."""

    luma: float | None = None
    luma_spread: float | None = None
    blur: float | None = None
    loudness_dbfs: float | None = None
    treble_db: float | None = None
    speech_share: float | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """How the report came to be. `notes` records every precaution that was not to be had."""

    mode: AnalysisMode
    tool: str
    sandboxed: bool
    elapsed_s: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """`checks` lists what was found, `performed` everything that was looked for."""

    facts: MediaFacts
    measures: Measures
    checks: tuple[Check, ...]
    performed: tuple[CheckKind, ...]
    analysis: Analysis
    fingerprint: str | None = None

    @property
    def failed_checks(self) -> tuple[CheckKind, ...]:
        return tuple(check.kind for check in self.checks if check.severity is Severity.FAILED)

    @property
    def acceptable(self) -> bool:
        return not self.failed_checks

    def find(self, kind: CheckKind) -> Check | None:
        return next((check for check in self.checks if check.kind is kind), None)

    def to_json(self, *, indent: int | None = None) -> str:
        verdict = {"schema": SCHEMA, "acceptable": self.acceptable, "failed_checks": self.failed_checks}
        return json.dumps(verdict | asdict(self), ensure_ascii=False, indent=indent, default=_written)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Report":
        """Raises `ValueError` when the text is not a report of this schema."""
        fields = Fields.parse(text)
        if fields.whole("schema") != SCHEMA:
            raise ValueError(f"a report of schema {fields.whole('schema')}, this program reads {SCHEMA}")
        return cls(
            facts=_facts(fields.object("facts")),
            measures=_measures(fields.object("measures")),
            checks=tuple(_check(check) for check in fields.objects("checks")),
            performed=tuple(CheckKind(kind) for kind in fields.texts("performed")),
            analysis=_analysis(fields.object("analysis")),
            fingerprint=fields.maybe_text("fingerprint"),
        )


def _written(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"a report holds no {type(value).__name__}")
    return value.isoformat()


def _facts(fields: Fields) -> MediaFacts:
    created_at, source = fields.maybe_text("created_at"), fields.maybe_text("created_source")
    video, audio = fields.object("video"), fields.object("audio")
    return MediaFacts(
        size_bytes=fields.whole("size_bytes"),
        container=fields.text("container"),
        duration_s=fields.number("duration_s"),
        declared_duration_s=fields.maybe_number("declared_duration_s"),
        creation_time=fields.maybe_text("creation_time"),
        writer=fields.maybe_text("writer"),
        video=_video(video) if video.names() else None,
        audio=_audio(audio) if audio.names() else None,
        max_keyframe_gap_s=fields.maybe_number("max_keyframe_gap_s"),
        sha256=fields.maybe_text("sha256"),
        created_at=datetime.fromisoformat(created_at) if created_at else None,
        created_source=CreatedSource(source) if source else None,
        gaps=_intervals(fields, "gaps"),
        traces=tuple(_trace(trace) for trace in fields.objects("traces")),
    )


def _video(fields: Fields) -> VideoStream:
    return VideoStream(
        index=fields.whole("index"),
        codec=fields.text("codec"),
        profile=fields.maybe_text("profile"),
        width=fields.whole("width"),
        height=fields.whole("height"),
        pixel_format=fields.maybe_text("pixel_format"),
        pixel_aspect=fields.number("pixel_aspect"),
        rotation=fields.whole("rotation"),
        frame_rate=fields.maybe_number("frame_rate"),
        duration_s=fields.maybe_number("duration_s"),
    )


def _audio(fields: Fields) -> AudioStream:
    return AudioStream(
        index=fields.whole("index"),
        codec=fields.text("codec"),
        profile=fields.maybe_text("profile"),
        sample_rate=fields.whole("sample_rate"),
        channels=fields.whole("channels"),
        duration_s=fields.maybe_number("duration_s"),
    )


def _measures(fields: Fields) -> Measures:
    return Measures(
        luma=fields.maybe_number("luma"),
        luma_spread=fields.maybe_number("luma_spread"),
        blur=fields.maybe_number("blur"),
        loudness_dbfs=fields.maybe_number("loudness_dbfs"),
        treble_db=fields.maybe_number("treble_db"),
        speech_share=fields.maybe_number("speech_share"),
    )


def _check(fields: Fields) -> Check:
    return Check(
        kind=CheckKind(fields.text("kind")),
        severity=Severity(fields.text("severity")),
        intervals=_intervals(fields, "intervals"),
        share=fields.number("share"),
        zh=fields.text("zh"),
        en=fields.text("en"),
    )


def _intervals(fields: Fields, key: str) -> Intervals:
    return tuple(Interval(piece.whole("start_ms"), piece.whole("end_ms")) for piece in fields.objects(key))


def _trace(fields: Fields) -> Trace:
    return Trace(TraceKind(fields.text("kind")), fields.text("detail"), _intervals(fields, "at"))


def _analysis(fields: Fields) -> Analysis:
    return Analysis(
        mode=AnalysisMode(fields.text("mode")),
        tool=fields.text("tool"),
        sandboxed=fields.flag("sandboxed"),
        elapsed_s=fields.number("elapsed_s"),
        notes=fields.texts("notes"),
    )
