"""What is to go: by class, by the programme's rule, and never what is held (D10.4)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.bulletins import queries as bulletins
from app.kit.ids import new_id
from app.kit.jobs import Resources
from app.programmes.models import Programme
from app.programmes.queries import programmes_of
from app.programmes.service import rules_of
from app.recordings import queries as recordings
from app.recordings.rules import PLAYABLE, RenditionKind
from app.retention import queries
from app.retention.models import Tombstone
from app.retention.queries import Due
from app.retention.rules import STARTS, Class, Term

BATCH = 200

File = dict[str, str | int]  # kind, hash and size


def terms_of(programme: Programme) -> Sequence[Term]:
    """The rules in force now, whatever they were when a visit was made: a period that is shortened holds for all."""
    kept = rules_of(programme).retention
    return (
        Term(Class.RAW_RECORDING, kept.raw_recording_days),
        Term(Class.RENDITION, kept.rendition_days),
        Term(Class.UNFINISHED_UPLOAD, kept.unfinished_upload_days),
        Term(Class.FIELD_TRACE, kept.field_trace_days),
        Term(Class.CASE_FILE, kept.case_file_days),
        Term(Class.BULLETIN, kept.bulletin_days),
    )


async def decide_all(resources: Resources) -> int:
    """Write a tombstone for everything whose time is over; how many. Done again, it finds none left."""
    async with resources.database.reading() as session:
        programmes = await programmes_of(session)
    decided = 0
    for programme in programmes:
        for term in terms_of(programme):
            decided += await _decide(resources, programme, term)
    return decided


async def _decide(resources: Resources, programme: Programme, term: Term) -> int:
    decided = 0
    while True:
        now = resources.clock()

        async def batch(session: AsyncSession, now: datetime = now) -> int:
            due = await queries.list_due(session, programme, term, at=now, now=now, limit=BATCH, held=False)
            files = await _files(session, due)
            session.add_all([_tombstone(one, files.get(one.what, []), now=now) for one in due])
            return len(due)

        count = await resources.database.transact(batch)
        decided += count
        if count < BATCH:
            return decided


async def _files(session: AsyncSession, due: Sequence[Due]) -> dict[UUID, list[File]]:
    """By what goes: the files it is made of, where it is more than one."""
    ids = [one.recording_id for one in due if one.term.of is Class.RENDITION and one.recording_id is not None]
    kinds = [kind for kind in RenditionKind if kind is not RenditionKind.ORIGINAL]
    made = await recordings.renditions_of(session, ids, kinds=kinds)
    drawn = await bulletins.files_of(session, [one.bulletin_id for one in due if one.bulletin_id is not None])
    found = {
        recording_id: [_file(one.kind, one.sha256, one.size_bytes) for one in by_kind.values()]
        for recording_id, by_kind in made.items()
    }
    for bulletin_id, files in drawn.items():
        found[bulletin_id] = [
            _file(f"{one.language}.{one.format}", one.sha256, one.size_bytes) for one in files
        ]
    return found


def _file(kind: str, sha256: str, size_bytes: int) -> File:
    return {"kind": kind, "sha256": sha256, "size_bytes": size_bytes}


def _tombstone(due: Due, files: Sequence[File], *, now: datetime) -> Tombstone:
    main = next((str(file["sha256"]) for file in files if file["kind"] in PLAYABLE), None)
    return Tombstone(
        id=new_id(),
        organisation_id=due.organisation_id,
        programme_id=due.programme_id,
        visit_id=due.visit_id,
        recording_id=due.recording_id,
        case_file_id=due.case_file_id,
        bulletin_id=due.bulletin_id,
        retention_class=due.term.of,
        start_event=STARTS[due.term.of],
        days=due.term.days,
        started_at=due.started_at,
        sha256=main if due.term.of is Class.RENDITION else due.sha256,
        size_bytes=due.size_bytes,
        files=list(files),
        decided_at=now,
        deleted_at=None,
    )
