"""The rows that follow: of a visit's facts from its publication, of a month's block from the facts (D8.6)."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.insight.facts import Stretch, tell
from app.insight.figures import FIGURES, Codes, Packed, Vector, added, joined, repacked, unpacked, vector
from app.insight.models import Layout, ScoreVectors
from app.insight.queries_facts import Key, Published, Source
from app.insight.rules import Level, shard_of
from app.insight.totals import packed_ids, packed_totals, packed_works
from app.visits.models import ScoreRevision
from app.visits.rules import State

Row = dict[str, Any]


def visit_rows(source: Source, history: Sequence[Stretch], scores: dict[UUID, ScoreRevision]) -> list[Row]:
    """The rows of `VisitScore` that follow from a publication."""
    return [
        {
            **_said(source, stretch),
            "inspector_id": source.inspector_id,
            "score_revision_id": stretch.score_revision_id,
            "month": source.publication.visited_on.replace(day=1),
            "shard": shard_of(source.publication.outlet_id),
            "total_micro": scores[stretch.score_revision_id].total_micro,
            "completeness_micro": scores[stretch.score_revision_id].completeness_micro,
            "vetoes": len(scores[stretch.score_revision_id].explanation["vetoes"]),
            "on_planned_day": source.visit.planned_on == source.publication.visited_on,
            "handed_in_after_s": _handed_in_after_s(source),
        }
        for stretch in history
    ]


def veto_rows(source: Source, history: Sequence[Stretch], scores: dict[UUID, ScoreRevision]) -> list[Row]:
    """The rows of `VetoFact` that follow from a publication."""
    return [
        {
            **_said(source, stretch),
            "item_code": veto["item"],
            "scope": veto["scope"],
            "target": veto["target"],
        }
        for stretch in history
        for veto in scores[stretch.score_revision_id].explanation["vetoes"]
    ]


def score_row(score: ScoreRevision, layouts: "Layouts") -> Row | None:
    """The row of `ScoreVectors` that follows from a score; None for one without a number (D3.4)."""
    told = tell(score.explanation)
    if not told.indicators:
        return None
    row: Row = {"score_revision_id": score.id}
    for level, figures in ((Level.INDICATOR, told.indicators), (Level.ITEM, told.items)):
        counted = [(one.code, *one.stored) for one in figures if one.stored is not None]
        row |= vector_columns(level, vector(counted, codes=tuple(one.code for one in figures)), layouts)
    return row


def month_row(key: Key, visits: Sequence[Published], layouts: "Layouts") -> Row:
    """The row of `MonthVectors` that follows from its visits, which come in the order of their outlets."""
    row: Row = dict(zip(("programme_id", "kind", "month", "shard"), key, strict=True))
    outlet_ids = list(dict.fromkeys(one.told.outlet_id for one in visits))
    told = [one.told for one in visits]
    row["outlet_ids"] = packed_ids(outlet_ids)
    row["totals"] = packed_totals(told, outlet_ids)
    row["inspector_ids"], row["works"] = packed_works(told, outlet_ids)
    place = {one: number for number, one in enumerate(outlet_ids)}
    for level in Level:
        codes, figures = repacked(_stored(visits, level, place, layouts), units=len(place))
        row |= block_columns(level, codes, figures, layouts)
    return row


def month_codes(visits: Sequence[Published], level: Level, layouts: "Layouts") -> Codes:
    """What the columns of the month's block are."""
    return joined(_codes(one.vectors, level, layouts) for one in visits if one.vectors is not None)


def _stored(
    visits: Sequence[Published], level: Level, place: Mapping[UUID, int], layouts: "Layouts"
) -> list[Packed]:
    return [
        Packed(
            [place[one.told.outlet_id]],
            _codes(one.vectors, level, layouts),
            _figures(one.vectors, level),
        )
        for one in visits
        if one.vectors is not None
    ]


def month_sums(visits: Sequence[Published], level: Level, layouts: "Layouts") -> list[Vector]:
    """By outlet, in the order in which they come. One that was only seen has a vector without columns."""
    of: dict[UUID, list[Vector]] = {one.told.outlet_id: [] for one in visits}
    for one in visits:
        if one.vectors is not None:
            of[one.told.outlet_id].append(vector_in(one.vectors, level, layouts))
    return [added(vectors) for vectors in of.values()]


def block_columns(level: Level, codes: Codes, figures: Mapping[str, bytes], layouts: "Layouts") -> Row:
    packed = {f"{level}_{name}": one for name, one in figures.items()}
    return {f"{level}_layout_id": layouts.id_of(codes), **packed}


def vector_columns(level: Level, one: Vector, layouts: "Layouts") -> Row:
    return block_columns(level, one.codes, one.packed(), layouts)


def vector_in(row: ScoreVectors, level: Level, layouts: "Layouts") -> Vector:
    return unpacked(_figures(row, level), _codes(row, level, layouts))


def _figures(row: ScoreVectors, level: Level) -> dict[str, bytes]:
    return {name: getattr(row, f"{level}_{name}") for name in FIGURES}


def _codes(row: ScoreVectors, level: Level, layouts: "Layouts") -> Codes:
    return layouts.by_id[getattr(row, f"{level}_layout_id")]


class Layouts:
    """The layouts of an organisation, and those that turn out to be missing (`keep` stores them)."""

    def __init__(self, by_id: dict[int, Codes]) -> None:
        self.by_id = by_id
        self._ids = {codes: number for number, codes in by_id.items()}

    def id_of(self, codes: Codes) -> int:
        """Raises `KeyError` for one that is not stored yet."""
        return self._ids[codes]

    async def keep(self, session: AsyncSession, organisation_id: UUID, wanted: Iterable[Codes]) -> None:
        rows = [
            Layout(organisation_id=organisation_id, codes=list(codes), fingerprint=fingerprint(codes))
            for codes in dict.fromkeys(wanted)
            if codes not in self._ids
        ]
        session.add_all(rows)
        await session.flush()
        for row in rows:
            self.by_id[row.id] = tuple(row.codes)
            self._ids[tuple(row.codes)] = row.id


def fingerprint(codes: Codes) -> str:
    return hashlib.sha256(json.dumps(codes).encode()).hexdigest()


def _said(source: Source, stretch: Stretch) -> Row:
    publication, visit = source.publication, source.visit
    return {
        "visit_id": visit.id,
        "said_from": stretch.said_from,
        "said_until": stretch.said_until,
        "organisation_id": publication.organisation_id,
        "programme_id": visit.programme_id,
        "outlet_id": publication.outlet_id,
        "checklist_version_id": visit.checklist_version_id,
        "alias": publication.alias,
        "kind": publication.kind,
        "visited_on": publication.visited_on,
        "provisional": stretch.provisional,
    }


def _handed_in_after_s(source: Source) -> int | None:
    """From leaving the site to the first submission; null where a transition is not on record."""
    left = [one.at for one in source.transitions if one.to_state is State.LEFT]
    submitted = [one.at for one in source.transitions if one.to_state is State.SUBMITTED]
    if not left or not submitted:
        return None
    before = [at for at in left if at <= submitted[0]]  # re-entry: the last time counts (D7.4)
    return int((submitted[0] - before[-1]).total_seconds()) if before else None
