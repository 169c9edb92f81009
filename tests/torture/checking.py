"""Whether everything that was promised is there, once. Asks the database and the store themselves, not the product."""

import calendar
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path

from app.kit.storage import ObjectMissing
from app.kit.storage.s3 import S3Storage
from tests.support.command import plainclothes
from tests.support.s3 import of_embedded
from tests.support.webhooks import Receiver
from tests.torture.people import Cast
from tests.torture.records import Records, loaded, named
from tests.torture.site import BUCKET, Site
from tests.torture.tally import Tally

MONTHS_APART = 3
HANDED_IN = {"submitted", "in_review", "approved", "published", "appealed", "final"}
OURS = ("incoming/", "renditions/", "cases/")


@dataclass
class Checker:
    site: Site
    cast: Cast
    tally: Tally
    records: Records
    receiver: Receiver

    async def check(self, directory: Path) -> list[str]:
        """What is lost, doubled, broken or left over: each in a sentence."""
        return [
            *self._visits(),
            *self._submissions(),
            *self._reports(),
            *self._plays(),
            *self._rotation(),
            *self._plans(),
            *self._messages(),
            *self._chains(),
            *[loss async for loss in self._files(directory)],
            *[loss async for loss in self._objects()],
        ]

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
        states = {named(one["id"]): one["state"] for one in self.records.rows("SELECT id, state FROM plans")}
        for plan in self.tally.plans:
            if states.get(plan) not in {"draft", "failed"}:
                yield f"plan {plan} is {states.get(plan)}"

    def _messages(self) -> Iterator[str]:
        """Each event to the subscriber at least once, under one id whatever was repeated."""
        told: dict[tuple[str, str], set[str]] = {}
        for message in self.receiver.messages:
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

    def _chains(self) -> Iterator[str]:
        for ledger in ("ledger", "audit"):
            done = plainclothes(ledger, "verify", settings={"database_url": self.site.database_url})
            if done.returncode:
                yield f"{ledger} verify: {done.stdout} {done.stderr}"

    async def _files(self, directory: Path) -> AsyncIterator[str]:
        """Every completed upload is readable, with the hash it was declared with."""
        storage = self._storage()
        found = {
            named(one["id"]): one
            for one in self.records.rows("SELECT id, state, sealed_key, rejected_code FROM recordings")
        }
        for recording, sha256 in self.tally.uploads.items():
            one = found.get(recording)
            if one is None or one["state"] != "processed":
                yield f"upload {recording}: {dict(one) if one else 'gone'}"
                continue
            path = directory / "fetched"
            try:
                await storage.download(one["sealed_key"], path)
            except ObjectMissing:
                yield f"upload {recording}: its original is not in the store"
                continue
            if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                yield f"upload {recording}: its original holds something else"

    async def _objects(self) -> AsyncIterator[str]:
        """Nothing in the store that no row refers to, nothing that retention should have deleted, nothing pending."""
        storage = self._storage()
        known = {
            one["key"]
            for statement in (
                "SELECT sealed_key AS key FROM recordings WHERE original_erased_at IS NULL",
                "SELECT key FROM renditions",
                "SELECT stream_key AS key FROM renditions",
                "SELECT key FROM case_files",
            )
            for one in self.records.rows(statement)
        }
        there = {one.key async for one in storage.list_keys("")}
        for key in sorted(there - known):
            yield f"object {key}: nothing refers to it"
        for upload in await storage.list_uploads():
            yield f"upload of {upload.key} is pending since {upload.begun_at}"
        for ended in self.cast.over:
            for key in there.intersection(ended.originals):
                yield f"object {key}: its time is over"
            for key in set(ended.made) - there:
                yield f"object {key}: deleted before its time"

    def _storage(self) -> S3Storage:
        return S3Storage(of_embedded(self.site.store).settings(BUCKET))

    def _times(self, statement: str) -> Counter[str]:
        return Counter(named(one["id"]) for one in self.records.rows(statement) if one["id"] is not None)


def _months_after(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))
