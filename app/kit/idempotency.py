"""Answers kept under the caller's `Idempotency-Key`, in the transaction they answer for (D11).

A phone that lost the response sends the request again and gets the same answer; nothing is done twice.
"""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.orm import Base
from app.kit.problems import Conflict, Invalid

KEPT_FOR = timedelta(days=7)  # a phone may be in a drawer over a weekend and a public holiday
KEPT_HEADERS = ("content-type", "etag", "location")


class InFlight(Conflict):
    type = "request-in-flight"
    title = "The same request is being worked on right now: ask again in a moment"


class KeyReused(Invalid):
    type = "idempotency-key-reused"
    title = "This Idempotency-Key was used for another request: make a new one"


class Replay(Exception):
    """Not a failure: the answer given before, to be sent again."""

    def __init__(self, response: Response) -> None:
        super().__init__("replay")
        self.response = response


class KeptAnswer(Base):
    __tablename__ = "idempotency_keys"

    caller_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    body: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(index=True)


async def expect(
    session: AsyncSession, request: Request, *, caller_id: UUID, key: str, now: datetime
) -> None:
    """Remember that the answer to `request` is to be kept, or send the one that is.

    Raises `Replay` for a request already answered, `KeyReused` for another request under the same key, and
    `InFlight` while a twin is being worked on (PostgreSQL; on SQLite the twin simply waits its turn).
    """
    fingerprint = await _fingerprint(request)
    if session.get_bind().dialect.name == "postgresql":
        lock = sa.select(sa.func.pg_try_advisory_xact_lock(sa.func.hashtextextended(f"{caller_id}/{key}", 0)))
        if not await session.scalar(lock):
            raise InFlight
    kept = await session.get(KeptAnswer, (caller_id, key))
    if kept is not None and kept.fingerprint != fingerprint:
        raise KeyReused
    if kept is not None:
        headers = {**kept.headers, "Idempotency-Replayed": "true"}
        raise Replay(Response(kept.body, status_code=kept.status, headers=headers))
    request.state.kept_answer = KeptAnswer(
        caller_id=caller_id, key=key, fingerprint=fingerprint, created_at=now, status=0, headers={}, body=b""
    )


def keep(session: AsyncSession, request: Request, response: Response) -> None:
    """Add the answer to the open transaction, if the caller asked for that."""
    answer: KeptAnswer | None = getattr(request.state, "kept_answer", None)
    if answer is None:
        return
    answer.status = response.status_code
    answer.headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    answer.body = bytes(response.body)
    session.add(answer)


def outdated(now: datetime) -> sa.Delete:
    """Forget answers nobody will ask for again."""
    return sa.delete(KeptAnswer).where(KeptAnswer.created_at < now - KEPT_FOR)


async def _fingerprint(request: Request) -> str:
    digest = hashlib.sha256()
    for part in (request.method, request.url.path, request.url.query):
        digest.update(part.encode() + b"\n")
    digest.update(await request.body())
    return digest.hexdigest()
