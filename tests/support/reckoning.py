"""The phone's own reckoning, run by the Node that builds the pages: what must agree with the server's to the last digit."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.web.hatch_build import Node

PROGRAM = Path(__file__).parents[1] / "web" / "reckon.mjs"


def reckoned(cases: Sequence[dict[str, Any]]) -> list[Any]:
    """One answer for each case: `{"kind": "score", "checklist": …, "answers": …, "terms": …}` and the like."""
    done = subprocess.run(
        [str(Node().program), "--no-warnings", str(PROGRAM)],
        input=json.dumps(cases),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    assert len(answers) == len(cases)
    return answers
