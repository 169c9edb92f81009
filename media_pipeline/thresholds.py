"""When a picture counts as covered, a sound as silent, and a recording as unusable.

Measured on a generated truth file (normal / defect): luma spread 168 / 1 when covered, blur score
4 / 13, energy above 1.5 kHz −10 / −61 dB when muffled, samples at full scale 0 / 2.6 % when clipped.
Each default lies well between the two. Real pocket footage may ask for others: hence one place,
and an override per programme.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum


class CheckKind(StrEnum):
    """Everything a recording can be found to suffer from. Values are stable: they travel to clients."""

    COVERED = "covered"
    FROZEN = "frozen"
    TOO_DARK = "too_dark"
    BLURRED = "blurred"
    SILENT = "silent"
    MUFFLED = "muffled"
    CLIPPED = "clipped"
    NO_SPEECH = "no_speech"
    TOO_SHORT = "too_short"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    NO_SOUND = "no_sound"
    NO_PICTURE = "no_picture"
    WIND = "wind"
    # Judged across files or against the visit, so never by `inspect` alone; a report can carry them.
    EDITED = "edited"
    DUPLICATE = "duplicate"
    GAP = "gap"
    COVERAGE = "coverage"
    CLOCK = "clock"


# The leave gate refuses what these find (D7.3: "not silent, not black"); the others only warn. Speech,
# muffling and blur are judgements that a pocket's cloth can upset: they must not lock a person in a hall.
REJECTING = frozenset(
    {
        CheckKind.COVERED,
        CheckKind.FROZEN,
        CheckKind.SILENT,
        CheckKind.TOO_SHORT,
        CheckKind.TRUNCATED,
        CheckKind.NO_SOUND,
        CheckKind.NO_PICTURE,
    }
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Luma on 0–255, sound in dB relative to full scale, shares on 0–1."""

    covered_spread: float = 12.0  # luma between the 10th and 90th percentile: nothing is told apart
    covered_dark_luma: float = 30.0  # in the dark sensor noise widens the spread …
    covered_dark_spread: float = 24.0  # … so a darker picture needs more of it to count as seeing
    covered_min_s: float = 1.0
    dark_luma: float = 48.0
    dark_min_s: float = 2.0
    blur_score: float = 8.0
    blur_min_s: float = 2.0
    frozen_min_s: float = 2.0
    silent_dbfs: float = -55.0
    silent_min_s: float = 2.0
    muffled_treble_db: float = -35.0  # energy above 1.5 kHz against all of it
    muffled_min_s: float = 5.0
    clipped_share: float = 0.005  # of samples at 0.985 of full scale or more, per half second
    clipped_min_s: float = 1.0
    wind_rumble_db: float = -3.0  # energy at 15–90 Hz, mains hum apart, against all of it
    wind_dbfs: float = -45.0  # a fainter rumble drowns nobody
    wind_min_s: float = 3.0
    speech_probability: float = 0.5
    no_speech_min_s: float = 60.0
    damaged_errors: int = 3  # complaints of the decoder; one or two come with a recording cut by hand
    min_duration_s: float = 5.0  # programmes set theirs (D7.1: 15 min own halls, 8 min agency halls)
    picture_required: bool = False
    sound_required: bool = True
    warn_share: float = 0.05
    fail_share: float = 0.30
    rejecting: frozenset[CheckKind] = REJECTING

    @classmethod
    def from_mapping(cls, overrides: "Mapping[str, bool | int | float | list[str]]") -> "Thresholds":
        """The defaults with a programme's overrides, as stored in JSON.

        Raises `ValueError` for a name that does not exist or a value of the wrong kind.
        """
        known = {field.name: field for field in fields(cls)}
        values: dict[str, object] = {}
        for name, value in overrides.items():
            if name not in known:
                raise ValueError(f"there is no threshold {name!r}")
            values[name] = _checked(name, value, getattr(_DEFAULTS, name))
        return cls(**values)  # type: ignore[arg-type]  # checked against the defaults' types just above


def _checked(name: str, value: object, default: object) -> object:
    match default, value:
        case frozenset(), list():
            return frozenset(CheckKind(item) for item in value)
        case (bool(), bool()) | (float(), float()):
            return value
        case (bool(), _) | (_, bool()):
            raise ValueError(f"threshold {name!r} cannot be {value!r}")
        case float(), int():
            return float(value)
        case int(), int():
            return value
        case _:
            raise ValueError(f"threshold {name!r} cannot be {value!r}")


_DEFAULTS = Thresholds()
