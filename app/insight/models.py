"""What was published, laid out for adding up. Everything here is derived and can be made anew (`insight rebuild`).

A publication that is revised, appealed or taken back marks its visit as pending, by a trigger and so in the same
transaction; folding takes what is pending into the facts and counts the months it touches again. Nothing
here is an outlet's to read as it stands: it names inspectors.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import guards
from app.kit.orm import Base, Json, closed_set
from app.scoring import VetoScope
from app.visits.rules import Kind

Counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts up only what is called INTEGER


class Pending(Base):
    """A visit whose facts are behind what is published. It may be named more than once."""

    __tablename__ = "insight_pending"
    __table_args__ = (sa.Index("ix_insight_pending_organisation_id", "organisation_id", "id"),)

    id: Mapped[int] = mapped_column(Counter, sa.Identity(), primary_key=True)
    organisation_id: Mapped[UUID]
    visit_id: Mapped[UUID]


class Folding(Base):
    """Whose turn it is to fold, one at a time in an organisation, and when it was last done."""

    __tablename__ = "insight_foldings"

    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"), primary_key=True)
    folded_at: Mapped[datetime]


class Layout(Base):
    """Which indicators or items the columns of vectors are, in order; one for each checklist version, as a rule."""

    __tablename__ = "insight_layouts"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "fingerprint"),)

    id: Mapped[int] = mapped_column(sa.Integer(), sa.Identity(), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    fingerprint: Mapped[str] = mapped_column(sa.String(64))  # SHA-256 of the codes
    codes: Mapped[list[str]] = mapped_column(Json)


class VisitScore(Base):
    """What a visit's publication said from one instant to another; `said_until` is null for what it says now.

    The total is null for a visit without a number (D3.4): it counts as seen, and in no mean.
    """

    __tablename__ = "insight_visit_scores"
    __table_args__ = (
        sa.CheckConstraint("said_until IS NULL OR said_until > said_from", name="in_order"),
        sa.Index("ix_insight_visit_scores_programme_id", "programme_id", "kind", "visited_on"),
        sa.Index("ix_insight_visit_scores_outlet_id", "outlet_id", "kind", "visited_on"),
        sa.Index("ix_insight_visit_scores_organisation_id", "organisation_id", "visited_on"),
        sa.Index("ix_insight_visit_scores_month", "programme_id", "kind", "month", "shard"),
    )

    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"), primary_key=True)
    said_from: Mapped[datetime] = mapped_column(primary_key=True)
    said_until: Mapped[datetime | None]
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"))
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlets.id"))
    inspector_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("people.id"))  # who led it
    checklist_version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("checklist_versions.id"))
    score_revision_id: Mapped[UUID] = mapped_column(sa.ForeignKey("score_revisions.id"))
    alias: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[Kind] = mapped_column(closed_set(Kind, "kind"))
    visited_on: Mapped[date]  # the outlet's local date (D5.3)
    month: Mapped[date]  # its first day
    shard: Mapped[int]  # of the outlet (`shard_of`)
    total_micro: Mapped[int | None]
    completeness_micro: Mapped[int | None]
    vetoes: Mapped[int]
    provisional: Mapped[bool]  # an appeal was open (D8.4)
    on_planned_day: Mapped[bool]
    handed_in_after_s: Mapped[int | None] = mapped_column(sa.BigInteger)


class VetoFact(Base):
    """A veto that fired in what a visit's publication said."""

    __tablename__ = "insight_vetoes"
    __table_args__ = (
        sa.Index("ix_insight_vetoes_programme_id", "programme_id", "kind", "visited_on"),
        sa.Index("ix_insight_vetoes_outlet_id", "outlet_id", "kind", "visited_on"),
    )

    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"), primary_key=True)
    said_from: Mapped[datetime] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    said_until: Mapped[datetime | None]
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisations.id"))
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"))
    outlet_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outlets.id"))
    checklist_version_id: Mapped[UUID] = mapped_column(sa.ForeignKey("checklist_versions.id"))
    alias: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[Kind] = mapped_column(closed_set(Kind, "kind"))
    visited_on: Mapped[date]
    scope: Mapped[VetoScope] = mapped_column(closed_set(VetoScope, "scope"))
    target: Mapped[str | None] = mapped_column(sa.String(64))
    provisional: Mapped[bool]


class Vectors:
    """A vector of indicators and one of items (`app.insight.figures`), each figure in a column of its own."""

    indicator_layout_id: Mapped[int] = mapped_column(sa.ForeignKey("insight_layouts.id"))
    indicator_visits: Mapped[bytes]
    indicator_value: Mapped[bytes]
    indicator_lost: Mapped[bytes]
    indicator_weight: Mapped[bytes]
    item_layout_id: Mapped[int] = mapped_column(sa.ForeignKey("insight_layouts.id"))
    item_visits: Mapped[bytes]
    item_value: Mapped[bytes]
    item_lost: Mapped[bytes]
    item_weight: Mapped[bytes]


class ScoreVectors(Vectors, Base):
    """Of one score revision with a number; as unchanging as that. Bonus items are no part of what is expected (D3.3)."""

    __tablename__ = "insight_scores"

    score_revision_id: Mapped[UUID] = mapped_column(sa.ForeignKey("score_revisions.id"), primary_key=True)


class Block(Vectors):
    """Sums over visits, as published now: a matrix with one row for each outlet of a shard.

    `outlet_ids` are the rows' outlets, 16 bytes each, in order. A row for every outlet would be a hundred times as
    many to fetch for a year of a large network, and fetching is what takes the time. `totals` (`app.insight.totals`)
    are null in what an older release made: then the visits themselves are read.
    """

    outlet_ids: Mapped[bytes]
    totals: Mapped[bytes | None]


class MonthVectors(Block, Base):
    """Over the visits of one month. `works` has one entry a visit that somebody led, `inspector_ids` who that was."""

    __tablename__ = "insight_months"

    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(closed_set(Kind, "kind"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    shard: Mapped[int] = mapped_column(sa.Integer(), primary_key=True, autoincrement=False)
    inspector_ids: Mapped[bytes | None]
    works: Mapped[bytes | None]


class SpanVectors(Block, Base):
    """Over the months of a calendar quarter or year, as they stand.

    A trigger takes it away as soon as one of its months changes, and the job makes it again (`app.insight.gathering`):
    it is there and right, or not there, and then the months are read.
    """

    __tablename__ = "insight_spans"

    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(closed_set(Kind, "kind"), primary_key=True)
    first_on: Mapped[date] = mapped_column(primary_key=True)
    last_on: Mapped[date] = mapped_column(primary_key=True)
    shard: Mapped[int] = mapped_column(sa.Integer(), primary_key=True, autoincrement=False)


class Assignments(Base):
    """Of the visits planned for a month: who was to lead how many of them where on which day, and how many were entered.

    `counts` (`app.insight.totals`) name outlets and people by their place in the ids, 16 bytes each. They hold but for
    days that are among `Replanned`.
    """

    __tablename__ = "insight_assignments"

    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(closed_set(Kind, "kind"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)  # its first day
    outlet_ids: Mapped[bytes]
    inspector_ids: Mapped[bytes]
    counts: Mapped[bytes]


class Replanned(Base):
    """A day of which a visit counts otherwise than it did when it was counted."""

    __tablename__ = "insight_replanned"
    __table_args__ = (sa.Index("ix_insight_replanned_programme_id", "programme_id", "kind", "planned_on"),)

    id: Mapped[int] = mapped_column(Counter, sa.Identity(), primary_key=True)
    programme_id: Mapped[UUID]
    kind: Mapped[Kind] = mapped_column(closed_set(Kind, "kind"))
    planned_on: Mapped[date]


# Which changes of a visit's state change what is published of it.
_TOLD = "OLD.state IN ('published', 'appealed', 'final') AND NEW.state <> OLD.state"
_REVISED = (
    "INSERT INTO insight_pending (organisation_id, visit_id)"
    " SELECT organisation_id, visit_id FROM publications WHERE id = NEW.publication_id"
)
_CHANGED = "INSERT INTO insight_pending (organisation_id, visit_id) VALUES (NEW.organisation_id, NEW.id)"


def _sqlite(name: str, event: str, when: str, body: str) -> list[tuple[str, str]]:
    return [
        ("", f"DROP TRIGGER IF EXISTS {name}"),
        (name, f"CREATE TRIGGER {name} AFTER {event}{when} BEGIN {body}; END"),
    ]


def _postgresql(name: str, event: str, when: str, body: str) -> list[tuple[str, str]]:
    language = "RETURNS trigger LANGUAGE plpgsql"
    table = event.rsplit(maxsplit=1)[-1]
    return [
        ("", f"CREATE OR REPLACE FUNCTION {name}() {language} AS $$ BEGIN {body}; RETURN NULL; END $$"),
        ("", f"DROP TRIGGER IF EXISTS {name} ON {table}"),
        (name, f"CREATE TRIGGER {name} AFTER {event} FOR EACH ROW{when} EXECUTE FUNCTION {name}()"),
    ]


_FORGOTTEN = (
    "DELETE FROM insight_spans WHERE programme_id = {0}.programme_id AND kind = {0}.kind"
    " AND shard = {0}.shard AND {0}.month BETWEEN first_on AND last_on"
)

_REPLANNED = (
    "INSERT INTO insight_replanned (programme_id, kind, planned_on)"
    " SELECT programme_id, kind, planned_on FROM visits WHERE id = {0}.visit_id AND {0}.role = 'lead'"
)
_ANOTHER = "OLD.visit_id <> NEW.visit_id OR OLD.person_id <> NEW.person_id OR OLD.role <> NEW.role"
_MOVED = (
    "INSERT INTO insight_replanned (programme_id, kind, planned_on)"
    " VALUES (OLD.programme_id, OLD.kind, OLD.planned_on), (NEW.programme_id, NEW.kind, NEW.planned_on)"
)
_OTHERWISE = (  # what `app.insight.queries_assigned` counts by
    "(OLD.state IN ('proposed', 'cancelled')) <> (NEW.state IN ('proposed', 'cancelled'))"
    " OR (OLD.entered_at IS NULL) <> (NEW.entered_at IS NULL) OR OLD.planned_on <> NEW.planned_on"
    " OR OLD.outlet_id <> NEW.outlet_id OR OLD.programme_id <> NEW.programme_id OR OLD.kind <> NEW.kind"
)

for _table, _name, _event, _when, _body in (
    ("insight_pending", "insight_sees_revisions", "INSERT ON publication_revisions", "", _REVISED),
    ("insight_pending", "insight_sees_states", "UPDATE OF state ON visits", f" WHEN ({_TOLD})", _CHANGED),
    ("insight_spans", "insight_months_come", "INSERT ON insight_months", "", _FORGOTTEN.format("NEW")),
    ("insight_spans", "insight_months_go", "DELETE ON insight_months", "", _FORGOTTEN.format("OLD")),
    ("insight_replanned", "insight_leads_come", "INSERT ON visit_crew", "", _REPLANNED.format("NEW")),
    ("insight_replanned", "insight_leads_go", "DELETE ON visit_crew", "", _REPLANNED.format("OLD")),
    (
        "insight_replanned",
        "insight_leads_change",
        "UPDATE ON visit_crew",
        f" WHEN ({_ANOTHER})",
        f"{_REPLANNED.format('OLD')}; {_REPLANNED.format('NEW')}",
    ),
    ("insight_replanned", "insight_plans_change", "UPDATE ON visits", f" WHEN ({_OTHERWISE})", _MOVED),
):
    guards.register(
        _name,
        guards.Guard(
            _table,
            _sqlite(_name, _event, _when, _body),
            _postgresql(_name, _event, _when, _body),
        ),
    )
