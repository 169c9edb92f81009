"""Whether everything that was promised is there, once. Asks the database itself, not the product."""

import calendar
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from tests.support.retained import Ended
from tests.support.webhooks import Message
from tests.torture.records import Records, loaded, named
from tests.torture.tally import Tally

MONTHS_APART = 3
HANDED_IN = {"submitted", "in_review", "approved", "published", "appealed", "final"}
FILES_OF_A_BULLETIN = 4  # two languages, two formats
BULLETINS = """
    SELECT id, CASE WHEN ready_at IS NOT NULL THEN 'ready' WHEN failed_at IS NOT NULL THEN 'failed' ELSE 'making' END
    AS state FROM bulletins
"""
PROOFS = "SELECT recording_id AS id FROM tombstones WHERE retention_class = 'raw_recording' AND deleted_at IS NOT NULL"
SEALED = "SELECT id, sealed_key FROM recordings WHERE sealed_key IS NOT NULL"


@dataclass
class Checker:
    """`over` are visits whose originals' time was up, `messages` what came to the subscriber."""

    tally: Tally
    records: Records
    over: Sequence[Ended]
    messages: Sequence[Message]

    def check(self) -> Iterator[str]:
        """What is lost, doubled or broken: each in a sentence."""
        yield from self._visits()
        yield from self._submissions()
        yield from self._reports()
        yield from self._figures()
        yield from self._plays()
        yield from self._rotation()
        yield from self._plans()
        yield from self._bulletins()
        yield from self._marks()
        yield from self._messages()
        yield from self._deletions()

    def _visits(self) -> Iterator[str]:
        there = {named(one["id"]) for one in self.records.rows("SELECT id FROM visits")}
        yield from (f"visit {visit} was arranged and is gone" for visit in self.tally.visits.keys() - there)

    def _submissions(self) -> Iterator[str]:
        """Present exactly once: one step into `submitted`, one revision with these answers, one score."""
        states = {named(one["id"]): one["state"] for one in self.records.rows("SELECT id, state FROM visits")}
        steps = self._times("SELECT visit_id AS id FROM visit_transitions WHERE to_state = 'submitted'")
        scores = self._times("SELECT visit_id AS id FROM score_revisions")
        revisions = self._times("SELECT visit_id AS id FROM answers_revisions")
        events = self._times("SELECT visit_id AS id FROM events WHERE kind = 'visit.submitted'")
        kept: dict[str, dict[str, object]] = {}
        for one in self.records.rows(
            "SELECT r.visit_id, a.item_code, a.content FROM answers a JOIN answers_revisions r ON r.id = a.revision_id"
        ):
            kept.setdefault(named(one["visit_id"]), {})[one["item_code"]] = loaded(one["content"]).get(
                "value"
            )
        for visit, answers in self.tally.submissions.items():
            if states.get(visit) not in HANDED_IN:
                yield f"visit {visit} was handed in and is {states.get(visit)}"
            found = (steps[visit], revisions[visit], scores[visit], events[visit])
            if found != (1, 1, 1, 1):
                yield f"visit {visit}: steps, revisions, scores, events {found}, each should be there once"
            if kept.get(visit) != answers:
                yield f"visit {visit}: answers {kept.get(visit)}, and {answers} were acknowledged"

    def _reports(self) -> Iterator[str]:
        reports = self._times("SELECT visit_id AS id FROM publications")
        yield from (
            f"visit {visit}: {reports[visit]} reports" for visit in self.tally.reports if reports[visit] != 1
        )

    def _plays(self) -> Iterator[str]:
        """Each stands in the ledger, with the seconds that were told once."""
        opened = self._times("SELECT playback_id AS id FROM play_ledger WHERE act = 'opened'")
        played = self._times("SELECT playback_id AS id FROM play_ledger WHERE act = 'played'")
        for play in self.tally.plays:
            if (opened[play], played[play]) != (1, 1):
                yield f"play {play}: opened {opened[play]} and played {played[play]} times in the ledger"

    def _rotation(self) -> Iterator[str]:
        """Every pair of dates that count, by a calendar of our own (D5.1)."""
        dates: dict[tuple[str, str], list[date]] = {}
        for one in self.records.rows(
            "SELECT inspector_id, outlet_id, visited_on FROM exposures WHERE counts AND waiver_id IS NULL"
        ):
            pair = (named(one["inspector_id"]), named(one["outlet_id"]))
            dates.setdefault(pair, []).append(date.fromisoformat(str(one["visited_on"])))
        for pair, days in dates.items():
            for earlier, later in combinations(sorted(days), 2):
                if later <= _months_after(earlier, MONTHS_APART):
                    yield f"rotation: inspector {pair[0]} at outlet {pair[1]} on {earlier} and {later}"

    def _plans(self) -> Iterator[str]:
        """Drawn up, or failed and said so; with as many visits and refusals as it counted."""
        states = {named(one["id"]): one["state"] for one in self.records.rows("SELECT id, state FROM plans")}
        for plan in self.tally.plans:
            if states.get(plan) not in self._ends(plan, "draft"):
                yield f"plan {plan} is {states.get(plan)}"

    def _bulletins(self) -> Iterator[str]:
        """Ready with all of its files, or failed and said so; editions count from one without a gap."""
        files = self._times("SELECT bulletin_id AS id FROM bulletin_files")
        states = {named(one["id"]): one["state"] for one in self.records.rows(BULLETINS)}
        for bulletin in self.tally.bulletins:
            if states.get(bulletin) not in self._ends(bulletin, "ready"):
                yield f"bulletin {bulletin} is {states.get(bulletin)}"
            if states.get(bulletin) == "ready" and files[bulletin] != FILES_OF_A_BULLETIN:
                yield f"bulletin {bulletin} is ready with {files[bulletin]} files"
        series: dict[tuple[object, ...], list[int]] = {}
        for one in self.records.rows("SELECT subject_id, cadence, first_on, edition FROM bulletins"):
            series.setdefault((one["subject_id"], one["cadence"], one["first_on"]), []).append(one["edition"])
        for (subject, cadence, first), editions in series.items():
            if sorted(editions) != list(range(1, len(editions) + 1)):
                yield f"bulletins of {subject}, {cadence} from {first}: editions {sorted(editions)}"

    def _ends(self, asked_for: str, good: str) -> set[str]:
        return {good} if asked_for in self.tally.asked_in_peace else {good, "failed"}

    def _marks(self) -> Iterator[str]:
        """What people marked is what is played: one rendition of each kind, made after the marks."""
        played = self._times(
            "SELECT recording_id AS id FROM renditions"
            " WHERE kind = 'outlet' AND replaced_at IS NULL AND mute_number = 1"
        )
        for recording in self.tally.mutes:
            if played[recording] != 1:
                yield f"marks of recording {recording}: {played[recording]} renditions follow them"

    def _figures(self) -> Iterator[str]:
        """What dashboards count: each report once."""
        counted = self._times("SELECT visit_id AS id FROM insight_visit_scores WHERE said_until IS NULL")
        yield from (
            f"visit {visit}: counted {counted[visit]} times in the figures"
            for visit in self.tally.reports
            if counted[visit] != 1
        )

    def _deletions(self) -> Iterator[str]:
        """What was deleted has its proof, once, and stands in the trail once."""
        proved = self._times(PROOFS)
        told = self._times(
            "SELECT subject_id AS id FROM events WHERE kind = 'retention.deleted' AND subject_id IN"
            " (SELECT recording_id FROM tombstones WHERE retention_class = 'raw_recording')"
        )
        keys = {one["sealed_key"]: named(one["id"]) for one in self.records.rows(SEALED)}
        for ended in self.over:
            for recording in (keys[key] for key in ended.originals):
                if (proved[recording], told[recording]) != (1, 1):
                    yield (
                        f"original of {recording}: its deletion was proved {proved[recording]} times"
                        f" and told {told[recording]} times"
                    )

    def _messages(self) -> Iterator[str]:
        """Each event to the subscriber at least once, under one id whatever was repeated."""
        told: dict[tuple[str, str], set[str]] = {}
        for message in self.messages:
            body = json.loads(message.content)
            told.setdefault((body["type"], str(body["data"]["subject_id"])), set()).add(message.id)
        reports = {
            named(one["visit_id"]): named(one["id"])
            for one in self.records.rows("SELECT id, visit_id FROM publications")
        }
        wanted = {
            *(("visit.submitted", visit) for visit in self.tally.submissions),
            *(("publication.published", reports.get(visit, "")) for visit in self.tally.reports),
        }
        for event in wanted:
            if len(told.get(event, ())) != 1:
                yield f"webhook {event[0]} of {event[1]}: {len(told.get(event, ()))} messages"

    def _times(self, statement: str) -> Counter[str]:
        return Counter(named(one["id"]) for one in self.records.rows(statement) if one["id"] is not None)


def _months_after(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))
