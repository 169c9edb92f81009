"""Settings that contradict each other are refused before anything is started."""

import pytest
from pydantic import SecretStr, ValidationError

from app.identity.actor import Role
from app.settings import Settings
from tests.support.s3 import an_encryption_key


def settings(**given: object) -> Settings:
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


class TestEncryption:
    def test_of_the_embedded_store_needs_a_key_where_it_is_wanted(self) -> None:
        with pytest.raises(ValidationError, match="S3_ENCRYPTION_REQUIRED wants S3_ENCRYPTION_KEYS"):
            settings(s3_encryption_required=True)

        keys = SecretStr(an_encryption_key("a"))
        assert settings(s3_encryption_required=True, s3_encryption_keys=keys).embedded_s3

    def test_keys_are_nothing_to_another_store(self) -> None:
        with pytest.raises(ValidationError, match="another one is told by its bucket"):
            settings(s3_endpoint="http://s3.example.org", s3_encryption_keys=an_encryption_key("a"))


class TestSecondFactor:
    def test_may_be_required_of_every_role_there_is_and_of_no_other(self) -> None:
        required = settings(second_factor_required_for=list(Role)).second_factor_required_for

        assert set(required) == {str(role) for role in Role}
        with pytest.raises(ValidationError, match="second_factor_required_for"):
            settings(second_factor_required_for=["boss"])


class TestDatabase:
    @pytest.mark.parametrize(
        ("given", "in_force"),
        [
            (
                "postgresql+psycopg://db/x",
                "postgresql+psycopg://db/x?connect_timeout=10&tcp_user_timeout=30000",
            ),
            (
                "postgresql+psycopg://db/x?connect_timeout=3",
                "postgresql+psycopg://db/x?connect_timeout=3&tcp_user_timeout=30000",
            ),
            (
                "postgresql+psycopg://db/x?connect_timeout=3&tcp_user_timeout=0",
                "postgresql+psycopg://db/x?connect_timeout=3&tcp_user_timeout=0",
            ),
            ("sqlite+aiosqlite:////var/x", "sqlite+aiosqlite:////var/x"),
        ],
        ids=["nothing-said", "one-said", "both-said", "sqlite"],
    )
    def test_that_says_nothing_is_waited_for_as_the_operator_says_or_not_long(
        self, given: str, in_force: str
    ) -> None:
        assert settings(database_url=given).database == in_force
