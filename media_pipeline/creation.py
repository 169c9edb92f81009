"""When a file says it was made. Whether that is true is for those to judge who know the visit and the server's clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from media_pipeline.report import CreatedSource

# In order of trust: a phone that writes its zone means what it says.
_TAGS = (
    ("com.apple.quicktime.creationdate", CreatedSource.LOCAL_TAG),
    ("creation_time", CreatedSource.HEADER),
)


@dataclass(frozen=True, slots=True)
class Creation:
    """`text` as the file has it; `at` is `None` when that text names no moment, as without a zone."""

    text: str | None = None
    at: datetime | None = None
    source: CreatedSource | None = None


def creation_of(tags: Mapping[str, str]) -> Creation:
    """From a container's tags, their names in lower case."""
    for name, source in _TAGS:
        moment = _moment(tags.get(name))
        if moment is not None:
            return Creation(tags[name], moment, source)
    return Creation(tags.get("creation_time"))


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip()) if text else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
