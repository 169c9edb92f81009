"""Uploads before any of them touches a store."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.recordings.rules import (
    LAST_URGENCY,
    MIB,
    TRANSITIONS,
    Kind,
    State,
    accepts_parts,
    may_become,
    may_free_phone_copy,
    rendition_key,
    sealed_key,
    upload_key,
    urgency,
)
from app.recordings.upload_rules import (
    CONTENT_TYPES,
    MAX_PARTS,
    MAX_PHOTO_BYTES,
    PART_BYTES,
    UPLOAD_IDLE_LIMIT,
    Found,
    PartPlan,
    Refusal,
    SoFar,
    UploadLimits,
    is_idle,
    is_md5,
    is_sha256,
    is_the_upload,
    refuse_declaration,
)

LIMITS = UploadLimits(recording_bytes=2000 * MIB, visit_bytes=3000 * MIB, person_bytes=4000 * MIB)
sizes = st.integers(min_value=1, max_value=PART_BYTES * MAX_PARTS)


class TestCuttingAFile:
    @settings(deadline=None)  # thousands of parts on a busy machine
    @given(size_bytes=sizes)
    def test_the_parts_are_the_whole_file_without_gap_or_overlap(self, size_bytes: int) -> None:
        plan = PartPlan(size_bytes)

        end = 0
        for number in plan.numbers:
            assert plan.first_byte_of(number) == end
            end += plan.size_of(number)
        assert end == size_bytes

    @settings(deadline=None)  # thousands of parts on a busy machine
    @given(size_bytes=sizes)
    def test_every_part_but_the_last_has_the_size_s3_asks_for(self, size_bytes: int) -> None:
        plan = PartPlan(size_bytes)

        assert {plan.size_of(number) for number in plan.numbers[:-1]} <= {PART_BYTES}
        assert 0 < plan.size_of(plan.count) <= PART_BYTES

    @pytest.mark.parametrize(
        ("size_bytes", "count"), [(1, 1), (PART_BYTES, 1), (PART_BYTES + 1, 2), (2000 * MIB, 400)]
    )
    def test_two_gigabytes_are_400_parts(self, size_bytes: int, count: int) -> None:
        assert PartPlan(size_bytes).count == count

    @pytest.mark.parametrize("size_bytes", [-1, 0, PART_BYTES * MAX_PARTS + 1])
    def test_what_cannot_be_cut_is_refused(self, size_bytes: int) -> None:
        with pytest.raises(ValueError, match="part"):
            PartPlan(size_bytes)

    @pytest.mark.parametrize("number", [0, 3])
    def test_there_are_no_other_parts(self, number: int) -> None:
        with pytest.raises(ValueError, match="no part"):
            PartPlan(PART_BYTES + 1).size_of(number)


class TestGoingOn:
    @given(data=st.data(), count=st.integers(1, 30))
    def test_what_is_there_and_what_is_to_be_sent_make_the_file(
        self, data: st.DataObject, count: int
    ) -> None:
        plan = PartPlan(count * PART_BYTES - 7)
        there = data.draw(st.sets(st.sampled_from(plan.numbers)))

        unfinished = plan.unfinished({number: plan.size_of(number) for number in there})

        assert sorted([*there, *unfinished]) == list(plan.numbers)

    def test_a_part_of_another_size_is_sent_again(self) -> None:
        plan = PartPlan(2 * PART_BYTES)

        assert plan.unfinished({1: PART_BYTES, 2: PART_BYTES - 1}) == [2]

    def test_numbers_of_another_file_are_found_out(self) -> None:
        assert PartPlan(2 * PART_BYTES).foreign([3, 1, 0]) == [0, 3]

    def test_an_upload_is_idle_after_two_weeks_without_a_sign_of_life(self) -> None:
        now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

        assert not is_idle(now - UPLOAD_IDLE_LIMIT, now=now)
        assert is_idle(now - UPLOAD_IDLE_LIMIT - timedelta(seconds=1), now=now)


class TestStates:
    def test_the_way_of_a_good_recording(self) -> None:
        way = [*State][: [*State].index(State.PROCESSED) + 1]

        assert way == ["created", "uploading", "completing", "stored", "verified", "processed"]
        assert all(may_become(state, after) for state, after in pairwise(way))

    def test_every_state_says_what_may_follow(self) -> None:
        assert set(TRANSITIONS) == set(State)

    def test_nothing_follows_the_ends(self) -> None:
        assert [state for state in State if not TRANSITIONS[state]] == [State.PROCESSED, State.REJECTED]

    @pytest.mark.parametrize("state", [State.UPLOADING, State.COMPLETING])
    def test_an_aborted_or_swept_upload_may_begin_again(self, state: State) -> None:
        """The declaration stays: a recording never disappears in silence."""
        assert may_become(state, State.CREATED)
        assert may_become(State.CREATED, State.UPLOADING)

    @pytest.mark.parametrize("state", [State.STORED, State.VERIFIED, State.PROCESSED, State.REJECTED])
    def test_a_finished_object_takes_no_more_parts(self, state: State) -> None:
        assert not accepts_parts(state)
        assert not may_become(state, State.UPLOADING)

    def test_a_phone_keeps_its_copy_until_the_bytes_were_read_back(self) -> None:
        freed = [state for state in State if may_free_phone_copy(state)]

        assert freed == [State.VERIFIED, State.PROCESSED]


class TestDeclaring:
    def refuse(self, **changes: Any) -> Refusal | None:
        given = {
            "kind": Kind.VIDEO,
            "content_type": "video/mp4",
            "size_bytes": 500 * MIB,
            "limits": LIMITS,
            "so_far": SoFar(0, 0),
        }
        return refuse_declaration(**{**given, **changes})

    @pytest.mark.parametrize(
        ("kind", "content_type"), [(kind, name) for kind in Kind for name in sorted(CONTENT_TYPES[kind])]
    )
    def test_known_types_are_taken(self, kind: Kind, content_type: str) -> None:
        assert self.refuse(kind=kind, content_type=content_type, size_bytes=1) is None

    def test_a_browser_adds_codecs_and_capitals(self) -> None:
        assert self.refuse(kind=Kind.AUDIO, content_type="Audio/WebM; codecs=opus") is None

    @pytest.mark.parametrize(
        ("kind", "content_type"),
        [
            (Kind.VIDEO, "text/html"),
            (Kind.VIDEO, "audio/mp4"),
            (Kind.VIDEO, "application/x-mpegurl"),
            (Kind.PHOTO, "image/svg+xml"),
            (Kind.DOCUMENT, ""),
        ],
    )
    def test_other_types_are_refused(self, kind: Kind, content_type: str) -> None:
        assert self.refuse(kind=kind, content_type=content_type) is Refusal.TYPE_NOT_ALLOWED

    @pytest.mark.parametrize("size_bytes", [0, -1])
    def test_nothing_is_no_recording(self, size_bytes: int) -> None:
        assert self.refuse(size_bytes=size_bytes) is Refusal.EMPTY

    def test_each_file_has_a_limit(self) -> None:
        assert self.refuse(size_bytes=2000 * MIB) is None
        assert self.refuse(size_bytes=2000 * MIB + 1) is Refusal.FILE_TOO_LARGE

    def test_photos_are_smaller_than_recordings(self) -> None:
        refusal = self.refuse(kind=Kind.PHOTO, content_type="image/jpeg", size_bytes=MAX_PHOTO_BYTES + 1)

        assert refusal is Refusal.FILE_TOO_LARGE

    def test_all_files_of_a_visit_have_a_limit(self) -> None:
        assert self.refuse(so_far=SoFar(2500 * MIB, 3500 * MIB)) is None
        assert self.refuse(so_far=SoFar(2500 * MIB + 1, 0)) is Refusal.VISIT_TOO_LARGE
        assert self.refuse(so_far=SoFar(0, 3500 * MIB + 1)) is Refusal.PERSON_TOO_MUCH

    def test_no_limit_allows_more_parts_than_s3_does(self) -> None:
        generous = UploadLimits(recording_bytes=10**15, visit_bytes=10**15, person_bytes=10**15)

        assert PartPlan(generous.of(Kind.VIDEO)).count == MAX_PARTS

    def test_digests_are_lower_case_hex(self) -> None:
        assert is_sha256("0a" * 32)
        assert is_md5("0a" * 16)
        assert not any(map(is_sha256, ("0A" * 32, "0a" * 31, "0a" * 32 + "\n", "")))
        assert not any(map(is_md5, ("0A" * 16, "0a" * 15, "0a" * 16 + "\n", "")))


class TestAfterALostAnswer:
    EXPECTED = Found(size_bytes=10, etag="abc-2", token="t")

    def test_the_object_of_this_upload_is_accepted(self) -> None:
        assert is_the_upload(self.EXPECTED, token="t", size_bytes=10, etag="abc-2")

    @pytest.mark.parametrize(
        "found",
        [
            None,
            Found(9, "abc-2", "t"),
            Found(10, "abd-2", "t"),
            Found(10, "abc-2", "u"),
            Found(10, "abc-2", None),
        ],
        ids=["none", "shorter", "other content", "another upload's", "nobody's"],
    )
    def test_any_other_object_proves_nothing(self, found: Found | None) -> None:
        assert not is_the_upload(found, token="t", size_bytes=10, etag="abc-2")


class TestNames:
    def test_upload_sealed_copy_and_renditions_lie_apart(self) -> None:
        assert len({upload_key("k3v9"), sealed_key("k3v9"), rendition_key("k3v9", "")}) == 3

    def test_a_key_says_nothing_but_what_kind_of_object_it_is(self) -> None:
        """D10.1: no object key a manager sees carries an id."""
        assert rendition_key("k3v9", ".mp4") == "renditions/k3v9.mp4"


class TestUrgency:
    def test_short_films_go_before_long_ones_and_photos_before_both(self) -> None:
        """A visit of a quarter of an hour is not kept from its review by somebody's forgotten recorder."""
        photo = urgency(Kind.PHOTO, 60 * 1024**2)
        quarter, hour = urgency(Kind.VIDEO, 500 * 1024**2), urgency(Kind.VIDEO, 2 * 1024**3)

        assert photo < quarter < hour < urgency(Kind.AUDIO, 20 * 1024**3) == LAST_URGENCY
