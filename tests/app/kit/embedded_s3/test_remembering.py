"""What the proxy remembers between requests."""

from typing import Any

from app.kit.embedded_s3.remembering import MOST_ENTRIES, Memory, filter_factory


class Hand:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class TestMemory:
    def test_keeps_an_entry_for_its_time(self) -> None:
        clock = Hand()
        memory = Memory(clock)
        memory.set("container/a", {"status": 200}, time=60)

        clock.now = 59.9
        assert memory.get("container/a") == {"status": 200}
        clock.now = 60.0
        assert memory.get("container/a") is None

    def test_forgets_what_is_deleted_and_minds_nothing_unknown(self) -> None:
        memory = Memory()
        memory.set("container/a", {"status": 200}, time=60)

        memory.delete("container/a")
        memory.delete("container/b")

        assert memory.get("container/a", raise_on_error=True) is None

    def test_gives_copies(self) -> None:
        """Whoever changes an answer changes it for nobody else."""
        memory = Memory()
        memory.set("container/a", {"meta": {}}, time=60)

        memory.get("container/a")["meta"]["colour"] = "red"

        assert memory.get("container/a") == {"meta": {}}

    def test_does_not_grow_without_end(self) -> None:
        memory = Memory()
        for number in range(2 * MOST_ENTRIES):
            memory.set(f"container/{number}", {}, time=60)

        assert len(memory._entries) <= MOST_ENTRIES


class TestFilter:
    def test_is_one_memory_for_all_requests(self) -> None:
        seen: list[Memory] = []

        def application(environ: dict[str, Any], _start: object) -> list[bytes]:
            seen.append(environ["swift.cache"])
            return []

        remembering = filter_factory({})(application)
        for _ in range(2):
            remembering({}, lambda *_: None)

        assert seen[0] is seen[1]
