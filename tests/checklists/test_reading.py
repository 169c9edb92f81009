"""What a checklist file must be, and how it is refused otherwise: with line, place and reason."""

from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.checklists.document import Document, Number
from app.checklists.problems import ChecklistRefused
from app.checklists.reading import from_yaml, read
from app.checklists.yaml_text import LARGEST_BYTES
from tests.support.checklists import SMALL, bent, small


def refusal(content: bytes) -> str:
    with pytest.raises(ChecklistRefused) as refused:
        from_yaml(content)
    return str(refused.value)


class TestReading:
    def test_gives_a_frozen_document_with_exact_numbers(self) -> None:
        document = from_yaml(SMALL.encode())

        minutes = next(item for item in document.items() if item.code == "minutes")
        assert isinstance(minutes, Number)
        assert minutes.bands[1].fraction == Decimal("0.6")
        assert document.completeness_threshold == Decimal("0.6")
        with pytest.raises(ValidationError, match="frozen"):
            document.version = 2  # type: ignore[misc]

    def test_keeps_a_weight_as_it_was_written(self) -> None:
        """YAML 1.1 would make 1.10 a float."""
        document = from_yaml(bent("weight: 10", "weight: 1.10"))

        assert next(document.items()).weight == Decimal("1.10")

    def test_survives_json_and_back(self) -> None:
        """The database keeps the JSON; a score of years ago must find the same document."""
        again = Document.model_validate_json(small().model_dump_json())

        assert again == small()
        assert again.fingerprint() == small().fingerprint()

    def test_takes_json_numbers_as_they_are_written(self) -> None:
        written = small().model_dump_json().replace('"0.6"', "0.6")

        assert Document.model_validate_json(written) == small()

    def test_of_a_missing_file_is_an_os_error(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            read(tmp_path / "none.yaml")


class TestFingerprint:
    def test_ignores_comments_layout_and_defaults_written_out(self) -> None:
        same = from_yaml(b"# a comment\n" + bent("trade: retail", "trade: retail\nmode: weights_fixed"))

        assert same.fingerprint() == small().fingerprint()

    def test_ignores_how_a_number_is_written(self) -> None:
        assert from_yaml(bent("weight: 10", "weight: 10.0")).fingerprint() == small().fingerprint()

    @pytest.mark.parametrize(
        ("old", "new"), [("Greeted?", "Greeted"), ("weight: 10", "weight: 11"), ("version: 1", "version: 2")]
    )
    def test_changes_with_the_content(self, old: str, new: str) -> None:
        assert from_yaml(bent(old, new)).fingerprint() != small().fingerprint()


class TestTrapsOfYaml:
    """Words that another YAML reader takes for something else are refused, not guessed."""

    @pytest.mark.parametrize(
        "word",
        [
            "yes",
            "No",
            "on",
            "OFF",
            "12:30",
            "0x1f",
            "012",
            "1_000",
            "1e3",
            ".5",
            ".inf",
            "2026-11-21",
            "True",
            "+1",
            "y",
            "0o17",
        ],
    )
    def test_are_refused_with_their_line(self, word: str) -> None:
        assert "line 6: " in refusal(bent("trade: retail", f"trade: {word}"))

    def test_a_number_is_never_text(self) -> None:
        assert (
            refusal(bent("trade: retail", "trade: 1.10")) == "line 6: trade: must be text: write it in quotes"
        )

    def test_text_is_never_a_truth_value(self) -> None:
        message = refusal(bent("required: false", 'required: "no"'))

        assert message.endswith("items.extra.required: must be true or false")

    def test_a_truth_value_is_never_a_number(self) -> None:
        assert "version: must be a whole number" in refusal(bent("version: 1", "version: true"))

    def test_a_key_given_twice(self) -> None:
        assert (
            refusal(bent("trade: retail", "trade: retail\ntrade: bank"))
            == "line 7: the key 'trade' is given twice"
        )

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "empty"),
            (b"# nothing\n", "empty"),
            (b"a: &x 1\nb: *x\n", "line 2: aliases (*name) are not allowed"),
            (b"a: {<<: {b: 1}}\n", "line 1: '<<' means different things"),
            (b"1: a\n", "line 1: a key must be text"),
            (b"[a]: b\n", "line 1: a key must be text"),
            (b"a: !!python/object:os.system x\n", "line 1: "),
            (b"a: !!set {x}\n", "line 1: the tag"),
            (b"a: 1\n---\nb: 2\n", "line 2: but found another document"),
            (b"a: [1\n", "line 2: "),
            (b"a: \xff\n", "not UTF-8 text"),
            (b"a: \x00\n", "holds a character that is not allowed"),
            (b"[" * 5000, "line 1: nested too deeply"),
            (b"a: " + b"9" * 5000, "line 1: "),
            (b"#" * (LARGEST_BYTES + 1), f"larger than {LARGEST_BYTES} bytes"),
            (b"- a\n", "line 1: must be a mapping"),
            (b"just words\n", "line 1: must be a mapping"),
        ],
        ids=range(17),
    )
    def test_and_hostile_text_are_refused_plainly(self, content: bytes, reason: str) -> None:
        assert refusal(content).startswith(reason)

    def test_a_bomb_of_aliases_does_not_go_off(self) -> None:
        layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        layers += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]

        assert "aliases" in refusal("\n".join(layers).encode())


class TestFieldsThatAreWrong:
    def test_are_all_named_at_once_with_line_and_place(self) -> None:
        broken = SMALL.replace("weight: 10", "wieght: 10", 1).replace("fraction: 0.6", "fraction: 1.6")

        assert refusal(broken.encode()).splitlines() == [
            "line 24: items.greeted.weight: is missing",
            "line 27: items.greeted.wieght: is not a known key",
            "line 48: items.minutes.bands.2.fraction: must be at most 1",
        ]

    @pytest.mark.parametrize(
        ("old", "new", "reason"),
        [
            (
                'title: {zh: "迎宾", en: "Welcome"}',
                'title: {zh: "迎宾"}',
                "indicators.welcome.title.en: is missing",
            ),
            ('en: "Greeted?"', 'en: " "', "items.greeted.text.en: must have at least 1"),
            ("type: yes_no", "type: maybe", "items.greeted: has an unknown type"),
            ("            type: yes_no\n", "", "items.greeted: has no type"),
            ("code: greeted", "code: Greeted_1", "must be lower-case letters, digits and single hyphens"),
            ("weight: 10", "weight: -1", "items.greeted.weight: must be at least 0"),
            ("weight: 10", 'weight: "ten"', "must be a plain decimal number"),
            ("scope: indicator", "scope: galaxy", "items.uniform.veto.scope: "),
            ("each: 0.5", "each: 0", "items.till-errors.each: must be above 0"),
            ("welcome: 60", "welcome: 0", "profiles.any.indicators.welcome: must be above 0"),
            ("code: any", "code: any\n    stage: late", "profiles.any.stage: "),
            ("dimensions:\n", "dimensions: []\nrest:\n", "dimensions: must have at least 1"),
        ],
        ids=range(12),
    )
    def test_are_said_in_plain_words(self, old: str, new: str, reason: str) -> None:
        assert reason in refusal(bent(old, new))


class TestAnythingAtAll:
    """Whatever the bytes: a document or a refusal, and never another error."""

    @staticmethod
    def read_or_refuse(content: bytes) -> None:
        with suppress(ChecklistRefused):
            from_yaml(content)

    @given(st.binary(max_size=200))
    def test_in_bytes(self, content: bytes) -> None:
        self.read_or_refuse(content)

    @given(st.text(alphabet=":-[]{}!&*#|>%@`'\"\n\t ,?ab1.~<=", max_size=80))
    def test_in_the_signs_of_yaml(self, text: str) -> None:
        self.read_or_refuse(text.encode())

    @settings(max_examples=60)
    @given(st.integers(0, len(SMALL) - 1), st.integers(1, 30), st.text(max_size=6))
    def test_in_a_damaged_checklist(self, place: int, length: int, instead: str) -> None:
        damaged = SMALL[:place] + instead + SMALL[place + length :]

        self.read_or_refuse(damaged.encode(errors="replace"))
