"""When a picture counts as covered, a sound as silent, and a recording as unusable.

Measured on a generated truth file (normal / defect): luma spread 168 / 1 when covered, blur score
4 / 13, energy above 1.5 kHz −10 / −61 dB when muffled, samples at full scale 0 / 2.6 % when clipped.
Each default lies well between the two. Real pocket footage may ask for others: hence one place,
and an override per programme.
"""

import difflib
import math
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
    SHAKEN = "shaken"
    INTERRUPTED = "interrupted"
    EDITED = "edited"
    # Judged across files or against the visit, so never by `inspect` alone; a report can carry them.
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
    shaken_jolt_share: float = (
        0.10  # of the picture's width, by which its motion changes from one fifth of a second …
    )
    shaken_min_s: float = 3.0  # … to the next; somebody walking stays under half of that
    frozen_min_s: float = 2.0
    silent_dbfs: float = -55.0
    silent_min_s: float = 2.0
    muffled_treble_db: float = -35.0  # energy above 1.5 kHz against all of it
    muffled_min_s: float = 5.0
    clipped_share: float = 0.005  # of samples at 0.95 of full scale or more, per half second
    clipped_min_s: float = 1.0
    wind_rumble_db: float = -3.0  # energy at 15–90 Hz, mains hum apart, against all of it
    wind_dbfs: float = -45.0  # a fainter rumble drowns nobody
    wind_min_s: float = 3.0
    speech_probability: float = 0.5
    no_speech_min_s: float = 60.0
    interrupted_min_s: float = 1.0
    damaged_errors: int = 3  # complaints of the decoder; one or two come with a recording cut by hand
    min_duration_s: float = 5.0  # programmes set theirs (D7.1: 15 min own halls, 8 min agency halls)
    picture_required: bool = False
    sound_required: bool = True
    warn_share: float = 0.05
    fail_share: float = 0.30
    rejecting: frozenset[CheckKind] = REJECTING

    @classmethod
    def from_mapping(cls, overrides: Mapping[str, object]) -> "Thresholds":
        """The defaults with a programme's overrides, as stored in JSON.

        Raises `ValueError`, which says of everything wrong with them what was expected instead.
        """
        faults: list[str] = []
        values: dict[str, object] = {}
        for name, value in overrides.items():
            try:
                values[name] = _checked(name, value)
            except ValueError as error:
                faults.append(str(error))
        if faults:
            raise ValueError("; ".join(faults))
        return cls(**values)  # type: ignore[arg-type]  # checked against the defaults' types just above

    def to_mapping(self) -> dict[str, bool | int | float | list[str]]:
        """Everything by name, as `from_mapping` takes it."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return values | {"rejecting": sorted(self.rejecting)}


def _checked(name: str, value: object) -> object:
    default = getattr(_DEFAULTS, name, None)
    if default is None or name not in _NAMES:
        near = difflib.get_close_matches(name, _NAMES, n=1)
        raise ValueError(f"there is no threshold {name!r}" + (f"; is {near[0]!r} meant?" if near else ""))
    match default, value:
        case frozenset(), list():
            return frozenset(_kind(name, item) for item in value)
        case frozenset(), _:
            raise ValueError(f"threshold {name!r} is a list of checks, not {value!r}")
        case bool(), bool():
            return value
        case (bool(), _):
            raise ValueError(f"threshold {name!r} is true or false, not {value!r}")
        case int(), int() if not isinstance(value, bool):
            return _in_range(name, value)
        case int(), _:
            raise ValueError(f"threshold {name!r} is a whole number, not {value!r}")
        case float(), int() | float() if not isinstance(value, bool):
            return _in_range(name, float(value))
        case _:
            raise ValueError(f"threshold {name!r} is a number, not {value!r}")


def _kind(name: str, item: object) -> CheckKind:
    try:
        return CheckKind(str(item))
    except ValueError as error:
        raise ValueError(f"threshold {name!r} names {item!r}, which is no check") from error


def _in_range(name: str, value: float) -> float:
    """The unit in the name tells what is possible: no share above 1, no time below 0, no level above full scale."""
    low, high = next((span for unit, span in _POSSIBLE.items() if name.endswith(unit)), (0.0, 255.0))
    if math.isfinite(value) and low <= value <= high:
        return value
    raise ValueError(f"threshold {name!r} lies between {low:g} and {high:g}, and is not {value!r}")


_DEFAULTS = Thresholds()
_NAMES = tuple(field.name for field in fields(Thresholds))
_POSSIBLE = {
    "_share": (0.0, 1.0),
    "_probability": (0.0, 1.0),
    "_dbfs": (-120.0, 0.0),
    "_db": (-120.0, 0.0),
    "_errors": (1, 1_000_000),
    "_s": (0.0, 86_400.0),
}
