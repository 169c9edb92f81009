"""Totals beside the vectors of a month, and blocks for quarters and years. What was published before is folded again."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0026_spans"
down_revision = "0025_blurs"

TABLE = "insight_spans"
KINDS = "kind IN ('covert', 'overt')"
FIGURES = ("visits", "value", "lost", "weight")
MONTHS = ("totals", "inspector_ids", "works")


def upgrade() -> None:
    for name in MONTHS:
        op.add_column("insight_months", sa.Column(name, sa.LargeBinary(), nullable=True))
    op.create_table(
        TABLE,
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("outlet_ids", sa.LargeBinary(), nullable=False),
        sa.Column("totals", sa.LargeBinary(), nullable=True),
        *_columns(),
        sa.CheckConstraint(KINDS, name=op.f(f"ck_{TABLE}_kind")),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=f"fk_{TABLE}_programme_id"),
        *(
            sa.ForeignKeyConstraint(
                [f"{level}_layout_id"], ["insight_layouts.id"], name=f"fk_{TABLE}_{level}_layout_id"
            )
            for level in ("indicator", "item")
        ),
        sa.PrimaryKeyConstraint("programme_id", "kind", "first_on", "last_on", "shard", name=f"pk_{TABLE}"),
    )
    op.execute(
        "INSERT INTO insight_pending (organisation_id, visit_id)"
        " SELECT organisation_id, visit_id FROM publications"
    )


def _columns() -> list[sa.Column[Any]]:
    return [
        column
        for level in ("indicator", "item")
        for column in (
            sa.Column(f"{level}_layout_id", sa.Integer(), nullable=False),
            *(sa.Column(f"{level}_{figure}", sa.LargeBinary(), nullable=False) for figure in FIGURES),
        )
    ]


def downgrade() -> None:
    for trigger in ("insight_months_come", "insight_months_go"):
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER IF EXISTS {trigger} ON insight_months")
            op.execute(f"DROP FUNCTION IF EXISTS {trigger}()")
        else:
            op.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    op.drop_table(TABLE)
    for name in reversed(MONTHS):
        op.drop_column("insight_months", name)
