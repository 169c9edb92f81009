"""What a member of the panel does: decide on an item, and disclose the minute of the visit if the appeal needs it."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import filing, history, queries, ruling
from app.cases.models import Appeal, AppealItem, Disclosure, PanelMember, PanelVote
from app.cases.problems import CorrectionUnfit, ItemRuled, MinuteDisclosed, NotOnPanel, VotedBefore
from app.cases.rules import CORRECTING, Category, Seat, State, StepKind
from app.cases.ruling import Corrected
from app.cases.schemas import Correction, VoteIn
from app.identity.actor import Actor
from app.kit.problems import NotFound
from app.visits.answers import Answer
from app.visits.models import Visit


async def vote(
    session: AsyncSession, actor: Actor, appeal_id: UUID, item_code: str, body: VoteIn, *, now: datetime
) -> Appeal:
    """One member's decision on one item. Enough agreeing ones decide it, and with the last item the appeal.

    Raises `NotOnPanel`, `Partial`, `ItemRuled`, `VotedBefore`, `AnswersRefused` and `CorrectionUnfit`.
    """
    appeal, _member = await _as_member(session, actor, appeal_id, now=now)
    filing.require(appeal, State.ADMITTED, to="be decided")
    item = await _get_open_item(session, actor, appeal, item_code)
    correction = _correction(body)
    lifts = await _lifts_veto(session, appeal, item, body.category, correction)
    session.add(
        PanelVote(
            appeal_id=appeal.id,
            item_code=item_code,
            person_id=actor.person_id,
            category=body.category,
            correction=None
            if correction is None
            else correction.model_dump(mode="json", exclude_defaults=True),
            lifts_veto=lifts,
            reason=body.reason,
            voted_at=now,
        )
    )
    await history.of_appeal(session, appeal, StepKind.VOTED, actor=actor, item=item_code, now=now)
    await session.flush()
    await ruling.rule(session, actor, appeal, now=now)
    return appeal


async def disclose_minute(
    session: AsyncSession, actor: Actor, appeal_id: UUID, reason: str, *, now: datetime
) -> Appeal:
    """Tell the outlet the minute of the visit. The chair does, once, and it is on record (D10.1)."""
    appeal, member = await _as_member(session, actor, appeal_id, now=now)
    filing.require(appeal, State.ADMITTED, to="have the minute disclosed")
    if member.seat is not Seat.CHAIR:
        raise NotOnPanel("The chair of the panel decides about that.")
    if await queries.find_disclosure(session, appeal) is not None:
        raise MinuteDisclosed
    session.add(
        Disclosure(appeal_id=appeal.id, reason=reason, disclosed_by=actor.person_id, disclosed_at=now)
    )
    await history.of_appeal(session, appeal, StepKind.MINUTE_DISCLOSED, actor=actor, note=reason, now=now)
    await session.flush()
    return appeal


def minute_of(visit: Visit, *, time_zone: str) -> str:
    """When the visit began, at the outlet, to the minute."""
    assert visit.entered_at is not None
    return f"{visit.entered_at.astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M}"


async def _as_member(
    session: AsyncSession, actor: Actor, appeal_id: UUID, *, now: datetime
) -> tuple[Appeal, PanelMember]:
    """The appeal, locked: of two members at once the second sees what the first decided."""
    appeal = await queries.get_appeal(session, actor, appeal_id, now=now, lock=True)
    sitting = [one for one in await queries.panel_of(session, appeal) if one.released_at is None]
    member = next((one for one in sitting if one.person_id == actor.person_id), None)
    if member is None:
        raise NotOnPanel
    await ruling.require_impartial(session, actor, appeal)  # they may have changed since they were appointed
    return appeal, member


async def _get_open_item(session: AsyncSession, actor: Actor, appeal: Appeal, item_code: str) -> AppealItem:
    items = (await queries.items_of(session, [appeal]))[appeal.id]
    item = next((one for one in items if one.item_code == item_code), None)
    if item is None:
        raise NotFound("The appeal does not dispute this item.")
    ruled = (await queries.rulings_of(session, [appeal]))[appeal.id].get(item_code)
    if ruled is not None:
        raise ItemRuled(f"It is decided: {ruled.category}.", category=str(ruled.category))
    votes = await queries.votes_on(session, appeal)
    if any(one.item_code == item_code and one.person_id == actor.person_id for one in votes):
        raise VotedBefore
    return item


def _correction(body: VoteIn) -> Correction | None:
    if body.category not in CORRECTING:
        return None
    answer = None if body.answer is None else Answer.model_validate(body.answer.model_dump())
    return Correction(answer=answer, mark=body.mark)


async def _lifts_veto(
    session: AsyncSession,
    appeal: Appeal,
    item: AppealItem,
    category: Category,
    correction: Correction | None,
) -> bool:
    """Whether the item's veto would not fire any more.

    Raises `CorrectionUnfit` for a correction that gives the outlet nothing, or that makes another norm breached.
    """
    if category is Category.REJECTED:
        return False
    disputed = await ruling.disputed(session, appeal)
    changed = Corrected({item.item_code: (category, correction)})
    before, after = disputed.result(), disputed.result(changed)
    fired = {veto.item for veto in before.vetoes}
    fires = {veto.item for veto in after.vetoes}
    if fires - fired:
        raise CorrectionUnfit(f"With it {', '.join(sorted(fires - fired))} would be breached.")
    if not ruling.gains(before, after, item.item_code):
        raise CorrectionUnfit(
            "With it the item earns no more than before: reject the appeal, if that is meant."
        )
    return item.vetoed and item.item_code not in fires
