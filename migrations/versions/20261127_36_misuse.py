"""Alerts of unusual use, how far each organisation was looked at, and players by the time they were opened."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, UTCDateTime

revision = "0036_misuse"
down_revision = "0035_assignments"

RULES = (
    "many_recordings",
    "many_originals",
    "many_sheets",
    "account_guessed",
    "accounts_tried",
    "token_reused",
)


def upgrade() -> None:
    op.create_table(
        "misuse_alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "rule",
            sa.Enum(*RULES, name="rule", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("whose", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("people", Json, nullable=False),
        sa.Column("about", Json, nullable=False),
        sa.Column("how_many", sa.Integer(), nullable=False),
        sa.Column("alert_at", sa.Integer(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("how_many >= alert_at AND alert_at >= 1", name="enough_to_tell"),
        sa.CheckConstraint("since <= until", name="since_until"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_misuse_alerts_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_misuse_alerts"),
        sa.UniqueConstraint("organisation_id", "rule", "whose", "day", name="uq_misuse_alerts_once_a_day"),
    )
    op.create_index("ix_misuse_alerts_organisation_id_at", "misuse_alerts", ["organisation_id", "at", "id"])
    op.create_table(
        "misuse_watches",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_misuse_watches_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_misuse_watches"),
    )
    op.create_index("ix_playbacks_organisation_id_opened_at", "playbacks", ["organisation_id", "opened_at"])


def downgrade() -> None:
    op.drop_index("ix_playbacks_organisation_id_opened_at", "playbacks")
    op.drop_table("misuse_watches")
    op.drop_table("misuse_alerts")
