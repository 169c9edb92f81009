"""Published scores laid out for adding up. What was published before is marked as pending, and folded by the job."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, UTCDateTime

revision = "0023_insight"
down_revision = "0022_cases"

COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = "kind IN ('covert', 'overt')"
SCOPES = "scope IN ('item', 'indicator', 'dimension', 'visit', 'cap')"


def upgrade() -> None:
    op.create_table(
        "insight_pending",
        sa.Column("id", COUNTER, sa.Identity(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_insight_pending"),
    )
    op.create_index("ix_insight_pending_organisation_id", "insight_pending", ["organisation_id", "id"])
    op.create_table(
        "insight_foldings",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("folded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_insight_foldings_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_insight_foldings"),
    )
    op.create_table(
        "insight_layouts",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("codes", Json, nullable=False),
        *_references("insight_layouts", organisation_id="organisations"),
        sa.PrimaryKeyConstraint("id", name="pk_insight_layouts"),
        sa.UniqueConstraint(
            "organisation_id", "fingerprint", name="uq_insight_layouts_organisation_id_fingerprint"
        ),
    )
    _visit_scores()
    _vetoes()
    _vectors()
    op.execute(
        "INSERT INTO insight_pending (organisation_id, visit_id)"
        " SELECT organisation_id, visit_id FROM publications"
    )


def _visit_scores() -> None:
    table = "insight_visit_scores"
    op.create_table(
        table,
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("said_from", UTCDateTime(), nullable=False),
        sa.Column("said_until", UTCDateTime(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=True),
        sa.Column("checklist_version_id", sa.Uuid(), nullable=False),
        sa.Column("score_revision_id", sa.Uuid(), nullable=False),
        sa.Column("alias", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("total_micro", sa.Integer(), nullable=True),
        sa.Column("completeness_micro", sa.Integer(), nullable=True),
        sa.Column("vetoes", sa.Integer(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("on_planned_day", sa.Boolean(), nullable=False),
        sa.Column("handed_in_after_s", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(KINDS, name=op.f(f"ck_{table}_kind")),
        sa.CheckConstraint("said_until IS NULL OR said_until > said_from", name=op.f(f"ck_{table}_in_order")),
        *_references(
            table,
            visit_id="visits",
            organisation_id="organisations",
            programme_id="programmes",
            outlet_id="outlets",
            inspector_id="people",
            checklist_version_id="checklist_versions",
            score_revision_id="score_revisions",
        ),
        sa.PrimaryKeyConstraint("visit_id", "said_from", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_programme_id", table, ["programme_id", "kind", "visited_on"])
    op.create_index(f"ix_{table}_outlet_id", table, ["outlet_id", "kind", "visited_on"])
    op.create_index(f"ix_{table}_organisation_id", table, ["organisation_id", "visited_on"])
    op.create_index(f"ix_{table}_month", table, ["programme_id", "kind", "month", "shard"])


def _vetoes() -> None:
    table = "insight_vetoes"
    op.create_table(
        table,
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("said_from", UTCDateTime(), nullable=False),
        sa.Column("item_code", sa.String(64), nullable=False),
        sa.Column("said_until", UTCDateTime(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column("checklist_version_id", sa.Uuid(), nullable=False),
        sa.Column("alias", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("scope", sa.String(40), nullable=False),
        sa.Column("target", sa.String(64), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f(f"ck_{table}_kind")),
        sa.CheckConstraint(SCOPES, name=op.f(f"ck_{table}_scope")),
        *_references(
            table,
            visit_id="visits",
            organisation_id="organisations",
            programme_id="programmes",
            outlet_id="outlets",
            checklist_version_id="checklist_versions",
        ),
        sa.PrimaryKeyConstraint("visit_id", "said_from", "item_code", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_programme_id", table, ["programme_id", "kind", "visited_on"])
    op.create_index(f"ix_{table}_outlet_id", table, ["outlet_id", "kind", "visited_on"])


def _vectors() -> None:
    op.create_table(
        "insight_scores",
        sa.Column("score_revision_id", sa.Uuid(), nullable=False),
        *_columns(),
        *_references(
            "insight_scores",
            score_revision_id="score_revisions",
            indicator_layout_id="insight_layouts",
            item_layout_id="insight_layouts",
        ),
        sa.PrimaryKeyConstraint("score_revision_id", name="pk_insight_scores"),
    )
    op.create_table(
        "insight_months",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("outlet_ids", sa.LargeBinary(), nullable=False),
        *_columns(),
        sa.CheckConstraint(KINDS, name=op.f("ck_insight_months_kind")),
        *_references(
            "insight_months",
            programme_id="programmes",
            indicator_layout_id="insight_layouts",
            item_layout_id="insight_layouts",
        ),
        sa.PrimaryKeyConstraint("programme_id", "kind", "month", "shard", name="pk_insight_months"),
    )


def _columns() -> list[sa.Column[Any]]:
    return [
        column
        for level in ("indicator", "item")
        for column in (
            sa.Column(f"{level}_layout_id", sa.Integer(), nullable=False),
            *(
                sa.Column(f"{level}_{figure}", sa.LargeBinary(), nullable=False)
                for figure in ("visits", "value", "lost", "weight")
            ),
        )
    ]


def _references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")
        for column, other in columns.items()
    ]


def downgrade() -> None:
    for trigger, table in (
        ("insight_sees_revisions", "publication_revisions"),
        ("insight_sees_states", "visits"),
    ):
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER IF EXISTS {trigger} ON {table}")
            op.execute(f"DROP FUNCTION IF EXISTS {trigger}()")
        else:
            op.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    for name in (
        "insight_months",
        "insight_scores",
        "insight_vetoes",
        "insight_visit_scores",
        "insight_layouts",
        "insight_foldings",
        "insight_pending",
    ):
        op.drop_table(name)
