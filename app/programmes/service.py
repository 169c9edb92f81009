"""Setting programmes up and changing what they are run by."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from app.audit.service import JsonValue, record
from app.identity.actor import Actor, Role
from app.kit.etags import require_version
from app.kit.ids import new_id
from app.programmes import queries
from app.programmes.models import Programme, RecordingPolicy
from app.programmes.rules import Policy
from app.programmes.schemas import PoliciesIn, PolicyIn, ProgrammeEdit, ProgrammeIn, ProgrammeRules


def rules_of(programme: Programme) -> ProgrammeRules:
    """The rules in force; what was added to the product after they were written has its default."""
    return ProgrammeRules.model_validate(programme.rules)


async def policies_in_force(session: AsyncSession, programme: Programme) -> list[Policy]:
    """All that was decided for the programme; `applicable_policy` picks the one for an outlet (D10.5)."""
    return [
        Policy(row.jurisdiction, row.scope, row.mode, row.legal_basis, row.notice, row.assessment_ref)
        for row in await queries.policies_of(session, programme)
    ]


async def set_up(session: AsyncSession, actor: Actor, wanted: ProgrammeIn, *, now: datetime) -> Programme:
    """A new programme. Raises `ProgrammeNameTaken`, `Forbidden`."""
    actor.require(Role.ADMIN)
    programme = Programme(
        id=wanted.id or new_id(),
        organisation_id=actor.organisation_id,
        name=wanted.name,
        starts_on=wanted.starts_on,
        ends_on=wanted.ends_on,
        checklist_codes=list(wanted.checklist_codes),
        rules=wanted.rules.model_dump(mode="json"),
        created_at=now,
        changed_at=now,
    )
    session.add(programme)
    await session.flush()
    record(
        session,
        actor,
        "programme.set_up",
        subject_id=programme.id,
        details=wanted.model_dump(mode="json", exclude={"id"}),
        now=now,
    )
    return programme


async def edit(
    session: AsyncSession,
    actor: Actor,
    programme_id: UUID,
    *,
    expected_version: int,
    wanted: ProgrammeEdit,
    now: datetime,
) -> Programme:
    programme = await _open(session, actor, programme_id, expected_version)
    before = _edit_of(programme)
    programme.name = wanted.name
    programme.starts_on = wanted.starts_on
    programme.ends_on = wanted.ends_on
    programme.checklist_codes = list(wanted.checklist_codes)
    programme.changed_at = now
    await session.flush()
    details = {"before": before.model_dump(mode="json"), "after": wanted.model_dump(mode="json")}
    record(session, actor, "programme.edited", subject_id=programme.id, details=details, now=now)
    return programme


async def change_rules(
    session: AsyncSession,
    actor: Actor,
    programme_id: UUID,
    *,
    expected_version: int,
    rules: ProgrammeRules,
    now: datetime,
) -> Programme:
    """Rules count from now on; what was decided under the old ones stays decided."""
    programme = await _open(session, actor, programme_id, expected_version)
    before, after = rules_of(programme).model_dump(mode="json"), rules.model_dump(mode="json")
    programme.rules = after
    programme.changed_at = now
    await session.flush()
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    record(
        session,
        actor,
        "programme.rules_changed",
        subject_id=programme.id,
        details={"changed": changed},
        now=now,
    )
    return programme


async def replace_policies(
    session: AsyncSession,
    actor: Actor,
    programme_id: UUID,
    *,
    expected_version: int,
    wanted: PoliciesIn,
    now: datetime,
) -> Programme:
    """Put `wanted` in the place of all recording policies of the programme."""
    programme = await _open(session, actor, programme_id, expected_version)
    before = await queries.policies_of(session, programme)
    details: dict[str, JsonValue] = {
        "before": [f"{row.jurisdiction} {row.scope}: {row.mode}" for row in before],
        "after": [policy.model_dump(mode="json") for policy in wanted.policies],
    }
    for row in before:
        await session.delete(row)
    await session.flush()
    session.add_all(_row(programme, policy) for policy in wanted.policies)
    programme.changed_at = now
    flag_modified(programme, "changed_at")  # a new version even if the clock did not move
    await session.flush()
    record(session, actor, "programme.policies_replaced", subject_id=programme.id, details=details, now=now)
    return programme


async def _open(session: AsyncSession, actor: Actor, programme_id: UUID, expected_version: int) -> Programme:
    programme = await queries.get_programme(session, actor, programme_id)
    actor.require(Role.ADMIN)
    require_version(programme, expected_version)
    return programme


def _edit_of(programme: Programme) -> ProgrammeEdit:
    return ProgrammeEdit(
        name=programme.name,
        starts_on=programme.starts_on,
        ends_on=programme.ends_on,
        checklist_codes=programme.checklist_codes,
    )


def _row(programme: Programme, policy: PolicyIn) -> RecordingPolicy:
    return RecordingPolicy(
        organisation_id=programme.organisation_id,
        programme_id=programme.id,
        jurisdiction=policy.jurisdiction,
        scope=policy.scope,
        mode=policy.mode,
        legal_basis=policy.legal_basis,
        notice=policy.notice,
        assessment_ref=policy.assessment_ref or "",
    )
