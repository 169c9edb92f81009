"""Appeals and who decides on them, and the files of appeals and actions.

What SQL can state of D8.4 and D4.3 stands here: one open appeal per visit, one vote per member and item, nobody partial
on a panel, and no veto lifted by fewer than two people who said the same.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.cases import rules
from app.cases.rules import Category, Seat
from app.cases.rules_files import FileState
from app.kit import guards
from app.kit.etags import Versioned
from app.kit.orm import Base, Json, closed_set, id_column

IMPARTIAL = "panel_is_impartial"
IS_OPEN = "state IN ('filed', 'admitted')"


class FollowUp(Base):
    """How far a publication was followed up: until when it may be disputed, and which revision opened actions."""

    __tablename__ = "publication_follow_ups"
    __table_args__ = (
        sa.Index("ix_publication_follow_ups_final_from", "final_from"),
        sa.CheckConstraint("final_from >= window_closes_at", name="final_after_window"),
    )

    publication_id: Mapped[UUID] = mapped_column(sa.ForeignKey("publications.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    revision_number: Mapped[int]  # 0: none yet
    window_closes_at: Mapped[datetime]  # not included
    final_from: Mapped[datetime]  # later than the window where a returned appeal may be put right


class Appeal(Versioned, Base):
    """An outlet's dispute of items of one published report (D8.4)."""

    __tablename__ = "appeals"
    __table_args__ = (
        sa.ForeignKeyConstraint(["organisation_id", "outlet_id"], ["outlets.organisation_id", "outlets.id"]),
        sa.Index(
            "uq_appeals_one_open",
            "visit_id",
            unique=True,
            sqlite_where=sa.text(IS_OPEN),
            postgresql_where=sa.text(IS_OPEN),
        ),
        sa.Index("ix_appeals_organisation_id_filed_at", "organisation_id", "filed_at", "id"),
        sa.Index("ix_appeals_publication_id", "publication_id", "filed_at"),
        sa.CheckConstraint(f"({IS_OPEN}) = (settled_at IS NULL)", name="settled_when_not_open"),
        sa.CheckConstraint("(state = 'decided') = (outcome_id IS NOT NULL)", name="decided_with_outcome"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    publication_id: Mapped[UUID] = mapped_column(sa.ForeignKey("publications.id"))
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"))
    outlet_id: Mapped[UUID]
    state: Mapped[rules.State] = mapped_column(closed_set(rules.State, "appeal_state"))
    statement: Mapped[str]
    filed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    filed_at: Mapped[datetime]
    edition_id: Mapped[UUID] = mapped_column(sa.ForeignKey("publication_revisions.id"))  # what is disputed
    outcome_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("publication_revisions.id"))
    decision_due_at: Mapped[datetime]
    refile_until: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    settled_because: Mapped[str | None]
    escalated_at: Mapped[datetime | None]


class AppealItem(Base):
    """One disputed item, and why. `vetoed`: its veto fired in the report."""

    __tablename__ = "appeal_items"

    appeal_id: Mapped[UUID] = mapped_column(sa.ForeignKey("appeals.id"), primary_key=True)
    item_code: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    reason: Mapped[str]
    vetoed: Mapped[bool]


class PanelMember(Base):
    """Somebody who decides. A guard refuses who took part in the visit or its review, or belongs to the outlet."""

    __tablename__ = "appeal_panel_members"
    __table_args__ = (
        sa.Index(
            "uq_appeal_panel_members_one_chair",
            "appeal_id",
            unique=True,
            sqlite_where=sa.text("seat = 'chair' AND released_at IS NULL"),
            postgresql_where=sa.text("seat = 'chair' AND released_at IS NULL"),
        ),
        sa.Index("ix_appeal_panel_members_person_id", "person_id"),
        sa.CheckConstraint("(released_at IS NULL) = (released_because IS NULL)", name="released_why"),
    )

    appeal_id: Mapped[UUID] = mapped_column(sa.ForeignKey("appeals.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    seat: Mapped[Seat] = mapped_column(closed_set(Seat, "seat"))
    appointed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    appointed_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_because: Mapped[str | None]


class PanelVote(Base):
    """One member's decision on one item; it stays as it was given."""

    __tablename__ = "appeal_votes"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["appeal_id", "item_code"],
            ["appeal_items.appeal_id", "appeal_items.item_code"],
            name="fk_appeal_votes_item",
        ),
        sa.ForeignKeyConstraint(
            ["appeal_id", "person_id"],
            ["appeal_panel_members.appeal_id", "appeal_panel_members.person_id"],
            name="fk_appeal_votes_member",
        ),
        sa.UniqueConstraint(
            "appeal_id", "item_code", "person_id", "category", "lifts_veto", name="uq_appeal_votes_said"
        ),
        sa.CheckConstraint(
            "(category IN ('upheld', 'partly')) = (correction IS NOT NULL)", name="corrected_when_upheld"
        ),
        sa.CheckConstraint("NOT lifts_veto OR category <> 'rejected'", name="rejected_lifts_nothing"),
    )

    appeal_id: Mapped[UUID] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    category: Mapped[Category] = mapped_column(closed_set(Category, "category"))
    correction: Mapped[dict[str, Any] | None] = mapped_column(Json)  # a `Correction`
    lifts_veto: Mapped[bool]
    reason: Mapped[str]
    voted_at: Mapped[datetime]


class Ruling(Base):
    """What was decided on an item, and on whose agreeing votes it rests."""

    __tablename__ = "appeal_rulings"
    __table_args__ = (
        *(
            sa.ForeignKeyConstraint(
                ["appeal_id", "item_code", who, "category", "lifts_veto"],
                [
                    f"appeal_votes.{name}"
                    for name in ("appeal_id", "item_code", "person_id", "category", "lifts_veto")
                ],
                name=f"fk_appeal_rulings_{who}",
            )
            for who in ("decided_by", "seconded_by")
        ),
        sa.CheckConstraint(
            "NOT lifts_veto OR (seconded_by IS NOT NULL AND seconded_by <> decided_by)",
            name="two_people_lift_a_veto",
        ),
    )

    appeal_id: Mapped[UUID] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    category: Mapped[Category] = mapped_column(closed_set(Category, "category"))
    correction: Mapped[dict[str, Any] | None] = mapped_column(Json)
    lifts_veto: Mapped[bool]
    reason: Mapped[str]
    decided_by: Mapped[UUID]
    seconded_by: Mapped[UUID | None]
    decided_at: Mapped[datetime]


class Disclosure(Base):
    """The panel told the outlet the minute of the visit, because the appeal needed it (D10.1)."""

    __tablename__ = "appeal_disclosures"

    appeal_id: Mapped[UUID] = mapped_column(sa.ForeignKey("appeals.id"), primary_key=True)
    reason: Mapped[str]
    disclosed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    disclosed_at: Mapped[datetime]


class AppealStep(Base):
    """What happened to an appeal, in order."""

    __tablename__ = "appeal_steps"
    __table_args__ = (sa.Index("ix_appeal_steps_appeal_id", "appeal_id", "at", "id"),)

    id: Mapped[UUID] = id_column()
    appeal_id: Mapped[UUID] = mapped_column(sa.ForeignKey("appeals.id"))
    kind: Mapped[rules.StepKind] = mapped_column(closed_set(rules.StepKind, "appeal_step"))
    actor_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))
    item_code: Mapped[str | None] = mapped_column(sa.String(64))
    note: Mapped[str]
    at: Mapped[datetime]


class CaseFile(Base):
    """A photo or document somebody added to an appeal or an action, and how far its bytes have come."""

    __tablename__ = "case_files"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("appeal_id", "number"),
        sa.UniqueConstraint("action_id", "number"),
        sa.Index("ix_case_files_state", "state", "created_at"),
        sa.CheckConstraint("(appeal_id IS NULL) <> (action_id IS NULL)", name="of_one_case"),
        sa.CheckConstraint("number >= 1 AND size_bytes > 0", name="counted"),
        sa.CheckConstraint("(state = 'stored') = (stored_at IS NOT NULL)", name="stored_when"),
    )

    id: Mapped[UUID] = id_column()
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    appeal_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("appeals.id"))
    action_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("actions.id"))
    number: Mapped[int]  # within its case: all that a name tells
    uploaded_by: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    content_type: Mapped[str] = mapped_column(sa.String(100))
    size_bytes: Mapped[int]
    md5: Mapped[str] = mapped_column(sa.String(32))
    key: Mapped[str] = mapped_column(sa.String(200))
    token: Mapped[str] = mapped_column(sa.String(64))
    upload_id: Mapped[str | None]
    state: Mapped[FileState] = mapped_column(closed_set(FileState, "file_state"))
    created_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]
    sha256: Mapped[str | None] = mapped_column(sa.String(64))  # of what was stored
    erased_at: Mapped[datetime | None]  # its time was over


for _table in (
    "appeal_items",
    "appeal_votes",
    "appeal_rulings",
    "appeal_disclosures",
    "appeal_steps",
):
    guards.append_only(_table)
guards.append_only("appeal_panel_members", changeable=("released_at", "released_because"))

_PARTIAL = (
    "SELECT 1 FROM appeals a WHERE a.id = NEW.appeal_id AND (a.filed_by = NEW.person_id"
    " OR EXISTS (SELECT 1 FROM visit_crew c WHERE c.visit_id = a.visit_id AND c.person_id = NEW.person_id)"
    " OR EXISTS (SELECT 1 FROM approvals p WHERE p.visit_id = a.visit_id AND p.approved_by = NEW.person_id)"
    " OR EXISTS (SELECT 1 FROM veto_verdicts v WHERE v.visit_id = a.visit_id AND v.decided_by = NEW.person_id)"
    " OR EXISTS (SELECT 1 FROM second_markings m WHERE m.visit_id = a.visit_id AND m.marker_id = NEW.person_id)"
    " OR EXISTS (SELECT 1 FROM outlet_duties d WHERE d.outlet_id = a.outlet_id AND d.person_id = NEW.person_id))"
)

guards.register(
    IMPARTIAL,
    guards.Guard(
        table="appeal_panel_members",
        sqlite=[
            ("", f"DROP TRIGGER IF EXISTS {IMPARTIAL}"),
            (
                IMPARTIAL,
                (
                    f"CREATE TRIGGER {IMPARTIAL} BEFORE INSERT ON appeal_panel_members WHEN EXISTS ({_PARTIAL})"
                    f" BEGIN SELECT RAISE(ABORT, '{IMPARTIAL}'); END"
                ),
            ),
        ],
        postgresql=[
            (
                "",
                (
                    f"CREATE OR REPLACE FUNCTION {IMPARTIAL}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    f"IF EXISTS ({_PARTIAL}) THEN RAISE EXCEPTION '{IMPARTIAL}' USING"
                    f" ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{IMPARTIAL}'; "
                    "END IF; RETURN NEW; END $$"
                ),
            ),
            ("", f"DROP TRIGGER IF EXISTS {IMPARTIAL} ON appeal_panel_members"),
            (
                IMPARTIAL,
                (
                    f"CREATE TRIGGER {IMPARTIAL} BEFORE INSERT ON appeal_panel_members"
                    f" FOR EACH ROW EXECUTE FUNCTION {IMPARTIAL}()"
                ),
            ),
        ],
    ),
)
