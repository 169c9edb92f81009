"""Chains of hashes: what was written down cannot be changed, left out, put in or moved unnoticed.

Each organisation has one chain. Its links count from 1 without gaps; a link's hash covers its content and the hash before
it. They are added one at a time under the lock of the chain's head, which also knows how long the chain is, so that a
missing last link is noticed too. Whoever can write the whole database could still make a shorter or another chain and a
head that fits: against that a head is kept elsewhere (an `Anchor`), and the chain must still hold it.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, mapped_column

GENESIS = "0" * 64
BATCH = 1000


class Head:
    """Columns of a table of chain ends: what the next link follows, and why a missing last one is noticed."""

    __table__: ClassVar[Any]

    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[str] = mapped_column(sa.String(64))


@dataclass(frozen=True, slots=True)
class Link:
    """As it is stored. Without content when what it speaks of is not there."""

    number: int
    previous_hash: str
    hash: str
    content: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class Anchor:
    """The end of a chain as it was once: whoever keeps it elsewhere notices a chain that was made anew."""

    organisation_id: UUID
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Where one kind of chain is kept."""

    heads: type[Head]
    organisations: Callable[[AsyncSession], Awaitable[Sequence[UUID]]]
    links_after: Callable[
        [AsyncSession, UUID, int, int], Awaitable[Sequence[Link]]
    ]  # after a number, so many
    outside: Callable[[AsyncSession, UUID], Awaitable[int]]  # how many rows no link speaks of


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Whether a chain is whole; if not, at which link it first is not, and what is wrong there."""

    organisation_id: UUID
    entries: int
    is_whole: bool
    broken_at: int | None = None
    fault: str | None = None
    is_complete: bool = True  # it was looked at up to its end


def hash_of(previous_hash: str, content: Mapping[str, object]) -> str:
    """SHA-256 over the hash before and the content as canonical JSON, the same on both databases.

    This is how chains were written down: changed, no old one would be whole any more.
    """
    canonical = json.dumps(
        {name: _plain(value) for name, value in content.items()},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(f"{previous_hash}\n{canonical}".encode()).hexdigest()


def hold_head(session: Session, heads: type[Head], organisation_id: UUID) -> tuple[int, str]:
    """The end of the chain: number and hash. Whoever holds it is the only one to add links until the transaction ends.

    Statements without objects: this is a part of nearly every transaction.
    """
    table = heads.__table__
    wanted = (
        sa.select(table.c.number, table.c.hash)
        .where(table.c.organisation_id == organisation_id)
        .with_for_update()
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        first = insert(table).values(organisation_id=organisation_id, number=0, hash=GENESIS)
        session.execute(first.on_conflict_do_nothing())  # somebody else may add the first link too
        row = session.execute(wanted).one()
    return row.number, row.hash


def move_head(
    session: Session, heads: type[Head], organisation_id: UUID, *, number: int, digest: str
) -> None:
    """The chain ends at this link from now on; the caller holds the head and has added what lies between."""
    table = heads.__table__
    session.execute(
        sa.update(table).where(table.c.organisation_id == organisation_id).values(number=number, hash=digest)
    )


async def verify_chain(
    session: AsyncSession,
    chain: Chain,
    organisation_id: UUID,
    *,
    anchors: Sequence[Anchor] = (),
    after: int = 0,
    most: int | None = None,
) -> ChainReport:
    """Recompute every link: finds one that was changed, left out, put in, moved or cut off at the end.

    With `after` it begins behind that link, whose hash it believes; with `most` it stops after about so many.

    Of `anchors` those of the organisation must still be in the chain. Links that are added meanwhile are verified too. The
    session should have no other use: what it has loaded is let go of on the way.
    """
    known = {one.number: one.hash for one in anchors if one.organisation_id == organisation_id}
    walk = await _begin(session, chain, organisation_id, known=known, after=after)
    complete = False
    while walk.fault is None and not complete and (most is None or walk.number - after < most):
        links = await chain.links_after(session, organisation_id, walk.number, BATCH)
        for link in links:
            walk.step(link)
        session.expunge_all()  # a long chain must not fill the memory
        complete = not links and walk.is_over(await _end_of(session, chain, organisation_id))
    if complete and walk.fault is None and (left := await chain.outside(session, organisation_id)):
        walk.fault = f"{left} entries stand outside the chain"
    broken_at = None if walk.fault is None else walk.number + 1
    return ChainReport(organisation_id, walk.number, walk.fault is None, broken_at, walk.fault, complete)


async def verify_all(
    session: AsyncSession, chain: Chain, *, anchors: Sequence[Anchor] = ()
) -> list[ChainReport]:
    """Every organisation's chain, and those that an anchor knows of."""
    organisations = set(await chain.organisations(session)) | {one.organisation_id for one in anchors}
    return [await verify_chain(session, chain, one, anchors=anchors) for one in sorted(organisations)]


async def anchors_of(session: AsyncSession, chain: Chain) -> list[Anchor]:
    """The ends of all chains as they are now, to be kept elsewhere."""
    heads = await session.scalars(sa.select(chain.heads).order_by(chain.heads.organisation_id))
    return [Anchor(head.organisation_id, head.number, head.hash) for head in heads]


@dataclass(slots=True)
class _Walk:
    """How far a chain was found whole, and what is wrong behind that."""

    known: Mapping[int, str]
    number: int = 0
    hash: str = GENESIS
    fault: str | None = None
    saw_more: bool = False

    def step(self, link: Link) -> None:
        if self.fault is None:
            self.fault = self._fault_of(link)
        if self.fault is None:
            self.number, self.hash, self.saw_more = link.number, link.hash, False

    def is_over(self, end: tuple[int, str]) -> bool:
        """Asked when there is no link behind: whether the chain may end here, given what its head says."""
        if end[0] > self.number and not self.saw_more:
            self.saw_more = True  # added since we looked, or missing: the next look tells
            return False
        if end != (self.number, self.hash):
            self.fault = "the chain does not end where its head says"
        elif any(number > self.number for number in self.known):
            self.fault = f"the chain is shorter than the known head, entry {max(self.known)}"
        return True

    def _fault_of(self, link: Link) -> str | None:
        if link.number != self.number + 1:
            return f"entry {self.number + 1} is missing"
        if link.previous_hash != self.hash:
            return "the entry does not follow the one before it"
        if link.content is None:
            return "the entry's content is missing"
        if link.hash != hash_of(link.previous_hash, link.content):
            return "the entry's content was changed"
        if self.known.get(link.number, link.hash) != link.hash:
            return "the entry is not the one that the known head names"
        return None


async def _begin(
    session: AsyncSession, chain: Chain, organisation_id: UUID, *, known: Mapping[int, str], after: int
) -> _Walk:
    if after == 0:
        return _Walk(known)
    links = await chain.links_after(session, organisation_id, after - 1, 1)
    if not links or links[0].number != after:
        return _Walk(known, number=after - 1, fault=f"entry {after} is missing")
    return _Walk(known, number=after, hash=links[0].hash)


async def _end_of(session: AsyncSession, chain: Chain, organisation_id: UUID) -> tuple[int, str]:
    heads = chain.heads
    found = await session.execute(
        sa.select(heads.number, heads.hash).where(heads.organisation_id == organisation_id)
    )
    row = found.one_or_none()
    return (0, GENESIS) if row is None else (row.number, row.hash)


def _plain(value: object) -> object:
    """The same on both databases: instants in UTC, whole numbers without a point, texts for ids and closed sets."""
    plain: object
    match value:
        case bool() | int() | None:
            plain = value
        case float():
            plain = int(value) if value.is_integer() else value  # in PostgreSQL's JSON 1.0 may come back as 1
        case datetime():
            plain = value.astimezone(UTC).isoformat(timespec="microseconds")
        case Mapping():
            plain = {str(name): _plain(each) for name, each in value.items()}
        case list() | tuple():
            plain = [_plain(each) for each in value]
        case _:
            plain = str(value)
    return plain
