"""Looking at what was recorded anyway, and telling those who must know. Done again, nothing is told twice."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import SHEET_TAKEN, record_by_itself
from app.events.kinds import Kind
from app.events.service import announce
from app.identity.queries import organisations
from app.kit.ids import new_id
from app.kit.jobs import Resources
from app.misuse import queries
from app.misuse.models import Alert
from app.misuse.queries import Span
from app.misuse.rules import HOUR, Act, Burst, Rule, bursts
from app.settings import Settings

STRETCH = timedelta(days=1)  # looked at in one transaction, when nobody has looked for long
LATE = timedelta(minutes=10)  # what is committed so long after its moment is seen yet
MOST_NAMED = 200
TOKEN_REUSED = "login.token_reused"  # noqa: S105 (the name of an action)


async def notice_all(resources: Resources) -> None:
    """Every organisation, each up to now. A transaction is a stretch of one: killed in between, the rest is left to be done."""
    async with resources.database.reading() as session:
        ids = sorted((await organisations(session)).values())
    for organisation_id in ids:
        while await resources.database.transact(partial(_notice_now, resources, organisation_id)):
            pass


async def _notice_now(resources: Resources, organisation_id: UUID, session: AsyncSession) -> bool:
    return await notice(session, organisation_id, settings=resources.settings, now=resources.clock())


async def notice(session: AsyncSession, organisation_id: UUID, *, settings: Settings, now: datetime) -> bool:
    """The next stretch; whether there is more."""
    watch = await queries.hold_watch(session, organisation_id, otherwise=now - HOUR)
    until = min(now, watch.until + STRETCH)
    span = Span(organisation_id, watch.until - HOUR - LATE, until)
    acts = {
        **await _of_players(session, span),
        **await _of_trail(session, span),
        **await _of_log_ins(session, span),
    }
    from_so_many = alert_at(settings)
    found = [one for rule in Rule for one in bursts(rule, acts[rule], alert_at=from_so_many[rule])]
    await _raise(session, organisation_id, found, now=now)
    watch.until = max(watch.until, until)
    return until < now


def alert_at(settings: Settings) -> Mapping[Rule, int]:
    """From how many on it is told; 0: never."""
    return {
        Rule.MANY_RECORDINGS: settings.alert_visits_per_hour,
        Rule.MANY_ORIGINALS: settings.alert_originals_per_hour,
        Rule.MANY_SHEETS: settings.alert_sheets_per_hour,
        Rule.ACCOUNT_GUESSED: settings.login_attempts,
        Rule.ACCOUNTS_TRIED: settings.alert_accounts_per_hour,
        Rule.TOKEN_REUSED: 1,
    }


Acts = Mapping[Rule, Sequence[Act]]


async def _of_players(session: AsyncSession, span: Span) -> Acts:
    rows = await queries.opened(session, span)
    return {
        Rule.MANY_RECORDINGS: [
            Act(str(viewer), at, visit, named=str(visit)) for viewer, at, visit, _recording, _original in rows
        ],
        Rule.MANY_ORIGINALS: [
            Act(str(viewer), at, recording, named=str(recording))
            for viewer, at, _visit, recording, original in rows
            if original
        ],
    }


async def _of_trail(session: AsyncSession, span: Span) -> Acts:
    rows = await queries.entries_of(session, span, SHEET_TAKEN, TOKEN_REUSED)
    return {
        Rule.MANY_SHEETS: [
            Act(str(one.actor_id), one.at, one.id, named=str(one.details["list"]))
            for one in rows
            if one.action == SHEET_TAKEN
        ],
        Rule.TOKEN_REUSED: [
            Act(str(one.subject_id), one.at, one.id) for one in rows if one.action == TOKEN_REUSED
        ],
    }


async def _of_log_ins(session: AsyncSession, span: Span) -> Acts:
    """Whoever mistypes in a shared office gets in at last: such accounts were not tried by a stranger."""
    rows = await queries.failures(session, span)
    return {
        Rule.ACCOUNT_GUESSED: [Act(str(one.person_id), one.at, one.id) for one, _got_in in rows],
        Rule.ACCOUNTS_TRIED: [
            Act(one.address_hash, one.at, one.person_id) for one, got_in in rows if not got_in
        ],
    }


async def _raise(
    session: AsyncSession, organisation_id: UUID, found: Sequence[Burst], *, now: datetime
) -> None:
    raised = await queries.raised_on(session, organisation_id, {one.until.date() for one in found})
    fresh = [one for one in found if (one.rule, one.whose, one.until.date()) not in raised]
    readers = await queries.readers_of(session, organisation_id, now=now) if fresh else set()
    for one in fresh:
        alert = _alert(organisation_id, one, now)
        session.add(alert)
        _record(session, alert)
        announce(
            session,
            Kind(f"misuse.{one.rule}"),
            organisation_id=organisation_id,
            subject_id=alert.id,
            people=readers,
            data={"how_many": alert.how_many},
            now=now,
        )


def _alert(organisation_id: UUID, burst: Burst, now: datetime) -> Alert:
    tried = burst.rule is Rule.ACCOUNTS_TRIED
    named = dict.fromkeys(one.named for one in burst.acts if one.named is not None)
    return Alert(
        id=new_id(),
        organisation_id=organisation_id,
        rule=burst.rule,
        whose=burst.whose,
        day=burst.until.date(),
        people=[str(one.about) for one in burst.acts][:MOST_NAMED] if tried else [burst.whose],
        about=list(named)[:MOST_NAMED],
        how_many=len(burst.acts),
        alert_at=burst.alert_at,
        since=burst.since,
        until=burst.until,
        at=now,
    )


def _record(session: AsyncSession, alert: Alert) -> None:
    """Under the person, where one did it."""
    whose = alert.organisation_id if alert.rule is Rule.ACCOUNTS_TRIED else UUID(alert.whose)
    record_by_itself(
        session,
        alert.organisation_id,
        "misuse.noticed",
        subject_id=whose,
        details={
            "alert_id": str(alert.id),
            "rule": str(alert.rule),
            "how_many": alert.how_many,
            "people": alert.people,
            "since": alert.since.isoformat(),
            "until": alert.until.isoformat(),
        },
        now=alert.at,
    )
