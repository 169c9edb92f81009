"""Appeals: when one may be filed, who may decide, and when a decision stands (D8.4, D4.3). Standard library only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

REFILE_DAYS = 3  # to put right what an appeal was returned for, even if the window closes meanwhile


class State(StrEnum):
    """`filed → admitted → decided`; returned by the approver, withdrawn by the outlet, lapsed with a void visit."""

    FILED = "filed"
    ADMITTED = "admitted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    DECIDED = "decided"
    LAPSED = "lapsed"


OPEN = frozenset({State.FILED, State.ADMITTED})


class Category(StrEnum):
    """What a panel says of one item."""

    UPHELD = "upheld"
    """The outlet is right: the item gets another answer."""
    PARTLY = "partly"
    """Right in part: another answer, and not the one the outlet hoped for."""
    REJECTED = "rejected"
    """The answer stays."""
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"
    """Nothing shows it either way: the item counts as not observed (D3.4)."""


CORRECTING = frozenset({Category.UPHELD, Category.PARTLY})


class Seat(StrEnum):
    CHAIR = "chair"
    MEMBER = "member"


class Partiality(StrEnum):
    """Why somebody must not decide on an appeal (D8.4)."""

    CREW = "was of the visit's crew"
    APPROVED = "approved the visit"
    JUDGED_VETO = "judged its vetoes"
    MARKED = "marked it"
    MANAGES = "manages the outlet"
    FILED = "filed the appeal"


class Viewpoint(StrEnum):
    """From where somebody looks at an appeal; who comes from several sides has the first of them."""

    DESK = "desk"
    OUTLET = "outlet"
    PANEL = "panel"
    INSPECTOR = "inspector"


DECIDERS = frozenset({Viewpoint.DESK, Viewpoint.PANEL})


class StepKind(StrEnum):
    """What happened to an appeal."""

    FILED = "filed"
    ATTACHED = "attached"
    RETURNED = "returned"
    ADMITTED = "admitted"
    APPOINTED = "appointed"
    RELEASED = "released"
    VOTED = "voted"
    RULED = "ruled"
    MINUTE_DISCLOSED = "minute_disclosed"
    DECIDED = "decided"
    ESCALATED = "escalated"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


INSIDE_THE_PANEL = frozenset({StepKind.VOTED, StepKind.RULED})  # nobody else's business before the decision


def day_ends_at(day: date, time_zone: str) -> datetime:
    """The first instant that is no longer that day at the outlet, whatever its clocks do in the night.

    In UTC: a local time that an offset leaves out or repeats equals no other, says PEP 495.
    """
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(time_zone)).astimezone(UTC)


def end_after(instant: datetime, *, days: int, time_zone: str) -> datetime:
    """The end of the outlet's day so many days after the day of `instant`."""
    local = instant.astimezone(ZoneInfo(time_zone)).date()
    return day_ends_at(local + timedelta(days=days), time_zone)


def window_closes_at(published_at: datetime, *, days: int, time_zone: str) -> datetime:
    """From this instant on nothing can be disputed any more. No days: nothing ever can."""
    return published_at if days == 0 else end_after(published_at, days=days, time_zone=time_zone)


@dataclass(frozen=True, slots=True)
class Vote:
    """One member's word on one item. Two agree if `decision` is the same."""

    person_id: UUID
    decision: str
    lifts_veto: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """Those who decide; released ones are not in it."""

    members: frozenset[UUID]
    chair: UUID | None


def settled(votes: Sequence[Vote], panel: Panel) -> Sequence[Vote] | None:
    """The agreeing votes that decide an item, in their order; `None` while it is open.

    More than half of the panel decides. When all have spoken and no half agrees, the chair's word decides. A veto is
    never lifted by one person alone (D4.3): then a further member has to be appointed.
    """
    counted = [vote for vote in votes if vote.person_id in panel.members]
    groups: dict[str, list[Vote]] = {}
    for vote in counted:
        groups.setdefault(vote.decision, []).append(vote)
    deciding = next((group for group in groups.values() if 2 * len(group) > len(panel.members)), None)
    if deciding is None and len(counted) == len(panel.members):
        deciding = next((group for group in groups.values() if _is_chairs(group, panel)), None)
    if deciding is None or (deciding[0].lifts_veto and len(deciding) < 2):
        return None
    return deciding


def _is_chairs(group: Sequence[Vote], panel: Panel) -> bool:
    return any(vote.person_id == panel.chair for vote in group)


def needs_further_member(votes: Sequence[Vote], panel: Panel) -> bool:
    """All have spoken, and the item is open still."""
    spoken = {vote.person_id for vote in votes} & panel.members
    return spoken == panel.members and settled(votes, panel) is None


def panel_fault(seats: Sequence[tuple[UUID, Seat]], *, veto_at_stake: bool) -> str | None:
    """What is wrong with a panel, in words; `None` when it can decide."""
    if len({person for person, _seat in seats}) != len(seats):
        return "Nobody sits on a panel twice."
    if sum(seat is Seat.CHAIR for _person, seat in seats) != 1:
        return "A panel has exactly one chair."
    if veto_at_stake and len(seats) < 2:
        return "A veto is disputed, and it takes two people to lift one (D4.3): appoint at least two."
    return None


def refiles(
    items: Collection[str], *, returned: Collection[str], until: datetime | None, now: datetime
) -> bool:
    """Whether this is an appeal put right after it was returned, in the days given for that."""
    return until is not None and now < until and set(items) <= set(returned)
