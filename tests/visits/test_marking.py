"""From a checklist and answers to a score: purposes, conditions, refusals, and what the leave gate asks."""

import json
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app import scoring
from app.checklists import document as documents
from app.checklists.document import Document, Load, Stage
from app.checklists.problems import TierUnknown
from app.checklists.reading import from_yaml
from app.scoring import State, Status, shown
from app.visits.answers import Answer, AnswerSheet, PhotoReference, RecordingMoment, Value
from app.visits.marking import (
    Marking,
    Missing,
    Why,
    answer_problems,
    asked_items,
    breached_vetoes,
    mark,
    missing_required,
    vetoes_without_evidence,
)
from app.visits.problems import AnswersRefused, PurposeUnknown
from tests.support.checklists import SMALL, bent, shipped, small

PHOTO = PhotoReference(photo=UUID(int=1))
MOMENT = RecordingMoment(recording=UUID(int=2), at_ms=83_000)


def given_values(**values: Value) -> dict[str, Answer]:
    """Answers with nothing but a value; underscores stand for hyphens."""
    return {code.replace("_", "-"): Answer(value=value) for code, value in values.items()}


def complete(**changes: Value) -> dict[str, Answer]:
    """Everything in the small checklist at its best."""
    best: dict[str, Value] = {
        "greeted": True,
        "smile": 5,
        "uniform": True,
        "minutes": 3,
        "advice": "good",
        "till_errors": 0,
    }
    return given_values(**(best | changes))


def total(marking: Marking) -> str:
    assert marking.result.total is not None
    return shown(marking.result.total)


class TestMarking:
    def test_scores_every_answer_type(self) -> None:
        answers = complete(greeted=False, smile=4, minutes="7.5", advice="poor", till_errors=1)

        marking = mark(small(), answers)

        fractions = {item.code: item.fraction for item in marking.result.items()}
        assert fractions["greeted"] == 0
        assert fractions["smile"] == Fraction(3, 4)
        assert fractions["minutes"] == Fraction(3, 5)
        assert fractions["advice"] == 0
        assert fractions["till-errors"] == Fraction(1, 2)
        assert marking.result.total == 100 * (
            Fraction(60, 100) * Fraction(45, 60) + Fraction(40, 100) * (12 + Fraction(5, 2)) / 35
        )

    def test_names_everything_it_was_computed_with(self) -> None:
        """D3.5."""
        marking = mark(small(), complete(), purpose="purchase")

        assert marking.checklist == "small-shop@1"
        assert marking.fingerprint == small().fingerprint()
        assert (marking.profile, marking.purpose) == ("any", "purchase")
        assert marking.result.engine_version == scoring.ENGINE_VERSION

    def test_is_json(self) -> None:
        wire = json.loads(json.dumps(mark(small(), complete()).to_json()))

        assert (wire["checklist"], wire["total_display"], wire["vetoes"]) == ("small-shop@1", "100.00", [])

    def test_takes_the_weights_of_the_outlet(self) -> None:
        """D2.2."""
        hall = shipped("telecom/hall.yaml")

        profiles = [
            mark(hall, {}, tier=tier, stage=stage, load=load).profile
            for tier, stage, load in [
                ("flagship", Stage.EARLY, Load.LOW),
                ("tier-3", None, None),
                (None, None, None),
            ]
        ]

        assert profiles == ["flagship-early-low", "tier-3", "any"]

    def test_refuses_an_unknown_tier(self) -> None:
        with pytest.raises(TierUnknown):
            mark(shipped("telecom/hall.yaml"), {}, tier="tier-9")

    def test_gives_a_dimension_its_own_weight_when_the_profile_states_one(self) -> None:
        two = SMALL.replace(
            "      - code: counter\n",
            '  - code: desk\n    title: {zh: "台", en: "Desk"}\n    indicators:\n      - code: counter\n',
        )
        stated = two.replace("code: any\n", "code: any\n    dimensions: {service: 1, desk: 3}\n")
        answers = complete(greeted=False, smile=1, uniform=True, minutes=3)

        without, with_own = mark(from_yaml(two.encode()), answers), mark(from_yaml(stated.encode()), answers)

        assert total(without) == "70.00"
        assert total(with_own) == "87.50"

    def test_fires_a_veto(self) -> None:
        marking = mark(small(), complete(uniform=False))

        assert [veto.item for veto in marking.result.vetoes] == ["uniform"]
        assert total(marking) == "40.00"
        assert marking.result.total_without_vetoes == 70

    def test_of_a_draft_has_no_number_yet(self) -> None:
        assert mark(small(), given_values(greeted=True)).result.status is Status.INSUFFICIENT_EVIDENCE

    def test_adds_a_bonus(self) -> None:
        assert total(mark(small(), complete(smile=4, extra=True))) == "97.29"

    @settings(max_examples=30)
    @given(st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order_of_the_answers(self, chance: object) -> None:
        answers = list(complete(greeted=False, minutes=9).items())
        chance.shuffle(answers)  # type: ignore[attr-defined]

        assert (
            mark(small(), dict(answers)).to_json()
            == mark(small(), complete(greeted=False, minutes=9)).to_json()
        )

    def test_speaks_the_same_words_as_the_engine(self) -> None:
        """Checklists may not import the engine, so the closed sets stand in both."""
        for name in ("Mode", "NotApplicable", "VetoScope"):
            assert [m.value for m in getattr(documents, name)] == [m.value for m in getattr(scoring, name)]


class TestPurposes:
    """D2.5: items belong to the purposes that ask for them."""

    def test_leave_out_what_this_visit_does_not_ask(self) -> None:
        asked = {item.code for item in asked_items(small(), purpose="enquiry")}

        assert "till-errors" not in asked
        assert "greeted" in asked

    def test_keep_such_an_answer_out_of_the_score_and_name_it(self) -> None:
        marking = mark(small(), complete(till_errors=2), purpose="enquiry")

        assert marking.not_asked == ("till-errors",)
        assert total(marking) == "100.00"
        assert marking.result.completeness == 1

    def test_ask_everything_when_none_is_given(self) -> None:
        assert len(asked_items(small(), purpose=None)) == len(list(small().items()))

    def test_unknown_to_the_checklist_are_refused(self) -> None:
        with pytest.raises(PurposeUnknown, match="no visit purpose 'picnic'; it has enquiry, purchase"):
            mark(small(), {}, purpose="picnic")


class TestConditions:
    """`required_if`."""

    def test_that_do_not_hold_leave_an_open_item_out_of_the_score(self) -> None:
        codes = {item.code for item in mark(small(), complete(advice="good")).result.items()}

        assert "advice-repaired" not in codes

    def test_that_hold_make_an_open_item_count_as_missing(self) -> None:
        marking = mark(small(), complete(advice="poor"))

        assert (
            next(i for i in marking.result.items() if i.code == "advice-repaired").state is State.UNANSWERED
        )
        assert marking.result.completeness is not None
        assert marking.result.completeness < 1
        assert missing_required(small(), complete(advice="poor"), purpose=None) == (
            Missing("advice-repaired", Why.UNANSWERED),
        )

    def test_that_do_not_hold_do_not_discard_an_answer(self) -> None:
        marking = mark(small(), complete(advice="good", advice_repaired=False))

        assert next(i for i in marking.result.items() if i.code == "advice-repaired").fraction == 0

    def test_never_take_a_truth_value_for_a_number(self) -> None:
        document = from_yaml(bent("{item: advice, any_of: [poor]}", "{item: smile, any_of: [1]}"))

        missing = missing_required(document, {"smile": Answer(value=True)}, purpose=None)

        assert "advice-repaired" not in {each.item for each in missing}


class TestRefusedAnswers:
    @pytest.mark.parametrize(
        ("code", "answer", "reason"),
        [
            ("nowhere", Answer(value=True), "not an item of small-shop@1"),
            ("greeted", Answer(value=1), "must be true or false"),
            ("greeted", Answer(value="yes"), "must be true or false"),
            ("smile", Answer(value=6), "must be a whole number from 1 to 5"),
            ("smile", Answer(value=True), "must be a whole number from 1 to 5"),
            ("smile", Answer(value="5"), "must be a whole number from 1 to 5"),
            ("advice", Answer(value="awful"), "must be one of good, poor"),
            ("advice", Answer(value=1), "must be one of good, poor"),
            ("minutes", Answer(value="soon"), "must be a whole number, or a decimal as text"),
            ("minutes", Answer(value="1e9"), "must be a whole number, or a decimal as text"),
            ("minutes", Answer(value=False), "must be a whole number, or a decimal as text"),
            ("minutes", Answer(value=-1), "must be at least 0"),
            ("minutes", Answer(value="240.01"), "must be at most 240"),
            ("till-errors", Answer(value=-1), "must be a number of faults, from 0"),
            ("till-errors", Answer(value=10**30), "must be a number of faults, from 0"),
            ("till-errors", Answer(value="1.5"), "must be a number of faults, from 0"),
            ("greeted", Answer(state=State.SCORED), "an answer that is scored needs a value"),
            (
                "greeted",
                Answer(state=State.NOT_OBSERVED, value=True),
                "that is not_observed carries no value",
            ),
            ("greeted", Answer(state=State.NOT_APPLICABLE, value=True, reason="x"), "carries no value"),
            ("greeted", Answer(state=State.NOT_APPLICABLE), "'not applicable' needs a reason"),
            ("greeted", Answer(state=State.NOT_APPLICABLE, reason="  "), "'not applicable' needs a reason"),
            ("uniform", Answer(state=State.NOT_APPLICABLE, reason="hot day"), "cannot be 'not applicable'"),
        ],
        ids=range(22),
    )
    def test_say_which_item_and_why(self, code: str, answer: Answer, reason: str) -> None:
        with pytest.raises(AnswersRefused) as refused:
            mark(small(), {code: answer})

        assert [problem.item for problem in refused.value.problems] == [code]
        assert reason in str(refused.value)

    def test_are_all_named_at_once(self) -> None:
        problems = answer_problems(small(), given_values(greeted=1, smile=9, advice="good"))

        assert [problem.item for problem in problems] == ["greeted", "smile"]

    def test_do_not_include_drafts(self) -> None:
        drafts = {
            "greeted": Answer(),
            "smile": Answer(note="later"),
            "advice": Answer(state=State.UNANSWERED),
        }

        assert answer_problems(small(), drafts) == ()

    @pytest.mark.parametrize(
        "wire",
        [
            {"answers": {"smile": {"value": 4.0}}},
            {"answers": {"smile": {"value": [4]}}},
            {"answers": {"smile": {"valu": 4}}},
            {"answers": {"smile": {"state": "guessed"}}},
            {"answers": {"smile": {"value": 4, "evidence": [{"recording": "x", "at_ms": 1}]}}},
            {"answers": {"smile": {"value": 4, "evidence": [{"recording": str(UUID(int=1)), "at_ms": -1}]}}},
            {"answers": {"Smile!": {"value": 4}}},
            {"smile": {"value": 4}},
        ],
        ids=range(8),
    )
    def test_may_be_refused_by_their_shape(self, wire: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            AnswerSheet.model_validate(wire)


class TestTextsAndPhotos:
    """D3.3: unscored, or scored by the reviewer."""

    @staticmethod
    def with_summary(weight: str = "") -> Document:
        summary = (
            "          - code: summary\n            type: text\n"
            '            text: {zh: "小结", en: "Summary"}\n            min_length: 8\n' + weight
        )
        front = (
            "          - code: front\n            type: photo\n"
            '            text: {zh: "门头", en: "Front"}\n            min_count: 2\n'
        )
        return from_yaml((SMALL + summary + front).encode())

    def test_without_a_weight_stay_out_of_the_score(self) -> None:
        codes = {
            item.code for item in mark(self.with_summary(), complete(summary="All was well.")).result.items()
        }

        assert codes.isdisjoint({"summary", "front"})

    def test_with_a_weight_count_once_a_reviewer_gave_a_mark(self) -> None:
        document = self.with_summary("            weight: 35\n")
        answers = complete(summary="All was well.")

        before = mark(document, answers)
        after = mark(document, answers, marks={"summary": Decimal("0.5")})

        assert next(i for i in before.result.items() if i.code == "summary").state is State.UNANSWERED
        assert total(after) == "90.00"

    def test_take_a_mark_only_where_a_reviewer_gives_one(self) -> None:
        with pytest.raises(AnswersRefused, match="greeted: is not an item that a reviewer gives a mark"):
            mark(small(), complete(), marks={"greeted": Decimal(1)})

    def test_are_missing_when_empty_short_or_too_few(self) -> None:
        answers = complete(summary="Short") | {"front": Answer(evidence=(PHOTO,))}

        missing = missing_required(self.with_summary(), answers, purpose=None)

        assert missing == (Missing("summary", Why.TOO_SHORT), Missing("front", Why.PHOTOS_MISSING))

    def test_are_there_when_long_and_many_enough(self) -> None:
        answers = complete(summary="Long enough") | {"front": Answer(evidence=(PHOTO, PHOTO))}

        assert missing_required(self.with_summary(), answers, purpose=None) == ()

    def test_have_values_of_their_kind(self) -> None:
        problems = answer_problems(self.with_summary(), given_values(summary=5, front="photo.jpg"))

        assert [str(problem) for problem in problems] == [
            "summary: must be text",
            "front: has no value: its photos are its evidence",
        ]


class TestMissingRequired:
    """D7.3: what the leave gate waits for."""

    def test_names_every_open_required_item_of_this_purpose(self) -> None:
        missing = missing_required(small(), given_values(greeted=True), purpose="enquiry")

        assert [each.item for each in missing] == ["smile", "uniform", "minutes", "advice"]

    def test_is_content_with_not_applicable_and_not_observed(self) -> None:
        answers = complete() | {
            "smile": Answer(state=State.NOT_OBSERVED),
            "minutes": Answer(state=State.NOT_APPLICABLE, reason="no queue"),
        }

        assert missing_required(small(), answers, purpose=None) == ()

    def test_does_not_wait_for_optional_items(self) -> None:
        assert missing_required(small(), complete(), purpose=None) == ()


class TestVetoEvidence:
    """D4.3: a time code in a recording, or a photo."""

    def test_is_missing_on_a_breach_without_any(self) -> None:
        answers = complete(uniform=False)

        assert breached_vetoes(small(), answers, purpose=None) == ("uniform",)
        assert vetoes_without_evidence(small(), answers, purpose=None) == ("uniform",)

    @pytest.mark.parametrize("evidence", [PHOTO, MOMENT])
    def test_is_there_with_a_photo_or_a_time_code(self, evidence: PhotoReference | RecordingMoment) -> None:
        answers = complete() | {"uniform": Answer(value=False, evidence=(evidence,))}

        assert vetoes_without_evidence(small(), answers, purpose=None) == ()
        assert breached_vetoes(small(), answers, purpose=None) == ("uniform",)

    def test_is_not_asked_where_the_norm_was_kept_or_not_seen(self) -> None:
        kept = complete()
        unseen = complete() | {"uniform": Answer(state=State.NOT_OBSERVED)}

        assert vetoes_without_evidence(small(), kept, purpose=None) == ()
        assert vetoes_without_evidence(small(), unseen, purpose=None) == ()

    def test_is_not_asked_for_a_norm_of_another_purpose(self) -> None:
        document = from_yaml(
            bent("veto: {scope: indicator}", "veto: {scope: indicator}\n            purposes: [purchase]")
        )

        assert breached_vetoes(document, complete(uniform=False), purpose="enquiry") == ()
        assert breached_vetoes(document, complete(uniform=False), purpose="purchase") == ("uniform",)


class TestTheShippedChecklistsInUse:
    """A perfect visit scores 100 for every outlet and purpose; one breached norm shows."""

    @staticmethod
    def best(document: Document, purpose: str) -> dict[str, Answer]:
        answers: dict[str, Answer] = {}
        for item in asked_items(document, purpose=purpose):
            match item.type:
                case "yes_no":
                    answers[item.code] = Answer(value=item.expected)
                case "choice":
                    best = max(item.options, key=lambda option: option.fraction)
                    answers[item.code] = Answer(value=best.code)
                case "rating":
                    answers[item.code] = Answer(value=item.highest)
                case "number":
                    low, high = item.bands[0], item.maximum
                    answers[item.code] = Answer(value=str(low.up_to if low.fraction == 1 else high))
                case "deductions":
                    answers[item.code] = Answer(value=0)
                case "text":
                    answers[item.code] = Answer(value="一切正常。" * 20)
                case "photo":
                    answers[item.code] = Answer(evidence=(PHOTO,) * item.min_count)
        return answers

    @pytest.mark.parametrize(
        "name", ["telecom/hall.yaml", "telecom/hall-competitor.yaml", "bank/branch.yaml"]
    )
    def test_a_perfect_visit_scores_100_and_misses_nothing(self, name: str) -> None:
        document = shipped(name)
        for purpose in document.purposes:
            answers = self.best(document, purpose.code)

            marking = mark(document, answers, purpose=purpose.code)

            assert total(marking) == "100.00"
            assert marking.result.completeness == 1
            assert missing_required(document, answers, purpose=purpose.code) == ()

    @pytest.mark.parametrize("name", ["telecom/hall.yaml", "bank/branch.yaml"])
    def test_every_basic_norm_lowers_a_perfect_visit(self, name: str) -> None:
        document = shipped(name)
        purpose = document.purposes[2].code
        best = self.best(document, purpose)
        norms = [item for item in asked_items(document, purpose=purpose) if item.veto]
        assert norms
        for norm in norms:
            assert norm.type == "yes_no"
            answers = best | {norm.code: Answer(value=not norm.expected)}

            result = mark(document, answers, purpose=purpose).result

            assert [veto.item for veto in result.vetoes] == [norm.code]
            assert result.total is not None
            assert result.total_without_vetoes is not None
            assert result.total < result.total_without_vetoes < 100
