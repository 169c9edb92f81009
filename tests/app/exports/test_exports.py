"""Lists as sheets: for everybody exactly what the list shows them (D10.6)."""

from typing import Any

import pytest

from app.exports.listing import LISTERS, Listing
from app.kit.sheets import Limits, SheetFormat, read_sheet
from tests.support.population import Population, populate
from tests.support.visits import a_scene
from tests.support.world import Caller, World, assert_problem

PATHS = {Listing.DEVICES: "/v1/devices", Listing.EXPOSURES: "/v1/rotation/exposures"}
PATHS |= {Listing.INSPECTORS: "/v1/planning/inspectors", Listing.WAIVERS: "/v1/rotation/waivers"}
PATHS |= {Listing.TOMBSTONES: "/v1/retention/tombstones"}


def path_of(listing: Listing) -> str:
    return PATHS.get(listing, f"/v1/{listing}")


async def shown(who: Caller, listing: Listing) -> list[dict[str, Any]] | None:
    """All that the list shows; None when it refuses."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await who.get(path_of(listing), params={"limit": 3, **cursor})
        if answer.status_code == 403:
            return None
        assert answer.status_code == 200, (listing, answer.text)
        page = answer.json()
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = {"cursor": page["next_cursor"]}


async def exported(
    who: Caller, listing: Listing, kind: SheetFormat = SheetFormat.CSV, **filters: Any
) -> list[dict[str, str]] | None:
    answer = await who.get("/v1/exports", params={"listing": listing, "format": kind, **filters})
    if answer.status_code == 403:
        return None
    assert answer.status_code == 200, (listing, answer.text)
    assert answer.headers["content-type"].startswith(kind.media_type)
    sheet = read_sheet(answer.content, kind, limits=Limits())
    return [dict(row.cells) for row in sheet.rows]


def marks(items: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """What tells rows apart, in order."""
    names = ("id", "alias", "visit_id", "recording_id", "number", "person_id", "outlet_id", "counts_from")
    return [tuple(str(item.get(name) or "") for name in names) for item in items]


class TestExport:
    async def test_it_has_the_rows_of_the_list_for_everybody_and_no_other(self, world: World) -> None:
        people: Population = await populate(world)
        compared = 0
        for name in ("alice", "sam", "sue", "ivy", "rita", "mona", "nina", "otto", "olga", "bob"):
            who = people.person(name)
            for listing in LISTERS:
                listed, sheet = await shown(who, listing), await exported(who, listing)
                assert (listed is None) == (sheet is None), (name, listing)
                if listed is not None and sheet is not None:
                    assert marks(sheet) == marks(listed), (name, listing)
                    compared += len(listed)

        assert compared > 100

    async def test_it_is_narrowed_by_the_filters_of_its_list_and_by_no_other(self, world: World) -> None:
        scene = await a_scene(world)
        alice = await world.person("alice")
        visits = [await scene.arranged(scene.ivy, on=on) for on in ("2026-03-02", "2026-06-10")]
        await scene.entered(visits[0])

        for filters, wanted in (
            ({"state": "entered"}, [visits[0]]),
            ({"planned_from": "2026-06-01"}, [visits[1]]),
            ({"state": "entered", "planned_from": "2026-06-01"}, []),
        ):
            found = await exported(alice, Listing.VISITS, SheetFormat.CSV, **filters)
            assert found is not None
            assert [row["id"] for row in found] == wanted, filters

        for filters in ({"state": "gone"}, {"colour": "red"}, {"limit": "1"}, {"cursor": "x"}):
            asked = {"listing": "visits", **filters}
            assert_problem(await alice.get("/v1/exports", params=asked), 422, "invalid-request")

    async def test_xlsx_says_the_same_as_csv(self, world: World) -> None:
        await a_scene(world)
        alice = await world.person("alice")

        for listing in (Listing.PEOPLE, Listing.PROGRAMMES):
            csv = await exported(alice, listing)
            assert csv
            xlsx = await exported(alice, listing, SheetFormat.XLSX)
            assert xlsx is not None
            assert marks(xlsx) == marks(csv)

    async def test_a_name_that_looks_like_a_formula_is_a_text(self, world: World) -> None:
        alice = await world.person("alice")
        person = (await alice.get(f"/v1/people/{alice.id}")).json()
        body = {name: person[name] for name in ("language", "roles", "active")} | {"name": "=1+1"}
        edited = await alice.put(
            f"/v1/people/{alice.id}", json=body, headers={"If-Match": f'"{person["version"]}"'}
        )
        assert edited.status_code == 200, edited.text

        answer = await alice.get("/v1/exports", params={"listing": "people"})

        assert "'=1+1" in answer.text
        assert ",=1+1" not in answer.text

    async def test_who_may_not_see_the_list_gets_no_file(self, world: World) -> None:
        mona = await world.person("mona")

        for listing in (Listing.AUDIT, Listing.LEGAL_HOLDS, Listing.REVIEWS):
            assert_problem(await mona.get("/v1/exports", params={"listing": listing}), 403, "forbidden")

    async def test_it_is_called_after_its_list(self, world: World) -> None:
        alice = await world.person("alice")

        answer = await alice.get("/v1/exports", params={"listing": "people", "format": "xlsx"})

        assert answer.headers["content-disposition"] == 'attachment; filename="people.xlsx"'

    async def test_there_is_no_sheet_of_what_is_no_list(self, world: World) -> None:
        alice = await world.person("alice")

        assert_problem(await alice.get("/v1/exports", params={"listing": "secrets"}), 422, "invalid-request")


@pytest.mark.parametrize("listing", Listing)
def test_every_listing_has_a_function(listing: Listing) -> None:
    assert listing in LISTERS
