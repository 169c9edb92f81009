"""Nobody is told a value that is not on the list for the kind and the role: every kind × every role is looked at."""

from collections.abc import Mapping

import pytest

from app.events.kinds import Kind
from app.events.whitelist import fields_for, kinds_for, told
from app.identity.actor import Role

# What an event could hold at the worst: everything of the inspector, and everything that names the visit or its time.
SECRET: Mapping[str, object] = {
    "visit_id": "0199a1b2-0000-7000-8000-000000000001",
    "inspector_id": "0199a1b2-0000-7000-8000-000000000002",
    "person_id": "0199a1b2-0000-7000-8000-000000000003",
    "name": "Quillonia Zuckerkandl",
    "crew": ["Bartholomew Ottersby"],
    "device_label": "Penrecorder PZ-88214",
    "latitude": 23.12917731,
    "entered_at": "2026-03-02T09:17:43+00:00",
    "left_at": "2026-03-02T09:37:43+00:00",
    "submitted_at": "2026-03-02T10:37:43+00:00",
    "planned_on": "2026-03-02",
    "due_at_of_the_visit": "2026-03-02",
    "earlier": "left",
    "changed": ["crew"],
    "medium": "video",
    "rejected_code": "unreadable",
    "recording_id": "0199a1b2-0000-7000-8000-000000000004",
    "staging_key": "incoming/0123",
    "reason": "asked twice wearing my lilac beret",
    "scenario": "Say that your yellow phone fell into a fondue.",
    "reviewer_id": "0199a1b2-0000-7000-8000-000000000005",
    "because": "failing",
    "class": "raw",
    "count": 3,
}
HARMLESS: Mapping[str, object] = {
    "subject_id": "0199a1b2-0000-7000-8000-000000000006",
    "outlet_id": "0199a1b2-0000-7000-8000-000000000007",
    "alias": "7f3a01c2b84d4e0f9a6b5c3d2e1f0a9b",
    "visited_on": "2026-03-02",
    "day_part": "afternoon",
    "items": ["no-smoking"],
    "item": "no-smoking",
    "due_on": "2026-03-17",
    "due_at": "2026-03-17T00:00:00+00:00",
    "decision": "upheld",
    "category": "evidence",
    "cadence": "monthly",
    "first_on": "2026-03-01",
    "last_on": "2026-03-31",
    "edition": 2,
}
EVERYTHING = {**SECRET, **HARMLESS}
OPEN_TO_THE_OUTLET = {"publication", "comment", "appeal", "action", "bulletin"}


class TestTheOutletsSide:
    def test_is_told_of_publications_comments_appeals_actions_and_bulletins_only_and_of_nothing_secret(
        self,
    ) -> None:
        """D10.1"""
        for kind in Kind:
            found = told([Role.OUTLET_MANAGER], kind, EVERYTHING)

            if kind.partition(".")[0] in OPEN_TO_THE_OUTLET:
                assert not (found or {}).keys() & SECRET.keys(), kind
            else:
                assert found is None, kind

    def test_is_told_of_something(self) -> None:
        kinds = set(kinds_for(Role.OUTLET_MANAGER))

        assert kinds >= {Kind.PUBLICATION_PUBLISHED, Kind.PUBLICATION_REVISED, Kind.APPEAL_DECIDED}
        assert Kind.APPEAL_ESCALATED not in kinds

    def test_learns_no_id_of_a_publication_which_might_be_the_visits(self) -> None:
        found = told([Role.OUTLET_MANAGER], Kind.PUBLICATION_PUBLISHED, EVERYTHING)

        assert found == {
            "alias": HARMLESS["alias"],
            "outlet_id": HARMLESS["outlet_id"],
            "visited_on": "2026-03-02",
            "day_part": "afternoon",
        }

    @pytest.mark.parametrize("other", [role for role in Role if role is not Role.OUTLET_MANAGER])
    def test_is_told_no_more_by_another_role_of_the_same_person(self, other: Role) -> None:
        for kind in Kind:
            alone = told([Role.OUTLET_MANAGER], kind, EVERYTHING)

            assert told([Role.OUTLET_MANAGER, other], kind, EVERYTHING) == alone, kind


class TestEveryRole:
    @pytest.mark.parametrize("role", list(Role))
    def test_is_told_listed_values_only(self, role: Role) -> None:
        for kind in Kind:
            allowed = fields_for(role, kind)
            found = told([role], kind, EVERYTHING | {"something new": 1})

            assert (found is None) == (allowed is None), kind
            assert set(found or {}) <= (allowed or set()), kind
            assert "something new" not in (found or {}), kind

    @pytest.mark.parametrize("role", list(Role))
    def test_is_told_no_name_no_position_and_no_minute(self, role: Role) -> None:
        for kind in Kind:
            found = told([role], kind, EVERYTHING) or {}

            assert not found.keys() & {
                "inspector_id", "person_id", "name", "crew", "device_label", "latitude", "entered_at", "left_at",
                "submitted_at", "staging_key", "scenario", "reviewer_id",
            }, kind  # fmt: skip

    @pytest.mark.parametrize("role", list(Role))
    def test_marks_a_second_time_without_knowing_the_visit(self, role: Role) -> None:
        """D8.1"""
        found = told([role], Kind.REVIEW_SECOND_MARKING_WANTED, EVERYTHING) or {}

        assert not found.keys() & {"visit_id", "outlet_id", "items"}

    def test_an_inspector_is_told_of_visits_recordings_send_backs_and_decided_appeals(self) -> None:
        """D8.4: the outcome is for all who are concerned, and nothing of who appealed."""
        nouns = {kind.partition(".")[0] for kind in kinds_for(Role.INSPECTOR)}

        assert nouns == {"visit", "recording", "review", "appeal"}
        assert [kind for kind in kinds_for(Role.INSPECTOR) if kind.startswith(("review.", "appeal."))] == [
            Kind.REVIEW_SENT_BACK,
            Kind.APPEAL_DECIDED,
        ]

    def test_the_admin_is_told_of_everything(self) -> None:
        assert kinds_for(Role.ADMIN) == list(Kind)
