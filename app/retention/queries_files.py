"""What is due of files that belong to no recording: those of appeals and actions, and editions of bulletins."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.bulletins.models import Bulletin, BulletinFile
from app.bulletins.rules import Scope
from app.cases.models import Appeal, CaseFile
from app.cases.models_actions import Action
from app.cases.rules_files import FileState
from app.outlets.models import Outlet, RegionAncestor
from app.programmes.models import Programme
from app.retention.models import Tombstone
from app.retention.queries_holds import in_force, of_outlet, on_visit
from app.retention.rules import Term
from app.review.models import Publication
from app.visits.models import Visit

NO_ID = sa.null().cast(sa.Uuid())


def case_files(programme: Programme, term: Term, *, at: datetime, now: datetime) -> sa.Select[Any]:
    """Of appeals that are settled and actions that are closed. What is opened again counts from its next end."""
    ended = sa.func.coalesce(Appeal.settled_at, Action.closed_at, type_=CaseFile.created_at.type)
    publication = sa.func.coalesce(Appeal.publication_id, Action.publication_id, type_=sa.Uuid())
    rows: Any = (
        sa.select(
            Visit.id.label("visit_id"),
            NO_ID.label("recording_id"),
            CaseFile.id.label("case_file_id"),
            NO_ID.label("bulletin_id"),
            ended.label("started_at"),
            on_visit(Visit.id, Visit.outlet_id, now=now).label("held"),
            CaseFile.sha256.label("sha256"),
            CaseFile.size_bytes.label("size_bytes"),
            CaseFile.id.label("what"),
        )
        .outerjoin(Appeal, Appeal.id == CaseFile.appeal_id)
        .outerjoin(Action, Action.id == CaseFile.action_id)
        .join(Publication, Publication.id == publication)
        .join(Visit, Visit.id == Publication.visit_id)
        .where(
            Visit.programme_id == programme.id,
            CaseFile.state == FileState.STORED,
            ended <= term.started_before(at),
            ~sa.exists().where(Tombstone.case_file_id == CaseFile.id),
        )
    )
    found: sa.Select[Any] = rows
    return found


def bulletins(programme: Programme, term: Term, *, at: datetime, now: datetime) -> sa.Select[Any]:
    """Editions that were ready long enough ago."""
    size = sa.select(sa.func.coalesce(sa.func.sum(BulletinFile.size_bytes), 0)).where(
        BulletinFile.bulletin_id == Bulletin.id
    )
    return sa.select(
        NO_ID.label("visit_id"),
        NO_ID.label("recording_id"),
        NO_ID.label("case_file_id"),
        Bulletin.id.label("bulletin_id"),
        Bulletin.ready_at.label("started_at"),
        holds_bulletin(now=now).label("held"),
        Bulletin.content_sha256.label("sha256"),
        size.scalar_subquery().label("size_bytes"),
        Bulletin.id.label("what"),
    ).where(
        Bulletin.programme_id == programme.id,
        Bulletin.ready_at <= term.started_before(at),
        ~sa.exists().where(Tombstone.bulletin_id == Bulletin.id),
    )


def holds_bulletin(*, now: datetime) -> sa.Exists:
    """Whether a hold is in force for an outlet that the bulletin is of, or for a visit or a person's visits there."""
    below = sa.select(RegionAncestor.region_id).where(RegionAncestor.ancestor_id == Bulletin.region_id)
    inside = sa.or_(
        Bulletin.scope == Scope.NETWORK, Outlet.id == Bulletin.outlet_id, Outlet.region_id.in_(below)
    )
    outlets = sa.select(Outlet.id).where(Outlet.organisation_id == Bulletin.organisation_id, inside)
    return in_force(now=now).where(of_outlet(outlets.correlate(Bulletin)))
