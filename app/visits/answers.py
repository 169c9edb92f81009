"""What an inspector answered, as it is written in files and on the wire."""

from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, field_validator

from app.checklists.document import Code, Share
from app.scoring import State

Value: TypeAlias = StrictBool | StrictInt | StrictStr


class Wire(BaseModel):
    """Closed to unknown keys, and never changed once read."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class RecordingMoment(Wire):
    """A time code: where in a recording it can be seen or heard."""

    recording: UUID
    at_ms: Annotated[StrictInt, Field(ge=0)]
    """Milliseconds from the beginning of the recording."""


class PhotoReference(Wire):
    """A photo of the visit."""

    photo: UUID


class Answer(Wire):
    """The answer to one item. With a value and no state it is scored; with neither, unanswered."""

    value: Annotated[Value, Field(examples=[True, 4, "7.5", "within-10s"])] | None = None
    """true or false, points, a count, an option's code, words; a measured number as a decimal string."""
    state: State | None = None
    reason: Annotated[StrictStr, Field(max_length=2000)] | None = None
    """Why the item is not applicable; required then (D3.1)."""
    note: Annotated[StrictStr, Field(max_length=5000)] | None = None
    evidence: Annotated[tuple[RecordingMoment | PhotoReference, ...], Field(max_length=50)] = ()

    @field_validator("value", mode="before")
    @classmethod
    def _no_float(cls, value: object) -> object:
        """One clear sentence instead of one per type that was tried."""
        if value is None or isinstance(value, bool | int | str):
            return value
        raise ValueError(
            'must be true, false, a whole number or text; write a decimal as text, such as "7.5"'
        )


class AnswerSheet(Wire):
    """All answers of a visit by item code, and what a reviewer gave for texts and photos that have a weight."""

    answers: dict[Code, Answer]
    marks: dict[Code, Share] = {}
