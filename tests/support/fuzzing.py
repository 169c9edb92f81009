"""Schemathesis against the running product, told which ids exist: `fuzz(served, "alice", directory, …)`.

As a command it runs long, on a fresh SQLite file or the database named: `python -m tests.support.fuzzing --seconds 600`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.databases import migrate, sqlite_url
from tests.support.served import Served, ServedWorld

PHASES = "examples,coverage,fuzzing,stateful"
PROBABILITY = 0.8  # of an id that exists, because a made-up one is nearly always just a 404

# What a request that fits the schema may be answered besides success: not for you, not there, contradicts what is
# stored (409, 410, 412), an edit without If-Match where a first write needs none (428), too often, or a cursor that the list did not make (400).
TO_VALID = ["2xx", "400", "401", "403", "404", "409", "410", "412", "428", "429"]
# What one that does not fit may be answered: a strange ETag is a stale one (412).
TO_INVALID = ["400", "401", "403", "404", "405", "409", "410", "412", "413", "415", "422", "428", "429"]

# Rules that JSON Schema cannot say; these operations may refuse (422) what fits their schema.
BEYOND_SCHEMA = {
    "POST /v1/auditor-grants": "valid_until lies in the future; a region or an outlet",
    "POST /v1/bulletins": "a region or an outlet, not both; a period that is over",
    "POST /v1/checklists": "a text that is a checklist",
    "POST /v1/checklists/validate": "a text that is UTF-8",
    "POST /v1/invitations/accept": "a password that is hard to guess",
    "POST /v1/auth/browser/invitation": "a password that is hard to guess",
    "POST /v1/auth/new-password": "a password that is hard to guess",
    "POST /v1/me/password": "a password that is hard to guess",
    "POST /v1/me/second-factor/confirm": "a code that the app shows now",
    "POST /v1/legal-holds": "one thing is held, and until lies in the future",
    "POST /v1/outlets/import": "a text that is a sheet",
    "POST /v1/rotation/history/import": "a text that is a sheet",
    "POST /v1/outlets/{outlet_id}/closures": "ends_on is not before starts_on",
    "PUT /v1/outlets/{outlet_id}": "opening hours do not overlap; a datum that is used there; a name",
    "POST /v1/programmes": "ends_on is not before starts_on; data is kept as long as an appeal needs it",
    "PUT /v1/programmes/{programme_id}": "ends_on is not before starts_on",
    "PUT /v1/programmes/{programme_id}/rules": "data is kept as long as an appeal needs it",
    "PUT /v1/programmes/{programme_id}/recording-policies": "one policy for each place; who records has grounds",
    "POST /v1/regions": "a name in one language; a time zone that exists",
    "PUT /v1/regions/{region_id}": "a name in one language; a time zone that exists",
    "POST /v1/devices/{recording_device_id}/clock-measurements": "measured_at is past",
    "PUT /v1/tiers/{code}": "a name in one language",
    "POST /v1/visits": "a crew has one lead, and nobody twice",
    "PUT /v1/visits/{visit_id}/crew": "a crew has one lead, and nobody twice",
    "POST /v1/visits/{visit_id}/check-ins": "a position or the reason why there is none",
    "POST /v1/visits/{visit_id}/leave": "a position or the reason why there is none",
    "PUT /v1/visits/{visit_id}/answers": "answers fit the checklist",
    "PUT /v1/visits/{visit_id}/review/marks": "marks are for items that take them",
    "POST /v1/visits/{visit_id}/review/send-back": "items of the checklist, each once",
    "POST /v1/visits/{visit_id}/recordings": "a type of file that is taken",
    "POST /v1/visits/{visit_id}/recordings/{recording_id}/quick-checks": "pictures and sounds that can be decoded",
    "PUT /v1/visits/{visit_id}/recordings/{recording_id}/mutes": "a stretch ends after it begins, before the end of the recording",
    "POST /v1/recordings/{recording_id}/parts": "each part once, and none beyond the last",
    "POST /v1/playbacks/{playback_id}/heartbeat": "seconds run forward",
    "PUT /v1/planning/inspectors/{person_id}": "some day is worked; shifts end after they start",
    "POST /v1/planning/inspectors/{person_id}/leave": "ends_on is not before starts_on",
    "PUT /v1/planning/programmes/{programme_id}/demand/{month}": "each outlet once",
    "POST /v1/reports/{alias}/appeals": "items of the report, each once",
    "POST /v1/appeals/{appeal_id}/items/{item}/decision": "a correction that fits the item, where there is one to give",
    "POST /v1/reports/{alias}/actions": "an item of the report, and a moment of a recording that it has",
    "PUT /v1/actions/{action_id}/plan": "a day that is not over",
    "POST /v1/plans": "seconds or iterations",
    "POST /v1/plans/{plan_id}/repair": "seconds or iterations",
    "POST /v1/webhooks": "a public address; kinds the role may be told; a scope for the role",
    "PUT /v1/webhooks/{webhook_id}": "a public address; kinds the role may be told; a scope for the role",
    **{
        f"GET /v1/insight/{what}": "a month, or days of at most two years; an outlet, or a region and a tier"
        for what in (
            "outlets/{outlet_id}",
            "regions/{region_id}",
            "tiers/{code}",
            "network",
            "ranking",
            "heat-map",
            "control-charts",
            "vetoes",
            "worst-items",
            "competitors",
            "inspectors",
            "reliability",
        )
    },
}
# Whatever is sent to these is a text, so that nothing can be of another type.
TEXTS = ("POST /v1/checklists/validate", "POST /v1/outlets/import", "POST /v1/rotation/history/import")
# Takes the log-in away from whoever calls it: somebody else's.
ENDS_THE_LOGIN = "POST /v1/auth/logout"


def fuzz(
    served: Served, person: str, directory: Path, *, options: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """One run as `person` with every check; the exit status is 0 if nothing was found and nothing was warned of."""
    configuration = directory / f"schemathesis-{person}.toml"
    configuration.write_text("\n".join(_configuration(served, person)))
    command = ["-m", "schemathesis.cli", "--config-file", str(configuration), "run"]
    always = ["--checks", "all", "--generation-database", "none", "--no-color", "--request-timeout", "30"]
    return subprocess.run(
        [sys.executable, *command, f"{served.url}/openapi.json", *always, *options],
        cwd=directory,
        env={
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "SCHEMATHESIS_HOOKS": "tests.support.fuzzing_hooks",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def _configuration(served: Served, person: str) -> Iterator[str]:
    yield "[warnings]\nfail-on = true"
    yield f'[auth.openapi.HTTPBearer]\nbearer = "{served.tokens[person]}"'
    for name, known in served.ids.items():
        yield f"[dictionaries.{name}]\nvalues = {json.dumps(known)}"
    yield "[parameters]"
    for name in served.ids:
        for place in ("path", "query", "body", "header"):
            yield f'"{place}.{name}" = {{ dictionary = "{name}", probability = {PROBABILITY} }}'
    yield '"query.for_s" = 0  # a live stream would be waited out'
    yield _checks("", TO_VALID, TO_INVALID)
    for operation in BEYOND_SCHEMA:
        yield f'[[operations]]\ninclude-name = "{operation}"'
        invalid = ["2xx", *TO_INVALID] if operation in TEXTS else TO_INVALID
        yield _checks("operations.", [*TO_VALID, "422"], invalid)
    yield f'[[operations]]\ninclude-name = "{ENDS_THE_LOGIN}"'
    yield f'headers = {{ Authorization = "Bearer {served.tokens["olga"]}" }}'


def _checks(prefix: str, valid: Sequence[str], invalid: Sequence[str]) -> str:
    expected = {
        "positive_data_acceptance": valid,
        "negative_data_rejection": invalid,
        "missing_required_header": invalid,
    }
    return "\n".join(
        f"[{prefix}checks.{name}]\nexpected-statuses = {json.dumps(list(statuses))}"
        for name, statuses in expected.items()
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=600, help="for each person")
    parser.add_argument("--as", dest="people", nargs="+", default=["alice", "sam", "ivy", "rita", "mona"])
    parser.add_argument(
        "--database-url", default="", help="an empty database; otherwise a SQLite file is made"
    )
    parser.add_argument("rest", nargs="*", help="handed to schemathesis, after --")
    wanted = parser.parse_args()
    worst = 0
    with tempfile.TemporaryDirectory() as place:
        url = wanted.database_url or sqlite_url(Path(place) / "fuzz.sqlite")
        migrate(url)
        with ServedWorld(url, Path(place)) as served:
            for person in wanted.people:
                options = ["--phases", PHASES, "--max-time", str(wanted.seconds), *wanted.rest]
                done = fuzz(served, person, Path(place), options=options)
                sys.stdout.write(f"=== {person}\n{done.stdout}\n{done.stderr}\n")
                worst = max(worst, done.returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
