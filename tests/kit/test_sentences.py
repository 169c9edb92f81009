"""Numbers and the words that go with them."""

from app.kit.sentences import counted


def test_one_is_one_and_others_are_many() -> None:
    assert [counted(count, "mistake") for count in (0, 1, 2)] == ["0 mistakes", "1 mistake", "2 mistakes"]
    assert [counted(count, "part is", "parts are") for count in (1, 3)] == ["1 part is", "3 parts are"]
