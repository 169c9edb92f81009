"""What the pages say: in both languages, and of everything that the server may answer."""

import json
import re

import pytest

from app.checklists.sentences import Says as ChecklistSays
from app.kit.sentences import Form
from app.outlets.sentences import Says as SheetSays
from app.planning.hard_rules import Why
from app.planning.plan import Cause, Remedy
from app.web.site import DIST

TEXTS = DIST.parent / "src" / "text"
DESCRIPTION = DIST.parents[1] / "openapi.json"
GAP = re.compile(r"\{(\w+)")


def words(name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((TEXTS / f"{name}.json").read_text("utf-8"))
    assert found
    return found


def documented_problems() -> set[str]:
    """Slugs of every operation of the description."""
    paths = json.loads(DESCRIPTION.read_text("utf-8"))["paths"]
    return {
        slug
        for path in paths.values()
        for operation in path.values()
        for response in operation.get("responses", {}).values()
        for slug in response.get("content", {}).get("application/problem+json", {}).get("examples", {})
    }


class TestCatalogues:
    @pytest.mark.parametrize("name", sorted(path.stem for path in TEXTS.glob("*.json")))
    def test_say_the_same_in_chinese_and_english(self, name: str) -> None:
        for key, said in words(name).items():
            chinese, english = said
            assert all(said), key
            assert set(GAP.findall(chinese)) == set(GAP.findall(english)), key


class TestProblems:
    def test_have_words_for_whatever_an_operation_may_refuse(self) -> None:
        documented = documented_problems()

        assert len(documented) > 50
        assert documented - words("problems").keys() == set()


class TestFindings:
    def test_of_sheets_checklists_and_requests_are_said_with_the_same_gaps(self) -> None:
        said = words("findings")
        known = {one.code: one for sentences in (Form, SheetSays, ChecklistSays) for one in sentences}

        assert known.keys() == said.keys()
        for code, one in known.items():
            assert set(GAP.findall(said[code][0])) == set(GAP.findall(one.value)), code


class TestBoard:
    def test_says_every_reason_cause_and_remedy(self) -> None:
        """D5.8, D6.1."""
        wanted = {
            *(f"why-not-{one}" for one in Why),
            *(f"cause-{one}" for one in Cause),
            *(f"fix-{one}" for one in Remedy),
        }

        assert wanted - words("planning").keys() == set()
