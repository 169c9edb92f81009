"""Tables of programmes."""

revision = "0003_programmes"
down_revision = "0002_audit"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
