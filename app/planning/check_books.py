"""What the independent check looks things up in."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.planning.demand import DemandedVisit, demanded_visits
from app.planning.instance import Instance
from app.planning.parts import Inspector, Outlet, Place
from app.planning.plan import PlannedVisit
from app.planning.travel import travel_minutes

Drive = Callable[[Place, Place], int]


@dataclass(slots=True)
class Books:
    """The instance and the plan, indexed by what the rules ask for."""

    instance: Instance
    visits: Sequence[PlannedVisit]
    drive: Drive
    outlets: dict[str, Outlet]
    inspectors: dict[str, Inspector]
    demanded: dict[str, DemandedVisit]
    days: dict[tuple[str, date], list[PlannedVisit]] = field(default_factory=lambda: defaultdict(list))
    on_call: dict[tuple[str, date], list[PlannedVisit]] = field(default_factory=lambda: defaultdict(list))
    by_outlet: dict[str, list[PlannedVisit]] = field(default_factory=lambda: defaultdict(list))

    def file(self, visit: PlannedVisit) -> None:
        self.by_outlet[visit.outlet].append(visit)
        for name in visit.inspectors:
            self.days[name, visit.on].append(visit)
        for name in visit.backups:
            self.on_call[name, visit.on].append(visit)


def open_books(instance: Instance, visits: Sequence[PlannedVisit]) -> Books:
    books = Books(
        instance,
        visits,
        travel_minutes(instance),
        {outlet.id: outlet for outlet in instance.outlets},
        {inspector.id: inspector for inspector in instance.inspectors},
        {visit.id: visit for visit in demanded_visits(instance)},
    )
    for visit in visits:
        books.file(visit)
    return books
