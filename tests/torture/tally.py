"""What was done to the product, and what it promised while that was done."""

from collections import Counter
from collections.abc import Iterable, Sized
from dataclasses import dataclass, field

WANTED = {
    "web": ("submissions", "uploads", "planning", "reports", "exports"),
    "worker": ("pipeline", "re-rendering", "planning", "webhooks", "retention", "reports"),
}
"""What processes are to be killed in the middle of."""


@dataclass
class Tally:
    """`faults` by name; what stands below `losses` was acknowledged to somebody, and has to be there in the end."""

    faults: Counter[str] = field(default_factory=Counter)
    killed_during: dict[str, Counter[str]] = field(
        default_factory=lambda: {kind: Counter() for kind in WANTED}
    )
    impossible: list[str] = field(default_factory=list)
    """Faults that cannot be injected here, with the reason."""
    answers: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    losses: list[str] = field(default_factory=list)
    visits: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Arranged: inspector and outlet."""
    submissions: dict[str, dict[str, object]] = field(default_factory=dict)
    """Handed in: the answers by item."""
    uploads: dict[str, str] = field(default_factory=dict)
    """Completed: the SHA-256 by recording."""
    plays: set[str] = field(default_factory=set)
    reports: set[str] = field(default_factory=set)
    """Published: visits."""
    mutes: set[str] = field(default_factory=set)
    """Recordings with marks, to be rendered again."""
    plans: set[str] = field(default_factory=set)
    bulletins: set[str] = field(default_factory=set)
    asked_in_peace: set[str] = field(default_factory=set)
    """Plans and bulletins that were asked for when nothing was wrong any more: these must not even fail."""
    sheets: int = 0
    retention_runs: int = 0

    def killed(self, kind: str, areas: Iterable[str]) -> None:
        """A process of this kind, while it was at these."""
        self.faults[f"{kind} killed"] += 1
        self.killed_during[kind].update(list(areas) or ["nothing"])

    def lose(self, what: str) -> None:
        self.losses.append(what)

    def missing(self, possible: Iterable[str]) -> list[str]:
        """What was to be injected and was not."""
        return [
            *(fault for fault in possible if not self.faults[fault]),
            *(
                f"{kind} killed during {area}"
                for kind, areas in WANTED.items()
                for area in areas
                if not self.killed_during[kind][area]
            ),
        ]

    def told(self) -> list[str]:
        """For people to read."""
        promised: dict[str, Sized] = {
            "visits": self.visits,
            "submissions": self.submissions,
            "uploads": self.uploads,
            "reports": self.reports,
            "plays": self.plays,
            "re-renderings": self.mutes,
            "plans": self.plans,
            "bulletins": self.bulletins,
        }
        return [
            *(f"  {times:5} × {fault}" for fault, times in sorted(self.faults.items())),
            *(f"  {kind} killed during: {_listed(areas)}" for kind, areas in self.killed_during.items()),
            (
                f"  acknowledged: {', '.join(f'{len(one)} {name}' for name, one in promised.items())}, "
                f"{self.sheets} sheets, {self.retention_runs} runs of retention"
            ),
            f"  refused as they should be: {_listed(self.refused)}; put off and asked again: {_listed(self.answers)}",
        ]


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{times} {name}" for name, times in sorted(counts.items())) or "none"
