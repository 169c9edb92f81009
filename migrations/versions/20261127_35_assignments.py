"""Who was to lead how many visits, added up by month. The job counts them, one month after another."""

import sqlalchemy as sa
from alembic import op

revision = "0035_assignments"
down_revision = "0034_floor"

KINDS = "kind IN ('covert', 'overt')"
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TRIGGERS = {
    "insight_leads_come": "visit_crew",
    "insight_leads_go": "visit_crew",
    "insight_leads_change": "visit_crew",
    "insight_plans_change": "visits",
}


def upgrade() -> None:
    op.create_table(
        "insight_assignments",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("outlet_ids", sa.LargeBinary(), nullable=False),
        sa.Column("inspector_ids", sa.LargeBinary(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_insight_assignments_kind")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_insight_assignments_programme_id"
        ),
        sa.PrimaryKeyConstraint("programme_id", "kind", "month", name="pk_insight_assignments"),
    )
    op.create_table(
        "insight_replanned",
        sa.Column("id", COUNTER, sa.Identity(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_insight_replanned_kind")),
        sa.PrimaryKeyConstraint("id", name="pk_insight_replanned"),
    )
    op.create_index(
        "ix_insight_replanned_programme_id", "insight_replanned", ["programme_id", "kind", "planned_on"]
    )


def downgrade() -> None:
    for trigger, table in TRIGGERS.items():
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER IF EXISTS {trigger} ON {table}")
            op.execute(f"DROP FUNCTION IF EXISTS {trigger}()")
        else:
            op.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    op.drop_table("insight_replanned")
    op.drop_table("insight_assignments")
