"""What the pages say: in both languages, and of everything that the server may answer."""

import json
import re

import pytest

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
