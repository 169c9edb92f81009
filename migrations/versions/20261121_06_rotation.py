"""Tables of rotation."""

revision = "0006_rotation"
down_revision = "0005_checklists"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
