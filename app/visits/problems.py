"""What can go wrong with a visit."""

from collections.abc import Iterable
from http import HTTPStatus

from app.kit.problems import Conflict, Invalid, Problem
from app.visits.values import AnswerProblem


class AnswersRefused(Problem):
    """Some answers do not fit the checklist. `problems` names each item and why."""

    type = "answers-refused"
    title = "Some answers do not fit the checklist"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, problems: Iterable[AnswerProblem] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "\n".join(str(problem) for problem in self.problems),
            problems=[{"item": problem.item, "message": problem.message} for problem in self.problems],
        )


class PurposeUnknown(Problem):
    """The visit's purpose is not one of the checklist's."""

    type = "purpose-unknown"
    title = "The checklist does not know this visit purpose"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class WrongState(Conflict):
    type = "visit-wrong-state"
    title = "The visit is not in a state that allows this"


class NoRecordingPolicy(Conflict):
    type = "recording-policy-missing"
    title = "The programme states no recording policy for this jurisdiction: no visit can be planned there (D10.5)"


class OutletUnavailable(Conflict):
    type = "outlet-unavailable"
    title = "The outlet cannot be visited on that day"


class ChecklistUnfit(Conflict):
    type = "checklist-unfit"
    title = "This checklist version does not fit the visit"


class NotInCrew(Conflict):
    type = "not-in-crew"
    title = "This person is not in the crew of the visit"


class NoLead(Invalid):
    type = "crew-needs-one-lead"
    title = "A crew has exactly one lead, and nobody twice"


class LeaveGateShut(Conflict):
    type = "leave-gate-shut"
    title = "You may not leave yet: something is missing (D7.3)"


class NotMissing(Conflict):
    """`state` of the recording says how far it is."""

    type = "evidence-not-missing"
    title = "This file has arrived: nothing of it is missing"


class AlreadyExcused(Conflict):
    type = "evidence-already-excused"
    title = "Somebody has decided about this file before"


class ManifestConflict(Conflict):
    type = "manifest-conflict"
    title = "This file was declared differently before"


CONSTRAINTS: dict[str, type[Problem]] = {
    "uq_visit_crew_one_lead": NoLead,
    "visit_crew.visit_id": NoLead,
}
