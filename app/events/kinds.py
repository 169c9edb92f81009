"""Everything that may be announced, as `<noun>.<what became of it>`; a new kind is one line here.

The states of visits and recordings are named too: those features stand above.
"""

from enum import StrEnum


class Kind(StrEnum):
    VISIT_PROPOSED = "visit.proposed"
    VISIT_RESERVED = "visit.reserved"
    VISIT_ACCEPTED = "visit.accepted"
    VISIT_ENTERED = "visit.entered"
    VISIT_LEFT = "visit.left"
    VISIT_SUBMITTED = "visit.submitted"
    VISIT_IN_REVIEW = "visit.in_review"
    VISIT_APPROVED = "visit.approved"
    VISIT_PUBLISHED = "visit.published"
    VISIT_APPEALED = "visit.appealed"
    VISIT_FINAL = "visit.final"
    VISIT_CANCELLED = "visit.cancelled"
    VISIT_EXPIRED = "visit.expired"
    VISIT_DECLINED = "visit.declined"
    VISIT_ABORTED = "visit.aborted"
    VISIT_VOID = "visit.void"
    VISIT_CHANGED = "visit.changed"  # no new state, but another day, crew or scenario
    VISIT_ASSIGNED = "visit.assigned"  # its crew may see it now (D6.6)
    VISIT_DUE_SOON = "visit.due_soon"

    RECORDING_CREATED = "recording.created"
    RECORDING_UPLOADING = "recording.uploading"
    RECORDING_COMPLETING = "recording.completing"
    RECORDING_STORED = "recording.stored"
    RECORDING_VERIFIED = "recording.verified"
    RECORDING_PROCESSED = "recording.processed"
    RECORDING_REJECTED = "recording.rejected"

    REVIEW_OPENED = "review.opened"
    REVIEW_SENT_BACK = "review.sent_back"
    REVIEW_APPROVED = "review.approved"
    REVIEW_DUE_SOON = "review.due_soon"
    REVIEW_ESCALATED = "review.escalated"
    REVIEW_SECOND_MARKING_WANTED = "review.second_marking_wanted"

    PUBLICATION_PUBLISHED = "publication.published"
    PUBLICATION_REVISED = "publication.revised"

    COMMENT_MADE = "comment.made"

    APPEAL_FILED = "appeal.filed"
    APPEAL_ADMITTED = "appeal.admitted"
    APPEAL_RETURNED = "appeal.returned"
    APPEAL_DECIDED = "appeal.decided"
    APPEAL_ESCALATED = "appeal.escalated"
    APPEAL_WITHDRAWN = "appeal.withdrawn"

    ACTION_OPENED = "action.opened"
    ACTION_STARTED = "action.started"
    ACTION_ASSIGNED = "action.assigned"
    ACTION_PROOF_SUBMITTED = "action.proof_submitted"
    ACTION_PROOF_ACCEPTED = "action.proof_accepted"
    ACTION_PROOF_REFUSED = "action.proof_refused"
    ACTION_VERIFIED = "action.verified"
    ACTION_REOPENED = "action.reopened"
    ACTION_OVERDUE = "action.overdue"
    ACTION_CANCELLED = "action.cancelled"

    BULLETIN_READY = "bulletin.ready"

    RETENTION_DELETED = "retention.deleted"

    MISUSE_MANY_RECORDINGS = "misuse.many_recordings"  # what came of it the product does not know
    MISUSE_MANY_ORIGINALS = "misuse.many_originals"
    MISUSE_MANY_SHEETS = "misuse.many_sheets"
    MISUSE_ACCOUNT_GUESSED = "misuse.account_guessed"
    MISUSE_ACCOUNTS_TRIED = "misuse.accounts_tried"
    MISUSE_TOKEN_REUSED = "misuse.token_reused"  # noqa: S105 (the name of a kind)

    WEBHOOK_DISABLED = "webhook.disabled"
