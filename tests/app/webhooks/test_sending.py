"""One request to an address somebody else chose: never to a private one, whatever the name says by then."""

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.settings import Environment, Settings
from app.webhooks.rules import Unsafe
from app.webhooks.sending import Outcome, Resolve, Sender, resolve
from tests.support.certificates import a_certificate
from tests.support.webhooks import Receiver

PUBLIC = "93.184.216.34"


class Names:
    """A resolver that answers the same question differently each time, as the owner of a name may."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self._answers.pop(0)


def here(resolver: Resolve = resolve) -> Sender:
    """One that may go to this machine, where the receivers of the tests are."""
    return Sender(https_only=False, loopback=True, resolve=resolver, timeout_s=5.0)


async def sent(sender: Sender, url: str) -> Outcome:
    return await sender.send(url, b"{}", {"webhook-id": "msg_1"})


class TestCheck:
    @pytest.mark.parametrize(
        "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "fd00:ec2::254", "fe80::1", "::ffff:10.0.0.1"]
    )
    async def test_refuses_a_name_that_leads_inside(self, address: str) -> None:
        with pytest.raises(Unsafe, match="not public"):
            await Sender(resolve=Names([address])).check("https://hooks.example.org/")

    async def test_refuses_a_name_that_leads_to_a_public_and_to_a_private_address(self) -> None:
        with pytest.raises(Unsafe, match="not public"):
            await Sender(resolve=Names([PUBLIC, "10.0.0.1"])).check("https://hooks.example.org/")

    @pytest.mark.parametrize(
        "url",
        [
            "https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
            "https://0177.0.0.1/", "https://[::ffff:7f00:1]/", "https://localhost/",
        ],
    )  # fmt: skip
    async def test_refuses_every_way_to_write_this_machine(self, url: str) -> None:
        with pytest.raises(Unsafe):
            await Sender().check(url)

    async def test_refuses_a_name_nobody_knows(self) -> None:
        with pytest.raises(Unsafe, match="cannot be found"):
            await Sender(resolve=Names([])).check("https://hooks.example.org/")

    async def test_gives_the_addresses_of_a_public_one(self) -> None:
        target, addresses = await Sender(resolve=Names([PUBLIC])).check("https://hooks.example.org/x")

        assert (target.host, list(addresses)) == ("hooks.example.org", [PUBLIC])


class TestOf:
    def test_production_sends_over_https_to_public_addresses_only(self) -> None:
        settings = Settings(
            _env_file=None, environment=Environment.PRODUCTION, secret_key="x" * 40, s3_secret_key="y"
        )
        sender = Sender.of(settings)

        assert (sender.https_only, sender.loopback) == (True, False)

    def test_production_refuses_the_setting_for_this_machine(self) -> None:
        with pytest.raises(ValueError, match="WEBHOOKS_TO_LOOPBACK"):
            Settings(
                _env_file=None,
                environment=Environment.PRODUCTION,
                secret_key="x" * 40,
                s3_secret_key="y",
                webhooks_to_loopback=True,
            )


class TestSend:
    async def test_resolves_once_and_goes_where_it_looked(self) -> None:
        """DNS rebinding: a second question would be answered with an address nobody checked."""
        names = Names(["127.0.0.1"], ["10.0.0.1"])
        with Receiver() as receiver:
            outcome = await sent(here(names), receiver.url.replace("127.0.0.1", "hooks.example.org"))

        assert (outcome.status, outcome.error) == (204, None)
        assert names.asked == ["hooks.example.org"]
        assert receiver.messages[0].headers["host"].startswith("hooks.example.org:")

    async def test_refuses_a_name_that_has_become_private_since_it_was_subscribed(self) -> None:
        names = Names([PUBLIC], ["169.254.169.254"])
        sender = Sender(resolve=names)
        await sender.check("https://hooks.example.org/")

        outcome = await sent(sender, "https://hooks.example.org/")

        assert outcome.status is None
        assert "not public" in (outcome.error or "")

    async def test_follows_no_redirect(self) -> None:
        with Receiver() as inside, Receiver([302], leads_to=inside.url) as receiver:
            outcome = await sent(here(), receiver.url)

        assert outcome.status == 302
        assert inside.messages == []

    async def test_listens_to_the_beginning_of_an_answer_only(self) -> None:
        with Receiver([200], endless=True) as receiver:
            outcome = await sent(here(), receiver.url)

        assert outcome.status == 200

    async def test_gives_up_on_who_does_not_answer_in_time(self) -> None:
        with silent() as url:
            outcome = await sent(Sender(https_only=False, loopback=True, timeout_s=0.2), url)

        assert (outcome.status, outcome.error) == (None, "no answer within 0.2 seconds")
        assert outcome.duration_ms >= 200

    async def test_says_why_there_was_no_answer(self) -> None:
        outcome = await sent(here(), "http://127.0.0.1:9/")

        assert outcome.status is None
        assert "ConnectError" in (outcome.error or "")


class TestTls:
    async def test_the_certificate_must_bear_the_name_and_not_the_address(self, tmp_path: Path) -> None:
        certificate = a_certificate(tmp_path, "hooks.example.org")
        trusting = ssl.create_default_context(cafile=str(certificate))
        with served_by(certificate) as port:
            names = Names(["127.0.0.1"], ["127.0.0.1"])
            sender = Sender(loopback=True, resolve=names, tls=trusting, timeout_s=5.0)
            right = await sent(sender, f"https://hooks.example.org:{port}/")
            wrong = await sent(sender, f"https://other.example.org:{port}/")

        assert right.status == 204, right.error
        assert wrong.status is None
        assert "certificate" in (wrong.error or "").lower()


@contextmanager
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


@contextmanager
def served_by(certificate: Path) -> Iterator[int]:
    """The port of a server that proves itself with this certificate."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (name of the library)
            """Nothing on the terminal."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is the test
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
