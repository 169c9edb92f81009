"""What can go wrong in review and publication."""

from app.kit.problems import Conflict, Forbidden, Invalid, Problem


class OwnVisit(Forbidden):
    type = "own-visit"
    title = "Nobody reviews a visit of which they were part of the crew (D4.3)"


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


class AlreadyPublished(Conflict):
    type = "already-published"
    title = "The visit is published already"


CONSTRAINTS: dict[str, type[Problem]] = {
    "uq_publications_visit_id": AlreadyPublished,
    "publications.visit_id": AlreadyPublished,
}
