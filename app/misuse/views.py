"""From rows to wire types."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.events.schemas import TextOut
from app.identity.models import Person
from app.kit.bilingual import Text
from app.misuse import queries
from app.misuse.models import Alert
from app.misuse.rules import Rule
from app.misuse.schemas import AlertOut, NamedOut
from app.misuse.texts import NEXT, WHAT

AROUND = timedelta(minutes=5)  # the trail gets failed log-ins within a minute


async def alerts(session: AsyncSession, rows: Sequence[Alert]) -> list[AlertOut]:
    people = await queries.people_among(session, {UUID(one) for row in rows for one in row.people})
    return [_alert(row, people) for row in rows]


def _alert(row: Alert, people: Mapping[UUID, Person]) -> AlertOut:
    return AlertOut(
        id=row.id,
        rule=row.rule,
        at=row.at,
        since=row.since,
        until=row.until,
        how_many=row.how_many,
        alert_at=row.alert_at,
        people=[NamedOut.model_validate(people[UUID(one)]) for one in row.people],
        about=row.about,
        what=_said(WHAT[row.rule], row.how_many),
        next=TextOut.model_validate(NEXT[row.rule]),
        trail=f"/v1/audit?{urlencode(_wanted(row))}",
    )


def _said(text: Text, how_many: int) -> TextOut:
    return TextOut(zh=text.zh.format(how_many=how_many), en=text.en.format(how_many=how_many))


def _wanted(row: Alert) -> dict[str, str]:
    """What the trail is narrowed to: what a person did, or what was done to the account."""
    since, until = _instant(row.since - AROUND), _instant(row.until + AROUND)
    match row.rule:
        case Rule.ACCOUNTS_TRIED:
            whose = {"action": "login.failed"}
        case Rule.ACCOUNT_GUESSED | Rule.TOKEN_REUSED:
            whose = {"subject_id": row.whose}
        case Rule.MANY_RECORDINGS | Rule.MANY_ORIGINALS | Rule.MANY_SHEETS:
            whose = {"actor_id": row.whose}
    return {**whose, "since": since, "until": until}


def _instant(at: datetime) -> str:
    return at.isoformat()
