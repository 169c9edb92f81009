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


class PersonFull(Conflict):
    """`room_bytes` are left until others, that were sent a day ago, no longer count."""

    type = "person-quota-exceeded"
    title = "You have brought as much within a day as one person may"


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


class NotStreamed(Conflict):
    type = "not-streamed"
    title = "This recording is short and played whole: there is no playlist"


class NotMutable(Conflict):
    """`state` says how far the recording is."""

    type = "recording-not-mutable"
    title = "This recording cannot be muted, or not yet"


class MutesUnfit(Invalid):
    """`duration_ms` is how long it is."""

    type = "mutes-unfit"
    title = "A stretch to mute begins after the end of the recording"


class RenditionAwaited(Conflict):
    """`recordings` names them, to those who may know."""

    type = "rendition-awaited"
    title = "Something was muted and is being rendered again: try again in a few minutes (D10.2)"


class EvidenceDeleted(Problem):
    """`deleted_on` is the day; a tombstone with its hash is left (D10.4)."""

    type = "evidence-deleted"
    title = "The time for which this file is kept is over: it was deleted"
    status = HTTPStatus.GONE


class FacesUnconfirmed(Conflict):
    """`recordings` names them, to those who may know."""

    type = "faces-unconfirmed"
    title = "Faces were found and hidden: a person has to look through it before anybody else sees it (D10.2)"


class SecondsOutOfOrder(Invalid):
    type = "seconds-out-of-order"
    title = "A heartbeat covers a short stretch that was just played"


class SamplesUnfit(Invalid):
    type = "samples-unfit"
    title = "These samples cannot speak for the recording"


class SamplesUnreadable(Invalid):
    """`reason` is stable, `zh` and `en` are for people."""

    type = "samples-unreadable"
    title = "A sample is not a small JPEG, or not WAV at 16 kHz, mono, 16 bits"


class QuickCheckConflict(Conflict):
    type = "quick-check-conflict"
    title = "Samples of another recording were sent under this id: another check needs another id"


class TooManyQuickChecks(Conflict):
    type = "too-many-quick-checks"
    title = "This recording was checked by samples often enough"


CONSTRAINTS: dict[str, type[Problem]] = {
    "pk_recordings": RecordingConflict,
    "pk_quick_checks": QuickCheckConflict,
}
