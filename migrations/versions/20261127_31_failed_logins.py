"""Whose account a failed log-in was for, so that the audit trail gets it."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import UTCDateTime

revision = "0031_failed_logins"
down_revision = "0030_comments"

TO_NOTE = "person_id IS NOT NULL AND noted_at IS NULL"


def upgrade() -> None:
    op.add_column("login_attempts", sa.Column("person_id", sa.Uuid(), nullable=True))
    op.add_column("login_attempts", sa.Column("because", sa.String(length=20), nullable=True))
    op.add_column("login_attempts", sa.Column("noted_at", UTCDateTime(), nullable=True))
    op.create_index(
        "ix_login_attempts_to_note",
        "login_attempts",
        ["at", "id"],
        sqlite_where=sa.text(TO_NOTE),
        postgresql_where=sa.text(TO_NOTE),
    )


def downgrade() -> None:
    op.drop_index("ix_login_attempts_to_note", table_name="login_attempts")
    op.drop_column("login_attempts", "noted_at")
    op.drop_column("login_attempts", "because")
    op.drop_column("login_attempts", "person_id")
