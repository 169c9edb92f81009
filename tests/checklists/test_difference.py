"""What changed between two versions, told apart by whom it concerns."""

import json

from app.checklists.difference import Kind, diff
from app.checklists.reading import from_yaml
from tests.support.checklists import SMALL, bent, shipped, small


class TestDiff:
    def test_of_a_document_with_itself_is_empty(self) -> None:
        nothing = diff(small(), small())

        assert (nothing.added, nothing.removed, nothing.changes) == ((), (), ())

    def test_tells_texts_weights_and_rules_apart(self) -> None:
        text = SMALL.replace("Greeted?", "Were you greeted?").replace("welcome: 60", "welcome: 50")
        text = text.replace("weight: 10", "weight: 12", 1).replace("scope: indicator", "scope: visit")

        change = diff(small(), from_yaml(text.replace("version: 1", "version: 2").encode()))

        assert (change.before, change.after) == ("small-shop@1", "small-shop@2")
        assert [(c.where, c.field, c.before, c.after) for c in change.of(Kind.TEXT)] == [
            ("greeted", "text.en", "Greeted?", "Were you greeted?")
        ]
        assert [(c.where, c.field, c.before, c.after) for c in change.of(Kind.WEIGHT)] == [
            ("profile any", "indicators.welcome", "60", "50"),
            ("greeted", "weight", "10", "12"),
        ]
        assert [(c.where, c.field, c.before, c.after) for c in change.of(Kind.RULE)] == [
            ("uniform", "veto.scope", "indicator", "visit")
        ]

    def test_names_added_and_removed_items(self) -> None:
        renamed = from_yaml(bent("code: smile", "code: smiled"))

        change = diff(small(), renamed)

        assert (change.added, change.removed, change.changes) == (("smiled",), ("smile",), ())

    def test_shows_an_item_that_moved(self) -> None:
        bonus = SMALL[SMALL.index("          - code: extra") :]
        moved = SMALL.replace(bonus, "").replace("      - code: counter\n", f"{bonus}      - code: counter\n")

        change = diff(small(), from_yaml(moved.encode()))

        assert [(c.where, c.field, c.before, c.after) for c in change.changes] == [
            ("extra", "indicator", "counter", "welcome")
        ]

    def test_follows_options_by_their_code(self) -> None:
        change = diff(
            small(),
            from_yaml(bent('zh: "差", en: "Poor"}, fraction: 0', 'zh: "差", en: "Poor"}, fraction: 0.2')),
        )

        assert [(c.where, c.field, c.after) for c in change.changes] == [
            ("advice", "options.poor.fraction", "0.2")
        ]

    def test_is_json(self) -> None:
        change = diff(shipped("telecom/hall.yaml"), shipped("telecom/hall-competitor.yaml"))

        wire = json.loads(json.dumps(change.to_json(), ensure_ascii=False))

        assert set(wire) == {"before", "after", "added", "removed", "weights", "texts", "rules"}
        assert wire["removed"][0] == "handling-accuracy"
