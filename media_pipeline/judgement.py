"""From measurements to checks: how much of the recording each defect takes, and what follows."""

from collections.abc import Mapping
from dataclasses import dataclass

from media_pipeline.picture import PictureSamples, find_in_picture, typical
from media_pipeline.report import Check, Measures, MediaFacts, Severity
from media_pipeline.sentences import sentence_en, sentence_zh
from media_pipeline.sound import SoundWindows, find_in_sound
from media_pipeline.speech import Speech
from media_pipeline.thresholds import CheckKind, Thresholds
from media_pipeline.timeline import Interval, Intervals, at_least, merged, total_ms, without
from media_pipeline.traces import is_strong, told_en, told_zh, worth_telling

# A header may be off by a packet or two; a file cut off is short by more.
_DECLARED_SLACK_S = 1.0
_DECLARED_SLACK_SHARE = 0.02
_CONTAINERS_THAT_DECLARE = ("mov", "matroska", "wav", "avi")  # elsewhere the header's length is a guess
_ALL_OR_NOTHING = frozenset({CheckKind.TOO_SHORT, CheckKind.NO_SOUND, CheckKind.NO_PICTURE})
_NEVER_TRIFLES = frozenset({CheckKind.INTERRUPTED})


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything one pass found out. `None` where the recording has no such stream."""

    picture: PictureSamples | None
    sound: SoundWindows | None
    speech: Speech | None
    decoder_complaints: int


def summarise(measured: Measured) -> Measures:
    picture, sound, speech = measured.picture, measured.sound, measured.speech
    return Measures(
        luma=typical(picture.luma) if picture else None,
        luma_spread=typical(picture.spread) if picture else None,
        blur=typical(picture.blur) if picture else None,
        loudness_dbfs=typical(sound.level) if sound else None,
        treble_db=typical(sound.treble) if sound else None,
        speech_share=speech.share if speech else None,
    )


def judge(
    facts: MediaFacts, measured: Measured, thresholds: Thresholds
) -> tuple[tuple[Check, ...], tuple[CheckKind, ...]]:
    """What was found, worst first, and everything that was looked for."""
    duration_ms = max(1, round(facts.duration_s * 1000))
    found = _whole_file(facts, measured, thresholds, duration_ms)
    if measured.picture is not None:
        found |= find_in_picture(measured.picture, thresholds, duration_ms=duration_ms)
    if measured.sound is not None:
        found |= find_in_sound(measured.sound, thresholds, duration_ms=duration_ms)
    if measured.speech is not None:
        windy = found.get(CheckKind.WIND, ())  # it drowns voices: nobody can say that nobody spoke
        shortest_ms = min(round(thresholds.no_speech_min_s * 1000), duration_ms)
        unheard = without(measured.speech.absent, windy)
        found[CheckKind.NO_SPEECH] = at_least(unheard, shortest_ms) if windy else unheard
    checks = (*_checks(found, thresholds, duration_ms), *_edited(facts, thresholds, duration_ms))
    return _worst_first(checks), tuple(sorted({*found, CheckKind.EDITED}))


def _whole_file(
    facts: MediaFacts, measured: Measured, thresholds: Thresholds, duration_ms: int
) -> dict[CheckKind, Intervals]:
    whole = (Interval(0, duration_ms),)
    damaged = measured.decoder_complaints >= thresholds.damaged_errors
    return {
        CheckKind.TOO_SHORT: whole if facts.duration_s < thresholds.min_duration_s else (),
        CheckKind.NO_SOUND: whole if thresholds.sound_required and facts.audio is None else (),
        CheckKind.NO_PICTURE: whole if thresholds.picture_required and facts.video is None else (),
        CheckKind.DAMAGED: whole if damaged else (),
        CheckKind.TRUNCATED: _missing_end(facts, duration_ms),
        CheckKind.INTERRUPTED: at_least(facts.gaps, round(thresholds.interrupted_min_s * 1000)),
    }


def _missing_end(facts: MediaFacts, duration_ms: int) -> Intervals:
    declared = facts.declared_duration_s
    if declared is None or not facts.container.startswith(_CONTAINERS_THAT_DECLARE):
        return ()
    slack = max(_DECLARED_SLACK_S, _DECLARED_SLACK_SHARE * declared)
    if facts.duration_s >= declared - slack:
        return ()
    return (Interval(duration_ms, round(declared * 1000)),)


def checks_of(
    found: Mapping[CheckKind, Intervals], thresholds: Thresholds, duration_ms: int
) -> tuple[Check, ...]:
    """How bad it is what was found in so much time, worst first."""
    return _worst_first(_checks(found, thresholds, duration_ms))


def _checks(
    found: Mapping[CheckKind, Intervals], thresholds: Thresholds, duration_ms: int
) -> tuple[Check, ...]:
    pairs = found.items()
    return tuple(_check(kind, spans, thresholds, duration_ms) for kind, spans in pairs if spans)


def _worst_first(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    order = (Severity.FAILED, Severity.WARNING, Severity.INFO)
    return tuple(sorted(checks, key=lambda check: (order.index(check.severity), check.kind)))


def _edited(facts: MediaFacts, thresholds: Thresholds, duration_ms: int) -> tuple[Check, ...]:
    """One check for all traces, on the whole recording unless all of them have a place."""
    traces = facts.traces
    if not worth_telling(traces):
        return ()
    severity = Severity.INFO
    if is_strong(traces):
        severity = Severity.FAILED if CheckKind.EDITED in thresholds.rejecting else Severity.WARNING
    placed = merged(piece for trace in traces for piece in trace.at)
    spans = placed if all(trace.at for trace in traces) else (Interval(0, duration_ms),)
    share = round(min(1.0, total_ms(spans) / duration_ms), 4)
    return (Check(CheckKind.EDITED, severity, spans, share, told_zh(traces), told_en(traces)),)


def _check(kind: CheckKind, intervals: Intervals, thresholds: Thresholds, duration_ms: int) -> Check:
    share = round(min(1.0, total_ms(intervals) / duration_ms), 4)
    return Check(
        kind=kind,
        severity=_severity(kind, share, thresholds),
        intervals=intervals,
        share=share,
        zh=sentence_zh(kind, intervals, share),
        en=sentence_en(kind, intervals, share),
    )


def _severity(kind: CheckKind, share: float, thresholds: Thresholds) -> Severity:
    bad = kind in _ALL_OR_NOTHING or share >= thresholds.fail_share
    if bad and kind in thresholds.rejecting:
        return Severity.FAILED
    telling = kind in _NEVER_TRIFLES or share >= thresholds.warn_share
    return Severity.WARNING if telling else Severity.INFO
