"""From agreeing votes to decided items, and from the last of them to a new score and edition of the report (D8.4, D3.5).

Nothing is overwritten: a decision makes a revision of the answers, one of the score and one of the publication (D8.6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from app.cases import filing, following, history, people, queries, rules
from app.cases.models import Appeal, PanelVote, Ruling
from app.cases.problems import Partial
from app.cases.rules import Category, Panel, Seat, State, StepKind
from app.cases.schemas import Correction
from app.checklists.document import Document
from app.identity.actor import Actor
from app.review import publishing, queries_reports
from app.review.models import Publication, PublicationRevision
from app.scoring import Result
from app.scoring import State as AnswerState
from app.visits import answering, correcting, marking, submitting
from app.visits import queries as visits
from app.visits.answers import Answer
from app.visits.models import ScoreRevision, Visit

Decision = tuple[Category, Correction | None]
SCORE_REASON = "appeal"


@dataclass(frozen=True, slots=True)
class Corrected:
    """What was decided of which items."""

    decisions: Mapping[str, Decision]

    def answers(self, present: Mapping[str, Answer]) -> dict[str, Answer]:
        """The new answers of items that get one; what shows an item keeps showing it."""
        found = {}
        for code, (category, correction) in self.decisions.items():
            evidence = present.get(code, marking.UNANSWERED).evidence
            if category is Category.INSUFFICIENT_EVIDENCE:
                found[code] = Answer(state=AnswerState.NOT_OBSERVED, evidence=evidence)
            elif correction is not None and correction.answer is not None:
                found[code] = correction.answer.model_copy(update={"evidence": evidence})
        return found

    def marks(self, present: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """All marks that count then: an item that counts as not observed has none."""
        changed = {
            code: correction.mark
            for code, (_category, correction) in self.decisions.items()
            if correction is not None and correction.mark is not None
        }
        gone = {
            code
            for code, (category, _c) in self.decisions.items()
            if category is Category.INSUFFICIENT_EVIDENCE
        }
        return {code: share for code, share in {**present, **changed}.items() if code not in gone}


NOTHING = Corrected({})


@dataclass(frozen=True, slots=True)
class Disputed:
    """The visit as its published report scores it."""

    visit: Visit
    document: Document
    score: ScoreRevision
    answers: Mapping[str, Answer]

    def result(self, corrected: Corrected = NOTHING) -> Result:
        """What the visit would earn. Raises `AnswersRefused` for a correction that does not fit its item."""
        answers = {**self.answers, **corrected.answers(self.answers)}
        marks = corrected.marks(submitting.marks_of(self.score))
        return submitting.mark_answers(self.visit, self.document, answers, marks).result


async def disputed(session: AsyncSession, appeal: Appeal) -> Disputed:
    publication = await _publication(session, appeal)
    edition = (await queries_reports.editions_of(session, [publication]))[publication.id]
    visit = await queries_reports.get_visit_behind(session, publication)
    rows = await visits.answers_in(session, edition.score.answers_revision_id)
    return Disputed(
        visit=visit,
        document=await answering.document_of(session, visit),
        score=edition.score,
        answers={row.item_code: answering.read(row) for row in rows},
    )


def gains(before: Result, after: Result, item_code: str) -> bool:
    """Whether an item earns more than it did, or what was held against it is not scored any more."""
    old = next((item for item in before.items() if item.code == item_code), None)
    new = next((item for item in after.items() if item.code == item_code), None)
    if old is None or new is None or old.state is not new.state:
        return old != new
    return (new.fraction or 0) > (old.fraction or 0)


async def require_impartial(session: AsyncSession, actor: Actor, appeal: Appeal) -> None:
    """Raises `Partial`."""
    why = (await queries.partiality_of(session, appeal, [actor.person_id])).get(actor.person_id)
    if why is not None:
        raise Partial(f"You cannot decide on this appeal: you are somebody who {why}.", because=str(why))


async def rule(session: AsyncSession, actor: Actor, appeal: Appeal, *, now: datetime) -> None:
    """Write down what enough members agree on. When nothing is left open, the appeal is decided."""
    items = (await queries.items_of(session, [appeal]))[appeal.id]
    rulings = (await queries.rulings_of(session, [appeal]))[appeal.id]
    votes = await queries.votes_on(session, appeal)
    panel = await seated(session, appeal)
    for item in items:
        if item.item_code in rulings:
            continue
        said = [vote for vote in votes if vote.item_code == item.item_code]
        agreeing = rules.settled([as_rule(vote) for vote in said], panel)
        if agreeing is not None:
            chosen = {vote.person_id for vote in agreeing}
            made = _ruling([vote for vote in said if vote.person_id in chosen], now=now)
            session.add(made)
            rulings[item.item_code] = made
            await history.of_appeal(
                session,
                appeal,
                StepKind.RULED,
                actor=None,
                item=item.item_code,
                note=str(made.category),
                now=now,
            )
    await session.flush()
    if len(rulings) == len(items):
        await _decide(session, actor, appeal, rulings, now=now)


async def seated(session: AsyncSession, appeal: Appeal) -> Panel:
    sitting = [one for one in await queries.panel_of(session, appeal) if one.released_at is None]
    chair = next((one.person_id for one in sitting if one.seat is Seat.CHAIR), None)
    return Panel(frozenset(one.person_id for one in sitting), chair)


def as_rule(vote: PanelVote) -> rules.Vote:
    """Two votes agree if they say the same of the item; in which words, and why it does not apply, may differ."""
    correction = None if vote.correction is None else Correction.model_validate(vote.correction)
    said = "" if correction is None else correction.model_dump_json(exclude={"answer": {"reason"}})
    return rules.Vote(vote.person_id, f"{vote.category} {said}", vote.lifts_veto)


def _ruling(agreeing: Sequence[PanelVote], *, now: datetime) -> Ruling:
    first = agreeing[0]
    return Ruling(
        appeal_id=first.appeal_id,
        item_code=first.item_code,
        category=first.category,
        correction=first.correction,
        lifts_veto=first.lifts_veto,
        reason="\n".join(dict.fromkeys(vote.reason for vote in agreeing)),
        decided_by=first.person_id,
        seconded_by=agreeing[1].person_id if len(agreeing) > 1 else None,
        decided_at=now,
    )


async def _decide(
    session: AsyncSession, actor: Actor, appeal: Appeal, rulings: Mapping[str, Ruling], *, now: datetime
) -> None:
    """The outcome becomes what the report says from now on, also where it says the same as before."""
    publication = await _publication(session, appeal)
    await queries.lock_visit(session, appeal.visit_id)
    score = await _score(session, actor, appeal, rulings, now=now)
    outcome = await _revise(session, actor, publication, score, rulings, now=now)
    await filing.settle(session, actor, appeal, State.DECIDED, because=None, now=now, outcome=outcome)
    concerned = (
        await people.managers(session, appeal)
        | await people.supervisors(session, appeal)
        | await people.inspectors(session, appeal)
    )
    await history.of_appeal(session, appeal, StepKind.DECIDED, actor=None, people=concerned, now=now)
    await session.flush()
    await following.follow(session, publication, now=now)


async def _score(
    session: AsyncSession, actor: Actor, appeal: Appeal, rulings: Mapping[str, Ruling], *, now: datetime
) -> ScoreRevision:
    """A new score revision, unless everything was rejected: then the published one stands."""
    base = await disputed(session, appeal)
    corrected = Corrected({code: _decision(ruling) for code, ruling in rulings.items()})
    answers = corrected.answers(base.answers)
    marks = submitting.marks_of(base.score)
    if not answers and corrected.marks(marks) == marks:
        return base.score
    return await correcting.correct(
        session,
        base.visit,
        base=base.score,
        answers=answers,
        marks=corrected.marks(marks),
        made_by=actor.person_id,
        reason=SCORE_REASON,
        now=now,
    )


def _decision(ruling: Ruling) -> Decision:
    correction = None if ruling.correction is None else Correction.model_validate(ruling.correction)
    return ruling.category, correction


async def _revise(
    session: AsyncSession,
    actor: Actor,
    publication: Publication,
    score: ScoreRevision,
    rulings: Mapping[str, Ruling],
    *,
    now: datetime,
) -> PublicationRevision:
    edition = (await queries_reports.editions_of(session, [publication]))[publication.id]
    decided = ", ".join(f"{code}: {rulings[code].category}" for code in sorted(rulings))
    return await publishing.revise(
        session,
        actor,
        publication,
        score,
        summary_for_outlet=edition.revision.summary_for_outlet,
        reason=f"appeal decided ({decided})",
        now=now,
    )


async def _publication(session: AsyncSession, appeal: Appeal) -> Publication:
    return (await queries_reports.publications_by_id(session, [appeal.publication_id]))[appeal.publication_id]
