"""What the pages reckon themselves is what the server will say: the same random cases through both."""

import base64
import random
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.checklists.document import Document, Item, Load, Mode, Stage
from app.checklists.reading import from_yaml
from app.checklists.weights import tiers
from app.kit.ids import new_id
from app.outlets.positions import Datum, Position, distance_m
from app.programmes.rules import Ownership, Policy, PolicyScope, RecordingMode, applicable_policy
from app.scoring import State
from app.visits import declared, gate, marking
from app.visits.answers import Answer, PhotoReference, RecordingMoment
from app.visits.interruptions import Interruption, Why, lost
from tests.support.reckoning import reckoned
from tests.support.visits import CHECKLIST

SHIPPED = Path(__file__).parents[2] / "checklists"
DAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RECORDING = UUID(int=1)
SHEETS_EACH = 60


def documents() -> Iterator[Document]:
    for name in ("telecom/hall.yaml", "telecom/hall-competitor.yaml", "bank/branch.yaml"):
        yield from_yaml((SHIPPED / name).read_bytes())
    short = from_yaml(CHECKLIST.encode())
    yield short
    yield short.model_copy(update={"mode": Mode.POINTS_POOL})
    for scope in ("item", "dimension", "visit"):
        yield from_yaml(CHECKLIST.replace("scope: indicator", f"scope: {scope}").encode())
    yield from_yaml(CHECKLIST.replace("scope: indicator", "scope: cap, cap: 40").encode())
    yield from_yaml(
        CHECKLIST.replace("veto: {scope: indicator}", "veto: {scope: indicator, breached_at: 0.5}").encode()
    )


def an_answer(draw: random.Random, item: Item) -> Answer:
    photos = tuple(PhotoReference(photo=UUID(int=number)) for number in range(draw.randint(0, 4)))
    evidence = draw.choice([(), photos, (RecordingMoment(recording=RECORDING, at_ms=7),)])
    turn = draw.random()
    if turn < 0.1:
        return Answer(state=State.NOT_OBSERVED)
    if turn < 0.2 and item.not_applicable != "not_allowed":
        return Answer(state=State.NOT_APPLICABLE, reason="there is none")
    return Answer(**a_value(draw, item), evidence=evidence)


def a_value(draw: random.Random, item: Item) -> dict[str, Any]:
    match item.type:
        case "yes_no":
            value: object = draw.random() < 0.7
        case "choice":
            value = draw.choice(item.options).code
        case "rating":
            value = draw.randint(item.lowest, item.highest)
        case "number":
            value = draw.choice([0, 5, "7.5", "9.99", 20])
        case "deductions":
            value = draw.randint(0, 9)
        case "text":
            value = draw.choice(["", " 短 ", "𠮷" * 30, "words " * 40])
        case "photo":
            value = None
    return {"value": value}


def sheets(document: Document, draw: random.Random) -> Iterator[tuple[dict[str, Answer], dict[str, Any]]]:
    """Answers, and to whom: full, half full and nearly empty ones."""
    for share in (1.0, 0.9, 0.5):
        for _ in range(SHEETS_EACH // 3):
            answers = {item.code: an_answer(draw, item) for item in document.items() if draw.random() < share}
            outlet = {
                "tier": draw.choice([*tiers(document)] or [None]),
                "stage": draw.choice(list(Stage)),
                "load": draw.choice(list(Load)),
                "purpose": draw.choice([None, *(one.code for one in document.purposes)]),
            }
            if any(profile.tier for profile in document.profiles) or outlet["tier"] is None:
                yield answers, outlet


class TestScore:
    def test_is_the_servers_to_the_twelfth_place(self) -> None:
        """D3, D4."""
        draw = random.Random(7)  # noqa: S311 (nothing to keep secret)
        cases, wanted = [], []
        for document in documents():
            for answers, outlet in sheets(document, draw):
                marked = marking.mark(document, answers, **outlet)
                result = marked.result.to_json()
                purpose = outlet["purpose"]
                missing = marking.missing_required(document, answers, purpose=purpose)
                wanted.append(
                    {
                        name: result[name]
                        for name in (
                            "total",
                            "total_display",
                            "total_without_vetoes",
                            "completeness",
                            "vetoes",
                        )
                    }
                    | {
                        "missing": [{"item": one.item, "why": one.why.value} for one in missing],
                        "without_evidence": list(
                            marking.vetoes_without_evidence(document, answers, purpose=purpose)
                        ),
                    }
                )
                cases.append(
                    {
                        "kind": "score",
                        "checklist": document.model_dump(mode="json"),
                        "answers": {code: one.model_dump(mode="json") for code, one in answers.items()},
                        "terms": {
                            "purpose": purpose,
                            "profile": marked.profile,
                            "threshold": str(document.completeness_threshold),
                        },
                    }
                )

        assert reckoned(cases) == wanted
        assert len(cases) > 400
        assert {one["total"] is None for one in wanted} == {True, False}
        assert sum(bool(one["vetoes"]) for one in wanted) > 100


class TestGate:
    def test_is_the_servers(self) -> None:
        """D7.3: the phone answers without a network, and the server's answer must not come as a surprise."""
        draw = random.Random(11)  # noqa: S311 (nothing to keep secret)
        cases, wanted, lengths = [], [], []
        for _ in range(200):
            claim, demands = a_claim(draw), some_demands(draw)
            found = gate.unmet(claim, demands)
            wanted.append([[one.rule, list(one.where)] for one in found])
            cases.append({"kind": "gate", "claim": as_told(claim), "demands": as_asked(demands)})
            lengths.append((declared.coverage(claim.stays, claim.files), declared.recorded_time(claim.files)))

        answers = reckoned(cases)

        assert [one["rules"] for one in answers] == wanted
        for answer, (share, recorded) in zip(answers, lengths, strict=True):
            assert answer["coverage"] == pytest.approx(share)
            assert answer["recorded"] == recorded.total_seconds() * 1000
        assert len({rule for rules in wanted for rule, _ in rules}) == 14


def a_claim(draw: random.Random) -> gate.Claim:
    starts = [DAY + timedelta(minutes=draw.randint(0, 30)) for _ in range(draw.randint(1, 2))]
    return gate.Claim(
        stays=[(at, at + timedelta(minutes=draw.choice([0, 10, 20]))) for at in starts],
        files=[a_file(draw) for _ in range(draw.randint(0, 6))],
        unanswered=draw.choice([(), ("tidy",)]),
        vetoes_without_evidence=draw.choice([(), ("no-smoking",)]),
        evidence_nowhere=draw.choice([(), ("uniform",)]),
        summary_characters=draw.choice([0, 79, 80, 200]),
        questions=draw.randint(0, 3),
        check_out_distance_m=draw.choice([None, 10.0, 299.9, 4000.0]),
    )


def a_file(draw: random.Random) -> declared.Declared:
    duration = timedelta(minutes=draw.choice([0, 3, 14, 20]))
    noticed = [some_interruption(draw) for _ in range(draw.choice([0, 0, 1, 3]))]
    return declared.Declared(
        lost=lost(noticed, duration),
        id=str(new_id()),
        medium=draw.choice(list(declared.Medium)),
        starts_at=draw.choice([None, DAY + timedelta(seconds=draw.randint(0, 1800))]),
        duration=duration,
        quality=draw.choice([*[declared.Quality.GOOD] * 6, *declared.Quality]),
    )


def some_interruption(draw: random.Random) -> Interruption:
    from_ms = draw.randint(0, 20 * 60_000)
    return Interruption(from_ms, from_ms + draw.randint(0, 5 * 60_000), draw.choice(list(Why)))


def some_demands(draw: random.Random) -> gate.Demands:
    return gate.Demands(
        medium=draw.choice([None, declared.Medium.AUDIO, declared.Medium.VIDEO]),
        recording=timedelta(minutes=draw.choice([0, 8, 15])),
        coverage=0.9,
        photos=draw.choice([0, 2]),
        questions=2,
        summary_characters=80,
        check_out_distance_m=300,
    )


def as_told(claim: gate.Claim) -> dict[str, Any]:
    return {
        "stays": [[ms(begin), ms(end)] for begin, end in claim.stays],
        "files": [
            {
                "id": file.id,
                "medium": file.medium,
                "startsAt": None if file.starts_at is None else ms(file.starts_at),
                "durationMs": file.duration.total_seconds() * 1000,
                "quality": file.quality,
                "lost": [[span // timedelta(milliseconds=1) for span in gap] for gap in file.lost],
            }
            for file in claim.files
        ],
        "unanswered": list(claim.unanswered),
        "vetoesWithoutEvidence": list(claim.vetoes_without_evidence),
        "evidenceNowhere": list(claim.evidence_nowhere),
        "summaryCharacters": claim.summary_characters,
        "questions": claim.questions,
        "checkOutDistanceM": claim.check_out_distance_m,
    }


def as_asked(demands: gate.Demands) -> dict[str, Any]:
    return {
        "recording": demands.medium,
        "recording_minutes": demands.recording.total_seconds() / 60,
        "coverage": demands.coverage,
        "photos": demands.photos,
        "questions": demands.questions,
        "summary_characters": demands.summary_characters,
        "check_out_distance_m": demands.check_out_distance_m,
    }


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


class TestLost:
    def test_is_what_the_server_takes_off_a_recording(self) -> None:
        """D7.3: what the recorder certainly lost counts as not recorded, here as there."""
        draw = random.Random(5)  # noqa: S311 (nothing to keep secret)
        files = [([some_interruption(draw) for _ in range(4)], 12 * 60_000) for _ in range(50)]
        cases = [
            {
                "kind": "lost",
                "durationMs": duration,
                "gaps": [{"fromMs": one.from_ms, "toMs": one.to_ms, "why": one.why} for one in gaps],
            }
            for gaps, duration in files
        ]

        for answer, (gaps, duration) in zip(reckoned(cases), files, strict=True):
            taken = lost(gaps, timedelta(milliseconds=duration))
            assert answer == [[span // timedelta(milliseconds=1) for span in gap] for gap in taken]


class TestDistance:
    def test_is_the_servers_whatever_the_datum(self) -> None:
        """D7.6."""
        draw = random.Random(3)  # noqa: S311 (nothing to keep secret)
        pairs = [
            [
                Position(draw.uniform(20, 45), draw.uniform(80, 130), draw.choice(list(Datum)))
                for _ in range(2)
            ]
            for _ in range(50)
        ]
        cases = [{"kind": "distance", "a": told(a), "b": told(b)} for a, b in pairs]

        for answer, (a, b) in zip(reckoned(cases), pairs, strict=True):
            assert answer == pytest.approx(distance_m(a, b), abs=0.01)


def told(place: Position) -> dict[str, Any]:
    return {"latitude": place.latitude, "longitude": place.longitude, "datum": place.datum}


class TestPolicy:
    def test_in_force_is_the_servers_in_every_jurisdiction(self) -> None:
        """D10.5: what the desk says of a region before a policy is saved."""
        draw = random.Random(7)  # noqa: S311 (nothing to keep secret)
        places = ["CN", "CN-4", "CN-44", "CN-44-01", "HK"]
        pairs = [(place, scope) for place in places for scope in PolicyScope]
        stated = [
            [(*pair, draw.choice(list(RecordingMode))) for pair in draw.sample(pairs, draw.randint(0, 8))]
            for _ in range(40)
        ]
        asked = [
            (some, place, ownership)
            for some in stated
            for place in (*places, "CN-45", "CNX")
            for ownership in Ownership
        ]
        cases = [
            {
                "kind": "policy",
                "policies": [{"jurisdiction": j, "scope": s, "mode": m} for j, s, m in some],
                "jurisdiction": place,
                "ownership": ownership,
            }
            for some, place, ownership in asked
        ]

        modes = set()
        for answer, (some, place, ownership) in zip(reckoned(cases), asked, strict=True):
            policies = [Policy(j, s, m, "", "", "") for j, s, m in some]
            found = applicable_policy(policies, jurisdiction=place, ownership=ownership)
            modes.add(found.mode if found else None)
            assert answer == (found.mode if found else None), (some, place, ownership)
        assert modes == {None, *RecordingMode}


class TestIds:
    def test_are_uuids_of_the_seventh_kind_that_keep_their_order(self) -> None:
        """D11."""
        at = ms(DAY)

        (ids,) = reckoned([{"kind": "ids", "count": 5000, "at": at}])

        assert ids == sorted(set(ids))
        assert {UUID(one).version for one in ids} == {7}
        assert UUID(ids[0]).int >> 80 == at


class TestRecordingFromElsewhere:
    """Where it begins, when it may say so and may have been copied since (D7.5). Times in milliseconds from DAY on."""

    LENGTH = 600_000
    STAY = ((0, 1_200_000),)

    def begins(self, *, says: int | None, written: int, stays: tuple[tuple[int, int], ...] = STAY) -> int:
        day = round(DAY.timestamp() * 1000)
        (answer,) = reckoned(
            [
                {
                    "kind": "aligned",
                    "file": base64.b64encode(a_film(None if says is None else day + says)).decode(),
                    "writtenMs": day + written,
                    "durationMs": self.LENGTH,
                    "stays": [[day + begin, day + end] for begin, end in stays],
                }
            ]
        )
        assert answer["madeMs"] == (None if says is None else day + says)
        return int(answer["beganAt"]) - day

    def test_that_says_nothing_ended_when_it_was_written(self) -> None:
        assert self.begins(says=None, written=700_000) == 100_000

    def test_of_an_iphone_says_its_beginning(self) -> None:
        assert self.begins(says=100_000, written=703_000) == 100_000

    def test_of_an_android_phone_says_its_end(self) -> None:
        assert self.begins(says=700_000, written=701_000) == 100_000

    def test_that_was_copied_lies_where_it_covers_the_stay(self) -> None:
        copied = 90_000_000

        assert self.begins(says=0, written=copied) == 0
        assert self.begins(says=1_200_000, written=copied) == 600_000
        assert self.begins(says=5_000_000, written=copied) == 5_000_000  # neither does: as most say it


def a_film(says_ms: int | None) -> bytes:
    """The boxes of an MP4 around its `mvhd`; films are so long that their sizes and times take eight bytes."""
    seconds = 0 if says_ms is None else says_ms // 1000 + 2_082_844_800
    head = b"\x01\0\0\0" + struct.pack(">QQIQ", seconds, seconds, 1000, 600_000)
    movie = boxed(b"trak", b"x" * 30) + boxed(b"mvhd", head)
    return boxed(b"ftyp", b"isom") + boxed(b"mdat", b"y" * 5000, long=True) + boxed(b"moov", movie)


def boxed(kind: bytes, content: bytes, *, long: bool = False) -> bytes:
    if long:
        return struct.pack(">I4sQ", 1, kind, len(content) + 16) + content
    return struct.pack(">I4s", len(content) + 8, kind) + content
