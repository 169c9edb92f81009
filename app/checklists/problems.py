"""What can be wrong with a checklist, and with asking for its weights."""

from collections.abc import Iterable
from http import HTTPStatus

from app.checklists.rules import Finding
from app.checklists.schemas import FindingOut
from app.kit.problems import AlreadyExists, Problem


class ChecklistRefused(Problem):
    """The document is not acceptable. `findings` name every place and reason at once."""

    type = "checklist-refused"
    title = "The checklist is not acceptable as it is"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self.findings = tuple(findings)
        super().__init__(
            "\n".join(str(finding) for finding in self.findings),
            findings=[FindingOut.model_validate(one).model_dump() for one in self.findings],
        )


class TierUnknown(Problem):
    """The outlet's tier is one for which the checklist has no weights."""

    type = "tier-unknown"
    title = "The checklist has no weights for this tier"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class WeightsMissing(Problem):
    """No profile fits; cannot happen to a document that was validated."""

    type = "weights-missing"
    title = "The checklist has no weight profile for this outlet"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class VersionPublished(AlreadyExists):
    """Published versions never change."""

    type = "checklist-version-published"
    title = "This version was published with other content: raise the version number"


CONSTRAINTS: dict[str, type[Problem]] = {
    "uq_checklist_versions_organisation_id_code_number": VersionPublished,
    "checklist_versions.organisation_id, checklist_versions.code": VersionPublished,
    "checklist_versions_is_append_only": VersionPublished,
}
