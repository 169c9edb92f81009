"""Who is calling, as plain values: no database, no web."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from app.kit.problems import Forbidden


class Role(StrEnum):
    ADMIN = "admin"
    SUPERVISOR = "supervisor"  # of regions
    INSPECTOR = "inspector"
    REVIEWER = "reviewer"  # of regions
    OUTLET_MANAGER = "outlet_manager"  # of outlets
    AUDITOR = "auditor"  # of what a grant names


@dataclass(frozen=True, slots=True)
class Actor:
    """A person of one organisation, logged in on one device."""

    person_id: UUID
    organisation_id: UUID
    roles: frozenset[Role]
    login_id: UUID
    second_factor_due: bool = False  # a role of theirs needs one, and they have none yet
    proof_due: bool = False  # they logged in too long ago for what is grave

    def has(self, *roles: Role) -> bool:
        """Whether the person holds at least one of `roles`."""
        return not self.roles.isdisjoint(roles)

    def without(self, *roles: Role) -> "Actor":
        """The same person seen without some roles: what one role may see must not widen another's view."""
        return replace(self, roles=self.roles - frozenset(roles))

    def only(self, *roles: Role) -> "Actor":
        """The same person in no other than these roles."""
        return replace(self, roles=self.roles & frozenset(roles))

    def require(self, *roles: Role) -> None:
        """Raises `Forbidden` unless the person holds at least one of `roles`."""
        if not self.has(*roles):
            raise Forbidden(f"This needs the role {' or '.join(roles)}.", roles=[str(role) for role in roles])
