"""Long films cut for HLS, codes in watermarks, and rendering that is begun again."""

import sqlalchemy as sa
from alembic import op

from app.kit import guards

revision = "0020_playing"
down_revision = "0019_second_marking"


def upgrade() -> None:
    op.add_column("renditions", sa.Column("stream_key", sa.String(200), nullable=True))
    op.add_column("renditions", sa.Column("playlist", sa.Text(), nullable=True))
    op.add_column("playbacks", sa.Column("code", sa.String(16), nullable=True))
    op.create_index("ix_playbacks_code", "playbacks", ["code"], unique=False)
    op.create_index("ix_play_ledger_playback_id", "play_ledger", ["playback_id", "number"], unique=False)
    op.add_column("mute_revisions", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    guards.lift(op.get_bind())
    op.drop_column("mute_revisions", "tries")
    op.drop_index("ix_play_ledger_playback_id", table_name="play_ledger")
    op.drop_index("ix_playbacks_code", table_name="playbacks")
    op.drop_column("playbacks", "code")
    op.drop_column("renditions", "playlist")
    op.drop_column("renditions", "stream_key")
