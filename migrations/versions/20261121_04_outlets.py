"""Tables of outlets."""

revision = "0004_outlets"
down_revision = "0003_programmes"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
