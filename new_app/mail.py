"""Mail: what is sent, and the ways to send it, chosen by one URL.

    smtp://user:password@host:587?tls=1     a server; `smtps://` speaks TLS from the first byte
    file:///folder                          a file per process, messages one after another, as Django's file backend
    console:                                standard output
    nowhere:                                nothing leaves the machine

A message leaves after the rows that it speaks of are committed, and before the visitor is answered.
"""

import asyncio
import smtplib
import ssl
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

SECONDS = 10.0
RULE = b"-" * 79 + b"\n"
"""What Django's file backend writes after each message."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A text, perhaps with another form of it in HTML. A line break in a header raises ValueError."""

    subject: str
    body: str
    sender: str
    to: tuple[str, ...]
    html: str = ""

    def message(self) -> EmailMessage:
        message = EmailMessage(SMTP)
        message["Subject"], message["From"], message["To"] = self.subject, self.sender, ", ".join(self.to)
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2].strip(">") or None)
        message.set_content(self.body)
        if self.html:
            message.add_alternative(self.html, subtype="html")
        return message


class Post(Protocol):
    async def send(self, mail: Mail) -> None:
        """Raises OSError where it cannot be delivered: nobody has it."""


class Nowhere:
    async def send(self, mail: Mail) -> None:
        mail.message()  # what could not be sent is refused here as well


class Console:
    async def send(self, mail: Mail) -> None:
        sys.stdout.write(f"{mail.message().as_string()}\n{RULE.decode()}")
        sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path

    async def send(self, mail: Mail) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / f"{datetime.now(UTC):%Y%m%d}-{id(self)}.log").open("ab") as file:
            file.write(bytes(mail.message().as_bytes().replace(b"\r\n", b"\n")) + b"\n" + RULE)


@dataclass(frozen=True, slots=True)
class Server:
    """An SMTP server. `tls` from the first byte, `starttls` after the greeting; both check its certificate."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool = False
    seconds: float = SECONDS

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port})"

    async def send(self, mail: Mail) -> None:
        await asyncio.to_thread(self._send, mail.message())

    def _send(self, message: EmailMessage) -> None:
        context = ssl.create_default_context() if self.tls or self.starttls else None
        if self.tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.seconds, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.seconds)
        with server:
            if self.starttls:
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message)


def post(url: str) -> Post:
    """The way to send that a URL says. Raises ValueError for one that says none."""
    parts = urlsplit(url)
    if parts.scheme in {"smtp", "smtps"} and parts.hostname:
        asked, tls = parse_qs(parts.query), parts.scheme == "smtps"
        return Server(
            parts.hostname,
            parts.port or (465 if tls else 25),
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            tls,
            asked.get("tls", ["0"])[-1] == "1",
            float(asked.get("timeout", [SECONDS])[-1]),
        )
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc:
        return Folder(Path(unquote(parts.path)))
    if url in {"console:", "nowhere:"}:
        return Console() if url == "console:" else Nowhere()
    ways = "smtp://host:port, smtps://host:port, file:///folder, console: or nowhere:"
    raise ValueError(f"MAIL_URL begins with {parts.scheme or 'nothing'}: it is one of {ways}")
