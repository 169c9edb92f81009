"""Asking for editions."""

from datetime import datetime
from secrets import token_hex
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import JsonValue, record
from app.bulletins import queries
from app.bulletins.models import Bulletin, BulletinFile
from app.bulletins.problems import BulletinInTheMaking, BulletinNotReady
from app.bulletins.queries import Series
from app.bulletins.rules import Format, Language, State, days_of, latest_over
from app.bulletins.schemas import BulletinIn
from app.identity.actor import Actor
from app.insight import queries as insight
from app.insight.queries import READERS, at_desk
from app.kit.ids import new_id
from app.kit.jobs import enqueue
from app.kit.problems import AlreadyExists, Forbidden, Invalid
from app.outlets import queries as outlets
from app.outlets import queries_regions as regions

KEY_PREFIX = "bulletins/"
MAKE = "bulletins.make"
WAITED_FOR, BY_THE_CLOCK = 100, 200  # places in the queue


async def request(session: AsyncSession, actor: Actor, wanted: BulletinIn, *, now: datetime) -> Bulletin:
    """The next edition, made in the background.

    Raises `NotFound` for a region, outlet or programme that is not the actor's, `Forbidden`, `Invalid` for days that
    have not come, `AlreadyExists`, and `BulletinInTheMaking`.
    """
    actor.require(*READERS)
    await _require_theirs(session, actor, wanted, now=now)
    programme = await insight.get_programme(session, actor, wanted.programme_id, now=now)
    if wanted.id is not None and await queries.find_anywhere(session, wanted.id) is not None:
        raise AlreadyExists("There is a bulletin with this id.")
    today = now.date()
    days = latest_over(wanted.cadence, today) if wanted.on is None else days_of(wanted.cadence, wanted.on)
    if days[0] > today:
        raise Invalid("Nothing can be told of days that have not come.")
    series = Series(programme, wanted.kind, wanted.cadence, *days, wanted.region_id, wanted.outlet_id)
    bulletin = await begin(session, series, bulletin_id=wanted.id or new_id(), by=actor, now=now)
    details: dict[str, JsonValue] = {
        "edition": bulletin.edition,
        "first_on": str(days[0]),
        "cadence": str(wanted.cadence),
    }
    record(session, actor, "bulletin.requested", subject_id=bulletin.id, details=details, now=now)
    return bulletin


async def begin(
    session: AsyncSession, series: Series, *, bulletin_id: UUID, by: Actor | None, now: datetime
) -> Bulletin:
    """An edition to be made; it follows the last that was ready. Raises `BulletinInTheMaking`."""
    earlier = await queries.editions(session, series)
    if any(one.state is State.MAKING for one in earlier):
        raise BulletinInTheMaking
    bulletin = Bulletin(
        id=bulletin_id,
        organisation_id=series.programme.organisation_id,
        programme_id=series.programme.id,
        kind=series.kind,
        cadence=series.cadence,
        scope=series.scope,
        region_id=series.region_id,
        outlet_id=series.outlet_id,
        subject_id=series.subject_id,
        first_on=series.first_on,
        last_on=series.last_on,
        edition=earlier[0].edition + 1 if earlier else 1,
        follows_id=next((one.id for one in earlier if one.ready_at is not None), None),
        requested_by=None if by is None else by.person_id,
        requested_at=now,
        key=f"{KEY_PREFIX}{token_hex(16)}",
    )
    session.add(bulletin)
    await session.flush()
    priority = BY_THE_CLOCK if by is None else WAITED_FOR
    await enqueue(session, MAKE, str(bulletin.id), workflow_id=f"bulletin {bulletin.id}", priority=priority)
    return bulletin


async def _require_theirs(session: AsyncSession, actor: Actor, wanted: BulletinIn, *, now: datetime) -> None:
    """Raises `NotFound` and `Forbidden`."""
    if wanted.outlet_id is not None:
        await outlets.get_outlet(session, actor, wanted.outlet_id, now=now)
        return
    desk = at_desk(actor)
    if wanted.region_id is not None:
        await regions.get_region(session, desk, wanted.region_id, now=now)
    elif not await queries.sees_all_regions(session, desk, now=now):
        raise Forbidden("The whole network is for those in whose charge every region is: name a region.")


async def get_file(
    session: AsyncSession,
    actor: Actor,
    bulletin_id: UUID,
    language: Language,
    format_: Format,
    *,
    now: datetime,
) -> tuple[Bulletin, BulletinFile]:
    """Raises `NotFound`, and `BulletinNotReady` while there are no files, or none any more."""
    bulletin = await queries.get_bulletin(session, actor, bulletin_id, now=now)
    if bulletin.state is not State.READY:
        raise BulletinNotReady(state=str(bulletin.state))
    return bulletin, await session.get_one(BulletinFile, (bulletin_id, language, format_))
