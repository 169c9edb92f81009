"""Tables of audit."""

revision = "0002_audit"
down_revision = "0001_identity"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
