"""Letters out of the house: the same promises of the catcher and of a real SMTP server."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from app.kit.mail import Letter, MailCatcher, MailFailed, Post, SmtpPost, caught
from app.settings import MailSecurity, Settings
from tests.support.certificates import a_certificate
from tests.support.serving import free_port
from tests.support.world import MONDAY

LETTER = Letter(
    number="0199a1b2",
    to="ivy@northwind.example",
    subject="您有新的检查任务。",
    text="您有新的检查任务。\n\nSee https://plainclothes.example\n",
    unsubscribe_at="https://plainclothes.example/inbox",
    at=MONDAY,
)


@dataclass
class Mailbox:
    """Where letters are found that were sent by `post`."""

    post: Post
    directory: Path | None = None
    received: list[bytes] = field(default_factory=list)

    def letters(self) -> list[EmailMessage]:
        kept = (
            [file.read_bytes() for file in self.directory.glob("*.eml")] if self.directory else self.received
        )
        found: list[Any] = [message_from_bytes(one, policy=policy.default) for one in kept]
        return found

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's)
        assert isinstance(envelope.content, bytes)
        self.received.append(envelope.content)
        return "250 OK"


def settings_for(port: int, **more: Any) -> Settings:
    return Settings(
        _env_file=None,
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security=more.pop("security", MailSecurity.NONE),
        mail_from="Plainclothes <no-reply@plainclothes.example>",
        **more,
    )


@pytest.fixture(params=["catcher", "smtp"])
def mailbox(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mailbox]:
    if request.param == "catcher":
        sender = "Plainclothes <no-reply@plainclothes.example>"
        yield Mailbox(MailCatcher(tmp_path / "mail", sender=sender), tmp_path / "mail")
        return
    box = Mailbox(SmtpPost(settings_for(1)))
    port = free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        box.post = SmtpPost(settings_for(port))
        yield box
    finally:
        server.stop()


class TestSend:
    async def test_brings_the_letter_as_it_was_written(self, mailbox: Mailbox) -> None:
        await mailbox.post.send(LETTER)

        (letter,) = mailbox.letters()
        assert (letter["To"], letter["Subject"]) == (LETTER.to, LETTER.subject)
        assert letter["From"] == "Plainclothes <no-reply@plainclothes.example>"
        assert letter.get_content_type() == "text/plain"
        assert letter.get_content().replace("\r\n", "\n") == LETTER.text
        assert letter["List-Unsubscribe"] == "<https://plainclothes.example/inbox>"
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert letter["Auto-Submitted"] == "auto-generated"
        assert letter["Date"].datetime == MONDAY

    async def test_again_goes_under_the_same_message_id(self, mailbox: Mailbox) -> None:
        await mailbox.post.send(LETTER)
        await mailbox.post.send(LETTER)

        assert {letter["Message-ID"] for letter in mailbox.letters()} == {"<0199a1b2@plainclothes.example>"}

    async def test_keeps_letters_apart(self, mailbox: Mailbox) -> None:
        await mailbox.post.send(LETTER)
        await mailbox.post.send(replace(LETTER, number="0199a1b3", to="ian@northwind.example"))

        assert sorted(str(letter["To"]) for letter in mailbox.letters()) == [
            "ian@northwind.example",
            "ivy@northwind.example",
        ]

    async def test_lets_no_line_break_make_another_header(self, mailbox: Mailbox) -> None:
        with pytest.raises(ValueError, match=r"linefeed|newline"):
            await mailbox.post.send(replace(LETTER, subject="Hello\nBcc: everybody@example.org"))

        assert mailbox.letters() == []


class TestCaught:
    async def test_lists_what_was_kept(self, tmp_path: Path) -> None:
        await MailCatcher(tmp_path / "mail", sender="a@b.example").send(LETTER)

        (one,) = caught(tmp_path / "mail")

        assert (one.number, one.to, one.subject) == ("0199a1b2", LETTER.to, LETTER.subject)
        assert "plainclothes.example" in one.text

    def test_of_nothing_is_nothing(self, tmp_path: Path) -> None:
        assert caught(tmp_path / "mail") == []


class TestSmtp:
    async def test_a_server_that_is_away_is_a_failure_to_be_tried_again(self) -> None:
        with pytest.raises(MailFailed, match="ConnectionRefusedError"):
            await SmtpPost(settings_for(9)).send(LETTER)

    @pytest.mark.parametrize("security", [MailSecurity.STARTTLS, MailSecurity.TLS])
    async def test_speaks_encrypted_and_logs_in(self, security: MailSecurity, tmp_path: Path) -> None:
        certificate = a_certificate(tmp_path, "127.0.0.1")
        serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        serving.load_cert_chain(certificate)
        trusting = ssl.create_default_context(cafile=str(certificate))
        box = Mailbox(SmtpPost(settings_for(1)))
        implicit: dict[str, Any] = (
            {"ssl_context": serving} if security is MailSecurity.TLS else {"tls_context": serving}
        )
        port = free_port()
        server = Controller(
            box, hostname="127.0.0.1", port=port, authenticator=_knows, auth_require_tls=security is MailSecurity.STARTTLS,
            require_starttls=security is MailSecurity.STARTTLS, auth_required=security is MailSecurity.STARTTLS, **implicit,
        )  # fmt: skip
        server.start()
        try:
            right = settings_for(port, security=security, smtp_user="plain", smtp_password="right")
            wrong = settings_for(port, security=security, smtp_user="plain", smtp_password="wrong")
            await SmtpPost(right, tls=trusting).send(LETTER)
            with pytest.raises(MailFailed, match="Authentication"):
                await SmtpPost(wrong, tls=trusting).send(LETTER)
            with pytest.raises(MailFailed, match="certificate"):
                await SmtpPost(right).send(LETTER)
        finally:
            server.stop()

        assert [str(letter["To"]) for letter in box.letters()] == [LETTER.to]


def _knows(_server: object, _session: object, _envelope: object, _kind: str, told: object) -> AuthResult:
    assert isinstance(told, LoginPassword)
    return AuthResult(success=(told.login, told.password) == (b"plain", b"right"), handled=False)
