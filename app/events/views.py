"""Rows as callers get them."""

from collections.abc import Sequence

from app.events.inbox import kinds_of, known_of
from app.events.kinds import Kind
from app.events.models import InboxEntry
from app.events.schemas import AboutOut, EntryOut, OfferedOut, PreferencesOut, TextOut
from app.events.texts import SENTENCES, text_of
from app.identity.actor import Actor


def of_entry(actor: Actor, row: InboxEntry) -> EntryOut:
    known = known_of(actor.roles, row.event)
    return EntryOut(
        id=row.id,
        kind=row.event.kind,
        at=row.at,
        read_at=row.read_at,
        text=TextOut.model_validate(text_of(row.event.kind, known)),
        headline=TextOut.model_validate(SENTENCES[row.event.kind]),
        about=AboutOut.model_validate({name: known.get(name) for name in AboutOut.model_fields}),
    )


def of_preferences(actor: Actor, by_mail: Sequence[Kind]) -> PreferencesOut:
    offered = kinds_of(actor)
    return PreferencesOut(
        by_mail=list(by_mail),
        offered=offered,
        headlines=[
            OfferedOut(kind=kind, headline=TextOut.model_validate(SENTENCES[kind])) for kind in offered
        ],
    )
