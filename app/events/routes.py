"""HTTP for everybody's own inbox."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from fastapi.responses import HTMLResponse

from app.events import inbox, queries, unsubscribing, views
from app.events.models import InboxEntry
from app.events.schemas import CountOut, EntryOut, InboxFilter, PreferencesIn, PreferencesOut, ReadOut
from app.identity.dependencies import ONCE, Caller, TheSettings
from app.kit.paging import Key, Page, paginate
from app.kit.problem_responses import documented
from app.kit.problems import NotFound
from app.kit.routing import Now, Reading, Session, feature_router

Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_=-]{1,400}$", examples=["gAAAAABp-a-token"])]

router = feature_router("inbox", prefix="/inbox")


@router.get("")
async def list_inbox(
    session: Reading, caller: Caller, wanted: Annotated[InboxFilter, Query()]
) -> Page[EntryOut]:
    """What the caller is to know of, newest first."""
    rows = queries.inbox_of(caller, inbox.kinds_of(caller), unread=wanted.unread)
    by = [Key(InboxEntry.at, descending=True), Key(InboxEntry.id, descending=True)]
    found = await paginate(session, rows, wanted, by=by)
    return found.page([views.of_entry(caller, row) for row in found.rows])


@router.get("/count")
async def count_inbox(session: Reading, caller: Caller) -> CountOut:
    unread, total = await queries.counts_of(session, caller, inbox.kinds_of(caller))
    return CountOut(unread=unread, total=total)


@router.get("/preferences")
async def show_mail_preferences(session: Reading, caller: Caller) -> PreferencesOut:
    """Which kinds come by mail too."""
    return views.of_preferences(caller, await inbox.preferences(session, caller))


@router.put("/preferences")
async def set_mail_preferences(body: PreferencesIn, session: Session, caller: Caller) -> PreferencesOut:
    """From now on these, and no others, come by mail too."""
    await inbox.prefer(session, caller, body.by_mail)
    return views.of_preferences(caller, await inbox.preferences(session, caller))


@router.get("/unsubscribe/{token}", response_class=HTMLResponse, responses=documented(NotFound))
async def show_unsubscribing(token: Token, settings: TheSettings) -> HTMLResponse:
    """For people whose mail program only opens addresses: a page that asks. Looking changes nothing."""
    unsubscribing.reader_of(token, settings=settings)
    return HTMLResponse(unsubscribing.ASK)


@router.post("/unsubscribe/{token}", response_class=HTMLResponse, responses=documented(NotFound))
async def unsubscribe_from_mails(token: Token, session: Session, settings: TheSettings) -> HTMLResponse:
    """End the mails of whoever got this address in one, without logging in: what mail programs do with one click."""
    await unsubscribing.unsubscribe(session, token, settings=settings)
    return HTMLResponse(unsubscribing.DONE)


@router.post("/read-all", dependencies=ONCE)
async def read_whole_inbox(session: Session, caller: Caller, now: Now) -> ReadOut:
    return ReadOut(read=await inbox.read_all(session, caller, now=now))


@router.post("/{entry_id}/read", dependencies=ONCE, responses=documented(NotFound))
async def read_inbox_entry(entry_id: UUID, session: Session, caller: Caller, now: Now) -> EntryOut:
    return views.of_entry(caller, await inbox.read(session, caller, entry_id, now=now))
