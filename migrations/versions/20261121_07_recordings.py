"""Tables of recordings."""

revision = "0007_recordings"
down_revision = "0006_rotation"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
