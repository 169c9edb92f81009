"""Which code works on this schema: processes of the release before ask when they meet a revision they do not know."""

import sqlalchemy as sa
from alembic import op

revision = "0034_floor"
down_revision = "0033_password_links"


def upgrade() -> None:
    floor = op.create_table(
        "schema_floor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.String(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name="only"),
        sa.PrimaryKeyConstraint("id", name="pk_schema_floor"),
    )
    op.bulk_insert(floor, [{"id": 1, "revision": revision}])


def downgrade() -> None:
    op.drop_table("schema_floor")
