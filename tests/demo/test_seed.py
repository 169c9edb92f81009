"""Demo data is put into a database once, and never beside somebody's own."""

from pathlib import Path

from app.demo import seed
from app.settings import Settings


class TestWantsSeed:
    def test_an_empty_database_and_an_unfinished_beginning_do(self) -> None:
        assert seed.wants_seed(set())
        assert seed.wants_seed({seed.SLUG})

    def test_a_database_with_organisations_does_not(self) -> None:
        assert not seed.wants_seed({"southgate"})
        assert not seed.wants_seed({seed.SLUG, "southgate"})


class TestFreeSlug:
    def test_leaves_unfinished_ones_alone(self) -> None:
        assert seed.free_slug(set()) == "northwind-telecom"
        assert seed.free_slug({"northwind-telecom", "northwind-telecom-2"}) == "northwind-telecom-3"


class TestSeeded:
    def test_is_known_once_the_story_has_come_to_its_end(self, tmp_path: Path) -> None:
        settings = Settings(_env_file=None, data_dir=tmp_path)

        before = seed.seeded(settings)
        seed.remember(settings, "northwind-telecom")
        after = seed.seeded(settings)

        assert before is None
        assert after is not None
        assert [line.split()[0] for line in seed.log_ins(after)] == [
            "organisation", "admin", "supervisor", *["inspector"] * 4, "reviewer", "outlet_manager", "auditor",
        ]  # fmt: skip
