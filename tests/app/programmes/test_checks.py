"""Thresholds of the recording checks as a programme may set them: the media pipeline's names and bounds, no others."""

from dataclasses import fields
from typing import Any

import pytest

from app.programmes.schemas_checks import CheckRules
from media_pipeline import Thresholds
from tests.support.world import World, assert_problem

NOT_A_PROGRAMMES_BUSINESS = {"rejecting"}  # what shuts the gate is D7.3's


def bounds() -> dict[str, tuple[float, float]]:
    """By name, the least and the most that a programme may say."""
    found = {}
    for name, said in CheckRules.model_json_schema()["properties"].items():
        number = next((one for one in said["anyOf"] if "minimum" in one), None)
        if number is not None:
            found[name] = (number["minimum"], number["maximum"])
    return found


class TestCheckRules:
    def test_name_what_the_pipeline_knows_and_nothing_else(self) -> None:
        known = {one.name for one in fields(Thresholds)}

        assert set(CheckRules.model_fields) == known - NOT_A_PROGRAMMES_BUSINESS

    def test_every_value_they_take_is_one_the_pipeline_takes(self) -> None:
        assert len(bounds()) > 20
        for name, extremes in bounds().items():
            for value in extremes:
                taken = CheckRules.model_validate({name: value})
                assert getattr(Thresholds.from_mapping(taken.overrides()), name) == value

    def test_say_only_what_differs(self) -> None:
        assert CheckRules().overrides() == {}
        assert CheckRules(silent_dbfs=-60.0, sound_required=False).overrides() == {
            "silent_dbfs": -60.0,
            "sound_required": False,
        }


class TestProgramme:
    @pytest.mark.parametrize(
        ("slip", "named"),
        [
            ({"silent_dbsf": -50.0}, "silent_dbsf"),
            ({"silent_dbfs": 3.0}, "silent_dbfs"),
            ({"warn_share": 5}, "warn_share"),
            ({"fail_share": True}, "fail_share"),
            ({"rejecting": []}, "rejecting"),
        ],
    )
    async def test_is_told_which_threshold_cannot_be_meant(
        self, world: World, slip: dict[str, Any], named: str
    ) -> None:
        alice = await world.person("alice")
        body = {"name": "Covert", "starts_on": "2026-01-01", "rules": {"checks": slip}}

        refused = assert_problem(await alice.post("/v1/programmes", json=body), 422, "invalid-request")

        assert named in str(refused)
