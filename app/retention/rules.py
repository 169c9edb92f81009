"""Classes of what is kept, and from when their time counts (D10.4). Standard library only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Class(StrEnum):
    """What is deleted together, under one rule."""

    RAW_RECORDING = "raw_recording"  # the original of a recording or photo
    RENDITION = "rendition"  # what was made of it: film, photo, thumbnails, peaks
    UNFINISHED_UPLOAD = "unfinished_upload"  # whatever parts of it are in the store
    FIELD_TRACE = "field_trace"  # positions of check-ins, and draft answers
    CASE_FILE = "case_file"  # what was attached to an appeal, or proved an action
    BULLETIN = "bulletin"  # the files of an edition, with what they were drawn from


class Start(StrEnum):
    """The event from which the time counts."""

    FINAL_DECISION = "final_decision"  # the visit came to its end, one way or another
    PUBLICATION = "publication"  # of a visit never published: as above
    CASE_CLOSED = "case_closed"  # the appeal was settled, or the action closed
    READY = "ready"  # the edition was made


STARTS: dict[Class, Start] = {
    Class.RAW_RECORDING: Start.FINAL_DECISION,
    Class.RENDITION: Start.PUBLICATION,
    Class.UNFINISHED_UPLOAD: Start.FINAL_DECISION,
    Class.FIELD_TRACE: Start.FINAL_DECISION,
    Class.CASE_FILE: Start.CASE_CLOSED,
    Class.BULLETIN: Start.READY,
}


@dataclass(frozen=True, slots=True)
class Term:
    """A programme's rule for a class."""

    of: Class
    days: int

    def due_at(self, started_at: datetime) -> datetime:
        return started_at + timedelta(days=self.days)

    def started_before(self, now: datetime) -> datetime:
        """What began to count then or earlier is due."""
        return now - timedelta(days=self.days)
