"""What can go wrong with a visit."""

from collections.abc import Iterable
from http import HTTPStatus

from app.kit.problems import Problem
from app.visits.values import AnswerProblem


class AnswersRefused(Problem):
    """Some answers do not fit the checklist. `problems` names each item and why."""

    type = "answers-refused"
    title = "Some answers do not fit the checklist"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, problems: Iterable[AnswerProblem]) -> None:
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
