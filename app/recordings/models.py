"""Recordings, what was found in them and made of them, and who played it.

A visit is a plain id here: visits stand above recordings, and decide who may add one and who may see it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import guards
from app.kit.chains import Head
from app.kit.orm import Base, Json, closed_set, id_column
from app.recordings.play_rules import Act
from app.recordings.rules import Kind, RenditionKind, State
from app.recordings.upload_rules import PartPlan


class Recording(Base):
    """One declared file and how far its bytes have come. The id is made by the phone (D11)."""

    __tablename__ = "recordings"
    __table_args__ = (
        sa.UniqueConstraint("staging_key"),
        sa.UniqueConstraint("sealed_key"),
        sa.Index("ix_recordings_visit_id", "visit_id", "created_at"),
        sa.Index("ix_recordings_uploader_id", "uploader_id", "touched_at"),
        sa.Index("ix_recordings_state", "state", "touched_at"),
        sa.Index("ix_recordings_sha256", "organisation_id", "sha256"),
        sa.CheckConstraint("size_bytes > 0 AND part_bytes > 0", name="not_empty"),
        sa.CheckConstraint("progress >= 0 AND progress <= 1", name="progress_is_a_share"),
        sa.CheckConstraint("(state = 'rejected') = (rejected_code IS NOT NULL)", name="rejected_why"),
        sa.CheckConstraint("state <> 'uploading' OR upload_id IS NOT NULL", name="uploading_where"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    visit_id: Mapped[UUID]
    uploader_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    medium: Mapped[Kind] = mapped_column(closed_set(Kind, "medium"))
    content_type: Mapped[str] = mapped_column(sa.String(100))
    device_kind: Mapped[str] = mapped_column(sa.String(40))
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    part_bytes: Mapped[int]
    state: Mapped[State] = mapped_column(closed_set(State, "state"))
    tries: Mapped[int] = mapped_column(server_default="0")  # how often work on it was begun anew
    progress: Mapped[float]  # of the work on a stored file, between 0 and 1
    rendition_rules: Mapped[dict[str, Any] | None] = mapped_column(
        Json
    )  # the programme's, when the visit was made
    check_rules: Mapped[dict[str, Any] | None] = mapped_column(Json)  # likewise: thresholds that differ
    token: Mapped[str] = mapped_column(
        sa.String(64)
    )  # travels with the object, and says which upload made it
    staging_key: Mapped[str] = mapped_column(sa.String(200))
    upload_id: Mapped[str | None]
    expected_etag: Mapped[str | None] = mapped_column(
        sa.String(64)
    )  # of the object, once all parts were there
    sealed_key: Mapped[str | None] = mapped_column(sa.String(200))
    rejected_code: Mapped[str | None] = mapped_column(sa.String(40))
    rejected_zh: Mapped[str | None]
    rejected_en: Mapped[str | None]
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]  # the phone's last sign of life
    aborted_at: Mapped[datetime | None]
    stored_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]  # processed or rejected
    original_erased_at: Mapped[datetime | None]  # its time was over (D10.4)
    renditions_erased_at: Mapped[datetime | None]

    @property
    def plan(self) -> PartPlan:
        return PartPlan(self.size_bytes, self.part_bytes)


class RecordingReport(Base):
    """What one look into a file found. `report` is the media pipeline's, absent for photos and unreadable files."""

    __tablename__ = "recording_reports"
    __table_args__ = (
        sa.Index("ix_recording_reports_recording_id", "recording_id", "made_at"),
        sa.CheckConstraint("duration_ms >= 0", name="duration"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    recording_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recordings.id"))
    report: Mapped[dict[str, Any] | None] = mapped_column(Json)
    duration_ms: Mapped[int]
    black: Mapped[bool]
    silent: Mapped[bool]
    unusable: Mapped[bool]
    made_at: Mapped[datetime]


class QuickCheck(Base):
    """What samples said of a recording before its bytes came. The latest of a recording counts; none is taken back."""

    __tablename__ = "quick_checks"
    __table_args__ = (
        sa.Index("ix_quick_checks_recording_id", "recording_id", "made_at"),
        sa.CheckConstraint("duration_ms > 0 AND frames >= 0 AND heard_ms >= 0", name="amounts"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    visit_id: Mapped[UUID]
    recording_id: Mapped[UUID]  # its upload may not have begun
    sender_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    medium: Mapped[Kind] = mapped_column(closed_set(Kind, "medium"))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    duration_ms: Mapped[int]
    frames: Mapped[int]
    heard_ms: Mapped[int]
    checks: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    performed: Mapped[list[str]] = mapped_column(Json)
    black: Mapped[bool]
    silent: Mapped[bool]
    made_at: Mapped[datetime]


class FingerprintKey(Base):
    """A whole number by which a recording is found that holds the same sound or picture; some hundred of each.

    The order of the columns is the look-up: one organisation's recordings by key, from the index alone.
    """

    __tablename__ = "recording_fingerprint_keys"

    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"), primary_key=True)
    key: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    recording_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recordings.id"), primary_key=True)


class Duplicate(Base):
    """A recording that holds what one of an earlier visit held before: the stretch in both, and how alike they are."""

    __tablename__ = "recording_duplicates"
    __table_args__ = (
        sa.CheckConstraint("recording_id <> earlier_id", name="of_another"),
        sa.CheckConstraint("similarity >= 0 AND similarity <= 1", name="similarity_is_a_share"),
    )

    recording_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recordings.id"), primary_key=True)
    earlier_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recordings.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    is_same_file: Mapped[bool]
    similarity: Mapped[float]
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    earlier_start_ms: Mapped[int]
    earlier_end_ms: Mapped[int]
    found_at: Mapped[datetime]


class Rendition(Base):
    """A file somebody may play or look at. Rendering again makes new rows; the old ones stay, for the ledger."""

    __tablename__ = "renditions"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.Index(
            "uq_renditions_current",
            "recording_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    recording_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recordings.id"))
    kind: Mapped[RenditionKind] = mapped_column(closed_set(RenditionKind, "kind"))
    profile: Mapped[dict[str, Any]] = mapped_column(Json)  # how it was made
    mute_number: Mapped[int] = mapped_column(default=0, server_default="0")  # of the marks it follows
    key: Mapped[str] = mapped_column(sa.String(200))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    content_type: Mapped[str] = mapped_column(sa.String(100))
    made_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    stream_key: Mapped[str | None] = mapped_column(sa.String(200))  # of a long one: the same, cut for HLS
    hidden: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)  # rectangles, found faces included
    playlist: Mapped[str | None]  # which bytes of the stream are which seconds


class FacesConfirmed(Base):
    """A person looked through a rendition in which faces were found and hidden, and lets it be seen (D10.2)."""

    __tablename__ = "faces_confirmed"

    rendition_id: Mapped[UUID] = mapped_column(sa.ForeignKey("renditions.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    confirmed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    confirmed_at: Mapped[datetime]


class MuteRevision(Base):
    """Everything that is to be muted in a recording and hidden in its picture; the highest number counts."""

    __tablename__ = "mute_revisions"
    __table_args__ = (
        sa.UniqueConstraint("recording_id", "number"),
        sa.CheckConstraint("number >= 1", name="number_counts_from_one"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    recording_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recordings.id"))
    number: Mapped[int]
    mute: Mapped[list[dict[str, int]]] = mapped_column(Json)  # in order, start_ms and end_ms
    blur: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list, server_default="[]")  # rectangles
    blur_faces: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    reason: Mapped[str]
    made_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    made_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(server_default="0", default=0)  # how often rendering was begun anew


class Playback(Base):
    """A player that was opened, by whom and what for."""

    __tablename__ = "playbacks"
    __table_args__ = (
        sa.Index("ix_playbacks_rendition_id", "rendition_id", "opened_at"),
        sa.Index("ix_playbacks_code", "code"),
        sa.Index("ix_playbacks_organisation_id_opened_at", "organisation_id", "opened_at"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    viewer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    rendition_id: Mapped[UUID] = mapped_column(sa.ForeignKey("renditions.id"))
    purpose: Mapped[str]
    code: Mapped[str | None] = mapped_column(sa.String(16))  # in the watermark: whose screen a picture is of
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class PlayEntry(Base):
    """A link of an organisation's chain (D10.3): `hash` covers everything else in the row and the link before."""

    __tablename__ = "play_ledger"
    __table_args__ = (
        sa.Index("ix_play_ledger_rendition_id", "rendition_id", "at"),
        sa.Index("ix_play_ledger_playback_id", "playback_id", "number"),
        sa.CheckConstraint("number >= 1", name="number_counts_from_one"),
        sa.CheckConstraint(
            "(act = 'played') = (from_ms IS NOT NULL AND to_ms IS NOT NULL)", name="played_what"
        ),
    )

    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    playback_id: Mapped[UUID] = mapped_column(sa.ForeignKey("playbacks.id"))
    viewer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    rendition_id: Mapped[UUID] = mapped_column(sa.ForeignKey("renditions.id"))
    act: Mapped[Act] = mapped_column(closed_set(Act, "act"))
    from_ms: Mapped[int | None]
    to_ms: Mapped[int | None]
    purpose: Mapped[str]
    at: Mapped[datetime]
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))


class LedgerHead(Head, Base):
    """The end of an organisation's chain of plays."""

    __tablename__ = "play_ledger_heads"


guards.append_only("recording_reports")
guards.append_only("quick_checks")
guards.append_only("recording_duplicates")
guards.append_only("renditions", changeable=("key", "stream_key", "replaced_at"))
guards.append_only("mute_revisions", changeable=("tries",))
guards.append_only("faces_confirmed")
guards.append_only("playbacks", changeable=("closed_at",))
guards.append_only("play_ledger")
