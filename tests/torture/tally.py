"""What was done to the product, and what it promised while that was done."""

from collections import Counter
from collections.abc import Sized
from dataclasses import dataclass, field


@dataclass
class Tally:
    """`faults` by name; `promised` is what was acknowledged to somebody, and has to be there in the end."""

    faults: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
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
    plans: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)

    def told(self) -> list[str]:
        """For people to read."""
        promised: dict[str, Sized] = {
            "visits": self.visits,
            "submissions": self.submissions,
            "uploads": self.uploads,
            "reports": self.reports,
            "plays": self.plays,
            "plans": self.plans,
        }
        return [
            *(f"  {times:5} × {fault}" for fault, times in sorted(self.faults.items())),
            f"  acknowledged: {', '.join(f'{len(one)} {name}' for name, one in promised.items())}",
            f"  refused as they should be: {_listed(self.refused)}; put off and asked again: {_listed(self.answers)}",
        ]

    def lose(self, what: str) -> None:
        self.losses.append(what)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{times} {name}" for name, times in sorted(counts.items())) or "none"
