"""Tables of checklists."""

revision = "0005_checklists"
down_revision = "0004_outlets"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
