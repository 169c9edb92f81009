"""Tables of visits."""

revision = "0008_visits"
down_revision = "0007_recordings"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
