"""Ending the mails from within a mail, without logging in: the address itself says whose they are (RFC 8058)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.events import queries
from app.events.models import MailPreferences
from app.kit.problems import NotFound
from app.kit.sealing import Unsealable, seal, unseal
from app.settings import Settings

PURPOSE = "unsubscribe"
PAGE = """<!doctype html>
<html lang="{tag}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<main>
<p lang="zh-CN">{zh}</p>
<p lang="en">{en}</p>
{form}</main>
</html>
"""
ASK = PAGE.format(
    tag="zh-CN",
    title="Plainclothes",
    zh="不再通过邮件接收通知？收件箱中仍可查看。",
    en="No more notices by mail? They stay in your inbox.",
    form='<form method="post"><button name="List-Unsubscribe" value="One-Click">退订 · Unsubscribe</button></form>\n',
)
DONE = PAGE.format(
    tag="zh-CN",
    title="Plainclothes",
    zh="已退订。可在收件箱设置中重新选择。",
    en="Done. Your inbox's preferences bring them back.",
    form="",
)


def address_for(settings: Settings, person_id: UUID) -> str:
    """Good for as long as the key of the settings is: a mail may be read years later."""
    key = settings.secret_key.get_secret_value()
    return f"{settings.address}/v1/inbox/unsubscribe/{seal(person_id.hex, key=key, purpose=PURPOSE)}"


def reader_of(token: str, *, settings: Settings) -> UUID:
    """Whose mails the address ends. Raises `NotFound` for what is no token of ours."""
    try:
        return UUID(unseal(token, key=settings.secret_key.get_secret_value(), purpose=PURPOSE))
    except (Unsealable, ValueError) as error:
        raise NotFound("This address unsubscribes nobody: choose in your inbox's preferences.") from error


async def unsubscribe(session: AsyncSession, token: str, *, settings: Settings) -> None:
    """Nothing comes by mail any more, until the person chooses again. Raises `NotFound`."""
    person_id = reader_of(token, settings=settings)
    found = await queries.find_preferences(session, person_id)
    if found is None:
        found = MailPreferences(person_id=person_id)
        session.add(found)
    found.kinds = []
    await session.flush()
