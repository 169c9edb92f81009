"""What can go wrong with a recording."""

from http import HTTPStatus

from app.kit.problems import Conflict, Invalid, Problem


class RecordingConflict(Conflict):
    type = "recording-conflict"
    title = "This recording was declared differently before: another file needs another id"


class NotLawful(Conflict):
    type = "recording-not-lawful"
    title = "The visit's recording policy does not allow this kind of file (D10.5)"


class TypeRefused(Invalid):
    type = "recording-type-refused"
    title = "Files of this type are not taken"


class RecordingTooLarge(Problem):
    type = "recording-too-large"
    title = "The file is larger than allowed"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class VisitFull(Conflict):
    type = "visit-quota-exceeded"
    title = "The files of this visit are larger together than allowed"


class UploadNotOpen(Conflict):
    """`state` says how far the recording is."""

    type = "upload-not-open"
    title = "The recording does not take parts now"


class UploadLost(Conflict):
    """Its parts are gone: send the declaration again, and begin anew."""

    type = "upload-lost"
    title = "The store has forgotten this upload: declare the recording again and send it from the start"


class PartsMissing(Conflict):
    """`unfinished` lists the numbers that are not there or have another size."""

    type = "parts-missing"
    title = "Not all parts have arrived"


class NotAPart(Invalid):
    type = "not-a-part"
    title = "The file does not have this part"


class UploadUnfinished(Conflict):
    type = "upload-unfinished"
    title = "The store did not accept the parts: list them, send what is missing, and complete again"


class AlreadyStored(Conflict):
    type = "recording-already-stored"
    title = "The recording has arrived: it is evidence now and cannot be taken back"


class PlaybackClosed(Conflict):
    type = "playback-closed"
    title = "This player was closed or is too old: open the recording again"


class SecondsOutOfOrder(Invalid):
    type = "seconds-out-of-order"
    title = "A heartbeat covers a short stretch that was just played"


CONSTRAINTS: dict[str, type[Problem]] = {"pk_recordings": RecordingConflict}
