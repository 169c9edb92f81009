"""Inbox entries that are mailed too: decided once, sent by a durable job."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.events import queries
from app.events.inbox import may_know, wanted_of
from app.events.texts import SENTENCES
from app.events.unsubscribing import address_for
from app.identity import queries as identity
from app.kit.bilingual import Text
from app.kit.jobs import Resources, enqueue
from app.kit.mail import Letter, post_of

MAIL = "events.mail"
BATCH = 200
FOOT = Text(
    "请登录 {address} 查看。在收件箱设置中可选择哪些通知以邮件发送。",
    "See {address}. Your inbox's preferences say which notices come by mail.",
)


async def decide(session: AsyncSession, *, now: datetime) -> bool:
    """Have the next entries mailed whose readers want that; whether there may be more."""
    entries = await queries.not_yet_mailed(session, limit=BATCH)
    preferences = await queries.preferences_among(session, {entry.person_id for entry in entries})
    for entry in entries:
        entry.mail_decided_at = now
        if str(entry.event.kind) in wanted_of(preferences.get(entry.person_id)):
            await enqueue(session, MAIL, str(entry.id), workflow_id=f"{MAIL}:{entry.id}")
    return len(entries) == BATCH


async def mail(resources: Resources, entry_id: UUID) -> None:
    """One letter: it says that something happened, and no more. Raises `MailFailed`."""
    async with resources.database.reading() as session:
        entry, person = await queries.entry_to_mail(session, entry_id)
        roles = frozenset((await identity.roles_of(session, [person.id]))[person.id])
    if not person.active or not may_know(roles, entry.event):
        return
    subject = SENTENCES[entry.event.kind].in_language(person.language)  # no names, dates or reports
    address = resources.settings.address
    foot = FOOT.in_language(person.language).format(address=address)
    await post_of(resources.settings).send(
        Letter(
            number=entry.id.hex,
            to=person.email,
            subject=subject,
            text=f"{subject}\n\n{foot}\n",
            unsubscribe_at=address_for(resources.settings, person.id),
            at=entry.at,
        )
    )
