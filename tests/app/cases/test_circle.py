"""The whole circle (D2.13, D8.3–D8.5): published, disputed, decided, put right, and found in order at a later visit.

mona manages the hall, sam supervises the south, rita reviewed, petra and paul are the panel; ivy and ian inspect.
"""

import pytest

from tests.support.cases import PDF, Court, a_court
from tests.support.world import World


@pytest.fixture
async def court(world: World) -> Court:
    return await a_court(world)


class TestTheCircle:
    async def test_lifts_a_veto_and_verifies_what_was_put_right(self, court: Court) -> None:
        """D4.3, D8.4, D8.5"""
        case, alias = await court.case_and_alias()
        opened = {one["item"]: one["state"] for one in await court.actions()}
        assert opened == {"no-smoking": "open", "patience": "open"}  # 0 and 0.5 are below 0.60

        appeal = await court.filed(alias, "no-smoking")
        await court.attached(f"/v1/appeals/{appeal}/attachments", PDF, "application/pdf", by=court.mona)
        report = (await court.mona.get(f"/v1/reports/{alias}")).json()
        assert (report["provisional"], report["total"]) == (True, "66.666666666666")
        assert (await court.admit(appeal, court.petra, court.paul)).status_code == 200

        first = await court.decides(appeal, "no-smoking", "upheld", by=court.petra, answer={"value": True})
        assert (first.json()["state"], first.json()["total_after"]) == ("admitted", None)
        second = await court.decides(appeal, "no-smoking", "upheld", by=court.paul, answer={"value": True})
        assert (second.json()["state"], second.json()["total_after"]) == ("decided", "86.666666666666")

        report = (await court.mona.get(f"/v1/reports/{alias}")).json()
        assert (report["provisional"], report["total"], report["veto_list"]) == (False, "86.666666666666", [])
        assert [one["reason"] for one in report["revisions"]] == [
            "published",
            "appeal decided (no-smoking: upheld)",
        ]
        assert await court.state_of(case) == "published"
        smoking = await court.action("no-smoking")
        assert (smoking["state"], smoking["closed_because"]) == (
            "cancelled",
            "The report was revised: the item is not below its target any more.",
        )

        patience = await court.action("patience")
        assert (await court.act(patience["id"], "start", note="We train.")).status_code == 200
        await court.proven(patience["id"])
        later = await court.again(court.desk.scene.ian, {"patience": "good", "no-smoking": True})
        verified = await court.action("patience")

        assert (verified["state"], verified["verified_by"]["alias"]) == ("verified", later)
        assert await court.steps(patience["id"]) == [
            "opened",
            "started",
            "proof_added",
            "proof_submitted",
            "proof_accepted",
            "verified",
        ]
        assert (await court.tick())["finalise"] == 1  # the first report; the later one may be disputed still
        assert await court.state_of(case) == "final"
