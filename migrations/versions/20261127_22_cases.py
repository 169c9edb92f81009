"""Appeals and their panels, actions of rectification, and the files of both."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, UTCDateTime

revision = "0022_cases"
down_revision = "0021_inbox"


def upgrade() -> None:
    _follow_ups()
    _appeals()
    _appeal_papers()
    _panels()
    _votes()
    _rulings()
    _actions()
    _action_steps()
    _files()


def _follow_ups() -> None:
    op.create_table(
        "publication_follow_ups",
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("revision_number", sa.Integer(), nullable=False),
        sa.Column("window_closes_at", UTCDateTime(), nullable=False),
        sa.Column("final_from", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "final_from >= window_closes_at", name=op.f("ck_publication_follow_ups_final_after_window")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_publication_follow_ups_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_publication_follow_ups_publication_id")
        ),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_publication_follow_ups")),
    )
    op.create_index(
        "ix_publication_follow_ups_final_from", "publication_follow_ups", ["final_from"], unique=False
    )


def _appeals() -> None:
    op.create_table(
        "appeals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "filed",
                "admitted",
                "returned",
                "withdrawn",
                "decided",
                "lapsed",
                name="appeal_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Uuid(), nullable=False),
        sa.Column("filed_at", UTCDateTime(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("outcome_id", sa.Uuid(), nullable=True),
        sa.Column("decision_due_at", UTCDateTime(), nullable=False),
        sa.Column("refile_until", UTCDateTime(), nullable=True),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("settled_because", sa.Text(), nullable=True),
        sa.Column("escalated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'decided') = (outcome_id IS NOT NULL)", name=op.f("ck_appeals_decided_with_outcome")
        ),
        sa.CheckConstraint(
            "(state IN ('filed', 'admitted')) = (settled_at IS NULL)",
            name=op.f("ck_appeals_settled_when_not_open"),
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["publication_revisions.id"], name=op.f("fk_appeals_edition_id")
        ),
        sa.ForeignKeyConstraint(["filed_by"], ["people.id"], name=op.f("fk_appeals_filed_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "outlet_id"],
            ["outlets.organisation_id", "outlets.id"],
            name=op.f("fk_appeals_organisation_id_outlet_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_appeals_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["outcome_id"], ["publication_revisions.id"], name=op.f("fk_appeals_outcome_id")
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_appeals_publication_id")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_appeals_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
    )
    op.create_index(
        "ix_appeals_organisation_id_filed_at", "appeals", ["organisation_id", "filed_at", "id"], unique=False
    )
    op.create_index("ix_appeals_publication_id", "appeals", ["publication_id", "filed_at"], unique=False)
    op.create_index(
        "uq_appeals_one_open",
        "appeals",
        ["visit_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('filed', 'admitted')"),
        postgresql_where=sa.text("state IN ('filed', 'admitted')"),
    )


def _appeal_papers() -> None:
    op.create_table(
        "appeal_disclosures",
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("disclosed_by", sa.Uuid(), nullable=False),
        sa.Column("disclosed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeals.id"], name=op.f("fk_appeal_disclosures_appeal_id")),
        sa.ForeignKeyConstraint(
            ["disclosed_by"], ["people.id"], name=op.f("fk_appeal_disclosures_disclosed_by")
        ),
        sa.PrimaryKeyConstraint("appeal_id", name=op.f("pk_appeal_disclosures")),
    )
    op.create_table(
        "appeal_items",
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("item_code", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("vetoed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeals.id"], name=op.f("fk_appeal_items_appeal_id")),
        sa.PrimaryKeyConstraint("appeal_id", "item_code", name=op.f("pk_appeal_items")),
    )
    op.create_table(
        "appeal_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "filed",
                "attached",
                "returned",
                "admitted",
                "appointed",
                "released",
                "voted",
                "ruled",
                "minute_disclosed",
                "decided",
                "escalated",
                "withdrawn",
                "lapsed",
                name="appeal_step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("item_code", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_appeal_steps_actor_id")),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeals.id"], name=op.f("fk_appeal_steps_appeal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_steps")),
    )
    op.create_index("ix_appeal_steps_appeal_id", "appeal_steps", ["appeal_id", "at", "id"], unique=False)


def _panels() -> None:
    op.create_table(
        "appeal_panel_members",
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "seat",
            sa.Enum("chair", "member", name="seat", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("appointed_by", sa.Uuid(), nullable=False),
        sa.Column("appointed_at", UTCDateTime(), nullable=False),
        sa.Column("released_at", UTCDateTime(), nullable=True),
        sa.Column("released_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(released_at IS NULL) = (released_because IS NULL)",
            name=op.f("ck_appeal_panel_members_released_why"),
        ),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["appeals.id"], name=op.f("fk_appeal_panel_members_appeal_id")
        ),
        sa.ForeignKeyConstraint(
            ["appointed_by"], ["people.id"], name=op.f("fk_appeal_panel_members_appointed_by")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_appeal_panel_members_person_id")),
        sa.PrimaryKeyConstraint("appeal_id", "person_id", name=op.f("pk_appeal_panel_members")),
    )
    op.create_index("ix_appeal_panel_members_person_id", "appeal_panel_members", ["person_id"], unique=False)
    op.create_index(
        "uq_appeal_panel_members_one_chair",
        "appeal_panel_members",
        ["appeal_id"],
        unique=True,
        sqlite_where=sa.text("seat = 'chair' AND released_at IS NULL"),
        postgresql_where=sa.text("seat = 'chair' AND released_at IS NULL"),
    )


def _votes() -> None:
    op.create_table(
        "appeal_votes",
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("item_code", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "upheld",
                "partly",
                "rejected",
                "insufficient_evidence",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("correction", Json, nullable=True),
        sa.Column("lifts_veto", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("voted_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(category IN ('upheld', 'partly')) = (correction IS NOT NULL)",
            name=op.f("ck_appeal_votes_corrected_when_upheld"),
        ),
        sa.CheckConstraint(
            "NOT lifts_veto OR category <> 'rejected'", name=op.f("ck_appeal_votes_rejected_lifts_nothing")
        ),
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
        sa.PrimaryKeyConstraint("appeal_id", "item_code", "person_id", name=op.f("pk_appeal_votes")),
        sa.UniqueConstraint(
            "appeal_id", "item_code", "person_id", "category", "lifts_veto", name="uq_appeal_votes_said"
        ),
    )


def _rulings() -> None:
    op.create_table(
        "appeal_rulings",
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("item_code", sa.String(length=64), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "upheld",
                "partly",
                "rejected",
                "insufficient_evidence",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("correction", Json, nullable=True),
        sa.Column("lifts_veto", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("seconded_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "NOT lifts_veto OR (seconded_by IS NOT NULL AND seconded_by <> decided_by)",
            name=op.f("ck_appeal_rulings_two_people_lift_a_veto"),
        ),
        sa.ForeignKeyConstraint(
            ["appeal_id", "item_code", "decided_by", "category", "lifts_veto"],
            [
                "appeal_votes.appeal_id",
                "appeal_votes.item_code",
                "appeal_votes.person_id",
                "appeal_votes.category",
                "appeal_votes.lifts_veto",
            ],
            name="fk_appeal_rulings_decided_by",
        ),
        sa.ForeignKeyConstraint(
            ["appeal_id", "item_code", "seconded_by", "category", "lifts_veto"],
            [
                "appeal_votes.appeal_id",
                "appeal_votes.item_code",
                "appeal_votes.person_id",
                "appeal_votes.category",
                "appeal_votes.lifts_veto",
            ],
            name="fk_appeal_rulings_seconded_by",
        ),
        sa.PrimaryKeyConstraint("appeal_id", "item_code", name=op.f("pk_appeal_rulings")),
    )


def _actions() -> None:
    op.create_table(
        "actions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column("checklist_code", sa.String(length=64), nullable=False),
        sa.Column("item_code", sa.String(length=64), nullable=False),
        sa.Column("item_text", Json, nullable=False),
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum("rule", "hand", name="origin", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "in_progress",
                "proof_submitted",
                "awaiting_recheck",
                "reopened",
                "verified",
                "cancelled",
                name="action_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recording_number", sa.Integer(), nullable=True),
        sa.Column("at_ms", sa.Integer(), nullable=True),
        sa.Column("target_micro", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("proof_on", sa.Date(), nullable=True),
        sa.Column("reopened_at", UTCDateTime(), nullable=True),
        sa.Column("times_failed", sa.Integer(), nullable=False),
        sa.Column("failed_in", sa.Uuid(), nullable=True),
        sa.Column("verified_in", sa.Uuid(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("closed_because", sa.Text(), nullable=True),
        sa.Column("escalated_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'verified') = (verified_in IS NOT NULL)", name=op.f("ck_actions_verified_by_a_report")
        ),
        sa.CheckConstraint(
            "(state IN ('verified', 'cancelled')) = (closed_at IS NOT NULL)",
            name=op.f("ck_actions_closed_when_done"),
        ),
        sa.CheckConstraint(
            "at_ms IS NULL OR recording_number IS NOT NULL", name=op.f("ck_actions_moment_of_a_recording")
        ),
        sa.CheckConstraint("target_micro BETWEEN 0 AND 1000000", name=op.f("ck_actions_target_is_a_share")),
        sa.CheckConstraint("times_failed >= 0", name=op.f("ck_actions_failures")),
        sa.ForeignKeyConstraint(["failed_in"], ["publications.id"], name=op.f("fk_actions_failed_in")),
        sa.ForeignKeyConstraint(["opened_by"], ["people.id"], name=op.f("fk_actions_opened_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "outlet_id"],
            ["outlets.organisation_id", "outlets.id"],
            name=op.f("fk_actions_organisation_id_outlet_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_actions_organisation_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_actions_owner_id")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_actions_publication_id")
        ),
        sa.ForeignKeyConstraint(["verified_in"], ["publications.id"], name=op.f("fk_actions_verified_in")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
    )
    op.create_index(
        "ix_actions_organisation_id_due_at", "actions", ["organisation_id", "due_at", "id"], unique=False
    )
    op.create_index("ix_actions_outlet_id", "actions", ["outlet_id", "due_at", "id"], unique=False)
    op.create_index("ix_actions_publication_id", "actions", ["publication_id", "item_code"], unique=False)
    op.create_index(
        "uq_actions_one_open",
        "actions",
        ["outlet_id", "checklist_code", "item_code"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _action_steps() -> None:
    op.create_table(
        "action_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "opened",
                "started",
                "commented",
                "assigned",
                "replanned",
                "proof_added",
                "proof_submitted",
                "proof_accepted",
                "proof_refused",
                "not_seen",
                "failed_again",
                "failed_before_proof",
                "failure_revised",
                "verified",
                "escalated",
                "cancelled",
                name="action_step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "in_progress",
                "proof_submitted",
                "awaiting_recheck",
                "reopened",
                "verified",
                "cancelled",
                name="action_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("publication_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["actions.id"], name=op.f("fk_action_steps_action_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_action_steps_actor_id")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_action_steps_publication_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_steps")),
    )
    op.create_index("ix_action_steps_action_id", "action_steps", ["action_id", "at", "id"], unique=False)


def _files() -> None:
    op.create_table(
        "case_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=True),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("md5", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("upload_id", sa.Text(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "awaited",
                "stored",
                "refused",
                name="file_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("stored_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'stored') = (stored_at IS NOT NULL)", name=op.f("ck_case_files_stored_when")
        ),
        sa.CheckConstraint(
            "(appeal_id IS NULL) <> (action_id IS NULL)", name=op.f("ck_case_files_of_one_case")
        ),
        sa.CheckConstraint("number >= 1 AND size_bytes > 0", name=op.f("ck_case_files_counted")),
        sa.ForeignKeyConstraint(["action_id"], ["actions.id"], name=op.f("fk_case_files_action_id")),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeals.id"], name=op.f("fk_case_files_appeal_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_case_files_organisation_id")
        ),
        sa.ForeignKeyConstraint(["uploaded_by"], ["people.id"], name=op.f("fk_case_files_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_files")),
        sa.UniqueConstraint("action_id", "number", name=op.f("uq_case_files_action_id_number")),
        sa.UniqueConstraint("appeal_id", "number", name=op.f("uq_case_files_appeal_id_number")),
        sa.UniqueConstraint("key", name=op.f("uq_case_files_key")),
    )
    op.create_index("ix_case_files_state", "case_files", ["state", "created_at"], unique=False)


def downgrade() -> None:
    for table in (
        "case_files",
        "action_steps",
        "actions",
        "appeal_rulings",
        "appeal_votes",
        "appeal_panel_members",
        "appeal_steps",
        "appeal_disclosures",
        "appeal_items",
        "appeals",
        "publication_follow_ups",
    ):
        op.drop_table(table)
