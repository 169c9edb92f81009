"""What can go wrong with appeals, actions and their files."""

from http import HTTPStatus

from app.kit.problems import Conflict, Forbidden, Invalid, Problem


class AppealWindowClosed(Conflict):
    """`closed_at` says since when."""

    type = "appeal-window-closed"
    title = "The time to dispute this report is over (D8.4)"


class AppealOpen(Conflict):
    """`appeal_id` names it where the caller may see it."""

    type = "appeal-open"
    title = "This report is disputed already: one appeal at a time"


class ItemsDecided(Conflict):
    """`items` names them."""

    type = "items-decided"
    title = "A panel has decided on these items: there is no second appeal"


class AppealWrongState(Conflict):
    """`state` says which it is in."""

    type = "appeal-wrong-state"
    title = "The appeal is not in a state that allows this"


class Partial(Forbidden):
    """`because` says why."""

    type = "not-impartial"
    title = "Who took part in a visit or its review, or belongs to the outlet, does not decide on its appeal (D8.4)"


class NotOnPanel(Forbidden):
    type = "not-on-panel"
    title = "Only the panel of the appeal may do this"


class PanelRefused(Conflict):
    """`refused` names each person and why."""

    type = "panel-refused"
    title = "These people cannot decide on this appeal (D8.4)"


class PanelUnfit(Conflict):
    type = "panel-unfit"
    title = "The panel could not decide like this"


class VotedBefore(Conflict):
    type = "voted-before"
    title = "You have decided on this item; what was said stays"


class ItemRuled(Conflict):
    """`category` says how."""

    type = "item-ruled"
    title = "The panel has decided on this item"


class CorrectionUnfit(Invalid):
    type = "correction-unfit"
    title = "The correction does not do what the decision says"


class MinuteDisclosed(Conflict):
    type = "minute-disclosed"
    title = "The panel has disclosed the minute of the visit before"


class FileRefused(Conflict):
    """`reason` says what was wrong: `size`, `type` or `content`."""

    type = "file-refused"
    title = "What arrived is not the file that was declared: declare it again under another id"


class FileAwaited(Conflict):
    type = "file-awaited"
    title = "The file has not arrived: send it to the address you were given, or ask for a new one"


class FilesFull(Conflict):
    """`limit` says how many."""

    type = "files-full"
    title = "There are as many files as one case may have"


class ActionOpen(Conflict):
    """`action_id` names it where the caller may see it."""

    type = "action-open"
    title = "There is an open action for this item at this outlet"


class ActionWrongState(Conflict):
    """`state` says which it is in, `states` in which it may be done."""

    type = "action-wrong-state"
    title = "The action is not in a state that allows this"


class ProofMissing(Conflict):
    type = "proof-missing"
    title = "A proof has a photo or a document: add one first (D8.5)"


class OwnerUnfit(Conflict):
    type = "owner-unfit"
    title = "The owner of an action is somebody in charge of its outlet"


class NoSuchMoment(Problem):
    type = "no-such-moment"
    title = "The report has no recording with this number, or it is not that long"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


CONSTRAINTS: dict[str, type[Problem]] = {
    "uq_appeals_one_open": AppealOpen,
    "appeals.visit_id": AppealOpen,
    "uq_appeal_panel_members_one_chair": PanelUnfit,
    "appeal_panel_members.appeal_id, appeal_panel_members.person_id": PanelUnfit,
    "pk_appeal_panel_members": PanelUnfit,
    "panel_is_impartial": PanelRefused,
    "pk_appeal_votes": VotedBefore,
    "appeal_votes.appeal_id": VotedBefore,
    "uq_actions_one_open": ActionOpen,
    "actions.outlet_id": ActionOpen,
}
