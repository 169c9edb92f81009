"""The contract as clients read it: every operation says who may call it, what it takes, and every way it can fail."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest

from app.examples import EXAMPLES
from app.kit.examples import Examples
from app.main import create_app
from app.settings import Settings
from tests.support.asking import Operation, operations

PUBLIC = {
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "POST /v1/auth/login",
    "POST /v1/auth/refresh",
    "POST /v1/auth/browser",
    "POST /v1/auth/browser/refresh",
    "POST /v1/auth/browser/logout",
    "POST /v1/auth/browser/invitation",
    "POST /v1/auth/new-password",
    "POST /v1/invitations/look",
    "POST /v1/invitations/accept",
    "GET /v1/inbox/unsubscribe/{token}",
    "POST /v1/inbox/unsubscribe/{token}",
}
# Harmless when sent again without a key: they say why.
REPEATABLE_POSTS = {
    "POST /v1/checklists/validate": "keeps nothing",
    "POST /v1/outlets/import": "finds everything unchanged",
    "POST /v1/rotation/history/import": "finds everything known",
    "POST /v1/visits/{visit_id}/recordings": "the client's id makes it one",
    "POST /v1/visits/{visit_id}/recordings/{recording_id}/quick-checks": "the client's id makes it one",
    "POST /v1/recordings/{recording_id}/parts": "signs again",
    "POST /v1/recordings/{recording_id}/complete": "is done once",
    "POST /v1/visits/{visit_id}/publish": "gives the same alias",
    "POST /v1/appeals/{appeal_id}/attachments": "the client's id makes it one",
    "POST /v1/appeals/{appeal_id}/attachments/{number}/complete": "is done once",
    "POST /v1/actions/{action_id}/proofs": "the client's id makes it one",
    "POST /v1/actions/{action_id}/proofs/{number}/complete": "is done once",
    "POST /v1/plans/{plan_id}/why-not": "is a question",
    "POST /v1/webhooks": "the client's id makes it one; a kept answer would hold the secret",
    "POST /v1/webhooks/{webhook_id}/rotate-secret": "is followed by another; a kept answer would hold the secret",
    "POST /v1/auth/prove": "proves it again",
    "POST /v1/me/password": "is refused, since the password is another one by then",
    "POST /v1/me/second-factor": "begins anew; a kept answer would hold the secret",
    "POST /v1/me/second-factor/confirm": "is done once; a kept answer would hold the recovery codes",
    "POST /v1/me/second-factor/recovery-codes": "are followed by others; a kept answer would hold them",
    "POST /v1/me/second-factor/switch-off": "is off once",
    "POST /v1/people/{person_id}/second-factor/reset": "is off once",
    "POST /v1/people/{person_id}/password-link": "makes another; a kept answer would hold the token",
    "POST /v1/publications": "publishes what is due, if anything is",
}
# Lists that cannot grow without bound: they say why.
BOUNDED_LISTS = {
    "GET /v1/tiers": "an organisation's own short list",
    "GET /v1/planning/inspectors/me/stops": "as many days as an inspector sees ahead",
    "GET /v1/outlets/{outlet_id}/closures": "a hundred at most",
    "GET /v1/visits/{visit_id}/transitions": "of one visit",
    "GET /v1/visits/{visit_id}/check-ins": "of one visit",
    "GET /v1/visits/{visit_id}/manifest": "five hundred files at most",
    "GET /v1/visits/{visit_id}/answers/revisions": "of one visit",
    "GET /v1/visits/{visit_id}/scores": "of one visit",
    "GET /v1/visits/{visit_id}/send-backs": "of one visit",
    "GET /v1/visits/{visit_id}/second-marking/candidates": "the desk of one region",
}
# Objects whose members nobody can list beforehand: they say why.
OPEN_OBJECTS = {
    "ScoreOut.explanation": "as deep as the checklist",
    "ScoreOut.difference": "as deep as the checklist",
    "GET /v1/checklists/schema": "a JSON Schema",
}
Schema = Mapping[str, Any]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    made: dict[str, Any] = create_app(Settings(_env_file=None)).openapi()
    return made


@pytest.fixture(scope="module")
def every(document: dict[str, Any]) -> list[Operation]:
    found = operations(document)
    assert len(found) > 100
    return found


def test_bounds_are_told_in_the_words_of_json_schema(document: dict[str, Any]) -> None:
    declared = document["components"]["schemas"]["RecordingIn"]["properties"]["size_bytes"]
    assert (declared["exclusiveMinimum"], declared["maximum"]) == (0, 1 << 40)


class TestOperations:
    def test_need_a_log_in_but_for_the_ones_named_here(self, every: list[Operation]) -> None:
        assert {one.name for one in every if one.is_public} == PUBLIC

    def test_have_names_that_a_client_can_be_made_from(self, every: list[Operation]) -> None:
        names = [one.said["operationId"] for one in every]

        assert len(set(names)) == len(names)
        assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)] == []
        assert [one.name for one in every if len(one.said["tags"]) != 1] == []

    def test_refuse_in_one_format_with_examples(self, every: list[Operation]) -> None:
        looked_at = 0
        for operation in every:
            for status, response in operation.said["responses"].items():
                if status >= "400":
                    (media,) = response["content"].items()
                    assert media[0] == "application/problem+json", (operation.name, status)
                    for example in media[1]["examples"].values():
                        assert example["value"]["status"] == int(status), (operation.name, status)
                    looked_at += len(media[1]["examples"])

        assert looked_at > 500

    def test_say_that_a_log_in_may_have_ended_and_that_a_request_may_be_strange(
        self, every: list[Operation]
    ) -> None:
        for operation in every:
            if operation.path.startswith("/v1/"):
                needed = {"400", "401", "413", "422", "503"}
                needed |= {"415"} if "requestBody" in operation.said else set()
                assert needed <= operation.said["responses"].keys(), operation.name

    def test_that_name_a_thing_say_that_it_may_not_be_there(self, every: list[Operation]) -> None:
        silent = {one.name for one in every if one.parameters("path") and "404" not in one.said["responses"]}

        # Removing what is not there is done, a new tier is made, and a checklist without versions has an empty list.
        assert silent == {
            "PUT /v1/tiers/{code}",
            "DELETE /v1/region-duties/{person_id}/{region_id}",
            "DELETE /v1/outlet-duties/{person_id}/{outlet_id}",
            "GET /v1/checklists/{code}/versions",
        }


class TestRetries:
    def test_every_post_of_somebody_logged_in_takes_a_key(self, every: list[Operation]) -> None:
        """D11"""
        posts = {one.name: one for one in every if one.method == "POST" and not one.is_public}
        without = {name for name, one in posts.items() if not one.needs("idempotency-key")}

        assert len(posts) > 40
        assert without == set(REPEATABLE_POSTS)

    def test_every_edit_by_version_says_what_happens_without(self, every: list[Operation]) -> None:
        edits = [one for one in every if one.needs("if-match")]

        assert len(edits) > 10
        for operation in edits:
            assert {"412", "428"} <= operation.said["responses"].keys(), operation.name

    def test_nothing_else_answers_so(self, every: list[Operation]) -> None:
        for operation in every:
            if not operation.needs("if-match"):
                assert not {"412", "428"} & operation.said["responses"].keys(), operation.name


class TestLists:
    def test_are_paged_or_bounded(self, document: dict[str, Any], every: list[Operation]) -> None:
        paged, bounded = 0, set()
        for operation in every:
            schema = answered(operation)
            name = schema.get("$ref", "").rpartition("/")[2]
            if name.startswith("Page_"):
                assert {"limit", "cursor"} <= {one["name"] for one in operation.parameters("query")}, (
                    operation.name
                )
                paged += 1
            elif operation.method == "GET" and schema.get("type") == "array":
                bounded.add(operation.name)

        assert paged > 10
        assert bounded == set(BOUNDED_LISTS)


class TestSchemas:
    def test_say_what_every_answer_holds(self, document: dict[str, Any], every: list[Operation]) -> None:
        found = {one.name for one in every if is_open(answered(one))}
        for name, schema in document["components"]["schemas"].items():
            found |= {name} if is_open(schema) else set()
            found |= {
                f"{name}.{field}"
                for field, content in schema.get("properties", {}).items()
                if any(is_open(one) for one in [content, *content.get("anyOf", [])])
            }

        assert found == set(OPEN_OBJECTS)

    def test_have_short_names(self, document: dict[str, Any]) -> None:
        """FastAPI prefixes the module where two classes have one name: then a client's types have no stable name."""
        assert [name for name in document["components"]["schemas"] if "__" in name] == []

    def test_refuse_what_they_do_not_know_in_bodies(
        self, document: dict[str, Any], every: list[Operation]
    ) -> None:
        schemas = document["components"]["schemas"]
        bodies = {name for one in every for name in named(sent(one), schemas)}

        assert len(bodies) > 30
        for name in bodies:
            if schemas[name].get("type") == "object":
                assert schemas[name].get("additionalProperties") is False, name


class TestExamples:
    def test_are_there_for_every_body_and_every_answer_and_fit(
        self, document: dict[str, Any], every: list[Operation]
    ) -> None:
        examples = Examples(document["components"]["schemas"], EXAMPLES)
        looked_at = 0
        for operation in every:
            for place, content in bodies_of(operation):
                if "example" not in content:
                    examples.of(content["schema"])  # raises the name of the field that says nothing
                errors = refused(document, content["schema"], content["example"])
                assert errors == [], (operation.name, place, content["example"])
                looked_at += 1

        assert looked_at > 120

    def test_of_parameters_fit(self, document: dict[str, Any], every: list[Operation]) -> None:
        looked_at = 0
        for operation in every:
            for parameter in operation.said.get("parameters", []):
                for example in parameter["schema"].get("examples", []):
                    assert refused(document, parameter["schema"], example) == [], (
                        operation.name,
                        parameter["name"],
                    )
                    looked_at += 1

        assert looked_at > 15

    def test_no_parameter_may_be_null(self, every: list[Operation]) -> None:
        """An address has no null."""
        for operation in every:
            for parameter in operation.said.get("parameters", []):
                assert {"type": "null"} not in parameter["schema"].get("anyOf", []), operation.name


def answered(operation: Operation) -> Schema:
    """The schema of what it answers when it works, empty if that is not JSON."""
    for status, response in operation.said["responses"].items():
        if status.startswith("2"):
            found: Schema = response.get("content", {}).get("application/json", {}).get("schema", {})
            return found
    return {}


def sent(operation: Operation) -> Schema:
    content: Schema = operation.said.get("requestBody", {}).get("content", {})
    found: Schema = content.get("application/json", {}).get("schema", {})
    return found


def bodies_of(operation: Operation) -> Iterator[tuple[str, Schema]]:
    """JSON bodies that have a schema of any content, request and successful answers."""
    places = {"body": operation.said.get("requestBody", {})}
    places |= {code: one for code, one in operation.said["responses"].items() if code.startswith("2")}
    for place, body in places.items():
        content = body.get("content", {}).get("application/json")
        if content and content.get("schema") and operation.name not in OPEN_OBJECTS:
            yield place, content


def is_open(schema: Schema) -> bool:
    """An object of which nothing is known."""
    is_object = schema.get("type") == "object" and not schema.get("properties")
    return (
        is_object and schema.get("additionalProperties", True) is True and "patternProperties" not in schema
    )


def named(schema: Any, schemas: Schema) -> set[str]:
    """Names of all schemas that this one leads to."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        match waiting.pop():
            case {"$ref": str(reference)} if (name := reference.rpartition("/")[2]) not in found:
                found.add(name)
                waiting.append(schemas[name])
            case dict(members):
                waiting += members.values()
            case list(items):
                waiting += items
            case _:
                pass
    return found


def refused(document: Schema, schema: Schema, example: object) -> list[str]:
    """Why the example does not fit, formats and references included."""
    whole = {"components": document["components"], **schema}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return [f"{list(error.instance_path)}: {error.message}" for error in validator.iter_errors(example)]
