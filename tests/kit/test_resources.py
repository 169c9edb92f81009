"""What a process stands on, opened as the settings say."""

from pathlib import Path

import pytest

from app.kit.resources import UnknownObjectStore, open_resources, readiness
from app.settings import Settings


def settings_of(url: str, data_dir: Path, *, s3_port: int = 0) -> Settings:
    return Settings(_env_file=None, database_url=url, data_dir=data_dir, s3_port=s3_port)


class TestOpen:
    async def test_one_machine_needs_nothing_but_a_directory(self, database_url: str, tmp_path: Path) -> None:
        async with open_resources(settings_of(database_url, tmp_path), start_embedded=True) as resources:
            await resources.storage.put_bytes("a/b", b"kept", content_type="text/plain")
            answers = {name: await check() for name, check in readiness(resources).items()}

        assert answers == {"database": None, "object store": None}
        async with open_resources(settings_of(database_url, tmp_path), start_embedded=True) as resources:
            assert await resources.storage.get_bytes("a/b") == b"kept"

    async def test_a_second_process_must_know_the_port(self, database_url: str, tmp_path: Path) -> None:
        with pytest.raises(UnknownObjectStore, match="PLAINCLOTHES_S3_PORT"):
            async with open_resources(settings_of(database_url, tmp_path), start_embedded=False):
                pass
