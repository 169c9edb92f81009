"""Why somebody cannot go somewhere."""

from app.kit.problems import Conflict, Problem


class RotationConflict(Conflict):
    type = "rotation-conflict"
    title = "The inspector was, or will be, at this outlet within the interval (D5.1)"


class CovertBarred(Conflict):
    type = "covert-barred"
    title = "The outlet knows this inspector: no covert visits there (D5.6)"


class NotAnInspector(Conflict):
    type = "not-an-inspector"
    title = "This person is not an active inspector of your organisation"


class WaiverUseless(Conflict):
    type = "waiver-useless"
    title = "Nothing forbids this visit: it needs no waiver"


CONSTRAINTS: dict[str, type[Problem]] = {
    "ex_exposures_rotation": RotationConflict,
    "uq_exposures_person_per_visit": Conflict,
    "exposures.visit_id, exposures.inspector_id": Conflict,
}
