"""The demo's search for the inspector finds what is there (D10.1)."""

import base64

import pytest

from app.demo.account import Unexpected
from app.demo.blindness import require_absent, require_found
from app.demo.client import Witness

IDENTITY = "0199a1b2-0000-7000-8000-00000000abcd"
NAME = "Li 小珑"


class TestRequireAbsent:
    @pytest.mark.parametrize(
        "content",
        [
            IDENTITY.encode(),
            IDENTITY.replace("-", "").encode(),
            bytes.fromhex(IDENTITY.replace("-", "")),
            base64.urlsafe_b64encode(bytes.fromhex(IDENTITY.replace("-", ""))),
            NAME.encode(),
            NAME.encode("utf-16-le"),
            b"file=Li%20%E5%B0%8F%E7%8F%91",
            rb'{"name": "Li \u5c0f\u73d1"}',
            base64.b64encode(NAME.encode()),
        ],
        ids=["uuid", "hex", "bytes", "base64-id", "name", "utf-16", "url", "json", "base64-name"],
    )
    def test_finds_a_clue_in_every_form(self, content: bytes) -> None:
        witness = Witness(heard=[("GET /v1/reports", b"before " + content + b" after")])

        with pytest.raises(Unexpected, match="in GET /v1/reports"):
            require_absent({"person id": IDENTITY, "name": NAME}, witness)

    def test_says_how_much_it_searched(self) -> None:
        witness = Witness(heard=[("one", b"nobody"), ("two", b"here")])

        assert require_absent({"name": NAME}, witness) == 10


class TestRequireFound:
    def test_fails_when_the_search_does_not_work(self) -> None:
        with pytest.raises(Unexpected, match="does not find"):
            require_found(NAME, Witness(heard=[("one", b"nobody here")]))
