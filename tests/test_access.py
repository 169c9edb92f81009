"""Who may do what: every operation of the OpenAPI document × everybody, as `access.txt` states it (D10.6).

An operation that the table does not state fails, and so does one that answers otherwise. For those who may not see
a thing it does not exist: the answer is the one to an id that was never given.
"""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI

from app.examples import VISIT
from tests.support.asking import Operation, Unchanging, operations, question
from tests.support.population import Population, populate
from tests.support.world import World

TABLE = Path(__file__).with_name("access.txt")
NOT_FOR_YOU = {
    "forbidden",
    "not-in-crew",
    "own-visit",
    "second-marker",
    "not-an-inspector",
    "not-impartial",
    "not-on-panel",
}
OF_THE_OUTLET = {"mona", "nina"}
ABSENT_ID = UUID("0199ffff-0000-7000-8000-00000000dead")

# Which visit, person or code is asked about where the first one known would not do.
VISITS = {
    "/visits/{visit_id}/crew": "reserved",
    "/activate": "reserved",
    "/reschedule": "reserved",
    "/cancel": "reserved",
    "/void": "entered",
    "/accept": "reserved",
    "/decline": "reserved",
    "/check-ins": "reserved",
    "/found-shut": "reserved",
    "/abort": "entered",
    "/recognised": "entered",
    "PUT /v1/visits/{visit_id}/answers": "entered",
    "/leave": "entered",
    "/submit": "left",
    "POST /v1/visits/{visit_id}/recordings": "entered",
    "/quick-checks": "reserved",
    "/difference": "corrected",
    "/second-marking/candidates": "submitted",
    "/second-marking/assign": "submitted",
    "/second-marking/excuse": "submitted",
    "/review/open": "submitted",
    "/verdict": "in_review",
    "/marks": "in_review",
    "/send-back": "in_review",
    "/review/approve": "in_review",
    "/reopen": "approved",
    "/publish": "approved",
}
# Which appeal and which action are asked about, of those that are known in this order.
OF_THE_SECOND_APPEAL = ("/panel", "/release", "/decision", "/disclose-minute", "/appeals/{appeal_id}/report")
ACTIONS = {"/accept-proof": 1, "/refuse-proof": 1, "/start": 2}
PEOPLE = {
    "POST /v1/appeals/{appeal_id}/admit": "sue",
    "POST /v1/appeals/{appeal_id}/panel": "nina",
    "POST /v1/appeals/{appeal_id}/panel/{person_id}/release": "olga",
    "PUT /v1/region-duties/{person_id}/{region_id}": "rita",
    "PUT /v1/outlet-duties/{person_id}/{outlet_id}": "mona",
    "POST /v1/auditor-grants": "otto",
    "POST /v1/visits/{visit_id}/crew/{person_id}/activate": "bea",
}
BODIES = {
    "POST /v1/appeals/{appeal_id}/admit": '{"panel": [{"person_id": "", "seat": "chair"}]}',
    "POST /v1/appeals/{appeal_id}/panel": '{"person_id": "", "seat": "member"}',
    "POST /v1/reports/{alias}/actions": '{"item": "tidy", "reason": "The window is dirty."}',
    "POST /v1/actions/{action_id}/proofs": """{"id": "0199a1b2-0000-7000-8000-00000000f11e",
        "content_type": "image/png", "size_bytes": 80, "md5": "d41d8cd98f00b204e9800998ecf8427e"}""",
    "POST /v1/rotation/history/import": "inspector_email,outlet_code,visited_on\n",
    "POST /v1/plans": '{"programme_id": "", "month": "2026-05", "region_id": "", "seed": 7, "iterations": 100}',
    "PUT /v1/visits/{visit_id}/review/marks": '{"marks": {}}',
    "POST /v1/webhooks": '{"id": "0199dddd-0000-7000-8000-000000000001", "url": "http://127.0.0.1:9/", "kinds": ["visit.left"], "role": "admin"}',
    "PUT /v1/webhooks/{webhook_id}": '{"url": "http://127.0.0.1:9/", "kinds": ["visit.left"], "role": "admin", "enabled": true}',
    "POST /v1/devices": '{"code": "recorder-9", "kind": "recorder", "region_id": ""}',
    "POST /v1/devices/{recording_device_id}/hand-overs": '{"giver_id": "", "receiver_id": ""}',
    "POST /v1/devices/{recording_device_id}/clock-measurements": '{"offset_ms": -41000}',
    "POST /v1/legal-holds": '{"reason": "Labour dispute 2026-114", "outlet_id": ""}',
    "POST /v1/me/password": '{"current_password": "NAME has a password", "new_password": "NAME has a password"}',
    "POST /v1/auth/prove": '{"password": "NAME has a password"}',
    "POST /v1/me/second-factor": '{"password": "NAME has a password"}',
    "POST /v1/me/second-factor/confirm": '{"code": "ABCD-EFGH-JKLM-NPQR"}',
    "POST /v1/visits": """{"programme_id": "", "outlet_id": "", "checklist_version_id": "", "planned_on": "2026-09-05",
        "day_part": "morning", "purpose": "enquiry", "crew": [{"person_id": "", "role": "lead"}]}""",
}
# Optional parameters without which it is another question.
WITH = {
    "GET /v1/planning/feasibility": "region_id",
    "GET /v1/plans/{plan_id}/progress": "for_s",
    "GET /v1/events/stream": "for_s",
}
# sue sees ivy among the people, though not her profile, and the programme, though not its outlets in the south.
SEEN_OTHERWISE = {
    ("PUT /v1/planning/inspectors/{person_id}", "sue"),
    ("PUT /v1/planning/programmes/{programme_id}/demand/{month}", "sue"),
}
# An id made by the client may be anybody's: a PUT of an unknown one creates.
CREATED_BY_PUT = {"PUT /v1/outlets/{outlet_id}"}


def stated() -> dict[str, dict[str, str]]:
    """What the table says: by operation, by person."""
    lines = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    names = lines[0].split()
    rows = [line.rsplit(maxsplit=len(names)) for line in lines[1:]]
    return {row[0].strip(): dict(zip(names, row[1:], strict=True)) for row in rows}


def about(operation: Operation, people: Population, name: str) -> dict[str, str]:
    """What somebody's question is about, where the first thing known would not do."""
    found = {
        "number": "1",
        "item": "no-smoking",
        "before": "1",
        "after": "1",
        "on": "2026-03-05",
        "month": "2026-04",
        "visit": VISIT,
    }
    found["code"] = "short-hall" if "checklists" in operation.path else "flagship"
    if operation.path.endswith("/revisions/{number}/difference"):
        found["number"] = "2"
    if operation.path.startswith("/v1/second-markings"):
        found["recording_id"] = people.ids["marked_recording_id"][0]
    found["successor_id"] = people.ids["outlet_id"][1]
    for ending, state in VISITS.items():
        if operation.name.endswith(ending):
            found["visit_id"] = people.visits[state]
    found |= _of_a_case(operation, people)
    if operation.name in PEOPLE:
        found["person_id"] = str(people.person(PEOPLE[operation.name]).id)
    if operation.name in WITH:
        found["with"] = WITH[operation.name]
    if operation.name in BODIES:
        found["body"] = BODIES[operation.name].replace("NAME", name)
    return found


def _of_a_case(operation: Operation, people: Population) -> dict[str, str]:
    """Which appeal or action of several."""
    watched = operation.path.startswith("/v1/appeals") and operation.path.endswith("/play")
    found = {}
    if watched or operation.path.endswith(OF_THE_SECOND_APPEAL):
        found["appeal_id"] = people.ids["appeal_id"][1]
    for ending, place in ACTIONS.items():
        if operation.name.endswith(ending):
            found["action_id"] = people.ids["action_id"][place]
    return found


def absent(operation: Operation, people: Population) -> dict[str, str]:
    """The same names for things that never were."""
    made = {"alias": "0" * 32, **{name: str(ABSENT_ID) for name in people.ids if name.endswith("_id")}}
    return {one["name"]: made[one["name"]] for one in operation.parameters("path") if one["name"] in made}


def with_what_bodies_need(people: Population) -> None:
    people.know("successor_id", people.ids["outlet_id"][1])
    people.know("giver_id", people.person("ivy").id)
    people.know("receiver_id", people.person("ian").id)
    people.know("for_s", "0")  # nobody works on the plan


def is_hidden_from(operation: Operation, name: str, table: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether what the operation is asked about is not there for somebody."""
    if operation.name in CREATED_BY_PUT or (operation.name, name) in SEEN_OTHERWISE:
        return False
    return table[operation.name][name] == "-" or name == "bob"


@pytest.fixture
async def people(world: World, app: FastAPI) -> AsyncIterator[Population]:
    """Populated; from then on requests are answered and change nothing."""
    found = await populate(world)
    with_what_bodies_need(found)
    unchanging = app.state.database = Unchanging(world.settings.database)
    yield found
    await unchanging.dispose()


class TestTable:
    def test_states_every_operation_and_no_other(self, app: FastAPI) -> None:
        wanted = {one.name for one in operations(app.openapi()) if not one.is_public}

        assert len(wanted) > 100
        assert set(stated()) == wanted

    async def test_says_what_everybody_is_answered(
        self, people: Population, client: httpx2.AsyncClient
    ) -> None:
        """And nothing that outlets are answered, refusals and headers included, names an inspector or a visit (D10.1)."""
        table = stated()
        wrong, told_to_the_desk = [], 0
        for operation in guarded(people):
            nobody = await question(operation, people, about(operation, people, "nobody")).ask(client, None)
            assert (nobody.status_code, nobody.json()["type"]) == (401, "unauthenticated"), operation.name
            for name, meaning in table.get(operation.name, {}).items():
                asked = question(operation, people, about(operation, people, name))
                answer = await asked.ask(client, people.person(name).token)
                told_to_the_desk += name == "sam" and bool(traces(answer, people))
                if name in OF_THE_OUTLET and (named := traces(answer, people)):
                    wrong.append(f"{operation.name} {name}: names {named}: {answer.text[:200]}")
                if meant(answer) != meaning:
                    wrong.append(
                        f"{operation.name} {name}: {meant(answer)}, not {meaning}: {answer.text[:200]}"
                    )

        assert wrong == []
        assert told_to_the_desk > 20


class TestForeignIsAbsent:
    async def test_for_whom_it_is_not_there_the_answer_is_that_of_an_id_never_given(
        self, people: Population, client: httpx2.AsyncClient
    ) -> None:
        table = stated()
        compared = 0
        for operation in guarded(people):
            unknown = absent(operation, people)
            for name in table[operation.name] if unknown else ():
                if not is_hidden_from(operation, name, table):
                    continue
                known = about(operation, people, name)
                token = people.person(name).token
                there = await question(operation, people, known).ask(client, token)
                nowhere = await question(operation, people, known | unknown).ask(client, token)
                assert told(there) == told(nowhere), (operation.name, name)
                compared += 1
            assert unknown or not names_things(operation), operation.name

        assert compared > 200

    async def test_another_organisation_learns_nothing_from_any_list(
        self, people: Population, client: httpx2.AsyncClient
    ) -> None:
        bob = people.person("bob")
        ours = {
            one for name, ids in people.ids.items() if name.endswith("_id") for one in ids
        } - people.elsewhere
        looked_at = 0
        for operation in guarded(people):
            if operation.method == "GET" and not operation.parameters("path"):
                asked = question(operation, people, about(operation, people, "bob"))
                text = (await asked.ask(client, bob.token)).text
                assert not [one for one in ours if one in text], operation.name
                assert "northwind" not in text, operation.name
                looked_at += 1

        assert looked_at > 15


def guarded(people: Population) -> list[Operation]:
    app: FastAPI = people.world.app
    return [one for one in operations(app.openapi()) if not one.is_public]


def traces(answer: httpx2.Response, people: Population) -> list[str]:
    """What an answer to somebody of an outlet tells of inspectors and of their visits."""
    inspectors = [people.person(name) for name in ("ivy", "ian", "bea")]
    secrets = [
        *(str(one.id) for one in inspectors),
        *(f"{one.name}@northwind.example" for one in inspectors),
        *people.visits.values(),
    ]
    told = f"{answer.headers} {answer.text}"
    return [one for one in secrets if one in told or one.replace("-", "") in told]


def meant(answer: httpx2.Response) -> str:
    """The answer in the words of the table."""
    if answer.is_success:
        return "yes"
    if answer.status_code == 404:
        return "-"
    kind = answer.json()["type"]
    return "no" if kind in NOT_FOR_YOU else str(answer.status_code)


def names_things(operation: Operation) -> bool:
    """Whether its address holds an id or an alias, which people could try others of."""
    return any(one["name"] == "alias" or one["name"].endswith("_id") for one in operation.parameters("path"))


def told(answer: httpx2.Response) -> tuple[int, Mapping[str, str], Mapping[str, object] | str]:
    """Everything of an answer but the id it is logged under."""
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, headers, json.loads(answer.text) if answer.text else ""
