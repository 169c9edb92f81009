"""A visit as its reviewer has it on the desk: what the answers, the score, the verdicts and the files say now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.checklists.document import Document, Item
from app.recordings import queries as recordings
from app.recordings.models import Recording
from app.recordings.rules import State as FileState
from app.review import assigning, queries, queries_marking, rules
from app.review.models import MarkingExcuse, MarkingTask, SecondMark, SecondMarking, VetoVerdict
from app.review.pairing import Pair, markable
from app.review.rules import DeclaredFile, FiredVeto
from app.review.rules_marking import Standing
from app.scoring import State as AnswerState
from app.scoring import Status
from app.visits import answering, marking
from app.visits import queries as visits
from app.visits.answers import Answer
from app.visits.models import Answer as AnswerRow
from app.visits.models import AnswersRevision, ManifestEntry, ScoreRevision, Visit
from app.visits.problems import WrongState


@dataclass(frozen=True, slots=True)
class Casework:
    """Everything a review looks at. `answers` are those of the latest revision, by item."""

    visit: Visit
    document: Document
    revision: AnswersRevision
    answers: Mapping[str, AnswerRow]
    score: ScoreRevision
    verdicts: Mapping[str, VetoVerdict]
    manifest: Sequence[ManifestEntry]
    arrived: Mapping[str, Recording]
    standing: Standing
    task: MarkingTask | None
    second: SecondMarking | None
    second_marks: Mapping[str, SecondMark]
    excuse: MarkingExcuse | None

    def given(self, code: str) -> Answer | None:
        row = self.answers.get(code)
        return None if row is None else answering.read(row)

    def fired(self) -> list[str]:
        """Items whose veto fired, in the order of the checklist."""
        return [veto["item"] for veto in self.score.explanation["vetoes"]]

    def case(self, *, files_may_miss: bool = False) -> rules.Case:
        items = {item.code: item for item in self.document.items()}
        return rules.Case(
            vetoes=[
                FiredVeto(code, _needs_confirmation(items[code]), self._verdict(code))
                for code in self.fired()
            ],
            files=[_file(entry, self.arrived.get(str(entry.recording_id))) for entry in self.manifest],
            unmarked=[item.code for item in self.to_mark() if item.code not in self.score.marks],
            has_number=self.score.status == Status.SCORED,
            second_marking=self.standing.status,
            differing=[pair.item.code for pair in self.pairs() if pair.differs],
            files_may_miss=files_may_miss,
        )

    def pairs(self) -> list[Pair]:
        """What the second marker said beside what the answers say now, in the order of the checklist."""
        items = markable(self.document, purpose=self.visit.purpose)
        return [
            Pair(item, self.given(item.code), Answer.model_validate(self.second_marks[item.code].content))
            for item in items
            if item.code in self.second_marks
        ]

    def to_mark(self) -> list[Item]:
        """Answered texts and photos whose weight the reviewer's mark decides (D3.3)."""
        asked = marking.asked_items(self.document, purpose=self.visit.purpose)
        return [item for item in asked if _is_marked(item) and self._is_there(item)]

    def _is_there(self, item: Item) -> bool:
        given = self.given(item.code)
        return given is not None and marking.state_of(item, given) is AnswerState.SCORED

    def _verdict(self, code: str) -> rules.Verdict | None:
        row = self.verdicts.get(code)
        return None if row is None else row.verdict


async def gather(session: AsyncSession, visit: Visit) -> Casework:
    """Raises `WrongState` for a visit that was never submitted."""
    revision = await visits.latest_answers(session, visit)
    score = await visits.latest_score(session, visit)
    if revision is None or score is None:
        raise WrongState("The visit was never submitted.", state=str(visit.state), next_states=[])
    rows = await visits.answers_in(session, revision.id)
    arrived = await recordings.recordings_of_visit(session, visit.id)
    second = (await queries_marking.markings_of(session, [visit.id])).get(visit.id)
    return Casework(
        visit=visit,
        document=await answering.document_of(session, visit),
        revision=revision,
        answers={row.item_code: row for row in rows},
        score=score,
        verdicts=await queries.verdicts_on(session, revision),
        manifest=await visits.manifest_of(session, visit),
        arrived={str(row.id): row for row in arrived},
        standing=await assigning.standing(session, visit, score),
        task=(await queries_marking.live_tasks(session, [visit.id])).get(visit.id),
        second=second,
        second_marks={} if second is None else await queries_marking.marks_of(session, second),
        excuse=(await queries_marking.excuses_of(session, [visit.id])).get(visit.id),
    )


def _needs_confirmation(item: Item) -> bool:
    return item.veto is not None and item.veto.confirm


def _is_marked(item: Item) -> bool:
    return item.type in {"text", "photo"} and item.weight is not None


def _file(entry: ManifestEntry, arrived: Recording | None) -> DeclaredFile:
    state = None if arrived is None else arrived.state
    return DeclaredFile(
        id=str(entry.recording_id),
        state=None if state is None else str(state),
        processed=state is FileState.PROCESSED,
        rejected=state is FileState.REJECTED,
    )
