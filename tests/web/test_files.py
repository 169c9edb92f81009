"""What was built: small enough for a phone on a bad line, free of anybody else's files, and cached as it should be."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.web.site import DIST
from tests.support.served import Served

ENTRY_BYTES = 90_000
PHONE_BYTES = 160_000
CHUNK_BYTES = 260_000
WEB = DIST.parent

pytestmark = pytest.mark.usefixtures("built")


def packed(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 9))


def entry() -> list[Path]:
    page = (DIST / "index.html").read_text(encoding="utf-8")
    return [DIST / name for name in re.findall(r'(?:src|href)="/(assets/[^"]+)"', page)]


def kept_on_the_phone() -> list[Path]:
    worker = (DIST / "service-worker.js").read_text(encoding="utf-8")
    found = re.search(r"const FILES = (\[.*?\])", worker)
    assert found
    names: list[str] = json.loads(found[1])
    return [DIST / name.removeprefix("/") for name in names]


class TestBudgets:
    def test_of_the_entry(self) -> None:
        files = entry()

        assert any(file.suffix == ".js" for file in files)
        assert sum(map(packed, files)) <= ENTRY_BYTES

    def test_of_all_that_the_phone_keeps(self) -> None:
        files = [file for file in kept_on_the_phone() if file.suffix in {".js", ".css"}]

        assert set(entry()) <= set(files)
        assert sum(map(packed, files)) <= PHONE_BYTES

    def test_of_any_piece_that_is_loaded_later(self) -> None:
        sizes = {file.name: packed(file) for file in (DIST / "assets").glob("*.js")}

        assert len(sizes) > 5
        assert {name: size for name, size in sizes.items() if size > CHUNK_BYTES} == {}


def chunk_of(name: str) -> str:
    """`LoginPage-DYr7GKT-.css` is of LoginPage: a hash of eight signs follows."""
    return name.rpartition(".")[0][:-9]


class TestPhoneWithoutANetwork:
    def test_keeps_no_page_of_the_desks(self) -> None:
        names = [file.name for file in kept_on_the_phone()]

        assert any(name.startswith("TodayPage") for name in names)
        assert [name for name in names if name.startswith(("SupervisorArea", "ManagerArea"))] == []

    def test_keeps_the_styles_of_every_page_it_keeps(self) -> None:
        kept = {file.name for file in kept_on_the_phone()}
        pages = {chunk_of(name) for name in kept if name.endswith(".js")}
        styles = [file.name for file in (DIST / "assets").glob("*.css")]

        assert len(styles) > 5
        assert [name for name in styles if chunk_of(name) in pages and name not in kept] == []

    def test_keeps_only_what_there_is(self) -> None:
        assert [file for file in kept_on_the_phone() if not file.is_file()] == []


class TestLockFile:
    def test_pins_every_package_by_its_hash_and_names_no_registry(self) -> None:
        text = (WEB / "package-lock.json").read_text("utf-8")
        packages: dict[str, Any] = json.loads(text)["packages"]

        assert len(packages) > 50
        assert [name for name, one in packages.items() if name and "integrity" not in one] == []
        assert '"resolved"' not in text


class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/", "/login", "/account", "/m", "/m/visits/1", "/s", "/s/plans/1", "/o", "/o/reports"]
    )
    def test_every_address_of_an_area_is_the_one_page(self, site: Served, path: str) -> None:
        answer = httpx2.get(site.url + path)

        assert answer.status_code == 200
        assert '<div id="app">' in answer.text
        assert answer.headers["cache-control"] == "no-cache"

    def test_pages_run_nothing_inline_and_reach_nobody_but_us_and_the_object_store(
        self, site: Served
    ) -> None:
        answer = httpx2.get(site.url + "/m")

        policy = dict(one.split(" ", 1) for one in answer.headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["worker-src"] == "'self'"
        assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        ours, store = policy["connect-src"].split()
        assert ours == "'self'"
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", store)
        assert not re.search(r"<script(?! type=\"module\" crossorigin src=)|<style| on\w+=", answer.text)
        assert "microphone=(self)" in answer.headers["permissions-policy"]

    def test_what_is_named_after_its_content_is_kept_for_good(self, site: Served) -> None:
        for file in entry():
            answer = httpx2.get(f"{site.url}/assets/{file.name}", headers={"Accept-Encoding": "gzip"})
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert answer.headers["content-encoding"] == "gzip"
            assert answer.content == file.read_bytes()

    @pytest.mark.parametrize("path", ["/", "/service-worker.js", "/manifest.webmanifest", "/icons/icon.svg"])
    def test_what_keeps_its_name_is_asked_for_again(self, site: Served, path: str) -> None:
        first = httpx2.get(site.url + path)

        again = httpx2.get(site.url + path, headers={"If-None-Match": first.headers["etag"]})

        assert first.headers["cache-control"] == "no-cache"
        assert (again.status_code, again.content) == (304, b"")

    def test_only_workers_may_run_web_assembly(self, site: Served) -> None:
        page = httpx2.get(site.url + "/m").headers["content-security-policy"]
        worker = httpx2.get(site.url + "/service-worker.js").headers["content-security-policy"]

        assert "wasm-unsafe-eval" not in page
        assert "'wasm-unsafe-eval'" in worker
        assert "'unsafe-eval'" not in worker

    @pytest.mark.parametrize("path", ["/assets/nothing.js", "/v1/nothing", "/nothing", "/assets/../site.py"])
    def test_what_is_not_there_is_a_problem_as_everywhere(self, site: Served, path: str) -> None:
        answer = httpx2.get(site.url + path)

        assert answer.status_code == 404
        assert answer.json()["type"] == "not-found"
