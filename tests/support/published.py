"""Published visits by the ten thousand, written straight into the facts: for measuring, and for laws about figures.

They have what the figures are made of and nothing else: no answers, no files, no explanations.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from app.checklists.models import ChecklistVersion
from app.checklists.queries import document_of
from app.checklists.reading import from_yaml
from app.identity.models import Organisation, Person
from app.insight import assigning, folding, gathering, queries_facts
from app.insight.figures import POINT, SHARE, STORED, Codes, Vector, vector
from app.insight.models import Replanned, ScoreVectors, VisitScore
from app.insight.rows import Layouts, block_columns, vector_columns
from app.insight.rules import Level, shard_of
from app.insight.words import Words
from app.kit.database import Database
from app.kit.orm import Base, UTCDateTime
from app.outlets.models import Outlet, Region, RegionAncestor, Tier
from app.outlets.rules import LoadBand, Stage
from app.programmes.models import Programme
from app.programmes.rules import Ownership, RecordingMode
from app.programmes.schemas import ProgrammeRules
from app.visits.models import AnswersRevision, CrewMember, ScoreRevision, Visit
from app.visits.rules import CrewRole, DayPart, Kind, State

FOUNDED = datetime(2025, 1, 1, tzinfo=UTC)
TIERS = ("flagship", "tier-2", "tier-3")
ROWS_AT_ONCE = 5_000
ROOM_KIB = 400_000


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
            drawn = SimpleNamespace(**_drawn(one.outlet, lead, one.on, total_micro=micro))
            rows = _rows(programme, version, drawn, kind=one.kind)
            for table, row in rows.items():
                await session.execute(sa.insert(_table(table)), [row])
            if one.total is not None:
                row = {"score_revision_id": drawn.score_id}
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
        if database.is_sqlite:  # ids are random: every index is written all over
            await session.execute(sa.text(f"PRAGMA cache_size = -{ROOM_KIB}"))
        network = await _places(session, size, chance)
        layouts = await _layouts(session, network.organisation.id, size)
        await (await session.connection()).run_sync(DRAWN.create)
        for visits in _visits(network, size, chance):
            await _keep(session, network, visits)
            await session.execute(sa.insert(_table(ScoreVectors)), _vectors(visits, size, layouts, drawn))
        await _months(session, network.organisation.id, layouts)
        await session.execute(sa.delete(Replanned))
    await assigning.settle(database, network.organisation.id, now=FOUNDED)
    if not database.is_sqlite:
        async with database.engine.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).exec_driver_sql(
                "VACUUM ANALYZE"
            )
    else:
        await database.dispose()  # what is measured has the room it always has
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


async def _keep(session: AsyncSession, network: Network, visits: Sequence[dict[str, Any]]) -> None:
    """What is drawn goes to the database once; it makes the rows of every table of that by itself."""
    await session.execute(sa.insert(DRAWN), visits)
    led = {"visit_id": DRAWN.c.visit_id, "person_id": DRAWN.c.inspector_id, "role": CrewRole.LEAD}
    rows = _rows(network.programme, network.version, DRAWN.c, kind=network.kind) | {CrewMember: led}
    for kind, row in rows.items():
        table = _table(kind)
        values = [
            one if isinstance(one, sa.ColumnElement) else sa.literal(one, table.c[name].type)
            for name, one in row.items()
        ]
        await session.execute(sa.insert(table).from_select(list(row), sa.select(*values)))
    await session.execute(sa.delete(DRAWN))


def _visits(network: Network, size: Size, chance: random.Random) -> Iterator[list[dict[str, Any]]]:
    """In the order in which they would have been made, some at a time."""
    levels = {one: chance.gauss(75, 6) for one in network.outlets}
    strictness = {one: chance.gauss(0, 3) for one in network.inspectors}
    days = (_month(size.months) - FOUNDED.date()).days
    rows: list[dict[str, Any]] = []
    for number in range(size.visits):
        outlet = network.outlets[number % len(network.outlets)]
        inspector = chance.choice(network.inspectors)
        total = min(100.0, max(0.0, levels[outlet] - strictness[inspector] + chance.gauss(0, 8)))
        on = FOUNDED.date() + timedelta(days=number * days // size.visits)
        rows.append(_drawn(outlet, inspector, on, total_micro=round(total * 1e6)))
        if (number + 1) % ROWS_AT_ONCE == 0:
            yield rows
            rows = []
    if rows:
        yield rows


# Of each visit all that is not the same for all.
DRAWN = sa.Table(
    "drawn_visits",
    sa.MetaData(),
    *(
        sa.Column(name, sa.Uuid())
        for name in ("visit_id", "answers_id", "score_id", "outlet_id", "inspector_id")
    ),
    *(sa.Column(name, sa.Date()) for name in ("visited_on", "month")),
    *(sa.Column(name, UTCDateTime()) for name in ("at", "said_from")),
    *(sa.Column(name, sa.Integer()) for name in ("shard", "total_micro", "handed_in_after_s")),
    sa.Column("on_planned_day", sa.Boolean()),
    sa.Column("alias", sa.String(40)),
    prefixes=["TEMPORARY"],
)


def _drawn(outlet: UUID, inspector: UUID, on: date, *, total_micro: int | None) -> dict[str, Any]:
    at = datetime(on.year, on.month, on.day, 6, tzinfo=UTC)
    return {
        "visit_id": uuid4(), "answers_id": uuid4(), "score_id": uuid4(), "outlet_id": outlet,
        "inspector_id": inspector, "visited_on": on, "month": on.replace(day=1), "at": at,
        "said_from": at + timedelta(days=2), "shard": shard_of(outlet), "total_micro": total_micro,
        "handed_in_after_s": (total_micro or 0) % 100_000, "on_planned_day": (total_micro or 0) % 10 > 0,
        "alias": uuid4().hex,
    }  # fmt: skip


def _rows(
    programme: Programme, version: ChecklistVersion, one: Any, *, kind: Kind
) -> dict[type[Base], dict[str, Any]]:
    """By table. `one` has the names of `DRAWN`, as values or as columns."""
    common: dict[str, Any] = {
        "organisation_id": programme.organisation_id, "programme_id": programme.id, "outlet_id": one.outlet_id,
        "checklist_version_id": version.id, "kind": kind,
    }  # fmt: skip
    return {
        Visit: {
            **common, "id": one.visit_id, "planned_on": one.visited_on, "visible_from": one.visited_on,
            "day_part": DayPart.MORNING, "scenario": "", "state": State.FINAL,
            "recording_mode": RecordingMode.NONE, "terms": {}, "summary": "", "questions_asked": 2,
            "entered_at": one.at, "entered_on": one.visited_on, "breaks_rotation": False,
            "created_by": one.inspector_id, "created_at": one.at, "version": 1,
        },
        AnswersRevision: {
            "id": one.answers_id, "visit_id": one.visit_id, "number": 1, "made_by": one.inspector_id,
            "made_at": one.at, "reason": "",
        },
        ScoreRevision: {
            "id": one.score_id, "visit_id": one.visit_id, "number": 1, "answers_revision_id": one.answers_id,
            "checklist_version_id": version.id, "engine_version": "1", "status": "scored",
            "total_micro": one.total_micro, "marks": {}, "explanation": {}, "reason": "", "made_at": one.at,
        },
        VisitScore: {
            **common, "visit_id": one.visit_id, "said_from": one.said_from, "said_until": None,
            "inspector_id": one.inspector_id, "score_revision_id": one.score_id, "alias": one.alias,
            "visited_on": one.visited_on, "month": one.month, "shard": one.shard,
            "total_micro": one.total_micro, "completeness_micro": 950_000, "vetoes": 0, "provisional": False,
            "on_planned_day": one.on_planned_day, "handed_in_after_s": one.handed_in_after_s,
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
    rows = [{"score_revision_id": visit["score_id"]} for visit in visits]
    totals = np.array([visit["total_micro"] for visit in visits])[:, None] / 25e6
    for level in Level:
        codes = _codes(size, level)
        share = np.clip(np.rint(drawn.normal(totals, 1, (len(visits), len(codes)))), 0, 4) / 4
        seen = (drawn.random(share.shape) < 0.95).astype(int)
        points = 100 / len(codes)
        tables = {
            "visits": seen,
            "value": np.rint(seen * share * SHARE),
            "lost": np.rint(seen * (1 - share) * points * POINT),
            "weight": np.rint(seen * points / 100 * SHARE),
        }
        packed = {name: table.astype(STORED[name]) for name, table in tables.items()}
        for number, row in enumerate(rows):
            figures = {name: table[number].tobytes() for name, table in packed.items()}
            row.update(block_columns(level, codes, figures, layouts))
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
