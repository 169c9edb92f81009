"""`plainclothes plan`: files in, files out, refusals in plain words."""

import json
from pathlib import Path

import pytest

from tests.support.command import plainclothes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated month and a plan for it."""
    folder = tmp_path_factory.mktemp("plan")
    made = plainclothes(
        "plan", "generate", "--outlets", 40, "--inspectors", 6, "--seed", 2, "--out", folder / "instance.json"
    )
    assert made.returncode == 0, made.stderr
    solved = plainclothes(
        "plan",
        "solve",
        folder / "instance.json",
        "--out",
        folder / "plan.json",
        "--seed",
        5,
        "--iterations",
        400,
    )
    assert solved.returncode == 0, solved.stderr
    (folder / "summary.json").write_text(solved.stdout)
    return folder


class TestSolve:
    def test_the_summary_tells_no_secret(self, folder: Path) -> None:
        """D6.6: the plan goes to the file alone"""
        summary = json.loads((folder / "summary.json").read_text())
        plan = json.loads((folder / "plan.json").read_text())
        assert summary["seed"] == 5
        assert summary["served"] == len(plan["visits"])
        assert plan["visits"][0]["outlet"] not in (folder / "summary.json").read_text()

    def test_same_seed_and_iterations_write_the_same_bytes(self, folder: Path) -> None:
        """D6.5"""
        again = folder / "again.json"
        plainclothes(
            "plan", "solve", folder / "instance.json", "--out", again, "--seed", 5, "--iterations", 400
        )
        assert again.read_bytes() == (folder / "plan.json").read_bytes()

    def test_repairs_a_plan_after_a_sick_call(self, folder: Path) -> None:
        month = json.loads((folder / "instance.json").read_text())
        plan = json.loads((folder / "plan.json").read_text())
        route = plan["routes"][0]
        person = next(one for one in month["inspectors"] if one["id"] == route["inspector"])
        person["unavailable"].append(route["on"])
        (folder / "sick.json").write_text(json.dumps(month))
        done = plainclothes(
            "plan",
            "solve",
            folder / "sick.json",
            "--repair",
            folder / "plan.json",
            "--out",
            folder / "repaired.json",
            "--iterations",
            300,
        )
        assert done.returncode == 0, done.stderr
        assert plainclothes("plan", "check", folder / "sick.json", folder / "repaired.json").returncode == 0

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["--seconds", "1", "--iterations", "1"], "either"),
            (["--repair", "missing.json"], "missing.json: no such file"),
        ],
    )
    def test_says_plainly_what_it_cannot_do(self, folder: Path, arguments: list[str], says: str) -> None:
        out = folder / "none.json"
        done = plainclothes("plan", "solve", folder / "instance.json", "--out", out, *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert says in done.stderr
        assert not out.exists()


class TestCheck:
    def test_a_sound_plan_passes(self, folder: Path) -> None:
        done = plainclothes("plan", "check", folder / "instance.json", folder / "plan.json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["violations"] == []

    def test_a_broken_plan_fails_with_the_rule(self, folder: Path) -> None:
        plan = json.loads((folder / "plan.json").read_text())
        plan["visits"][0]["on"] = "2026-10-04"
        (folder / "broken.json").write_text(json.dumps(plan))
        done = plainclothes("plan", "check", folder / "instance.json", folder / "broken.json")
        assert done.returncode == 3
        assert "unavailable" in {one["rule"] for one in json.loads(done.stdout)["violations"]}

    def test_a_file_of_another_kind_is_refused(self, folder: Path) -> None:
        done = plainclothes("plan", "check", folder / "plan.json", folder / "plan.json")
        assert done.returncode == 1
        assert "plan.json: format:" in done.stderr


class TestQuestions:
    def test_the_bound_says_how_it_was_got(self, folder: Path) -> None:
        done = plainclothes("plan", "bound", folder / "instance.json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        summary = json.loads((folder / "summary.json").read_text())
        assert "matching" in found["method"]
        assert found["unserved"] <= summary["unserved"]

    def test_why_not_names_the_rule(self, folder: Path) -> None:
        """D5.8"""
        done = plainclothes(
            "plan",
            "why-not",
            folder / "instance.json",
            folder / "plan.json",
            "--visit",
            "O00001#1",
            "--inspector",
            "I0001",
            "--on",
            "2026-10-04",
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert not found["allowed"]
        assert "unavailable" in {one["rule"] for one in found["rules"]}

    def test_predictability_compares_with_chance(self, folder: Path) -> None:
        """D6.3"""
        visits = [{"outlet": "A", "on": f"2026-{month:02d}-05", "at": "10:00"} for month in range(1, 11)]
        (folder / "history.json").write_text(json.dumps({"visits": visits}))
        done = plainclothes("plan", "predictability", folder / "history.json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["predictors"]["majority"]["part"] == 1

    @pytest.mark.parametrize("name", ["instance", "plan", "history"])
    def test_schemas_are_printed(self, name: str) -> None:
        done = plainclothes("plan", "schema", name)
        assert json.loads(done.stdout)["type"] == "object"
