"""Who keeps a copy of what, so that each can be told what it may no longer see."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.orm import Base, id_column


class Replica(Base):
    """A copy on a phone or a desk. `round` counts the answers that gave or took visits."""

    __tablename__ = "sync_replicas"
    __table_args__ = (
        sa.Index("ix_sync_replicas_asked_at", "asked_at"),
        sa.Index("ix_sync_replicas_person_id", "person_id"),
    )

    id: Mapped[UUID] = id_column()
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    round: Mapped[int]
    begun_at: Mapped[datetime]
    asked_at: Mapped[datetime]


class Holding(Base):
    """A visit a replica was given in one round, and was told to forget in another; it may have lost either answer."""

    __tablename__ = "sync_holdings"

    replica_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("sync_replicas.id", ondelete="CASCADE"), primary_key=True
    )
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"), primary_key=True)
    given_in: Mapped[int]
    gone_in: Mapped[int | None]
