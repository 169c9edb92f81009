"""Decisions on visits after the field, and what was published of them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import guards
from app.kit.orm import Base, Json, closed_set, id_column
from app.review.rules import PublishedMedium, Verdict
from app.review.rules_comments import Side
from app.review.rules_marking import Reminder
from app.visits.rules import DayPart, Kind


class VetoVerdict(Base):
    """A second person's word on a veto that fired in a revision of the answers (D4.3). The latest counts."""

    __tablename__ = "veto_verdicts"
    __table_args__ = (
        sa.Index("ix_veto_verdicts_answers_revision_id", "answers_revision_id", "item_code"),
        sa.Index("ix_veto_verdicts_visit_id", "visit_id"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"))
    answers_revision_id: Mapped[UUID] = mapped_column(sa.ForeignKey("answers_revisions.id"))
    item_code: Mapped[str] = mapped_column(sa.String(64))
    verdict: Mapped[Verdict] = mapped_column(closed_set(Verdict, "verdict"))
    reason: Mapped[str]
    decided_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    decided_at: Mapped[datetime]


class SendBack(Base):
    """A visit given back to its inspector (D8.2)."""

    __tablename__ = "send_backs"
    __table_args__ = (sa.Index("ix_send_backs_visit_id", "visit_id", "sent_at"),)

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"))
    answers_revision_id: Mapped[UUID] = mapped_column(sa.ForeignKey("answers_revisions.id"))
    reason: Mapped[str]
    sent_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    sent_at: Mapped[datetime]


class SendBackItem(Base):
    """One item to look at again, and why."""

    __tablename__ = "send_back_items"

    send_back_id: Mapped[UUID] = mapped_column(sa.ForeignKey("send_backs.id"), primary_key=True)
    item_code: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    reason: Mapped[str]


class ReviewReminder(Base):
    """Somebody was told of a submission that waits for its review: once each, soon due and overdue (D8.1)."""

    __tablename__ = "review_reminders"
    __table_args__ = (sa.Index("ix_review_reminders_visit_id", "visit_id"),)

    answers_revision_id: Mapped[UUID] = mapped_column(sa.ForeignKey("answers_revisions.id"), primary_key=True)
    kind: Mapped[Reminder] = mapped_column(closed_set(Reminder, "kind"), primary_key=True)
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"))
    at: Mapped[datetime]


class MarkingTask(Base):
    """Somebody is to mark a visit a second time, blind (D8.1): one at a time."""

    __tablename__ = "marking_tasks"
    __table_args__ = (
        sa.Index("ix_marking_tasks_marker_id", "marker_id", "assigned_at", "id"),
        sa.Index(
            "uq_marking_tasks_one_at_a_time",
            "visit_id",
            unique=True,
            sqlite_where=sa.text("called_off_at IS NULL"),
            postgresql_where=sa.text("called_off_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"))
    marker_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    assigned_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))  # null: drawn by the service
    assigned_at: Mapped[datetime]
    called_off_at: Mapped[datetime | None]


class MarkingDraft(Base):
    """What the marker thinks so far of one item. Nobody else sees it."""

    __tablename__ = "marking_drafts"

    task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("marking_tasks.id"), primary_key=True)
    item_code: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(Json)  # an answer
    saved_at: Mapped[datetime]


class SecondMarking(Base):
    """A visit marked a second time: handed in once, and never changed (D8.1)."""

    __tablename__ = "second_markings"
    __table_args__ = (sa.UniqueConstraint("visit_id"), sa.Index("ix_second_markings_marker_id", "marker_id"))

    task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("marking_tasks.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"))
    marker_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    submitted_at: Mapped[datetime]


class SecondMark(Base):
    """One item of it, beside what the inspector said at first, before any review could have a part in it.

    A category is null where that person saw or said nothing; a fraction (in millionths) where nothing was scored.
    """

    __tablename__ = "second_marks"
    __table_args__ = (
        sa.Index("ix_second_marks_item_code", "item_code"),
        sa.Index("ix_second_marks_inspector_id", "inspector_id"),
    )

    task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("second_markings.task_id"), primary_key=True)
    item_code: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    category: Mapped[str | None] = mapped_column(sa.String(64))
    fraction_micro: Mapped[int | None]
    inspector_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))
    inspector_category: Mapped[str | None] = mapped_column(sa.String(64))
    inspector_fraction_micro: Mapped[int | None]


class MarkingExcuse(Base):
    """These answers need no second marking, by whose decision and why."""

    __tablename__ = "marking_excuses"
    __table_args__ = (sa.Index("ix_marking_excuses_visit_id", "visit_id"),)

    answers_revision_id: Mapped[UUID] = mapped_column(sa.ForeignKey("answers_revisions.id"), primary_key=True)
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"))
    reason: Mapped[str]
    decided_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    decided_at: Mapped[datetime]


class Approval(Base):
    """Somebody read the report and lets it go out as it is (D8.1): this score, with these words for the outlet.

    Who approved cannot decide on an appeal (D8.4).
    """

    __tablename__ = "approvals"
    __table_args__ = (sa.Index("ix_approvals_visit_id", "visit_id", "approved_at"),)

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"))
    score_revision_id: Mapped[UUID] = mapped_column(sa.ForeignKey("score_revisions.id"))
    summary_for_outlet: Mapped[str]
    without_files_because: Mapped[str | None]
    approved_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    approved_at: Mapped[datetime]
    publish_after: Mapped[datetime]


class Publication(Base):
    """A visit as its outlet knows it: under an alias of its own, on a date, in a part of the day (D10.1)."""

    __tablename__ = "publications"
    __table_args__ = (
        sa.UniqueConstraint("visit_id"),
        sa.UniqueConstraint("alias"),
        sa.ForeignKeyConstraint(["organisation_id", "outlet_id"], ["outlets.organisation_id", "outlets.id"]),
        sa.Index("ix_publications_organisation_id_visited_on", "organisation_id", "visited_on", "alias"),
        sa.Index("ix_publications_outlet_id_visited_on", "outlet_id", "visited_on", "alias"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"))
    outlet_id: Mapped[UUID]
    alias: Mapped[str] = mapped_column(sa.String(40))
    visited_on: Mapped[date]  # the outlet's local date (D5.3)
    day_part: Mapped[DayPart] = mapped_column(closed_set(DayPart, "day_part"))
    kind: Mapped[Kind] = mapped_column(closed_set(Kind, "kind"))
    published_at: Mapped[datetime]
    published_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))  # by the clock: who approved


class PublicationRevision(Base):
    """What a publication says. Later scores change nothing until a new revision names them (D8.6)."""

    __tablename__ = "publication_revisions"
    __table_args__ = (sa.UniqueConstraint("publication_id", "number"),)

    id: Mapped[UUID] = id_column()
    publication_id: Mapped[UUID] = mapped_column(sa.ForeignKey("publications.id"))
    number: Mapped[int]
    score_revision_id: Mapped[UUID] = mapped_column(sa.ForeignKey("score_revisions.id"))
    summary_for_outlet: Mapped[str]
    reason: Mapped[str]
    made_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    made_at: Mapped[datetime]


class PublishedFile(Base):
    """Which file hides behind a number of a published report."""

    __tablename__ = "published_files"
    __table_args__ = (
        sa.UniqueConstraint("publication_id", "recording_id"),
        sa.CheckConstraint("number >= 1", name="counted_from_one"),
    )

    publication_id: Mapped[UUID] = mapped_column(sa.ForeignKey("publications.id"), primary_key=True)
    medium: Mapped[PublishedMedium] = mapped_column(closed_set(PublishedMedium, "medium"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recordings.id"))


class RecordingComment(Base):
    """What somebody of the outlet or of the desk says at a second of a published recording. Not edited: retracted."""

    __tablename__ = "recording_comments"
    __table_args__ = (
        sa.Index("ix_recording_comments_publication_id", "publication_id", "number", "at_ms", "id"),
        sa.CheckConstraint("at_ms >= 0", name="at_a_second"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    publication_id: Mapped[UUID] = mapped_column(sa.ForeignKey("publications.id"))
    number: Mapped[int]  # of the recording in its report
    at_ms: Mapped[int]
    text: Mapped[str]
    side: Mapped[Side] = mapped_column(closed_set(Side, "side"))
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    made_at: Mapped[datetime]


class CommentRetraction(Base):
    """Its author takes a comment back; it stays where it was, without its words."""

    __tablename__ = "comment_retractions"

    comment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recording_comments.id"), primary_key=True)
    retracted_at: Mapped[datetime]


for _table in (
    "veto_verdicts",
    "send_backs",
    "send_back_items",
    "review_reminders",
    "second_markings",
    "second_marks",
    "marking_excuses",
    "approvals",
    "publications",
    "publication_revisions",
    "published_files",
    "recording_comments",
    "comment_retractions",
):
    guards.append_only(_table)
