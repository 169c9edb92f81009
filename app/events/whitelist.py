"""Which values of an event a role may be told (D10.1). What is not named here, nobody outside learns.

The outlet's side is told of publications, comments, appeals, actions and its own bulletins only: by the visit's alias, never by its id, and
nothing of what went before publication.
"""

from collections.abc import Collection, Mapping

from app.events.kinds import Kind
from app.identity.actor import Role

Told = dict[str, object]

_VISIT = frozenset({"subject_id", "visit_id", "outlet_id", "earlier", "changed", "planned_on", "due_on"})
_RECORDING = frozenset({"subject_id", "visit_id", "outlet_id", "medium", "rejected_code"})
_REVIEW = frozenset({"subject_id", "visit_id", "outlet_id", "items", "due_at"})
_SECOND_MARKING = frozenset({"subject_id", "due_at"})  # blind: not even which visit (D8.1)
_REPORT = frozenset({"alias", "outlet_id", "visited_on", "day_part", "provisional"})
_PUBLICATION = _REPORT | {"subject_id", "visit_id"}
_COMMENT_OUTSIDE = frozenset({"alias", "outlet_id"})
_COMMENT = _COMMENT_OUTSIDE | {"subject_id", "visit_id"}
_APPEAL_OUTSIDE = frozenset(
    {"subject_id", "alias", "state", "outlet_id", "items", "decision", "category", "due_at"}
)
_APPEAL = _APPEAL_OUTSIDE | {"visit_id"}
_ACTION_OUTSIDE = frozenset({"subject_id", "alias", "state", "outlet_id", "item", "due_on"})
_ACTION = _ACTION_OUTSIDE | {"visit_id"}
_BULLETIN = frozenset({"subject_id", "outlet_id", "cadence", "first_on", "last_on", "edition"})
_RETENTION = frozenset({"subject_id", "visit_id", "class", "count"})
_WEBHOOK = frozenset({"subject_id", "because"})
_MISUSE = frozenset({"subject_id", "how_many"})  # who, the list of alerts says

_DESK: Mapping[str, frozenset[str]] = {
    "visit": _VISIT,
    "recording": _RECORDING,
    "review": _REVIEW,
    "publication": _PUBLICATION,
    "comment": _COMMENT,
    "appeal": _APPEAL,
    "action": _ACTION,
    "bulletin": _BULLETIN,
    "retention": _RETENTION,
}
_BY_NOUN: Mapping[Role, Mapping[str, frozenset[str]]] = {
    Role.ADMIN: {**_DESK, "webhook": _WEBHOOK, "misuse": _MISUSE},
    Role.SUPERVISOR: _DESK,
    Role.REVIEWER: _DESK,
    Role.AUDITOR: {**_DESK, "misuse": _MISUSE},
    Role.INSPECTOR: {"visit": _VISIT, "recording": _RECORDING},
    Role.OUTLET_MANAGER: {
        "publication": _REPORT,
        "comment": _COMMENT_OUTSIDE,
        "appeal": _APPEAL_OUTSIDE,
        "action": _ACTION_OUTSIDE,
        "bulletin": _BULLETIN,
    },
}
_OTHERWISE: Mapping[tuple[Role, Kind], frozenset[str] | None] = {  # null: not told of it at all
    **{(role, Kind.REVIEW_SECOND_MARKING_WANTED): _SECOND_MARKING for role in Role if role in _BY_NOUN},
    (Role.INSPECTOR, Kind.REVIEW_SECOND_MARKING_WANTED): None,
    (Role.OUTLET_MANAGER, Kind.REVIEW_SECOND_MARKING_WANTED): None,
    (Role.INSPECTOR, Kind.REVIEW_SENT_BACK): _REVIEW,
    (Role.OUTLET_MANAGER, Kind.APPEAL_ESCALATED): None,  # between the desks
    # What became of an own visit, and nothing of who disputed it.
    (Role.INSPECTOR, Kind.APPEAL_DECIDED): frozenset(
        {"subject_id", "visit_id", "state", "items", "decision"}
    ),
}


def fields_for(role: Role, kind: Kind) -> frozenset[str] | None:
    """Names of the values a role may be told; `None` when it may not even know that it happened."""
    if (role, kind) in _OTHERWISE:
        return _OTHERWISE[role, kind]
    return _BY_NOUN[role].get(kind.partition(".")[0])


def kinds_for(role: Role) -> list[Kind]:
    return [kind for kind in Kind if fields_for(role, kind) is not None]


def told(roles: Collection[Role], kind: Kind, values: Mapping[str, object]) -> Told | None:
    """What somebody with these roles may know of an event. One role never widens what the outlet's side is told."""
    if Role.OUTLET_MANAGER in roles:
        roles = [Role.OUTLET_MANAGER]
    allowed = [fields for fields in (fields_for(role, kind) for role in roles) if fields is not None]
    if not allowed:
        return None
    names = frozenset().union(*allowed)
    return {name: value for name, value in values.items() if name in names and value is not None}
