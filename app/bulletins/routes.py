"""HTTP for the weekly bulletin and the monthly report."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from app.bulletins import queries, service, views
from app.bulletins.models import Bulletin
from app.bulletins.problems import BulletinInTheMaking, BulletinNotReady
from app.bulletins.rules import Format, Language
from app.bulletins.schemas import BulletinFilter, BulletinIn, BulletinLinkOut, BulletinOut
from app.identity.dependencies import ONCE, Caller, TheSettings
from app.insight.dependencies import FOLDED
from app.kit.paging import Key, Page, paginate
from app.kit.problem_responses import documented
from app.kit.problems import AlreadyExists, Forbidden, NotFound
from app.kit.routing import Now, Reading, Session, TheStorage, feature_router

router = feature_router("bulletins", prefix="/bulletins")


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    dependencies=[*FOLDED, *ONCE],
    responses=documented(NotFound, Forbidden, AlreadyExists, BulletinInTheMaking),
)
async def request_bulletin(body: BulletinIn, session: Session, caller: Caller, now: Now) -> BulletinOut:
    """Have an edition made in the background, of what is published now. If there was one, it follows that.

    Outlet managers have it of their own outlets, the desk of its regions, and of the network who has every region.
    """
    return await views.bulletin(session, await service.request(session, caller, body, now=now))


@router.get("")
async def list_bulletins(
    wanted: Annotated[BulletinFilter, Query()], session: Reading, caller: Caller, now: Now
) -> Page[BulletinOut]:
    """Those the caller may see all the outlets of, the newest first."""
    rows = queries.narrowed(queries.visible_to(caller, now=now), wanted)
    by = [Key(Bulletin.requested_at, descending=True), Key(Bulletin.id)]
    found = await paginate(session, rows, wanted, by=by)
    return found.page(await views.bulletins(session, found.rows))


@router.get("/{bulletin_id}", responses=documented(NotFound))
async def show_bulletin(bulletin_id: UUID, session: Reading, caller: Caller, now: Now) -> BulletinOut:
    return await views.bulletin(session, await queries.get_bulletin(session, caller, bulletin_id, now=now))


@router.get("/{bulletin_id}/files/{language}/{format}", responses=documented(NotFound, BulletinNotReady))
async def open_bulletin(
    bulletin_id: UUID,
    language: Language,
    file_format: Annotated[Format, Path(alias="format")],
    session: Reading,
    storage: TheStorage,
    caller: Caller,
    settings: TheSettings,
    now: Now,
) -> BulletinLinkOut:
    """A link that lives a minute or so; the file has the hash that stands beside it."""
    row, file = await service.get_file(session, caller, bulletin_id, language, file_format, now=now)
    return await views.link(storage, row, file, settings=settings, now=now)
