"""Which recording policy holds where (D10.5), and how many visits an outlet is due (D6.1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Ownership(StrEnum):
    OWN = "own"
    AGENCY = "agency"
    COMPETITOR = "competitor"


class PolicyScope(StrEnum):
    """Whose outlets a recording policy speaks of."""

    OWN = "own"
    AGENCY = "agency"
    COMPETITOR = "competitor"
    ANY = "any"


class RecordingMode(StrEnum):
    NONE = "none"
    AUDIO = "audio"
    VIDEO = "video"


class RotationScope(StrEnum):
    """What an inspector must stay away from after a visit (D5.7)."""

    OUTLET = "outlet"
    BRAND = "brand"


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be recorded in a jurisdiction, and on what ground."""

    jurisdiction: str
    scope: PolicyScope
    mode: RecordingMode
    legal_basis: str
    notice: str
    assessment_ref: str


def covers(policy_jurisdiction: str, jurisdiction: str) -> bool:
    """Whether a policy for `CN` speaks of `CN-44` (it does), and one for `CN-4` of `CN-44` (it does not)."""
    return jurisdiction == policy_jurisdiction or jurisdiction.startswith(f"{policy_jurisdiction}-")


def applicable_policy(
    policies: Iterable[Policy], *, jurisdiction: str, ownership: Ownership
) -> Policy | None:
    """The policy in force for an outlet: most specific jurisdiction first, then the one that names its ownership.

    A policy for `any` ownership never speaks of competitors: they are recorded only where a policy says so in
    as many words, and not at all otherwise. `None` for own and agency outlets: no visit may be planned (D10.5).
    """
    scopes = {PolicyScope(ownership)}
    if ownership is not Ownership.COMPETITOR:
        scopes.add(PolicyScope.ANY)
    fitting = [
        policy for policy in policies if policy.scope in scopes and covers(policy.jurisdiction, jurisdiction)
    ]
    if fitting:
        return max(
            fitting, key=lambda policy: (len(policy.jurisdiction), policy.scope is not PolicyScope.ANY)
        )
    if ownership is Ownership.COMPETITOR:
        return Policy(jurisdiction, PolicyScope.COMPETITOR, RecordingMode.NONE, "", "", "")
    return None


def visits_due(*, base: int, high_traffic: int, by_tier: Mapping[str, int], tier: str, is_busy: bool) -> int:
    """Visits per calendar month (D6.1): the tier's number replaces the base, heavy traffic only ever adds."""
    due = by_tier.get(tier, base)
    return max(due, high_traffic) if is_busy else due
