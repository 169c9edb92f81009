"""Letters out of the house: by SMTP where a server is named, otherwise into files that anybody can look at.

Both keep one promise: a letter whose sending was begun again goes under the same Message-ID.
"""

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol

from app.settings import MailSecurity, Settings

TIMEOUT_S = 30.0
MOST_LISTED = 1_000


class MailFailed(Exception):
    """The server did not take the letter; it may take it later."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Plain text to one person. `number` makes the Message-ID: the same letter, the same number."""

    number: str
    to: str
    subject: str
    text: str
    unsubscribe_at: str | None  # an address that ends the mails when something is posted to it (RFC 8058)
    at: datetime


class Post(Protocol):
    async def send(self, letter: Letter) -> None:
        """Raises `MailFailed`."""


def post_of(settings: Settings) -> Post:
    if not settings.smtp_host:
        return MailCatcher(settings.data_dir / "mail", sender=settings.mail_from)
    return SmtpPost(settings)


def written(letter: Letter, *, sender: str) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.number}@{sender.rpartition('@')[2].rstrip('>')}>"
    if letter.unsubscribe_at is not None:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_at}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


@dataclass(frozen=True, slots=True)
class SmtpPost:
    """A real server, spoken to in a thread."""

    settings: Settings
    tls: ssl.SSLContext | None = None

    async def send(self, letter: Letter) -> None:
        try:
            await asyncio.to_thread(self._send, written(letter, sender=self.settings.mail_from))
        except (OSError, smtplib.SMTPException) as error:
            raise MailFailed(f"{type(error).__name__}: {error}") from error

    def _send(self, message: EmailMessage) -> None:
        settings, tls = self.settings, self.tls or ssl.create_default_context()
        where = (settings.smtp_host, settings.smtp_port)
        if settings.smtp_security is MailSecurity.TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=TIMEOUT_S, context=tls)
        else:
            server = smtplib.SMTP(*where, timeout=TIMEOUT_S)
        with server:
            if settings.smtp_security is MailSecurity.STARTTLS:
                server.starttls(context=tls)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.send_message(message)


@dataclass(frozen=True, slots=True)
class MailCatcher:
    """Keeps each letter as a file of its own: `plainclothes mail` shows them."""

    directory: Path
    sender: str

    async def send(self, letter: Letter) -> None:
        await asyncio.to_thread(self._keep, letter)

    def _keep(self, letter: Letter) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        file = self.directory / f"{letter.number}.eml"
        half = file.with_suffix(".part")
        half.write_bytes(written(letter, sender=self.sender).as_bytes())
        half.rename(file)


@dataclass(frozen=True, slots=True)
class Caught:
    number: str
    to: str
    subject: str
    date: str
    text: str


def caught(directory: Path) -> Sequence[Caught]:
    """What the catcher keeps, the latest first; at most `MOST_LISTED`."""
    if not directory.is_dir():
        return []
    files = sorted(directory.glob("*.eml"), key=lambda file: file.stat().st_mtime, reverse=True)
    return [_read(file) for file in files[:MOST_LISTED]]


def _read(file: Path) -> Caught:
    message = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    body = message.get_body()
    return Caught(
        number=file.stem,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        date=str(message["Date"]),
        text=body.get_content() if body is not None else "",
    )
