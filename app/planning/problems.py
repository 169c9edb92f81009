"""What can go wrong with planning."""

from app.kit.problems import Conflict, Unavailable


class NothingToPlan(Conflict):
    type = "nothing-to-plan"
    title = "No outlet here asks for a visit in this month that could still be made"


class NoInspectors(Conflict):
    type = "no-inspectors"
    title = "No inspector with a profile works in this month"


class NoChecklist(Conflict):
    type = "no-checklist"
    title = "The programme names no published checklist"


class WrongPlanState(Conflict):
    type = "wrong-plan-state"
    title = "A plan in this state cannot do that"


class RulesBroken(Conflict):
    type = "plan-rules-broken"
    title = "The change breaks hard rules (D6.4)"
    # members: broken: [{rule, visit, inspector, on, says}]


class UnknownVisit(Conflict):
    type = "unknown-planned-visit"
    title = "The plan has no such visit, or no such inspector"


class TravelTimesUnavailable(Unavailable):
    type = "travel-times-unavailable"
    title = "The routing service gives no travel times: mend it, or plan without one"


class TooManyPlaces(Conflict):
    type = "too-many-places"
    title = "The month has more places than a table of travel times can hold"
    # members: places, most


class NothingToGuess(Conflict):
    type = "nothing-to-guess"
    title = "No outlet has been visited often enough for anybody to guess the next visit"
