"""Every checklist in the repository: acceptable, complete in both languages, and true to its trade."""

import json
from collections import Counter

import pytest

from app.checklists.document import Document, Load, NotApplicable, Profile, Stage, json_schema
from app.checklists.lock import LOCK_NAME, changed_after_publication, name_of, read_lock
from app.checklists.weights import choose_profile, tiers
from tests.support.checklists import FOLDER, SHIPPED, shipped

EVERY = pytest.mark.parametrize("name", SHIPPED)


class TestEveryShippedChecklist:
    def test_is_found(self) -> None:
        assert {"telecom/hall.yaml", "telecom/hall-competitor.yaml", "bank/branch.yaml"} <= set(SHIPPED)

    @EVERY
    def test_is_acceptable_and_named_like_its_file(self, name: str) -> None:
        assert shipped(name).id == name.removesuffix(".yaml").replace("/", "-")

    @EVERY
    def test_points_editors_to_the_schema(self, name: str) -> None:
        first = (FOLDER / name).read_text(encoding="utf-8").splitlines()[0]

        assert first == "# yaml-language-server: $schema=../checklist.schema.json"

    @EVERY
    def test_is_unchanged_since_it_was_published(self, name: str) -> None:
        entries = read_lock(FOLDER / LOCK_NAME)

        assert name_of(shipped(name)) in entries
        assert not changed_after_publication(shipped(name), entries)

    @EVERY
    def test_allows_no_escape_from_a_basic_norm_that_always_applies(self, name: str) -> None:
        """A norm asked on every visit cannot be called "not applicable"."""
        norms = [item for item in shipped(name).items() if item.veto and item.purposes is None]

        assert all(item.not_applicable is NotApplicable.NOT_ALLOWED for item in norms)

    def test_of_one_trade_uses_an_item_code_once(self) -> None:
        """Item codes are stable identities: only a declared variant may repeat them."""
        own = [shipped(name) for name in SHIPPED if shipped(name).shares_items_with is None]
        for trade in {document.trade for document in own}:
            codes = Counter(item.code for each in own if each.trade == trade for item in each.items())
            assert max(codes.values()) == 1


class TestTheSchema:
    def test_is_fresh(self) -> None:
        committed = (FOLDER / "checklist.schema.json").read_text(encoding="utf-8")

        assert committed == json_schema(), (
            "run: plainclothes checklist schema > checklists/checklist.schema.json"
        )

    def test_describes_the_item_types(self) -> None:
        schema = json.loads(json_schema())

        assert schema["$schema"].endswith("2020-12/schema")
        assert {"YesNo", "Choice", "Rating", "Number", "Deductions", "FreeText", "Photo"} <= set(
            schema["$defs"]
        )


class TestTheTelecomHall:
    hall: Document = shipped("telecom/hall.yaml")

    def weights(self, tier: str, stage: Stage | None = None, load: Load | None = None) -> dict[str, int]:
        profile = choose_profile(self.hall, tier=tier, stage=stage, load=load)
        assert isinstance(profile, Profile)
        return {code: int(weight) for code, weight in profile.indicators.items()}

    def test_covers_every_dimension_of_the_field_method(self) -> None:
        """D2.1."""
        assert [dimension.code for dimension in self.hall.dimensions] == [
            "service-awareness",
            "staff-quality",
            "process-quality",
            "environment",
            "service-result",
            "campaigns",
        ]
        assert {item.tags.campaign for item in self.hall.items()} == {
            None,
            "active-selling",
            "promotion-consistency",
            "customer-retention",
        }

    def test_has_at_least_45_items_and_every_answer_type(self) -> None:
        items = list(self.hall.items())

        assert len(items) >= 45
        assert {item.type for item in items} == {
            "yes_no",
            "choice",
            "rating",
            "number",
            "deductions",
            "text",
            "photo",
        }

    def test_has_weights_for_every_tier_stage_and_load_that_add_up_to_100(self) -> None:
        combinations = {(p.tier, p.stage, p.load) for p in self.hall.profiles}

        assert {(t, s, d) for t in tiers(self.hall) for s in Stage for d in Load} <= combinations
        assert tiers(self.hall) == ("flagship", "tier-2", "tier-3")
        assert {sum(profile.indicators.values()) for profile in self.hall.profiles} == {100}

    def test_weighs_a_flagship_by_image_experience_process_and_problem_solving(self) -> None:
        """D2.2, tier."""
        flagship = self.weights("flagship")
        for other in (self.weights("tier-2"), self.weights("tier-3")):
            for indicator in ("brand-image", "experience", "problem-solving"):
                assert flagship[indicator] > other[indicator]
        assert flagship["handling"] > self.weights("tier-2")["handling"]

    def test_weighs_affinity_first_in_the_lower_tiers_and_then_handling_in_the_third(self) -> None:
        """D2.2, tier."""
        second, third = self.weights("tier-2"), self.weights("tier-3")

        assert max(second, key=second.__getitem__) == "affinity"
        assert sorted(third, key=third.__getitem__, reverse=True)[:2] == ["affinity", "handling"]

    @pytest.mark.parametrize("tier", ["flagship", "tier-2", "tier-3"])
    @pytest.mark.parametrize("load", list(Load))
    def test_moves_weight_from_norms_to_service_as_a_hall_improves(self, tier: str, load: Load) -> None:
        """D2.2, stage."""
        early, improved = self.weights(tier, Stage.EARLY, load), self.weights(tier, Stage.IMPROVED, load)

        for indicator in ("appearance", "discipline", "compliance", "cleanliness", "facilities", "affinity"):
            assert early[indicator] > improved[indicator]
        assert early["onsite-management"] > improved["onsite-management"]
        for indicator in (
            "initiative",
            "competence",
            "problem-solving",
            "efficiency",
            "handling",
            "active-selling",
        ):
            assert early[indicator] < improved[indicator]

    @pytest.mark.parametrize("tier", ["flagship", "tier-2", "tier-3"])
    @pytest.mark.parametrize("stage", list(Stage))
    def test_weighs_handling_under_pressure_and_selling_without(self, tier: str, stage: Stage) -> None:
        """D2.2, load."""
        high, low = self.weights(tier, stage, Load.HIGH), self.weights(tier, stage, Load.LOW)

        assert high["handling"] > low["handling"]
        assert low["active-selling"] > high["active-selling"]

    def test_carries_its_basic_norms_as_vetoes_of_every_scope_but_item(self) -> None:
        scopes = Counter(item.veto.scope.value for item in self.hall.items() if item.veto)

        assert set(scopes) == {"indicator", "dimension", "visit", "cap"}
        assert scopes["indicator"] == max(scopes.values())

    def test_asks_transactions_only_of_those_who_make_one(self) -> None:
        """D2.5."""
        transactions = {purpose.code for purpose in self.hall.purposes if purpose.transaction}
        receipt = next(item for item in self.hall.items() if item.code == "handling-receipt")

        assert set(receipt.purposes or ()) <= transactions
        assert 0 < len(transactions) < len(self.hall.purposes)


class TestTheBankBranch:
    def test_shows_that_nothing_is_telecom_only(self) -> None:
        branch = shipped("bank/branch.yaml")

        assert (branch.trade, branch.mode.value, branch.profiles) == ("bank", "points_pool", ())
        assert choose_profile(branch, tier="flagship") is None
