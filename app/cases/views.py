"""From rows to wire types: an appeal as somebody may see it, from where they stand (D8.4, D10.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import deciding, queries, queries_files, rules, ruling, views_files
from app.cases.models import Appeal, AppealItem, AppealStep, PanelVote, Ruling
from app.cases.rules import DECIDERS, OPEN, Panel, Viewpoint
from app.cases.schemas import (
    AppealDetail,
    AppealedItemOut,
    AppealOut,
    AppealStepOut,
    Correction,
    MinuteOut,
    PanelMemberOut,
    RulingOut,
    StandingOut,
    VoteOut,
)
from app.checklists.document import Document, Item
from app.identity import queries as identity
from app.identity.actor import Actor
from app.outlets.models import Outlet
from app.review import queries_reports, reports
from app.review.models import Publication, PublicationRevision
from app.review.schemas_reports import ReportedOutlet
from app.visits import answering, marking
from app.visits import queries as visits
from app.visits.answers import Answer
from app.visits.models import ScoreRevision


async def listed(
    session: AsyncSession, actor: Actor, appeals: Sequence[Appeal], *, now: datetime
) -> list[AppealOut]:
    viewpoints = await queries.viewpoints_of(session, actor, appeals, now=now)
    publications = await queries_reports.publications_by_id(session, [one.publication_id for one in appeals])
    outlets = await queries_reports.outlets_of(session, list(publications.values()))
    items = await queries.items_of(session, appeals)
    known = [one for appeal in appeals for one in (appeal.edition_id, appeal.outcome_id) if one is not None]
    editions = await queries.editions_by_id(session, known)
    return [
        _line(
            one,
            viewpoint=viewpoints[one.id],
            publication=publications[one.publication_id],
            outlet=outlets[one.outlet_id],
            items=[item.item_code for item in items[one.id]],
            editions=editions,
            now=now,
        )
        for one in appeals
    ]


async def detail(session: AsyncSession, actor: Actor, appeal: Appeal, *, now: datetime) -> AppealDetail:
    (line,) = await listed(session, actor, [appeal], now=now)
    viewpoint = line.viewpoint
    panel = await queries.panel_of(session, appeal)
    decides = viewpoint in DECIDERS
    names = await identity.names_of(session, [member.person_id for member in panel])
    told = await _told(session, actor, appeal, viewpoint)
    is_inspector = viewpoint is Viewpoint.INSPECTOR
    return AppealDetail(
        **dict(line),
        statement=None if is_inspector else appeal.statement,
        appellant_id=appeal.filed_by if viewpoint is Viewpoint.DESK else None,
        visit_id=appeal.visit_id if viewpoint is Viewpoint.DESK else None,
        disputed=[told.item(item) for item in (await queries.items_of(session, [appeal]))[appeal.id]],
        settled_because=None if is_inspector else appeal.settled_because,
        refile_until=appeal.refile_until,
        revision=told.after.number if told.after else None,
        seats=sum(member.released_at is None for member in panel),
        panel=[
            PanelMemberOut(
                name=names[member.person_id],
                **{name: getattr(member, name) for name in PanelMemberOut.model_fields.keys() - {"name"}},
            )
            for member in panel
            if decides
        ],
        attachments=[]
        if is_inspector
        else [views_files.file(one) for one in await queries_files.files_of(session, appeal)],
        minute=await _minute(session, appeal, is_inspector=is_inspector),
    )


def step(row: AppealStep, viewpoint: Viewpoint) -> AppealStepOut:
    return AppealStepOut(
        kind=row.kind,
        item=row.item_code,
        note="" if viewpoint is Viewpoint.INSPECTOR else row.note,
        actor_id=row.actor_id if viewpoint is Viewpoint.DESK else None,
        at=row.at,
    )


@dataclass(frozen=True, slots=True)
class _Edition:
    """A revision of the report, as far as items are looked at."""

    number: int
    answers: Mapping[str, Answer]
    scores: Mapping[str, Mapping[str, Any]]
    fired: frozenset[str]

    def standing(self, item: Item) -> StandingOut:
        answer = self.answers.get(item.code, marking.UNANSWERED)
        score = self.scores.get(item.code)
        return StandingOut(
            state=score["state"] if score else marking.state_of(item, answer),
            value=None if item.type == "text" else answer.value,
            fraction=reports.as_decimal(score["fraction"]) if score else None,
            contribution=Decimal(score["contribution"]) if score else Decimal(0),
            vetoed=item.code in self.fired,
        )


@dataclass(frozen=True, slots=True)
class _Told:
    """What there is to tell of each item, and how much of it the viewer may know."""

    viewpoint: Viewpoint
    viewer_id: UUID
    document: Document
    before: _Edition
    after: _Edition | None
    rulings: Mapping[str, Ruling]
    votes: Sequence[PanelVote]
    panel: Panel

    def item(self, row: AppealItem) -> AppealedItemOut:
        item = next(one for one in self.document.items() if one.code == row.item_code)
        ruled = self.rulings.get(row.item_code)
        said = [vote for vote in self.votes if vote.item_code == row.item_code]
        decides = self.viewpoint in DECIDERS
        return AppealedItemOut(
            item=row.item_code,
            text=item.text,
            reason=None if self.viewpoint is Viewpoint.INSPECTOR else row.reason,
            vetoed=row.vetoed,
            before=self.before.standing(item),
            after=self.after.standing(item) if self.after else None,
            ruling=RulingOut.model_validate(ruled) if ruled and (decides or self.after) else None,
            needs_further_member=decides
            and ruled is None
            and rules.needs_further_member([ruling.as_rule(vote) for vote in said], self.panel),
            votes=[_vote(vote) for vote in said] if self._may_read(said) else [],
        )

    def _may_read(self, votes: Sequence[PanelVote]) -> bool:
        """Nobody decides with the others' words in the ear."""
        if self.viewer_id in self.panel.members:
            return any(vote.person_id == self.viewer_id for vote in votes)
        return self.viewpoint is Viewpoint.DESK


async def _told(session: AsyncSession, actor: Actor, appeal: Appeal, viewpoint: Viewpoint) -> _Told:
    publication = (await queries_reports.publications_by_id(session, [appeal.publication_id]))[
        appeal.publication_id
    ]
    visit = await queries_reports.get_visit_behind(session, publication)
    wanted = [one for one in (appeal.edition_id, appeal.outcome_id) if one is not None]
    editions = await queries.editions_by_id(session, wanted)
    outcome = None if appeal.outcome_id is None else editions[appeal.outcome_id]
    return _Told(
        viewpoint=viewpoint,
        viewer_id=actor.person_id,
        document=await answering.document_of(session, visit),
        before=await _edition(session, *editions[appeal.edition_id]),
        after=None if outcome is None else await _edition(session, *outcome),
        rulings=(await queries.rulings_of(session, [appeal]))[appeal.id],
        votes=await queries.votes_on(session, appeal),
        panel=await ruling.seated(session, appeal),
    )


async def _edition(session: AsyncSession, revision: PublicationRevision, score: ScoreRevision) -> _Edition:
    rows = await visits.answers_in(session, score.answers_revision_id)
    return _Edition(
        number=revision.number,
        answers={row.item_code: answering.read(row) for row in rows},
        scores=reports.scores_by_item(score),
        fired=frozenset(veto["item"] for veto in score.explanation["vetoes"]),
    )


async def _minute(session: AsyncSession, appeal: Appeal, *, is_inspector: bool) -> MinuteOut | None:
    disclosed = await queries.find_disclosure(session, appeal)
    if disclosed is None or is_inspector:
        return None
    publication = (await queries_reports.publications_by_id(session, [appeal.publication_id]))[
        appeal.publication_id
    ]
    visit = await queries_reports.get_visit_behind(session, publication)
    outlet = (await queries_reports.outlets_of(session, [publication]))[publication.outlet_id]
    return MinuteOut(
        entered_at=deciding.minute_of(visit, time_zone=outlet.time_zone),
        reason=disclosed.reason,
        disclosed_at=disclosed.disclosed_at,
    )


def _line(
    appeal: Appeal,
    *,
    viewpoint: Viewpoint,
    publication: Publication,
    outlet: Outlet,
    items: list[str],
    editions: Mapping[UUID, tuple[PublicationRevision, ScoreRevision]],
    now: datetime,
) -> AppealOut:
    after = None if appeal.outcome_id is None else editions[appeal.outcome_id][1]
    return AppealOut(
        id=appeal.id,
        alias=publication.alias,
        outlet=ReportedOutlet.model_validate(outlet),
        visited_on=publication.visited_on,
        day_part=publication.day_part,
        state=appeal.state,
        viewpoint=viewpoint,
        items=items,
        filed_at=appeal.filed_at,
        decision_due_at=appeal.decision_due_at,
        overdue=appeal.state in OPEN and now >= appeal.decision_due_at,
        settled_at=appeal.settled_at,
        total_before=reports.as_decimal(editions[appeal.edition_id][1].explanation["total"]),
        total_after=None if after is None else reports.as_decimal(after.explanation["total"]),
    )


def _vote(row: PanelVote) -> VoteOut:
    correction = Correction() if row.correction is None else Correction.model_validate(row.correction)
    return VoteOut(
        person_id=row.person_id,
        category=row.category,
        reason=row.reason,
        answer=correction.answer,
        mark=correction.mark,
        lifts_veto=row.lifts_veto,
        voted_at=row.voted_at,
    )
