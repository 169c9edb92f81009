"""Identifiers: UUID version 7, so that rows made later sort later; phones make them too (D11)."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    return uuid7()
