"""`plainclothes backup` beside a running server, and `restore` where nothing is."""

import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.cli.backup import back_up, done, embedded
from app.cli.restore import restored
from app.cli.terminal import Failed
from app.kit.storage.s3 import S3Storage
from app.settings import Settings
from tests.support.s3 import ACCESS_KEY, SECRET_KEY, make_embedded_s3, of_embedded, store
from tests.support.serving import free_port


def settings(directory: Path, **rest: object) -> Settings:
    given = {
        "data_dir": directory,
        "s3_access_key": ACCESS_KEY,
        "s3_secret_key": SecretStr(SECRET_KEY),
        **rest,
    }
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


class TestBackup:
    async def test_beside_a_running_server_and_without_one_comes_back_where_nothing_is(
        self, tmp_path: Path, sqlite_template: Path
    ) -> None:
        there, here = settings(tmp_path / "var", s3_port=free_port()), settings(tmp_path / "new", s3_port=0)
        (tmp_path / "var").mkdir()
        shutil.copyfile(sqlite_template, embedded(there))
        server = make_embedded_s3(tmp_path / "var" / "s3", port=there.s3_port)
        async with server:
            bucket = S3Storage(of_embedded(server).settings(there.s3_bucket))
            await bucket.ensure_bucket()
            await store(bucket, "sealed/0123", parts=[b"an original"])
            beside = await back_up(there, embedded(there), tmp_path / "backup")
        without = await back_up(there, embedded(there), tmp_path / "backup")

        back = await restored(here, tmp_path / "backup", embedded(here))

        assert (beside.copied, without.copied, back.objects) == (1, 0, 1)
        assert embedded(here).is_file()

    def test_of_a_database_server_is_left_to_its_own_tools(self, tmp_path: Path) -> None:
        with pytest.raises(Failed, match=r"see OPERATIONS\.md"):
            embedded(settings(tmp_path, database_url="postgresql+psycopg://nobody@127.0.0.1:9/nowhere"))

    def test_says_in_plain_words_what_is_wrong(self, tmp_path: Path) -> None:
        with pytest.raises(Failed, match="holds no backup"):
            done(lambda: restored(settings(tmp_path / "new", s3_port=0), tmp_path, tmp_path / "new.sqlite"))
