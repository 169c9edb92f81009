"""`.ci/audit`: what it makes of what the two advisory databases say. They are played; the script is the real one."""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GOOD = "exit 0"
HOLE = "echo 'urllib3 2.0.0 PYSEC-2023-192'; exit 1"
NO_ANSWER = "echo 'ERROR: Dependency not found on PyPI and could not be audited: urllib3'; exit 1"
NO_NPM = "echo 'npm error audit endpoint returned an error'; exit 1"


@dataclass(frozen=True)
class House:
    """A tree with the script, its locks, and players in the place of pip-audit and npm."""

    root: Path

    def says(self, *, pypi: str = GOOD, npm: str = GOOD) -> None:
        self._play(".venv/audit/bin/pip-audit", f"echo asked >> asked; {pypi}")
        self._play(".venv/bin/python", npm)

    def _play(self, name: str, words: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{words}\n")
        file.chmod(0o755)

    def audit(self, *how: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.root / ".ci/audit"), *how], capture_output=True, text=True, check=False, timeout=60
        )

    def times_asked(self) -> int:
        return len((self.root / "asked").read_text().splitlines())


@pytest.fixture
def house(tmp_path: Path) -> House:
    for name in (
        ".ci/audit",
        ".ci/audit.lock",
        ".ci/faces.lock",
        "requirements.lock",
        "app/web/package-lock.json",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tmp_path / name)
        os.utime(tmp_path / name, (0, 0))
    return House(tmp_path)


class TestAudit:
    def test_is_content_where_no_hole_is_known(self, house: House) -> None:
        house.says()

        assert house.audit().returncode == 0

    @pytest.mark.parametrize("how", [(), ("daily",)])
    def test_fails_with_what_is_known_of_a_hole(self, house: House, how: tuple[str, ...]) -> None:
        """Also where the other database does not answer."""
        house.says(pypi=HOLE, npm=NO_NPM)

        done = house.audit(*how)

        assert done.returncode == 1
        assert "PYSEC-2023-192" in done.stderr
        assert (
            "package-lock.json: the advisory database does not answer here, nothing is known" in done.stderr
        )

    @pytest.mark.parametrize(("pypi", "npm"), [(NO_ANSWER, GOOD), (GOOD, NO_NPM)])
    def test_does_not_take_silence_for_an_answer(self, house: House, pypi: str, npm: str) -> None:
        house.says(pypi=pypi, npm=npm)

        done = house.audit()

        assert done.returncode == 2
        assert "nothing is known" in done.stderr


class TestDaily:
    def test_lets_pass_what_cannot_be_asked_and_says_so_each_time(self, house: House) -> None:
        house.says(pypi=NO_ANSWER)

        first, second = house.audit("daily"), house.audit("daily")

        assert (first.returncode, second.returncode) == (0, 0)
        assert "nothing is known" in second.stderr

    def test_asks_once_a_day_and_when_a_lock_has_changed(self, house: House) -> None:
        house.says()
        house.audit("daily")
        house.audit("daily")
        assert house.times_asked() == 1

        os.utime(house.root / "requirements.lock", (time.time() + 60,) * 2)
        house.audit("daily")
        assert house.times_asked() == 2

        day_before = time.time() - 100_000
        os.utime(house.root / "requirements.lock", (0, 0))
        os.utime(house.root / ".venv/.audited", (day_before,) * 2)
        house.audit("daily")
        assert house.times_asked() == 3
