"""Second factors and their recovery codes, and when somebody logged in last proved to be there."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import UTCDateTime

revision = "0032_second_factor"
down_revision = "0031_failed_logins"


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("begun_at", UTCDateTime(), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_second_factors_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_second_factors"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_recovery_codes_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
    )
    op.create_index("ix_recovery_codes_person_id", "recovery_codes", ["person_id"])
    op.add_column("logins", sa.Column("proved_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("logins", "proved_at")
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
