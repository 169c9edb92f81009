"""What a JSON Schema cannot say about an instance: references, uniqueness, places of one kind."""

from collections import Counter
from collections.abc import Iterable

from app.planning.parts import Outlet, Written


def require_consistent(instance: Written) -> None:
    """Raises ValueError with the first contradiction found, in the words of the document."""
    _require_unique("outlet", (outlet.id for outlet in instance.outlets))
    _require_unique("inspector", (inspector.id for inspector in instance.inspectors))
    _require_places(instance)
    for outlet in instance.outlets:
        _require_outlet(instance, outlet)
    _require_inspectors(instance)
    _require_references(instance)
    _require_parts(instance)


def _require_unique(what: str, names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"{what} {twice[0]!r} is listed twice")


def _require_places(instance: Written) -> None:
    places = [outlet.at for outlet in instance.outlets] + [
        inspector.home for inspector in instance.inspectors
    ]
    kinds = {type(place).__name__ for place in places}
    if len(kinds) > 1:
        raise ValueError(f"places must all be of one kind, not {' and '.join(sorted(kinds))}")
    if instance.travel.kind == "matrix":
        size = len(instance.travel.minutes)
        if any(len(row) != size for row in instance.travel.minutes):
            raise ValueError("the travel matrix must be square")
        if any(getattr(place, "row", size) >= size for place in places):
            raise ValueError(f"with a travel matrix every place is a row under {size}")
    elif "Row" in kinds:
        raise ValueError("a place given as a row needs a travel matrix")


def _require_outlet(instance: Written, outlet: Outlet) -> None:
    if outlet.tier not in instance.weights.tiers:
        raise ValueError(f"outlet {outlet.id!r}: weights.tiers does not know tier {outlet.tier!r}")
    seen: set[int] = set()
    for hours in outlet.hours:
        if hours.closes <= hours.opens:
            raise ValueError(f"outlet {outlet.id!r} closes before it opens")
        if seen & set(hours.weekdays):
            raise ValueError(f"outlet {outlet.id!r} has two opening hours on one weekday")
        seen |= set(hours.weekdays)


def _require_inspectors(instance: Written) -> None:
    known = {outlet.id for outlet in instance.outlets}
    for inspector in instance.inspectors:
        if inspector.ends <= inspector.starts:
            raise ValueError(f"inspector {inspector.id!r}: the shift ends before it starts")
        for outlet_id in (*inspector.not_covert_at, *inspector.not_at):
            if outlet_id not in known:
                raise ValueError(f"inspector {inspector.id!r} names an unknown outlet {outlet_id!r}")


def _require_references(instance: Written) -> None:
    outlets = {outlet.id: outlet for outlet in instance.outlets}
    inspectors = {inspector.id for inspector in instance.inspectors}
    for exposure in instance.history:
        elsewhere = exposure.outlet not in outlets and exposure.brand is None
        if elsewhere or exposure.inspector not in inspectors:
            raise ValueError(f"history names an unknown pair {exposure.inspector!r}, {exposure.outlet!r}")
    days = set(instance.days())
    for pin in instance.pins:
        if pin.outlet not in outlets:
            raise ValueError(f"a pin names an unknown outlet {pin.outlet!r}")
        if pin.on is not None and pin.on not in days:
            raise ValueError(f"the pin of {pin.outlet}#{pin.number} is outside the month")
        if pin.inspectors is not None and len(set(pin.inspectors) & inspectors) != outlets[pin.outlet].crew:
            raise ValueError(f"the pin of {pin.outlet}#{pin.number} must name the whole crew, all known")
        if pin.confirmed and (pin.inspectors is None or pin.on is None):
            raise ValueError(f"the confirmed {pin.outlet}#{pin.number} must name its inspectors and its date")
    _require_unique("the pin of", (f"{pin.outlet}#{pin.number}" for pin in instance.pins))


def _require_parts(instance: Written) -> None:
    parts = instance.rules.day_parts
    ends = [part.until for part in parts]
    if not parts or ends != sorted(set(ends)) or ends[-1] != 24 * 60:
        raise ValueError("day parts must follow each other and the last one end at 24:00")
    _require_unique("day part", (part.name for part in parts))
    unknown = set(instance.rules.off_peak_parts) - {part.name for part in parts}
    if unknown:
        raise ValueError(f"off_peak_parts names an unknown day part {min(unknown)!r}")
