"""Links with which somebody who forgot the password sets a new one."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import UTCDateTime

revision = "0033_password_links"
down_revision = "0032_second_factor"


def upgrade() -> None:
    op.create_table(
        "password_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_password_links_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_password_links"),
        sa.UniqueConstraint("person_id", name="uq_password_links_person_id"),
        sa.UniqueConstraint("token_hash", name="uq_password_links_token_hash"),
    )


def downgrade() -> None:
    op.drop_table("password_links")
