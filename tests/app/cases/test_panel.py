"""The panel: who may sit on it, how it decides, and what becomes of the score (D8.4, D4.3, D3.5)."""

import asyncio
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.cases.models import AppealItem, PanelMember, PanelVote, Ruling
from app.cases.rules import Category, Seat
from app.identity.actor import Role
from app.kit.database import violated_constraint
from app.outlets.models import OutletDuty
from tests.support.cases import Court, a_court
from tests.support.places import in_charge
from tests.support.visits import CHECKLIST, a_version
from tests.support.world import Caller, World, assert_problem

WORDS = """
          - {code: words, type: text, text: {zh: "评语", en: "Words"}, weight: 40, required: false}
"""
UPHELD = {"answer": {"value": True}}


@pytest.fixture
async def court(world: World) -> Court:
    return await a_court(world)


async def refused_by_database(court: Court, *rows: object) -> str:
    """The name of the constraint that refuses the last of the rows."""
    async with court.world.database.opened() as session:
        for row in rows[:-1]:
            session.add(row)
            await session.flush()
        session.add(rows[-1])
        with pytest.raises(DBAPIError) as refused:
            await session.flush()
    return violated_constraint(refused.value) or ""


def seat(court: Court, appeal: str, person: Caller, *, as_chair: bool = False) -> PanelMember:
    return PanelMember(
        appeal_id=UUID(appeal),
        person_id=person.id,
        seat=Seat.CHAIR if as_chair else Seat.MEMBER,
        appointed_by=court.sam.id,
        appointed_at=court.world.clock.now,
    )


class TestThePanel:
    async def test_has_nobody_of_the_visit_its_review_or_the_outlet(self, court: Court) -> None:
        """D8.4: each is named with the reason, and the database refuses each of them too."""
        scene, world = court.desk.scene, court.world
        ida = await world.newcomer("ida", Role.INSPECTOR, Role.SUPERVISOR)
        iris = await world.newcomer("iris", Role.INSPECTOR, Role.REVIEWER)
        judy = await world.newcomer("judy", Role.REVIEWER)
        nell = await world.newcomer("nell", Role.OUTLET_MANAGER, Role.REVIEWER)
        await in_charge(world, judy, region=scene.region)
        await in_charge(world, nell, outlet=scene.outlet)
        max_ = await world.newcomer("max", Role.REVIEWER)
        await in_charge(world, max_, region=scene.region)
        case = await court.desk.submitted(ida, iris)
        task = await court.desk.assigned(case, max_)
        assert (await court.desk.marked(task, max_)).is_success
        await court.desk.opened(case)
        assert (await court.desk.judge(case, by=judy)).status_code == 200
        assert (await court.desk.approve(case)).status_code == 200
        world.clock.advance(hours=25)
        alias = (await court.desk.rita.post(f"/v1/visits/{case.visit}/publish")).json()["alias"]
        appeal = await court.filed(alias, "no-smoking")
        partial = [
            (ida, "was of the visit's crew"),
            (iris, "was of the visit's crew"),
            (judy, "judged its vetoes"),
            (max_, "marked it"),
            (court.desk.rita, "approved the visit"),
            (nell, "manages the outlet"),
            (court.mona, "filed the appeal"),
        ]

        answer = await court.admit(appeal, court.petra, *(person for person, _because in partial))

        refused = assert_problem(answer, 409, "panel-refused")["refused"]
        told = {one["person_id"]: one["because"] for one in refused}
        assert told == {str(person.id): because for person, because in partial}
        for person, _because in partial:
            found = await refused_by_database(court, seat(court, appeal, person))
            assert "panel_is_impartial" in found, person.name

    async def test_has_one_chair_and_two_people_where_a_veto_is_disputed(self, court: Court) -> None:
        """D4.3"""
        alias = await court.published()
        appeal = await court.filed(alias, "no-smoking")
        alone = assert_problem(await court.admit(appeal, court.petra), 409, "panel-unfit")
        assert "two people" in alone["detail"]
        body = {"panel": [{"person_id": str(one.id)} for one in (court.petra, court.paul)]}
        headless = await court.sam.post(f"/v1/appeals/{appeal}/admit", json=body)
        assert_problem(headless, 409, "panel-unfit")
        rows = [seat(court, appeal, one, as_chair=True) for one in (court.petra, court.paul)]
        found = await refused_by_database(court, *rows)
        assert "uq_appeal_panel_members_one_chair" in found or "appeal_panel_members.appeal_id" in found

    async def test_has_no_inspectors_and_nobody_unknown(self, court: Court) -> None:
        alias = await court.published()
        appeal = await court.filed(alias, "tidy")
        ian = court.desk.scene.ian  # not of this crew
        refused = assert_problem(await court.admit(appeal, court.petra, ian), 409, "panel-refused")
        assert "holds none of the roles" in refused["refused"][0]["because"]
        mila = await court.world.newcomer("mila", Role.OUTLET_MANAGER)
        refused = assert_problem(await court.admit(appeal, mila), 409, "panel-refused")  # as the chair
        assert refused["refused"][0]["person_id"] == str(mila.id)
        bob = await court.world.person("bob")
        assert_problem(await court.admit(appeal, court.petra, bob), 404, "not-found")
        assert (await court.admit(appeal, court.petra, mila)).status_code == 200

    async def test_is_not_appointed_by_who_approved_the_visit(self, court: Court) -> None:
        """D8.4"""
        case = await court.desk.submitted()
        await court.desk.opened(case)
        await court.desk.excused(case)
        assert (await court.desk.judge(case)).status_code == 200
        assert (await court.desk.approve(case, by=court.sam)).status_code == 200
        court.world.clock.advance(hours=25)
        alias = (await court.desk.rita.post(f"/v1/visits/{case.visit}/publish")).json()["alias"]
        appeal = await court.filed(alias, "tidy")

        refused = assert_problem(await court.admit(appeal, court.petra), 403, "not-impartial")
        back = await court.sam.post(f"/v1/appeals/{appeal}/return", json={"reason": "No, not at all."})

        assert refused["because"] == "approved the visit"
        assert_problem(back, 403, "not-impartial")
        alice = await court.world.person("alice")
        assert (await court.admit(appeal, court.petra, by=alice)).status_code == 200


class TestDeciding:
    async def test_is_the_panels_alone_and_once_each(self, court: Court) -> None:
        alias = await court.published()
        appeal = await court.admitted(alias, "tidy")
        for reader in (court.sam, court.mona, court.desk.rita):
            answer = await court.decides(appeal, "tidy", "rejected", by=reader)
            assert_problem(answer, 403, "not-on-panel")
        assert_problem(await court.decides(appeal, "tidy", "rejected", by=court.pia), 404, "not-found")
        assert_problem(await court.decides(appeal, "greeting", "rejected", by=court.petra), 404, "not-found")

        assert (await court.decides(appeal, "tidy", "rejected", by=court.petra)).status_code == 200
        again = await court.decides(appeal, "tidy", "upheld", by=court.petra, **UPHELD)

        assert_problem(again, 409, "voted-before")

    async def test_stops_for_who_became_partial(self, court: Court) -> None:
        """D8.4"""
        alias = await court.published()
        mila = await court.world.newcomer("mila", Role.OUTLET_MANAGER)
        appeal = await court.admitted(alias, "tidy", panel=(court.petra, mila))
        duty = OutletDuty(
            organisation_id=mila.actor.organisation_id,
            person_id=mila.id,
            outlet_id=court.desk.scene.outlet.id,
            created_at=court.world.clock.now,
        )
        await court.world.add(duty)
        answer = await court.decides(appeal, "tidy", "rejected", by=mila)
        assert assert_problem(answer, 403, "not-impartial")["because"] == "manages the outlet"

    async def test_is_free_of_the_others_words(self, court: Court) -> None:
        alias = await court.published()
        appeal = await court.admitted(alias, "tidy", panel=(court.petra, court.paul, court.pia))
        assert (await court.decides(appeal, "tidy", "rejected", by=court.petra)).status_code == 200

        async def votes(who: Caller) -> int:
            return len((await court.seen(appeal, by=who))["disputed"][0]["votes"])

        seen = {who.name: await votes(who) for who in (court.petra, court.paul, court.mona, court.sam)}
        assert seen == {"petra": 1, "paul": 0, "mona": 0, "sam": 1}

    async def test_needs_two_people_to_lift_a_veto(self, court: Court) -> None:
        """D4.3: one alone leaves it pending; they disagree, and a third decides."""
        alias = await court.published()
        appeal = await court.admitted(alias, "no-smoking")
        one = (await court.decides(appeal, "no-smoking", "upheld", by=court.petra, **UPHELD)).json()
        assert (one["state"], one["disputed"][0]["needs_further_member"]) == ("admitted", False)
        two = (await court.decides(appeal, "no-smoking", "rejected", by=court.paul)).json()
        assert (two["state"], two["disputed"][0]["needs_further_member"]) == ("admitted", True)

        third = {"person_id": str(court.pia.id)}
        appointed = await court.sam.post(f"/v1/appeals/{appeal}/panel", json=third)
        three = (await court.decides(appeal, "no-smoking", "upheld", by=court.pia, **UPHELD)).json()

        assert appointed.status_code == 200, appointed.text
        assert (three["state"], three["total_after"]) == ("decided", "86.666666666666")
        (ruling,) = [item["ruling"] for item in three["disputed"]]
        assert (ruling["category"], ruling["lifts_veto"]) == ("upheld", True)

    async def test_of_one_person_lifts_no_veto_even_for_the_database(self, court: Court) -> None:
        """D4.3: neither one, nor the same person twice, nor somebody who said something else."""
        alias = await court.published()
        appeal = await court.admitted(alias, "no-smoking")
        assert (
            await court.decides(appeal, "no-smoking", "upheld", by=court.petra, **UPHELD)
        ).status_code == 200
        assert (await court.decides(appeal, "no-smoking", "rejected", by=court.paul)).status_code == 200

        def ruling(second: Caller | None) -> Ruling:
            return Ruling(
                appeal_id=UUID(appeal),
                item_code="no-smoking",
                category=Category.UPHELD,
                correction={"answer": {"value": True}},
                lifts_veto=True,
                reason="I say so.",
                decided_by=court.petra.id,
                seconded_by=None if second is None else second.id,
                decided_at=court.world.clock.now,
            )

        for second in (None, court.petra):
            assert "two_people_lift_a_veto" in await refused_by_database(court, ruling(second))
        found = await refused_by_database(court, ruling(court.paul))
        assert "fk_appeal_rulings_seconded_by" in found or "FOREIGN KEY" in found

    async def test_by_two_at_once_is_one_decision(self, court: Court) -> None:
        alias = await court.published()
        appeal = await court.admitted(alias, "no-smoking", "tidy")
        assert (await court.decides(appeal, "tidy", "rejected", by=court.petra)).status_code == 200
        assert (await court.decides(appeal, "tidy", "rejected", by=court.paul)).status_code == 200

        answers = await asyncio.gather(
            *(
                court.decides(appeal, "no-smoking", "upheld", by=one, **UPHELD)
                for one in (court.petra, court.paul, court.petra)
            )
        )

        assert sorted(answer.status_code for answer in answers) == [200, 200, 409]
        seen = await court.seen(appeal)
        assert (seen["state"], seen["revision"]) == ("decided", 2)
        scores = (await court.mona.get(f"/v1/reports/{alias}")).json()["revisions"]
        assert [one["total"] for one in scores] == ["66.666666666666", "86.666666666666"]

    async def test_may_be_left_to_others_when_somebody_is_released(self, court: Court) -> None:
        alias = await court.published()
        appeal = await court.admitted(alias, "tidy", panel=(court.petra, court.paul, court.pia))
        assert (await court.decides(appeal, "tidy", "rejected", by=court.petra)).status_code == 200
        address = f"/v1/appeals/{appeal}/panel/{court.paul.id}/release"

        released = await court.sam.post(address, json={"reason": "Paul is ill."})

        assert (released.status_code, released.json()["state"]) == (200, "admitted")
        assert_problem(await court.decides(appeal, "tidy", "rejected", by=court.paul), 404, "not-found")
        assert_problem(await court.sam.post(address, json={"reason": "Paul is ill."}), 404, "not-found")
        done = await court.decides(appeal, "tidy", "rejected", by=court.pia)
        assert done.json()["state"] == "decided"

    async def test_keeps_its_words_whoever_would_change_them(self, court: Court) -> None:
        alias = await court.published()
        appeal = await court.admitted(alias, "tidy")
        assert (await court.decides(appeal, "tidy", "rejected", by=court.petra)).status_code == 200
        for what in (PanelVote, AppealItem):
            async with court.world.database.opened() as session:
                with pytest.raises(DBAPIError) as refused:
                    await session.execute(sa.update(what).values(reason="Never mind."))
            assert "is_append_only" in (violated_constraint(refused.value) or "")


class TestTheOutcome:
    async def test_is_a_new_revision_of_answers_score_and_report_and_nothing_is_overwritten(
        self, court: Court
    ) -> None:
        """D3.5, D8.6"""
        case, alias = await court.case_and_alias()
        appeal = await court.admitted(alias, "no-smoking", "patience", "tidy")
        await court.decided(appeal, "no-smoking", "insufficient_evidence")
        await court.decided(appeal, "patience", "upheld", answer={"value": "good"})
        await court.decided(appeal, "tidy", "rejected")

        seen = await court.seen(appeal)
        scores = (await court.sam.get(f"/v1/visits/{case.visit}/scores")).json()
        revisions = (await court.sam.get(f"/v1/visits/{case.visit}/answers/revisions")).json()

        told = {
            one["item"]: (
                one["ruling"]["category"],
                Decimal(one["before"]["fraction"]),
                one["after"]["fraction"] and Decimal(one["after"]["fraction"]),
            )
            for one in seen["disputed"]
        }
        assert told == {
            "no-smoking": ("insufficient_evidence", 0, None),
            "patience": ("upheld", Decimal("0.5"), 1),
            "tidy": ("rejected", 1, 1),
        }
        assert (seen["total_before"], seen["total_after"]) == ("66.666666666666", "100.000000000000")
        assert [one["number"] for one in revisions] == [1, 2]
        assert [Decimal(one["total"]) for one in scores] == [Decimal("66.666666666666"), Decimal(100)]
        difference = scores[1]["difference"]
        assert [veto["item"] for veto in difference["vetoes_gone"]] == ["no-smoking"]
        report = (await court.mona.get(f"/v1/reports/{alias}")).json()
        items = {
            item["code"]: (item["state"], item["value"])
            for dimension in report["dimensions"]
            for indicator in dimension["indicators"]
            for item in indicator["items"]
        }
        assert items["no-smoking"] == ("not_observed", None)
        assert items["patience"] == ("scored", "good")
        assert items["queue-machine"] == ("not_applicable", None)  # as the inspector left it

    async def test_is_told_also_when_everything_was_rejected(self, court: Court) -> None:
        case, alias = await court.case_and_alias()
        appeal = await court.admitted(alias, "tidy", panel=(court.petra,))
        await court.decided(appeal, "tidy", "rejected", court.petra)

        report = (await court.mona.get(f"/v1/reports/{alias}")).json()
        scores = (await court.sam.get(f"/v1/visits/{case.visit}/scores")).json()

        assert [one["reason"] for one in report["revisions"]] == [
            "published",
            "appeal decided (tidy: rejected)",
        ]
        assert len(scores) == 1
        seen = await court.seen(appeal)
        assert (seen["total_before"], seen["total_after"], seen["revision"]) == (
            "66.666666666666",
            "66.666666666666",
            2,
        )

    @pytest.mark.parametrize(
        ("correction", "status", "slug"),
        [
            ({"answer": {"value": "purple"}}, 422, "answers-refused"),
            ({"answer": {"state": "not_applicable"}}, 422, "answers-refused"),  # without a reason (D3.1)
            ({"answer": {"value": "fair"}}, 422, "correction-unfit"),  # as before
            ({"mark": "0.9"}, 422, "answers-refused"),  # it is no text
            ({"answer": {"state": "unanswered"}}, 422, "invalid-request"),
            ({"answer": {}}, 422, "invalid-request"),
            ({}, 422, "invalid-request"),
            ({"answer": {"value": "good"}, "mark": "1"}, 422, "invalid-request"),
        ],
    )
    async def test_has_to_be_an_answer_that_fits_and_gains_something(
        self, court: Court, correction: dict[str, object], status: int, slug: str
    ) -> None:
        alias = await court.published()
        appeal = await court.admitted(alias, "patience")
        answer = await court.decides(appeal, "patience", "upheld", by=court.petra, **correction)
        assert_problem(answer, status, slug)

    async def test_may_be_another_mark_for_an_inspectors_words(self, court: Court) -> None:
        """D3.3: marks that nobody disputed stay."""
        scene = court.desk.scene
        text = CHECKLIST.rstrip().replace("short-hall", "worded-hall") + WORDS
        version = await a_version(court.world, scene.sam, text)
        values = {"words": "They were kind.", "no-smoking": True}
        case = await court.handed_in(scene.ivy, values, checklist_version_id=str(version.id))
        alias = await court.out(case, marks={"words": "0.25"})
        appeal = await court.admitted(alias, "words", "patience")

        await court.decided(appeal, "patience", "upheld", answer={"value": "good"})
        await court.decided(appeal, "words", "partly", mark="0.5")

        seen = {one["item"]: one["after"]["fraction"] for one in (await court.seen(appeal))["disputed"]}
        assert seen == {"patience": "1.000000000000", "words": "0.500000000000"}


class TestEscalation:
    async def test_tells_once_of_a_decision_that_is_late(self, court: Court) -> None:
        alias = await court.published()
        appeal = await court.admitted(alias, "tidy")
        court.world.clock.advance(days=16)

        ticks = [(await court.tick())["escalate_appeals"] for _ in range(2)]
        together = await asyncio.gather(court.tick(), court.tick())

        assert ticks == [1, 0]
        assert [one["escalate_appeals"] for one in together] == [0, 0]
        assert (await court.seen(appeal))["overdue"] is True
        steps = (await court.sam.get(f"/v1/appeals/{appeal}/steps")).json()["items"]
        assert [one["kind"] for one in steps] == ["filed", "admitted", "escalated"]
