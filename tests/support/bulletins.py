"""Bulletins that are asked for, made and opened as people do it.

made = await a_bulletin(sam, cadence="monthly", region_id=str(south.id))     # asked for, made, read again
file = await opened(sam, made, "zh", "pdf")                                  # its bytes, by the link
"""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import pypdf

from tests.support.recordings import fetch, worked
from tests.support.world import Caller, World


async def asked_for(who: Caller, **wanted: Any) -> dict[str, Any]:
    answer = await who.post("/v1/bulletins", json=wanted)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def a_bulletin(world: World, who: Caller, **wanted: Any) -> dict[str, Any]:
    """Ready."""
    asked = await asked_for(who, **wanted)
    assert await worked(world) == []
    found = await shown(who, asked["id"])
    assert found["state"] == "ready"
    return found


async def shown(who: Caller, bulletin_id: str) -> dict[str, Any]:
    answer = await who.get(f"/v1/bulletins/{bulletin_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def opened(who: Caller, bulletin: Mapping[str, Any], language: str, kind: str) -> bytes:
    link = await who.get(f"/v1/bulletins/{bulletin['id']}/files/{language}/{kind}")
    assert link.status_code == 200, link.text
    file = await fetch(link.json()["url"])
    assert file.status_code == 200
    return file.content


def words_in(file: bytes) -> str:
    """Everything that can be read in a PDF or an XLSX, hidden parts included."""
    if file.startswith(b"%PDF"):
        reader = pypdf.PdfReader(io.BytesIO(file))
        return "\n".join([str(reader.metadata), *(page.extract_text() for page in reader.pages)])
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())
