"""What counts as unusual, seen from the business (OWASP ASVS 4.0.3, 11.1.7 and 11.1.8). Pure.

Who wants something of an organisation wants its recordings, its schedule or a name (SECURITY.md): each rule counts what
such a person would have to do many times, against more than ordinary work makes of it.
"""

from collections import Counter, deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Rule(StrEnum):
    """Names stand in alerts that were raised: never rename one."""

    MANY_RECORDINGS = "many_recordings"  # of different visits, opened by one person
    MANY_ORIGINALS = "many_originals"  # opened by one person
    MANY_SHEETS = "many_sheets"  # lists taken out by one person
    ACCOUNT_GUESSED = "account_guessed"  # so often that the throttle answers
    ACCOUNTS_TRIED = "accounts_tried"  # from one address, and nobody got in
    TOKEN_REUSED = "token_reused"  # noqa: S105 (the name of a rule)


HOUR = timedelta(hours=1)
WITHIN: dict[Rule, timedelta] = dict.fromkeys(Rule, HOUR) | {
    Rule.ACCOUNT_GUESSED: timedelta(minutes=15)  # the throttle's own time
}


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody, or some address, did something. Of acts about the same thing one counts."""

    whose: str
    at: datetime
    about: Hashable
    named: str | None = None  # how an alert names what it was about; null: not at all


@dataclass(frozen=True, slots=True)
class Burst:
    """The most that one did within the time of a rule."""

    rule: Rule
    whose: str
    acts: tuple[Act, ...]  # in order, one for each thing
    alert_at: int

    @property
    def since(self) -> datetime:
        return self.acts[0].at

    @property
    def until(self) -> datetime:
        return self.acts[-1].at


def bursts(rule: Rule, acts: Iterable[Act], *, alert_at: int) -> list[Burst]:
    """For everybody who did as many different things as `alert_at` within the rule's time: the fullest such time of each
    day (UTC). 0 asks for none.
    """
    if alert_at == 0:
        return []
    by_whom: dict[str, list[Act]] = {}
    for act in sorted(acts, key=lambda one: one.at):
        by_whom.setdefault(act.whose, []).append(act)
    return [
        Burst(rule, whose, fullest, alert_at)
        for whose, theirs in by_whom.items()
        for fullest in _fullest_of_each_day(theirs, WITHIN[rule])
        if len(fullest) >= alert_at
    ]


def _fullest_of_each_day(acts: list[Act], within: timedelta) -> list[tuple[Act, ...]]:
    window: deque[Act] = deque()
    counted: Counter[Hashable] = Counter()
    fullest: dict[object, tuple[int, tuple[Act, ...]]] = {}
    for act in acts:
        window.append(act)
        counted[act.about] += 1
        while act.at - window[0].at >= within:
            gone = window.popleft()
            counted[gone.about] -= 1
            if not counted[gone.about]:
                del counted[gone.about]
        if len(counted) > fullest.get(act.at.date(), (0,))[0]:
            first = {one.about: one for one in reversed(window)}
            fullest[act.at.date()] = len(counted), tuple(sorted(first.values(), key=lambda one: one.at))
    return [acts for _count, acts in fullest.values()]
