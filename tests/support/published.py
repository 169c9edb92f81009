"""Published visits by the ten thousand, written straight into the facts: for measuring, and for laws about figures.

They have what the figures are made of and nothing else: no answers, no files, no explanations.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.checklists.models import ChecklistVersion
from app.checklists.queries import document_of
from app.checklists.reading import from_yaml
from app.identity.models import Organisation, Person
from app.insight import folding, gathering, queries_facts
from app.insight.figures import POINT, SHARE, Codes, Vector, vector
from app.insight.models import ScoreVectors, VisitScore
from app.insight.rows import Layouts, vector_columns
from app.insight.rules import Level, shard_of
from app.insight.words import Words
from app.kit.database import Database
from app.kit.orm import Base
from app.outlets.models import Outlet, Region, RegionAncestor, Tier
from app.outlets.rules import LoadBand, Stage
from app.programmes.models import Programme
from app.programmes.rules import Ownership, RecordingMode
from app.programmes.schemas import ProgrammeRules
from app.visits.models import AnswersRevision, ScoreRevision, Visit
from app.visits.rules import DayPart, Kind, State

FOUNDED = datetime(2025, 1, 1, tzinfo=UTC)
TIERS = ("flagship", "tier-2", "tier-3")
ROWS_AT_ONCE = 5_000
VETO_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything; `visits` are spread evenly over outlets and over the months from 2025-01 on."""

    outlets: int = 2_000
    regions: int = 40
    inspectors: int = 200
    visits: int = 100_000
    months: int = 12
    indicators: int = 15
    items: int = 45
    competitors: int = 200
    seed: int = 5


@dataclass(frozen=True, slots=True)
class Network:
    organisation: Organisation
    programme: Programme
    version: ChecklistVersion
    regions: Sequence[UUID]
    outlets: Sequence[UUID]
    inspectors: Sequence[UUID]
    kind: Kind = Kind.COVERT


@dataclass(frozen=True, slots=True)
class Written:
    """A published visit as a test wants it. Every part earns what the total says unless `parts` says otherwise."""

    outlet: UUID
    total: float | None
    on: date = date(2026, 3, 2)
    inspector: UUID | None = None
    kind: Kind = Kind.COVERT
    parts: Mapping[str, float | None] = field(default_factory=dict)  # None: not applicable


async def write(
    database: Database, programme: Programme, version: ChecklistVersion, visits: Sequence[Written]
) -> None:
    """Add published visits, and the months' figures that follow from all there are."""
    words = Words.of(document_of(version))
    codes = {Level.INDICATOR: tuple(words.indicators), Level.ITEM: tuple(words.items)}
    async with database.writing() as session:
        layouts = Layouts(await queries_facts.layouts_of(session, programme.organisation_id))
        await layouts.keep(session, programme.organisation_id, codes.values())
        for one in visits:
            lead = one.inspector or version.published_by
            micro = None if one.total is None else round(one.total * 1e6)
            rows = _visit(programme, version, one.outlet, lead, one.on, total_micro=micro, kind=one.kind)
            for table in (Visit, AnswersRevision, ScoreRevision, VisitScore):
                await session.execute(sa.insert(_table(table)), [rows[table]])
            if one.total is not None:
                row = {"score_revision_id": rows[ScoreRevision]["id"]}
                for level in Level:
                    row |= vector_columns(level, _earned(one, one.total, codes[level]), layouts)
                await session.execute(sa.insert(_table(ScoreVectors)), [row])
        await _months(session, programme.organisation_id, layouts)


def _earned(one: Written, total: float, codes: Codes) -> Vector:
    points = 100 / len(codes)
    figures = []
    for code in codes:
        share = one.parts.get(code, total)
        if share is not None:
            lost = round((1 - share / 100) * points * POINT)
            figures.append((code, round(share / 100 * SHARE), lost, round(points / 100 * SHARE)))
    return vector(figures, codes=codes)


async def fill(database: Database, size: Size) -> Network:
    """A whole network with its published visits."""
    chance = random.Random(size.seed)  # noqa: S311 (nothing here is secret)
    drawn = np.random.default_rng(size.seed)
    async with database.writing() as session:
        network = await _places(session, size, chance)
        layouts = await _layouts(session, network.organisation.id, size)
        for rows in _visits(network, size, chance):
            rows[ScoreVectors] = _vectors(rows[VisitScore], size, layouts, drawn)
            for table in (Visit, AnswersRevision, ScoreRevision, VisitScore, ScoreVectors):
                await session.execute(sa.insert(_table(table)), rows[table])
        await _months(session, network.organisation.id, layouts)
    if not database.is_sqlite:
        async with database.engine.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).exec_driver_sql(
                "VACUUM ANALYZE"
            )
    else:
        async with database.writing() as session:
            await session.execute(sa.text("ANALYZE"))
    return network


def checklist(size: Size) -> str:
    """Yes/no items, spread over the indicators."""
    lines = [
        "id: large-hall", "version: 1", 'title: {zh: "大问卷", en: "Large checklist"}', "trade: telecom",
        "profiles:",
        f"  - {{code: all, indicators: {{{', '.join(f'i{n}: 10' for n in range(size.indicators))}}}}}",
        "dimensions:", '  - code: all', '    title: {zh: "全部", en: "All"}', "    indicators:",
    ]  # fmt: skip
    for number in range(size.indicators):
        lines += [
            f"      - code: i{number}",
            f'        title: {{zh: "指标{number}", en: "Indicator {number}"}}',
        ]
        lines += ["        items:"]
        lines += [
            f'          - {{code: q{item}, type: yes_no, weight: 10, text: {{zh: "问{item}", en: "Item {item}"}}}}'
            for item in range(number, size.items, size.indicators)
        ]
    return "\n".join(lines) + "\n"


async def _places(session: AsyncSession, size: Size, chance: random.Random) -> Network:
    home = Organisation(id=uuid4(), slug="large", name="Large", created_at=FOUNDED)
    programme = Programme(
        id=uuid4(), organisation_id=home.id, name="Halls", starts_on=FOUNDED.date(),
        checklist_codes=["large-hall"], rules=ProgrammeRules().model_dump(mode="json"),
        created_at=FOUNDED, changed_at=FOUNDED,
    )  # fmt: skip
    people = [_person(home.id, number) for number in range(size.inspectors)]
    document = from_yaml(checklist(size).encode())
    version = ChecklistVersion(
        id=uuid4(), organisation_id=home.id, code=document.id, number=1, fingerprint=document.fingerprint(),
        document=document.model_dump(mode="json"), published_by=people[0].id, published_at=FOUNDED,
    )  # fmt: skip
    tiers = [
        Tier(id=uuid4(), organisation_id=home.id, code=code, name_en=code, rank=rank)
        for rank, code in enumerate(TIERS, start=1)
    ]
    regions = [_region(home.id, number) for number in range(size.regions)]
    ancestors = [RegionAncestor(region_id=one.id, ancestor_id=one.id) for one in regions]
    own = [_outlet(home.id, number, regions, chance) for number in range(size.outlets)]
    rivals = [
        _outlet(home.id, size.outlets + number, regions, chance, Ownership.COMPETITOR)
        for number in range(size.competitors)
    ]
    for rows in ([home], people, [programme, version], tiers, regions, ancestors, [*own, *rivals]):
        session.add_all(rows)
        await session.flush()
    return Network(
        home, programme, version, [one.id for one in regions],
        [one.id for one in (*own, *rivals)], [one.id for one in people],
    )  # fmt: skip


def _person(home: UUID, number: int) -> Person:
    return Person(
        id=uuid4(), organisation_id=home, email=f"{number}@large.example", name=f"Inspector {number}",
        language="en", password_hash="", active=True, created_at=FOUNDED,
    )  # fmt: skip


def _region(home: UUID, number: int) -> Region:
    return Region(
        id=uuid4(), organisation_id=home, code=f"r{number}", name_en=f"Region {number}", central_city=False,
        jurisdiction="CN-44", time_zone="Asia/Shanghai",
    )  # fmt: skip


def _outlet(
    home: UUID,
    number: int,
    regions: Sequence[Region],
    chance: random.Random,
    ownership: Ownership = Ownership.OWN,
) -> Outlet:
    return Outlet(
        id=uuid4(), organisation_id=home, code=f"o{number}", name_en=f"Outlet {number}", ownership=ownership,
        tier=chance.choice(TIERS), stage=Stage.EARLY, load_band=LoadBand.LOW,
        region_id=regions[number % len(regions)].id, time_zone="Asia/Shanghai", high_traffic=False,
        traffic_per_day=chance.choice([None, 50, 100, 400]), required_languages=[], active=True,
        created_at=FOUNDED,
    )  # fmt: skip


def _visits(
    network: Network, size: Size, chance: random.Random
) -> Iterator[dict[type[Base], list[dict[str, Any]]]]:
    """In the order in which they would have been made, some at a time."""
    levels = {one: chance.gauss(75, 6) for one in network.outlets}
    strictness = {one: chance.gauss(0, 3) for one in network.inspectors}
    days = (_month(size.months) - FOUNDED.date()).days
    rows: dict[type[Base], list[dict[str, Any]]] = {}
    for number in range(size.visits):
        outlet = network.outlets[number % len(network.outlets)]
        inspector = chance.choice(network.inspectors)
        total = min(100.0, max(0.0, levels[outlet] - strictness[inspector] + chance.gauss(0, 8)))
        on = FOUNDED.date() + timedelta(days=number * days // size.visits)
        made = _visit(
            network.programme, network.version, outlet, inspector, on, total_micro=round(total * 1e6)
        )
        for table, row in made.items():
            rows.setdefault(table, []).append(row)
        if (number + 1) % ROWS_AT_ONCE == 0:
            yield rows
            rows = {}
    if rows:
        yield rows


def _visit(
    programme: Programme,
    version: ChecklistVersion,
    outlet: UUID,
    inspector: UUID,
    on: date,
    *,
    total_micro: int | None,
    kind: Kind = Kind.COVERT,
) -> dict[type[Base], dict[str, Any]]:
    at = datetime(on.year, on.month, on.day, 6, tzinfo=UTC)
    visit, answers, score = uuid4(), uuid4(), uuid4()
    drawn = total_micro or 0
    common: dict[str, Any] = {
        "organisation_id": programme.organisation_id, "programme_id": programme.id, "outlet_id": outlet,
        "checklist_version_id": version.id, "kind": kind,
    }  # fmt: skip
    return {
        Visit: {
            **common, "id": visit, "planned_on": on, "visible_from": on, "day_part": DayPart.MORNING,
            "scenario": "", "state": State.FINAL, "recording_mode": RecordingMode.NONE, "terms": {},
            "summary": "", "questions_asked": 2, "entered_at": at, "entered_on": on, "breaks_rotation": False,
            "created_by": inspector, "created_at": at, "version": 1,
        },
        AnswersRevision: {
            "id": answers, "visit_id": visit, "number": 1, "made_by": inspector, "made_at": at, "reason": "",
        },
        ScoreRevision: {
            "id": score, "visit_id": visit, "number": 1, "answers_revision_id": answers,
            "checklist_version_id": version.id, "engine_version": "1", "status": "scored",
            "total_micro": total_micro, "marks": {}, "explanation": {}, "reason": "", "made_at": at,
        },
        VisitScore: {
            **common, "visit_id": visit, "said_from": at + timedelta(days=2), "said_until": None,
            "inspector_id": inspector, "score_revision_id": score, "alias": uuid4().hex, "visited_on": on,
            "month": on.replace(day=1), "shard": shard_of(outlet), "total_micro": total_micro,
            "completeness_micro": 950_000, "vetoes": 0, "provisional": False,
            "on_planned_day": drawn % 10 > 0, "handed_in_after_s": drawn % 100_000,
        },
    }  # fmt: skip


async def _layouts(session: AsyncSession, home: UUID, size: Size) -> Layouts:
    layouts = Layouts({})
    await layouts.keep(session, home, [_codes(size, level) for level in Level])
    return layouts


def _codes(size: Size, level: Level) -> Codes:
    if level is Level.INDICATOR:
        return tuple(f"i{number}" for number in range(size.indicators))
    return tuple(f"q{number}" for number in range(size.items))


def _vectors(
    visits: Sequence[dict[str, Any]], size: Size, layouts: Layouts, drawn: np.random.Generator
) -> list[dict[str, Any]]:
    """Items around the totals, each 0, ¼, ½, ¾ or all of it; one in twenty did not apply."""
    rows = [{"score_revision_id": visit["score_revision_id"]} for visit in visits]
    totals = np.array([visit["total_micro"] for visit in visits])[:, None] / 25e6
    for level in Level:
        codes = _codes(size, level)
        share = np.clip(np.rint(drawn.normal(totals, 1, (len(visits), len(codes)))), 0, 4) / 4
        seen = (drawn.random(share.shape) < 0.95).astype(int)
        points = 100 / len(codes)
        tables = (
            seen,
            np.rint(seen * share * SHARE),
            np.rint(seen * (1 - share) * points * POINT),
            np.rint(seen * points / 100 * SHARE),
        )
        for number, row in enumerate(rows):
            one = Vector(codes, *(table[number].astype(np.int64) for table in tables))
            row.update(vector_columns(level, one, layouts))
    return rows


async def _months(session: AsyncSession, home: UUID, layouts: Layouts) -> None:
    """What follows for the months, as folding makes it."""
    await folding.count_again(session, home, await queries_facts.month_keys(session, home), layouts)
    for key in await queries_facts.missing_spans(session, home):
        await gathering.make_span(session, home, key)


def _month(number: int) -> date:
    return date(FOUNDED.year + number // 12, number % 12 + 1, 1)


def _table(kind: type[Base]) -> Any:
    return kind.__table__
