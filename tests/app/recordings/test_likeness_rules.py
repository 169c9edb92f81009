"""Which keys of a fingerprint are kept, so that whatever shares a stretch shares some of them."""

import random

from app.recordings.likeness_rules import ASKED_AT_MOST, KEPT_OF_EACH_SORT, SOUND_BIT, asked, kept

SEED = 20261127


def keys(count: int, *, sound: bool, seed: int = SEED) -> set[int]:
    draw = random.Random(seed)  # noqa: S311 - draws keys, keeps no secret
    return {draw.getrandbits(60) | (SOUND_BIT if sound else 0) for _ in range(count)}


class TestKept:
    def test_is_some_of_the_sound_and_some_of_the_picture(self) -> None:
        """A film whose sound was replaced is known by its picture."""
        both = kept(keys(3000, sound=True) | keys(3000, sound=False))

        assert len(both) == 2 * KEPT_OF_EACH_SORT
        assert sum(key & SOUND_BIT > 0 for key in both) == KEPT_OF_EACH_SORT

    def test_is_all_of_a_short_one(self) -> None:
        short = keys(20, sound=True)

        assert set(kept(short)) == short

    def test_of_a_piece_that_comes_again_enough_is_asked_for(self) -> None:
        """Five minutes of an hour, of which re-encoding left a fifth as it was."""
        whole = keys(6000, sound=True)
        piece = set(sorted(whole)[:500])
        survived = set(sorted(piece)[::5]) | keys(400, sound=True, seed=1)

        assert len(set(kept(whole)) & set(asked(survived))) >= 1
        assert len(set(kept(survived)) & set(asked(whole))) >= 10

    def test_what_is_asked_for_is_bounded(self) -> None:
        assert len(asked(keys(20_000, sound=True))) == ASKED_AT_MOST
