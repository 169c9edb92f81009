"""What must hold beyond the fields: each rule broken once in the small checklist."""

import pytest

from app.checklists.document import Document, Load, Mode, Stage
from app.checklists.problems import ChecklistRefused, TierUnknown
from app.checklists.reading import from_yaml
from app.checklists.rules import findings, matched_items, variant_findings
from app.checklists.weights import choose_profile, tiers
from tests.support.checklists import bent, shipped, small


def refusal(content: bytes) -> str:
    with pytest.raises(ChecklistRefused) as refused:
        from_yaml(content)
    return str(refused.value)


class TestRules:
    def test_find_nothing_wrong_with_the_small_checklist(self) -> None:
        assert findings(small()) == ()

    @pytest.mark.parametrize(
        ("old", "new", "reason"),
        [
            ("code: smile", "code: greeted", "items.greeted.code: the item code 'greeted' is used twice"),
            ("code: counter", "code: welcome", "the indicator code 'welcome' is used twice"),
            ("code: purchase", "code: enquiry", "the purpose code 'enquiry' is used twice"),
            (
                "trade: retail",
                "trade: retail\nweights_sum: 90.5",
                "profiles.any.indicators: the weights add up to 100, not to 90.5",
            ),
            (
                "indicators: {welcome: 60, counter: 40}",
                "indicators: {welcome: 6, counter: 4}\n    dimensions: {service: 99}\nweights_sum: 100",
                "profiles.any.dimensions: the weights add up to 99, not to 100",
            ),
            ("code: poor", "code: good", "options.good.code: the option code 'good' is used twice"),
            (
                "weight: 10",
                "weight: 0",
                "items.greeted.weight: must be above 0; only a veto may weigh nothing",
            ),
            (
                "veto: {scope: indicator}",
                "veto: {scope: indicator}\n            bonus: true",
                "items.uniform.bonus: a veto cannot be a bonus item",
            ),
            ("scope: indicator", "scope: cap", "items.uniform.veto.cap: belongs to the scope cap"),
            ("scope: indicator", "scope: visit, cap: 59", "items.uniform.veto.cap: belongs to the scope cap"),
            ("{code: poor, ", "{code: poor, ", None),
            (
                "fraction: 0}",
                "fraction: 0.5}\n            veto: {}",
                "items.advice.veto.breached_at: no answer earns so little",
            ),
            (
                'en: "Good"}, fraction: 1',
                'en: "Good"}, fraction: 0.9',
                "items.advice.options: no option earns the whole item",
            ),
            (
                "weight: 20\n          - code: uniform",
                "weight: 20\n            highest: 1\n          - code: uniform",
                "items.smile.highest: must be above lowest",
            ),
            ("up_to: 10", "up_to: 5", "items.minutes.bands: must be in ascending order"),
            ("up_to: 5", "up_to: -1", "items.minutes.bands.1: lies below minimum"),
            ("maximum: 240", "maximum: 0", "items.minutes.maximum: must be above minimum"),
            (
                "fraction: 1}\n              - {up_to",
                "fraction: 0.9}\n              - {up_to",
                "items.minutes.bands: no band earns",
            ),
            ("item: advice,", "item: nowhere,", "'nowhere' is not another item of this checklist"),
            ("item: advice,", "item: advice-repaired,", "'advice-repaired' is not another item"),
            ("any_of: [poor]", "any_of: [awful]", "'awful' is not an answer of 'advice'"),
            ("any_of: [poor]", "any_of: [true]", "True is not an answer of 'advice'"),
            (
                "{item: advice, any_of: [poor]}",
                "{item: till-errors, any_of: [1]}",
                "'till-errors' is not asked for every purpose",
            ),
            (
                "purposes: [purchase]",
                "purposes: [burglary]",
                "the purpose 'burglary' is not one of this checklist",
            ),
            ("welcome: 60, ", "", "profiles.any.indicators: no weight for welcome"),
            (
                "welcome: 60",
                "welcome: 60, wellcome: 1",
                "profiles.any.indicators.wellcome: is not one of this checklist",
            ),
            (
                "code: any",
                "code: any\n    dimensions: {serv: 1}",
                "profiles.any.dimensions: no weight for service",
            ),
            (
                "code: any",
                "code: any\n    tier: flagship",
                "profiles: one profile must be without tier, stage and load",
            ),
            (
                "    indicators: {welcome: 60, counter: 40}",
                "    indicators: {welcome: 60, counter: 40}\n  - code: other\n    indicators: {welcome: 1, counter: 1}",
                "profiles.other: another profile has the same tier, stage and load",
            ),
        ],
        ids=range(29),
    )
    def test_name_what_is_broken(self, old: str, new: str, reason: str | None) -> None:
        if reason is None:
            assert from_yaml(bent(old, new)) == small()
        else:
            assert reason in refusal(bent(old, new))

    def test_allow_a_veto_that_weighs_nothing(self) -> None:
        """A pure gate."""
        assert from_yaml(bent("weight: 30", "weight: 0")).version == 1

    def test_want_an_item_that_can_earn_the_weight_of_its_indicator(self) -> None:
        only_bonus = bent("weight: 10", "weight: 10\n            bonus: true")
        text = only_bonus.decode().replace(
            "weight: 20\n          - code: uniform",
            "weight: 20\n            bonus: true\n          - code: uniform",
        )

        assert "indicators.welcome.items: no item here can earn" in refusal(
            text.replace("weight: 30", "weight: 0").encode()
        )

    def test_want_no_profiles_of_a_points_pool(self) -> None:
        pool = bent("trade: retail", "trade: retail\nmode: points_pool").decode()

        document = from_yaml(
            pool.replace("  - code: any\n    indicators: {welcome: 60, counter: 40}\n", "")
            .replace("profiles:\n", "")
            .encode()
        )

        assert document.mode is Mode.POINTS_POOL
        assert choose_profile(document) is None


class TestVariants:
    """D2.3, D9.7."""

    def test_share_questions_with_the_same_answers(self) -> None:
        hall, competitor = shipped("telecom/hall.yaml"), shipped("telecom/hall-competitor.yaml")

        assert competitor.shares_items_with == hall.id
        assert variant_findings(competitor, hall) == ()
        assert len(matched_items(competitor, hall)) == len(list(competitor.items())) >= 45

    def test_with_another_scale_are_refused(self) -> None:
        variant = from_yaml(bent("fraction: 0.6", "fraction: 0.5"))

        assert [finding.message for finding in variant_findings(variant, small())] == [
            "is answered otherwise than in small-shop: a shared code is the same question"
        ]

    def test_with_nothing_in_common_are_refused(self) -> None:
        problems = variant_findings(shipped("bank/branch.yaml"), small())

        assert "no item code is shared with small-shop" in [finding.message for finding in problems]


class TestChoosingAProfile:
    """D2.2."""

    @staticmethod
    def chosen(document: Document, tier: str | None, stage: Stage | None, load: Load | None) -> str | None:
        profile = choose_profile(document, tier=tier, stage=stage, load=load)
        return profile.code if profile else None

    @pytest.mark.parametrize(
        ("tier", "stage", "load", "expected"),
        [
            ("flagship", Stage.EARLY, Load.HIGH, "flagship-early-high"),
            ("tier-3", Stage.IMPROVED, Load.LOW, "tier-3-improved-low"),
            ("tier-2", None, None, "tier-2"),
            ("tier-2", Stage.EARLY, None, "tier-2"),
            ("tier-2", None, Load.LOW, "tier-2"),
            (None, None, None, "any"),
            (None, Stage.EARLY, Load.LOW, "any"),
        ],
    )
    def test_takes_the_closest(
        self, tier: str | None, stage: Stage | None, load: Load | None, expected: str
    ) -> None:
        assert self.chosen(shipped("telecom/hall.yaml"), tier, stage, load) == expected

    def test_prefers_the_stage_to_the_load(self) -> None:
        weights = "    indicators: {welcome: 60, counter: 40}\n"
        document = from_yaml(
            bent(
                weights,
                f"{weights}  - code: early\n    stage: early\n{weights}  - code: busy\n    load: high\n{weights}",
            )
        )

        assert self.chosen(document, None, Stage.EARLY, Load.HIGH) == "early"
        assert self.chosen(document, None, None, Load.HIGH) == "busy"

    def test_refuses_a_tier_it_has_no_weights_for(self) -> None:
        with pytest.raises(TierUnknown, match="'flagshp'; it has flagship, tier-2, tier-3"):
            choose_profile(shipped("telecom/hall.yaml"), tier="flagshp")

    def test_takes_any_tier_where_none_is_named(self) -> None:
        assert tiers(small()) == ()
        assert self.chosen(small(), "flagship", None, None) == "any"
