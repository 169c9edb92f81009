"""HTTP for retention: what will go, what must stay, and proof of what is gone."""

from http import HTTPStatus
from uuid import UUID

from app.identity.dependencies import ONCE
from app.kit.paging import Key, Page, Paging, paginate
from app.kit.problem_responses import documented
from app.kit.problems import AlreadyExists, Forbidden, NotFound
from app.kit.routing import Now, Reading, Session, feature_router
from app.retention import queries, service
from app.retention.dependencies import Admin, Reader
from app.retention.models import LegalHold, Tombstone
from app.retention.problems import HoldLifted
from app.retention.schemas import (
    HoldIn,
    HoldOut,
    LiftIn,
    PreviewOut,
    TombstoneOut,
    WantedPreview,
    WantedTombstones,
)

router = feature_router("retention")


@router.get("/retention/preview", responses=documented(Forbidden))
async def preview_deletions(wanted: WantedPreview, session: Reading, admin: Admin, now: Now) -> PreviewOut:
    """What will be deleted by a day, by programme and class, and what a hold keeps (D10.4)."""
    return await service.preview(session, admin.organisation_id, on=wanted.on, limit=wanted.limit, now=now)


@router.get("/retention/tombstones", responses=documented(Forbidden))
async def list_tombstones(
    wanted: WantedTombstones, session: Reading, reader: Reader, now: Now
) -> Page[TombstoneOut]:
    """What was deleted, newest first: admins see all, auditors what their grants name."""
    rows = queries.narrowed(
        queries.tombstones_visible_to(reader, now=now),
        visit_id=wanted.visit_id,
        recording_id=wanted.recording_id,
        retention_class=wanted.retention_class,
    )
    by = [Key(Tombstone.decided_at, descending=True), Key(Tombstone.id)]
    found = await paginate(session, rows, wanted, by=by)
    return found.page([TombstoneOut.model_validate(one) for one in found.rows])


@router.get("/legal-holds", responses=documented(Forbidden))
async def list_legal_holds(paging: Paging, session: Reading, admin: Admin) -> Page[HoldOut]:
    """All that ever were, newest first."""
    by = [Key(LegalHold.placed_at, descending=True), Key(LegalHold.id)]
    found = await paginate(session, queries.holds_visible_to(admin), paging, by=by)
    return found.page([HoldOut.model_validate(one) for one in found.rows])


@router.post(
    "/legal-holds",
    status_code=HTTPStatus.CREATED,
    dependencies=ONCE,
    responses=documented(Forbidden, NotFound, AlreadyExists),
)
async def place_legal_hold(body: HoldIn, session: Session, admin: Admin, now: Now) -> HoldOut:
    """Keep what belongs to a visit, an outlet or a person, whatever its time, until it is lifted or a moment comes."""
    return HoldOut.model_validate(await service.place_hold(session, admin, body, now=now))


@router.get("/legal-holds/{hold_id}", responses=documented(Forbidden, NotFound))
async def show_legal_hold(hold_id: UUID, session: Reading, admin: Admin) -> HoldOut:
    return HoldOut.model_validate(await queries.get_hold(session, admin, hold_id))


@router.post(
    "/legal-holds/{hold_id}/lift", dependencies=ONCE, responses=documented(Forbidden, NotFound, HoldLifted)
)
async def lift_legal_hold(hold_id: UUID, body: LiftIn, session: Session, admin: Admin, now: Now) -> HoldOut:
    """What it kept goes with the next run, unless another hold keeps it."""
    return HoldOut.model_validate(await service.lift_hold(session, admin, hold_id, body, now=now))
