"""The JSON Schemas of the planner's documents; the committed copies in `json_schemas/` are compared by a test.

`python -m app.planning.formats` writes them anew.
"""

import json
from pathlib import Path

from app.planning.instance import Instance
from app.planning.parts import Document
from app.planning.plan import Plan
from app.planning.predictability import VisitHistory

FOLDER = Path(__file__).with_name("json_schemas")
FORMATS: dict[str, type[Document]] = {"instance": Instance, "plan": Plan, "history": VisitHistory}


def schema_text(name: str) -> str:
    """The schema of what a file of that format holds, as it is committed."""
    schema = FORMATS[name].model_json_schema(mode="validation")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def write_schemas(folder: Path = FOLDER) -> None:
    folder.mkdir(exist_ok=True)
    for name in FORMATS:
        (folder / f"{name}.json").write_text(schema_text(name), encoding="utf-8")


if __name__ == "__main__":
    write_schemas()
