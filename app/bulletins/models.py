"""Editions of bulletins and reports, and the files they were drawn into."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.bulletins.rules import Cadence, Format, Language, Scope, State
from app.kit import guards
from app.kit.orm import Base, closed_set, id_column
from app.visits.rules import Kind

SUBJECT = ("programme_id", "kind", "cadence", "subject_id", "first_on")
IN_THE_MAKING = "ready_at IS NULL AND failed_at IS NULL"


class Bulletin(Base):
    """An edition: the figures of a week or month, of the network, a region or an outlet, as they were at an instant.

    What is written again is another edition; `follows_id` is the one that was ready before. Once gathered, what it is
    pinned to stays: `as_of`, the hash of the content, and how many score revisions stand in that.
    """

    __tablename__ = "bulletins"
    __table_args__ = (
        sa.ForeignKeyConstraint(["organisation_id", "region_id"], ["regions.organisation_id", "regions.id"]),
        sa.ForeignKeyConstraint(["organisation_id", "outlet_id"], ["outlets.organisation_id", "outlets.id"]),
        sa.UniqueConstraint(*SUBJECT, "edition", name="uq_bulletins_edition"),
        sa.UniqueConstraint("key"),
        sa.Index(
            "uq_bulletins_one_in_the_making",
            *SUBJECT,
            unique=True,
            sqlite_where=sa.text(IN_THE_MAKING),
            postgresql_where=sa.text(IN_THE_MAKING),
        ),
        sa.Index("ix_bulletins_organisation_id_requested_at", "organisation_id", "requested_at", "id"),
        sa.Index("ix_bulletins_programme_id_ready_at", "programme_id", "ready_at"),
        sa.CheckConstraint(
            "subject_id = COALESCE(region_id, outlet_id, organisation_id)"
            " AND (scope = 'region') = (region_id IS NOT NULL)"
            " AND (scope = 'outlet') = (outlet_id IS NOT NULL)",
            name="of_one_subject",
        ),
        sa.CheckConstraint("last_on > first_on", name="some_days"),
        sa.CheckConstraint("edition >= 1 AND (edition > 1 OR follows_id IS NULL)", name="counted"),
        sa.CheckConstraint(
            "(as_of IS NULL) = (content_sha256 IS NULL) AND (as_of IS NULL) = (score_revisions IS NULL)",
            name="pinned_at_once",
        ),
        sa.CheckConstraint("ready_at IS NULL OR (as_of IS NOT NULL AND failed_at IS NULL)", name="one_end"),
        sa.CheckConstraint("(failed_at IS NULL) = (failed_because IS NULL)", name="failed_why"),
        sa.CheckConstraint("deleted_at IS NULL OR ready_at IS NOT NULL", name="deleted_when_ready"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"))
    kind: Mapped[Kind] = mapped_column(closed_set(Kind, "kind"))
    cadence: Mapped[Cadence] = mapped_column(closed_set(Cadence, "cadence"))
    scope: Mapped[Scope] = mapped_column(closed_set(Scope, "scope"))
    region_id: Mapped[UUID | None]
    outlet_id: Mapped[UUID | None]
    subject_id: Mapped[UUID]  # the region, the outlet, or for the network the organisation
    first_on: Mapped[date]
    last_on: Mapped[date]
    edition: Mapped[int]
    follows_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("bulletins.id"))
    requested_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))  # null: by the clock
    requested_at: Mapped[datetime]
    key: Mapped[str] = mapped_column(sa.String(200))  # in the store: what all its objects begin with
    as_of: Mapped[datetime | None]
    content_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    score_revisions: Mapped[int | None]
    ready_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failed_because: Mapped[str | None]
    deleted_at: Mapped[datetime | None]

    @property
    def state(self) -> State:
        if self.deleted_at is not None:
            return State.DELETED
        if self.ready_at is not None:
            return State.READY
        return State.MAKING if self.failed_at is None else State.FAILED

    @property
    def content_key(self) -> str:
        return f"{self.key}/content.json"

    def file_key(self, language: Language, format_: Format) -> str:
        return f"{self.key}/{language}.{format_}"


class BulletinFile(Base):
    """One of the files of an edition, as it lies in the store."""

    __tablename__ = "bulletin_files"
    __table_args__ = (sa.CheckConstraint("size_bytes > 0", name="some_bytes"),)

    bulletin_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bulletins.id"), primary_key=True)
    language: Mapped[Language] = mapped_column(closed_set(Language, "language"), primary_key=True)
    format: Mapped[Format] = mapped_column(closed_set(Format, "file_format"), primary_key=True)
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    drawn_at: Mapped[datetime]


guards.append_only(
    "bulletins",
    changeable=(
        "as_of",
        "content_sha256",
        "score_revisions",
        "ready_at",
        "failed_at",
        "failed_because",
        "deleted_at",
    ),
)
guards.append_only("bulletin_files")
