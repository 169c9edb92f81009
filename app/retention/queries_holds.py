"""Conditions on legal holds: whether one is in force for a visit, or for anything of some outlets."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from app.retention.models import LegalHold
from app.visits.models import CrewMember, Visit


def in_force(*, now: datetime) -> sa.Exists:
    return sa.exists().where(
        LegalHold.lifted_at.is_(None), sa.or_(LegalHold.until.is_(None), LegalHold.until > now)
    )


def on_visit(
    visit_id: InstrumentedAttribute[UUID], outlet_id: InstrumentedAttribute[UUID], *, now: datetime
) -> sa.Exists:
    """Whether a hold is in force for the visit, its outlet, or anybody of its crew."""
    crew = sa.select(CrewMember.person_id).where(CrewMember.visit_id == visit_id)
    return in_force(now=now).where(
        sa.or_(
            LegalHold.visit_id == visit_id,
            LegalHold.outlet_id == outlet_id,
            LegalHold.person_id.in_(crew),
        )
    )


def of_outlet(outlet_ids: sa.Select[UUID]) -> sa.ColumnElement[bool]:
    """A condition on holds: of one of the outlets, of a visit to one, or of a person who was at one."""
    visits = sa.select(Visit.id).where(Visit.outlet_id.in_(outlet_ids))
    people = sa.select(CrewMember.person_id).where(CrewMember.visit_id.in_(visits))
    return sa.or_(
        LegalHold.outlet_id.in_(outlet_ids),
        LegalHold.visit_id.in_(visits),
        LegalHold.person_id.in_(people),
    )
