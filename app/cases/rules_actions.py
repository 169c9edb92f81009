"""Rectification: which items open an action, and what a later report says of it (D8.5, D2.13). Standard library only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any


class State(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    PROOF_SUBMITTED = "proof_submitted"
    AWAITING_RECHECK = "awaiting_recheck"
    REOPENED = "reopened"
    VERIFIED = "verified"
    CANCELLED = "cancelled"


CLOSED = frozenset({State.VERIFIED, State.CANCELLED})
TO_BE_DONE = frozenset({State.OPEN, State.IN_PROGRESS, State.REOPENED})
PROVEN = frozenset({State.PROOF_SUBMITTED, State.AWAITING_RECHECK})


class Origin(StrEnum):
    RULE = "rule"
    """The programme's target was missed."""
    HAND = "hand"
    """Somebody saw a need."""


class StepKind(StrEnum):
    """What happened to an action."""

    OPENED = "opened"
    STARTED = "started"
    COMMENTED = "commented"
    ASSIGNED = "assigned"
    REPLANNED = "replanned"
    PROOF_ADDED = "proof_added"
    PROOF_SUBMITTED = "proof_submitted"
    PROOF_ACCEPTED = "proof_accepted"
    PROOF_REFUSED = "proof_refused"
    NOT_SEEN = "not_seen"
    """A later report could not see the item, or had none there."""
    FAILED_AGAIN = "failed_again"
    FAILED_BEFORE_PROOF = "failed_before_proof"
    """A later report found it wrong still, on a day before the proof was brought: it says nothing of the proof."""
    FAILURE_REVISED = "failure_revised"
    """The report that found it wrong again was revised, and does not say so any more."""
    VERIFIED = "verified"
    ESCALATED = "escalated"
    CANCELLED = "cancelled"


class Standing(StrEnum):
    """What a report says of an item, measured against a target."""

    MET = "met"
    BELOW = "below"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Finding:
    """An item in a score: `fraction` is null for what was not scored."""

    code: str
    indicator: str
    fraction: Decimal | None
    vetoed: bool  # its own veto fired

    def against(self, target: Decimal) -> Standing:
        if self.vetoed:
            return Standing.BELOW
        if self.fraction is None:
            return Standing.UNSEEN
        return Standing.BELOW if self.fraction < target else Standing.MET


def findings(explanation: Mapping[str, Any]) -> Iterator[Finding]:
    """Every item of an explained score, in the order of the checklist."""
    fired = {veto["item"] for veto in explanation["vetoes"]}
    for dimension in explanation["dimensions"]:
        for indicator in dimension["indicators"]:
            for item in indicator["items"]:
                scored = item["state"] == "scored" and item["fraction"] is not None
                yield Finding(
                    code=item["code"],
                    indicator=indicator["code"],
                    fraction=Decimal(item["fraction"]) if scored else None,
                    vetoed=item["code"] in fired,
                )


@dataclass(frozen=True, slots=True)
class Rule:
    """Which items of a programme open actions by themselves. Null: all."""

    automatic: bool
    target: Decimal
    items: frozenset[str] | None
    indicators: frozenset[str] | None
    vetoes_always: bool

    def opens(self, finding: Finding) -> bool:
        if not self.automatic:
            return False
        if finding.vetoed and self.vetoes_always:
            return True
        chosen = (self.items is None or finding.code in self.items) and (
            self.indicators is None or finding.indicator in self.indicators
        )
        return chosen and finding.against(self.target) is Standing.BELOW


class Effect(StrEnum):
    """What a report does to an open action."""

    NONE = "none"
    CANCEL = "cancel"
    VERIFY = "verify"
    FAIL = "fail"
    FAIL_BEFORE_PROOF = "fail_before_proof"
    NOTE_UNSEEN = "note_unseen"
    TAKE_FAILURE_BACK = "take_failure_back"


@dataclass(frozen=True, slots=True)
class Looked:
    """A report as it meets an open action."""

    is_origin: bool  # the report that the action was opened from
    is_later_visit: bool  # than that one
    is_first_edition: bool
    failed_here: bool  # it counted as the action's last failure before
    visited_on: date


def effect(looked: Looked, standing: Standing, *, origin: Origin, proof_on: date | None) -> Effect:
    """D8.5: in order at a later visit, the action is verified; wrong again, it is opened again; unseen, it waits on."""
    if looked.is_origin:
        gone = not looked.is_first_edition and origin is Origin.RULE and standing is not Standing.BELOW
        return Effect.CANCEL if gone else Effect.NONE
    if not looked.is_later_visit:
        return Effect.NONE
    if standing is Standing.MET:
        return Effect.VERIFY
    if standing is Standing.UNSEEN and looked.failed_here:
        return Effect.TAKE_FAILURE_BACK
    return _first_look(looked, standing, proof_on=proof_on) if looked.is_first_edition else Effect.NONE


def _first_look(looked: Looked, standing: Standing, *, proof_on: date | None) -> Effect:
    """At what is not in order. What a visit before the proof, or on its day, found says nothing of the proof."""
    if standing is Standing.UNSEEN:
        return Effect.NOTE_UNSEEN
    is_stale = proof_on is not None and looked.visited_on <= proof_on
    return Effect.FAIL_BEFORE_PROOF if is_stale else Effect.FAIL
