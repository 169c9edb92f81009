"""Tables of review."""

revision = "0009_review"
down_revision = "0008_visits"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
