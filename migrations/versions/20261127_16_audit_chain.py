"""The chain of the audit trail. What was written down before gets its places here, oldest first."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from app.kit.chains import GENESIS, hash_of
from app.kit.orm import Json, UTCDateTime

revision = "0016_audit_chain"
down_revision = "0015_events"

BATCH = 1000

entries = sa.table(
    "audit_entries",
    sa.column("id", sa.Uuid()),
    sa.column("organisation_id", sa.Uuid()),
    sa.column("actor_id", sa.Uuid()),
    sa.column("action", sa.String()),
    sa.column("subject_id", sa.Uuid()),
    sa.column("details", Json),
    sa.column("at", UTCDateTime()),
)


def upgrade() -> None:
    links, heads = _links(), _heads()
    op.create_index("ix_audit_entries_actor_id", "audit_entries", ["actor_id", "at"], unique=False)
    connection = op.get_bind()
    for organisation_id in connection.scalars(sa.select(entries.c.organisation_id).distinct()).all():
        number, digest = 0, GENESIS
        while rows := _oldest(connection, links, organisation_id):
            placed = []
            for row in rows:
                before, digest = digest, hash_of(digest, row)
                number += 1
                placed.append(
                    {
                        "organisation_id": organisation_id,
                        "number": number,
                        "entry_id": row["id"],
                        "previous_hash": before,
                        "hash": digest,
                    }
                )
            connection.execute(sa.insert(links), placed)
        connection.execute(
            sa.insert(heads).values(organisation_id=organisation_id, number=number, hash=digest)
        )


def _oldest(connection: sa.Connection, links: sa.Table, organisation_id: UUID) -> Sequence[dict[str, Any]]:
    """Entries that have no place yet."""
    placed = sa.exists().where(links.c.entry_id == entries.c.id)
    rows = connection.execute(
        sa.select(entries)
        .where(entries.c.organisation_id == organisation_id, ~placed)
        .order_by(entries.c.at, entries.c.id)
        .limit(BATCH)
    )
    return [dict(row) for row in rows.mappings()]


def _links() -> sa.Table:
    return op.create_table(
        "audit_links",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_audit_links_number_counts_from_one")),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entries.id"], name="fk_audit_links_entry_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_audit_links_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "number", name="pk_audit_links"),
        sa.UniqueConstraint("entry_id", name="uq_audit_links_entry_id"),
    )


def _heads() -> sa.Table:
    return op.create_table(
        "audit_heads",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_audit_heads_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_audit_heads"),
    )


def downgrade() -> None:
    """The entries stay; what proves that nobody changed them goes, and is made anew by the next upgrade."""
    for table in ("audit_links", "audit_heads"):
        op.drop_table(table)
    op.drop_index("ix_audit_entries_actor_id", table_name="audit_entries")
