"""Small things that would grow in memory, never end or mean something else, sent to every operation that takes a file.

Which operations those are, the OpenAPI document says. Each bomb is refused within seconds and without much memory.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from app.kit.sheets import SheetFormat, XlsxWriter, csv_bytes
from app.outlets.columns import COLUMNS
from tests.support.asking import Operation, operations
from tests.support.databases import Backend
from tests.support.places import a_region, a_tier
from tests.support.world import World

MIB = 1024**2
ANSWERED_WITHIN_S = 60  # none takes two on an idle machine
GROWTH_BYTES = 400 * MIB  # of which the largest file allowed to be sent is 32
REFUSED = {413, 415, 422}
XML = b'<?xml version="1.0"?>'
SPREADSHEET = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def workbook(**members: bytes) -> bytes:
    """A good one with some of its members exchanged and others added."""
    out, writer = io.BytesIO(), XlsxWriter(["code"])
    writer.add([["a"]])
    with (
        writer.finish() as file,
        zipfile.ZipFile(file) as good,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for name in good.namelist():
            bad.writestr(name, members.pop(Path(name).stem, good.read(name)))
        for name, content in members.items():
            bad.writestr(name, content)
    return out.getvalue()


def of_so_many_members(count: int) -> bytes:
    out = io.BytesIO(workbook())
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(count):
            archive.writestr(f"xl/worksheets/sheet{number + 2}.xml", b"")
    return out.getvalue()


def nested(depth: int) -> bytes:
    """A workbook that holds an archive of zeros that holds an archive …"""
    content = bytes(4 * MIB)
    for level in range(depth):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(8):
                archive.writestr(f"{level}-{copy}.zip", content)
        content = out.getvalue()
    return workbook(sheet1=content)


def lying(content: bytes) -> bytes:
    """Every member says that it has ten bytes."""
    changed = bytearray(content)
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + offset : at + offset + 4] = (10).to_bytes(4, "little")
            at = changed.find(mark, at + 4)
    return bytes(changed)


def sheet(rows: bytes) -> bytes:
    return b"".join([XML, b"<worksheet ", SPREADSHEET, b"><sheetData>", rows, b"</sheetData></worksheet>"])


def bombs_in_workbooks() -> Iterator[tuple[str, bytes]]:
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))
    entities = b'<!DOCTYPE x [<!ENTITY l0 "ha">' + laughs + b"]><worksheet>&l9;</worksheet>"
    zeros = workbook(sheet1=bytes(300 * MIB))
    yield "zeros", zeros
    yield "zeros that are said to be few", lying(zeros)
    yield "laughs", workbook(sheet1=XML + entities)
    yield (
        "a file of this machine",
        workbook(
            sheet1=XML + b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><worksheet>&f;</worksheet>'
        ),
    )
    yield "the last cell", workbook(sheet1=sheet(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))
    yield "elements in elements", workbook(sheet1=sheet(b"<row>" * 200_000))
    yield "archives in archives", nested(4)
    yield "members", of_so_many_members(20_000)
    yield "paths", workbook(**{"../../../../tmp/evil.xml": b"<a/>", "/etc/evil": b"x"}, sheet1=b"<a/>")
    yield "half", workbook()[:-200]


def bombs_in_csv() -> Iterator[tuple[str, bytes]]:
    yield "one cell", b"code\n" + b"x" * 3 * MIB
    yield "columns", b"a," * MIB
    yield "a column often", b"code," * MIB
    yield "quotes", b'"' * (3 * MIB + 1)
    yield "never closed", b'code\n"' + b"a,\n" * MIB
    yield "rows", b"code,name_en\n" + b"a,b\n" * MIB
    yield "packed", zlib.compress(b"code\n" * MIB)
    yield "NUL", b"code\n\0\0"
    yield "half a pair", b"code\n\xed\xa0\x80\n"
    yield "too much", b"code\n" + b"\n" * 40 * MIB


def bombs_in_yaml() -> Iterator[tuple[str, bytes]]:
    first = b"a0: &a0 [x]\n"
    yield (
        "aliases",
        first + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b"*a%d," % (n - 1) * 9) for n in range(1, 12)),
    )
    yield "itself", b"a: &a [*a]\n"
    yield "brackets", b"[" * MIB
    yield "braces", b"{" * MIB
    yield "indentation", b"\n".join(b" " * n + b"a:" for n in range(2_000))
    yield "dashes", b"- " * MIB
    yield "documents", b"---\n" * MIB
    yield "a program", b"!!python/object/apply:os.system ['true']\n"
    yield "digits", b"version: " + b"9" * MIB
    yield "a key often", b"id: a\n" * 400_000
    yield "a text", b"title: " + b"x" * 3 * MIB
    yield "NUL", b"id: a\0b\n"
    yield "half a pair", b"id: \xed\xa0\x80\n"
    yield "too much", b"# " + b"x" * 40 * MIB


BOMBS = {
    SheetFormat.XLSX.media_type: bombs_in_workbooks,
    "text/csv": bombs_in_csv,
    "application/yaml": bombs_in_yaml,
}


def taking_files(world: World) -> Iterator[tuple[Operation, str]]:
    for operation in operations(world.app.openapi()):
        for kind in operation.said.get("requestBody", {}).get("content", {}):
            if kind != "application/json":
                yield operation, kind


def peak_bytes() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


@pytest.mark.parametrize("backend", [Backend.SQLITE], indirect=True)  # nothing of it reaches the database
class TestEveryOperationThatTakesAFile:
    @pytest.mark.parametrize("kind", BOMBS)
    async def test_refuses_every_bomb_soon_and_cheaply(self, world: World, kind: str) -> None:
        alice, wrong = await world.person("alice"), []
        wanted = [operation for operation, takes in taking_files(world) if takes == kind]
        assert len(wanted) == 2
        for name, content in BOMBS[kind]():
            for operation in wanted:
                forget_peak()
                before, since = peak_bytes(), monotonic()

                answer = await alice.post(
                    operation.path,
                    content=content,
                    headers={"Content-Type": kind},
                    params={"dry_run": "false"} if "dry_run" in str(operation.said) else {},
                )

                cost = monotonic() - since, peak_bytes() - before
                is_refused = answer.status_code in REFUSED or answer.json().get("valid") is False
                if not is_refused or cost[0] > ANSWERED_WITHIN_S or cost[1] > GROWTH_BYTES:
                    wrong.append((operation.name, name, answer.status_code, answer.text[:200], *cost))

        assert wrong == []

    def test_is_one_of_those_there_are_bombs_for(self, world: World) -> None:
        assert {kind for _, kind in taking_files(world)} == set(BOMBS)


ODD_NAMES = (
    "\u202egnp.exe",  # is read from the right
    "e\u0301\u0323" * 40,
    "𠮷野家 😀",
    "a\u200b\u200db",
    "\ufdfa" * 60,
    "../../etc/passwd",
    "C:\\nul",
    "=HYPERLINK(0)",
    "Robert'); DROP TABLE outlets;--",
    "<img src=x onerror=alert(1)>",
)


class TestOddNames:
    @pytest.mark.parametrize("kind", list(SheetFormat))
    async def test_come_out_of_sheets_as_they_went_in(self, world: World, kind: SheetFormat) -> None:
        alice = await world.person("alice")
        await a_region(world, "north")
        await a_tier(world, "flagship")
        like: dict[str, Any] = {"ownership": "own", "tier": "flagship", "stage": "early", "load_band": "low"}
        rows = [
            {**like, "region": "north", "code": f"N-{number}", "name_en": name}
            for number, name in enumerate(ODD_NAMES)
        ]
        lines = [COLUMNS, *([row.get(column, "") for column in COLUMNS] for row in rows)]
        headers = {"Content-Type": "text/csv"}
        sent = await alice.post("/v1/outlets/import", content=csv_bytes(lines), headers=headers)
        assert sent.status_code == 200, sent.text

        listed = (await alice.get("/v1/outlets")).json()["items"]
        file = await alice.get("/v1/outlets/export", params={"format": kind.value})
        again = await alice.post(
            "/v1/outlets/import", content=file.content, headers={"Content-Type": kind.media_type}
        )

        assert sorted(one["name_en"] for one in listed) == sorted(ODD_NAMES)
        assert again.json()["unchanged"] == len(ODD_NAMES)
