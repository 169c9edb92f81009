"""The commands that need no server, through the entry point a person starts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.checklists.document import json_schema
from tests.support.checklists import FOLDER, SMALL, bent
from tests.support.command import ROOT, plainclothes, refusal

VECTOR = """\
id: vector
version: 1
title: {zh: "例", en: "Vector"}
trade: test
mode: MODE
profiles:
  - code: any
    indicators: {a: 60, b: 40}
dimensions:
  - code: d
    title: {zh: "维", en: "D"}
    indicators:
      - code: a
        title: {zh: "甲", en: "A"}
        items:
          - {code: a1, type: rating, text: {zh: "一", en: "1"}, weight: 10}
          - {code: a2, type: rating, text: {zh: "二", en: "2"}, weight: 20}
          - {code: a3, type: rating, text: {zh: "三", en: "3"}, weight: 30}
      - code: b
        title: {zh: "乙", en: "B"}
        items:
          - {code: b1, type: rating, text: {zh: "四", en: "4"}, weight: 40}
"""
VECTOR_ANSWERS = {
    "answers": {
        "a1": {"value": 5},
        "a2": {"state": "not_applicable", "reason": "no such desk"},
        "a3": {"value": 3},
        "b1": {"value": 5},
    }
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "answers.json").write_text('{"answers": {"greeted": {"value": true}}}', encoding="utf-8")
    return tmp_path


class TestScore:
    @pytest.mark.parametrize(("mode", "total"), [("weights_fixed", "77.50"), ("points_pool", "81.25")])
    def test_computes_the_vector_of_the_rules(self, tmp_path: Path, mode: str, total: str) -> None:
        """D3, vectors."""
        (tmp_path / "vector.yaml").write_text(VECTOR.replace("MODE", mode), encoding="utf-8")
        (tmp_path / "answers.json").write_text(json.dumps(VECTOR_ANSWERS), encoding="utf-8")

        done = plainclothes("score", tmp_path / "vector.yaml", tmp_path / "answers.json")

        assert (done.returncode, done.stderr) == (0, "")
        result = json.loads(done.stdout)
        assert result["total_display"] == total
        assert result["completeness"] == "1.000000000000"
        assert result["vetoes"] == []
        items = [i for d in result["dimensions"] for n in d["indicators"] for i in n["items"]]
        assert [(i["code"], i["state"]) for i in items][1] == ("a2", "not_applicable")

    def test_takes_tier_stage_load_and_purpose(self, files: Path) -> None:
        (files / "none.json").write_text('{"answers": {}}', encoding="utf-8")
        options = ["--tier", "tier-2", "--stage", "improved", "--load", "low", "--purpose", "enquiry"]

        done = plainclothes("score", "checklists/telecom/hall.yaml", files / "none.json", *options)

        result = json.loads(done.stdout)
        assert (result["profile"], result["purpose"]) == ("tier-2-improved-low", "enquiry")
        assert (result["status"], result["total"]) == ("insufficient_evidence", None)

    @pytest.mark.parametrize(
        ("answers", "reason"),
        [
            ("{", "not JSON"),
            ("", "not JSON"),
            ("\xff", "not JSON"),
            ("[" * 100_000, "not JSON"),
            ('{"answers": {"greeted": {"value": NaN}}}', "NaN is not a number"),
            ('{"answers": {"greeted": {}, "greeted": {}}}', "the key 'greeted' is given twice"),
            ('{"greeted": {"value": true}}', "answers: Field required"),
            ("[]", "answers.json"),
            ('{"answers": {"greeted": {"value": 0.5}}}', "answers.greeted.value: must be true, false"),
            ('{"answers": {"nothing": {"value": 1}}}', "nothing: not an item of small-shop@1"),
            ('{"answers": {"smile": {"value": 9}}}', "smile: must be a whole number from 1 to 5"),
            ('{"answers": {"smile": {"state": "not_applicable"}}}', "smile: 'not applicable' needs a reason"),
        ],
        ids=range(12),
    )
    def test_refuses_bad_answers(self, files: Path, answers: str, reason: str) -> None:
        (files / "answers.json").write_bytes(answers.encode("latin-1"))

        assert reason in refusal("score", files / "shop.yaml", files / "answers.json")

    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            (["--tier", "tier-9"], "no weights for the tier 'tier-9'; it has flagship, tier-2, tier-3"),
            (["--stage", "late"], "--stage"),
            (["--load", "medium"], "--load"),
            (["--purpose", "picnic"], "no visit purpose 'picnic'; it has enquiry"),
            (["--colour", "red"], "--colour"),
        ],
        ids=["tier", "stage", "load", "purpose", "option"],
    )
    def test_refuses_what_the_checklist_does_not_know(
        self, files: Path, arguments: list[str], reason: str
    ) -> None:
        (files / "none.json").write_text('{"answers": {}}', encoding="utf-8")

        assert reason in refusal("score", "checklists/telecom/hall.yaml", files / "none.json", *arguments)

    def test_refuses_files_that_are_not_there(self, files: Path) -> None:
        assert "no such file" in refusal("score", files / "none.yaml", files / "answers.json")
        assert "no such file" in refusal("score", files / "shop.yaml", files / "none.json")
        assert "is a directory" in refusal("score", files, files / "answers.json")

    def test_refuses_a_bad_checklist_with_its_line(self, files: Path) -> None:
        (files / "shop.yaml").write_bytes(bent("version: 1", "version: yes"))

        assert "shop.yaml: line 2: 'yes' means different things" in refusal(
            "score", files / "shop.yaml", files / "answers.json"
        )


class TestChecklistValidate:
    def test_accepts_every_shipped_checklist_together(self) -> None:
        done = plainclothes("checklist", "validate", *sorted(FOLDER.glob("*/*.yaml")))

        assert (done.returncode, done.stderr) == (0, "")
        assert [each["valid"] for each in json.loads(done.stdout)] == [True, True, True]

    def test_reports_good_and_bad_files_and_fails(self, files: Path) -> None:
        (files / "bad.yaml").write_bytes(bent("weight: 10", "weight: 0"))

        done = plainclothes(
            "checklist", "validate", files / "shop.yaml", files / "bad.yaml", files / "none.yaml"
        )

        assert done.returncode == 1
        assert [each["valid"] for each in json.loads(done.stdout)] == [True, False, False]
        assert f"{files}/bad.yaml: line 27: items.greeted.weight: must be above 0" in done.stderr
        assert f"{files}/none.yaml: no such file or directory" in done.stderr

    def test_compares_a_variant_with_its_base(self, files: Path) -> None:
        variant = SMALL.replace("id: small-shop", "id: other\nshares_items_with: small-shop")
        (files / "other.yaml").write_text(variant.replace("each: 0.5", "each: 0.25"), encoding="utf-8")

        done = plainclothes("checklist", "validate", files / "shop.yaml", files / "other.yaml")

        assert done.returncode == 1
        assert "is answered otherwise than in small-shop" in done.stderr

    def test_wants_a_file(self) -> None:
        assert "FILE" in refusal("checklist", "validate")


class TestChecklistSchema:
    def test_prints_the_schema(self) -> None:
        assert plainclothes("checklist", "schema").stdout == json_schema()

    def test_checks_a_file_for_freshness(self, tmp_path: Path) -> None:
        (tmp_path / "old.json").write_text("{}", encoding="utf-8")

        assert (
            plainclothes("checklist", "schema", "--check", FOLDER / "checklist.schema.json").returncode == 0
        )
        assert "out of date" in refusal("checklist", "schema", "--check", tmp_path / "old.json")
        assert "cannot be read" in refusal("checklist", "schema", "--check", tmp_path / "none.json")


class TestChecklistDiff:
    def test_shows_what_changed(self, files: Path) -> None:
        (files / "next.yaml").write_bytes(bent("weight: 10", "weight: 12"))

        done = plainclothes("checklist", "diff", files / "shop.yaml", files / "next.yaml")

        assert done.returncode == 0
        assert json.loads(done.stdout)["weights"] == [
            {"kind": "weight", "where": "greeted", "field": "weight", "before": "10", "after": "12"}
        ]

    def test_refuses_what_it_cannot_read(self, files: Path) -> None:
        assert "no such file" in refusal("checklist", "diff", files / "shop.yaml", files / "none.yaml")


class TestChecklistLock:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "retail").mkdir()
        (tmp_path / "retail" / "shop.yaml").write_text(SMALL, encoding="utf-8")
        return tmp_path

    def test_enters_new_versions_once(self, folder: Path) -> None:
        assert "not entered yet: small-shop@1" in refusal("checklist", "lock", folder, "--check")

        assert plainclothes("checklist", "lock", folder).returncode == 0

        assert plainclothes("checklist", "lock", folder, "--check").returncode == 0

    def test_refuses_an_edit_and_lets_a_new_version_pass(self, folder: Path) -> None:
        plainclothes("checklist", "lock", folder)
        edited = SMALL.replace("weight: 10", "weight: 11")
        (folder / "retail" / "shop.yaml").write_text(edited, encoding="utf-8")

        assert "changed after publication; raise its version" in refusal("checklist", "lock", folder)

        (folder / "retail" / "shop.yaml").write_text(
            edited.replace("version: 1", "version: 2"), encoding="utf-8"
        )
        done = plainclothes("checklist", "lock", folder)
        assert list(json.loads(done.stdout)) == ["small-shop@1", "small-shop@2"]

    def test_of_the_shipped_checklists_is_complete(self) -> None:
        assert plainclothes("checklist", "lock", FOLDER, "--check").returncode == 0


class TestEveryCommand:
    @pytest.mark.parametrize(
        "command",
        [[], ["score"], ["checklist"], *(["checklist", c] for c in ("validate", "schema", "diff", "lock"))],
        ids=" ".join,
    )
    def test_explains_itself(self, command: list[str]) -> None:
        done = plainclothes(*command, "--help")

        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(" ".join(["Usage: plainclothes", *command]))

    def test_unknown_is_refused(self) -> None:
        assert "No such command 'conquer'" in refusal("conquer")

    def test_speaks_utf_8_in_any_locale(self, files: Path) -> None:
        (files / "next.yaml").write_bytes(bent("是否问好？", "问好了吗？"))

        done = plainclothes("checklist", "diff", files / "shop.yaml", files / "next.yaml", locale="POSIX")

        assert "问好了吗？" in done.stdout

    def test_that_reads_files_loads_no_server_and_no_database(self, files: Path) -> None:
        """The commands must be quick and must work where no database is."""
        heavy = ["fastapi", "starlette", "sqlalchemy", "boto3", "dbos", "numpy", "uvicorn"]
        code = (
            "import sys; from app.cli import main; sys.argv = ['plainclothes', 'score', *sys.argv[1:]]\n"
            "try: main()\n"
            "except SystemExit: pass\n"
            f"print([m for m in {heavy} if m in sys.modules], file=sys.stderr)"
        )

        done = subprocess.run(
            [sys.executable, "-c", code, files / "shop.yaml", files / "answers.json"],
            capture_output=True,
            encoding="utf-8",
            check=True,
            cwd=ROOT,
        )

        assert done.stderr.strip() == "[]"
