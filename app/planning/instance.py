"""A planning month as one self-contained document: the input of every `plainclothes plan` command.

The format is stable: fields are added, never renamed. The JSON Schema stands in `json_schemas/instance.json`.
"""

from typing import Self

from pydantic import model_validator

from app.planning.consistency import require_consistent
from app.planning.parts import Written


class Instance(Written):
    @model_validator(mode="after")
    def _consistent(self) -> Self:
        require_consistent(self)
        return self
