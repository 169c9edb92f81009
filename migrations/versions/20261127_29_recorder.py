"""What a phone's recorder noticed of itself: gaps, and moments that were tapped."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json

revision = "0029_recorder"
down_revision = "0028_file_retention"


def upgrade() -> None:
    op.add_column("manifest_entries", sa.Column("gaps", Json, server_default="[]", nullable=False))
    op.add_column("manifest_entries", sa.Column("markers_ms", Json, server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("manifest_entries", "markers_ms")
    op.drop_column("manifest_entries", "gaps")
