"""What can go wrong in review and publication."""

from app.kit.problems import AlreadyExists, Conflict, Forbidden, Invalid, Problem


class OwnVisit(Forbidden):
    type = "own-visit"
    title = "Nobody reviews a visit of which they were part of the crew (D4.3)"


class SecondMarker(Forbidden):
    type = "second-marker"
    title = "Whoever marked a visit a second time does not decide on it (D8.1)"


class MarkerUnfit(Conflict):
    """`reason` is one of `in-crew`, `reviewed-it`, `reads-audit` and `not-of-the-desk`."""

    type = "marker-unfit"
    title = "This person cannot be the visit's second marker (D8.1)"


class MarkingDone(Conflict):
    type = "marking-done"
    title = "The second marking is handed in, and is not changed any more (D8.1)"


class MarkingIncomplete(Conflict):
    """`items` names those that have no answer yet; what cannot be made out is answered with `not_observed`."""

    type = "marking-incomplete"
    title = "Some items have no answer yet"


class MarkingNotAwaited(Conflict):
    """`marking` says where the second marking stands."""

    type = "marking-not-awaited"
    title = "No second marking of this visit is awaited"


class NoSuchVeto(Conflict):
    type = "veto-not-fired"
    title = "No veto of this item fired in the answers as they stand"


class UnknownItems(Invalid):
    """`items` names them."""

    type = "unknown-items"
    title = "The visit's checklist does not have these items"


class ApprovalBlocked(Conflict):
    """`blocks` lists everything that stands in the way."""

    type = "approval-blocked"
    title = "The visit cannot be approved yet"


class PublicationTooEarly(Conflict):
    """`publish_after` says from when on it may be published."""

    type = "publication-too-early"
    title = "The delay before publication is not over (D8.3)"


class SecondOutside(Conflict):
    """`duration_ms` is how long the recording is."""

    type = "second-outside"
    title = "The recording is not that long"


class AlreadyPublished(Conflict):
    type = "already-published"
    title = "The visit is published already"


CONSTRAINTS: dict[str, type[Problem]] = {
    "pk_recording_comments": AlreadyExists,
    "recording_comments.id": AlreadyExists,
    "uq_publications_visit_id": AlreadyPublished,
    "publications.visit_id": AlreadyPublished,
    "pk_second_markings": MarkingDone,
    "second_markings.task_id": MarkingDone,
    "uq_second_markings_visit_id": MarkingDone,
    "second_markings.visit_id": MarkingDone,
    "pk_marking_excuses": MarkingNotAwaited,
    "marking_excuses.answers_revision_id": MarkingNotAwaited,
}
