"""Looking at a checklist before it is published: what is wrong with it, or what it would change (D3.5)."""

from typing import Any

from tests.support.visits import CHECKLIST
from tests.support.world import Caller, World

YAML = {"Content-Type": "application/yaml"}
SECOND = CHECKLIST.replace("version: 1", "version: 2")


async def examined(who: Caller, text: str) -> dict[str, Any]:
    answer = await who.post("/v1/checklists/validate", content=text.encode(), headers=YAML)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def published(who: Caller, text: str) -> None:
    answer = await who.post("/v1/checklists", content=text.encode(), headers=YAML)
    assert answer.status_code == 201, answer.text


class TestExamine:
    async def test_tells_what_would_change_since_the_newest_version(self, world: World) -> None:
        alice = await world.person("alice")
        await published(alice, CHECKLIST)
        await published(alice, SECOND.replace("a1: 40, a2: 20", "a1: 30, a2: 30"))

        found = await examined(
            alice, CHECKLIST.replace("version: 1", "version: 3").replace("a1: 40, a2: 20", "a1: 35, a2: 25")
        )

        assert found["valid"] is True
        assert found["difference"] == {
            "before": "short-hall@2",
            "after": "short-hall@3",
            "added": [],
            "removed": [],
            "changes": [
                {
                    "kind": "weight",
                    "where": "profile all",
                    "field": f"indicators.{name}",
                    "before": "30",
                    "after": after,
                }
                for name, after in (("a1", "35"), ("a2", "25"))
            ],
        }

    async def test_compares_with_nobody_else_s_and_with_nothing_before_the_first(self, world: World) -> None:
        """D10.6"""
        alice, bob = await world.person("alice"), await world.person("bob")
        await published(alice, CHECKLIST)

        found = await examined(bob, SECOND)

        assert found == {"valid": True, "findings": [], "difference": None}

    async def test_says_where_weights_do_not_add_up_to_what_was_promised(self, world: World) -> None:
        alice = await world.person("alice")

        found = await examined(
            alice, CHECKLIST.replace("trade: telecom", "trade: telecom\nweights_sum: 99.5")
        )

        assert found["valid"] is False
        (finding,) = found["findings"]
        assert finding["where"] == "profiles.all.indicators"
        assert finding["message"] == "the weights add up to 100, not to 99.5"
