"""The oldest code that works on this schema, kept in the database itself.

While a release comes in, processes of the release before go on working on the tables of the new one, and are started again
where they die. They meet a revision they do not know: the floor tells them whether it still has all that they use.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.orm import Base

ONLY = 1


class SchemaFloor(Base):
    """One row. Code whose newest revision is `revision`, or a later one, works on this schema."""

    __tablename__ = "schema_floor"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[str] = mapped_column(sa.String(32))

    __table_args__ = (sa.CheckConstraint(f"id = {ONLY}", name="only"),)


def put_at(revision: str) -> None:
    """In a migration that takes away what older code uses: its own revision; in its `downgrade`: the one there was."""
    op.execute(sa.update(SchemaFloor).values(revision=revision))


async def floor_of(connection: AsyncConnection) -> str | None:
    """`None` where nothing is known of it."""
    if not await connection.run_sync(lambda sync: sa.inspect(sync).has_table(SchemaFloor.__tablename__)):
        return None
    return await connection.scalar(sa.select(SchemaFloor.revision))
