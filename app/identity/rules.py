"""How long a log-in lasts. Pure."""

from collections.abc import Collection
from datetime import datetime, timedelta

WORKS_OFFLINE = frozenset({"inspector"})  # roles whose phones are without a network for days


def ends_by_itself_at(proved_at: datetime, roles: Collection[str], *, desk_hours: int) -> datetime | None:
    """When somebody must log in again however busy they are; null: never, as long as their tokens are used.

    Desks do so some hours after they last proved who they are (OWASP ASVS 4.0.3, 3.3.2); 0 hours: never. Whoever holds a
    desk's role beside an inspector's is a desk: the stolen token would open what the desk sees, whereas the phone loses
    nothing by a log-in that has ended. What it holds stays, and goes out after the next one.
    """
    if desk_hours == 0 or set(roles) <= WORKS_OFFLINE:
        return None
    return proved_at + timedelta(hours=desk_hours)
