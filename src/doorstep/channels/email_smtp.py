"""E-mail by SMTP, with delivery reports (RFC 3461) read back from a mail folder (Maildir).

Every message has its own return path (bounce+REFERENCE@domain), so that a bounce names it even
where the server knows no delivery reports.
"""

from __future__ import annotations

import asyncio
import mailbox
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from pathlib import Path

from doorstep.channels.bounces import mail_read
from doorstep.channels.door import Door
from doorstep.channels.message import (
    Accepted,
    Fetched,
    Incoming,
    InDoubt,
    Message,
    NotAccepted,
    Report,
    Standing,
)
from doorstep.guard.clearance import Clearance

IN_FLIGHT = 8


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """The lender's mail server. `security`: tls (from the first octet), starttls, or none on
    loopback. `returns`: the Maildir that bounces and answers are delivered into."""

    host: str
    port: int
    sender: str
    sender_name: str
    return_domain: str
    security: str = "starttls"
    username: str = ""
    password: str = ""
    returns: Path | None = None
    timeout: float = 20.0


class EmailSmtp:
    """One SMTP conversation a message, several at a time."""

    name = "email"
    knows_within: float | None = None

    def __init__(self, *, door: Door, server: MailServer, clock: Callable[[], datetime]) -> None:
        self._door = door
        self._server = server
        self._clock = clock
        self._conversations = asyncio.Semaphore(IN_FLIGHT)

    async def send(self, clearance: Clearance, message: Message) -> Accepted:
        """Hand the message to the mail server."""
        self._door.open(clearance=clearance, message=message, channel=self.name)
        mail = mail_make(message, server=self._server, at=self._clock())
        async with self._conversations:
            return await asyncio.to_thread(_hand_over, self._server, mail, message)

    async def standing(self, *, reference: str, gateway_reference: str) -> Standing:
        """Mail servers cannot be asked."""
        return Standing.CANNOT_TELL

    async def fetch(self, cursor: str) -> Fetched:
        """Delivery reports and answers that wait in the mail folder."""
        return await asyncio.to_thread(self._look, cursor)

    def _look(self, cursor: str) -> Fetched:
        if self._server.returns is None or not self._server.returns.is_dir():
            return Fetched(cursor=cursor)
        waiting = mailbox.Maildir(self._server.returns, create=False)
        told, keys = [], []
        for key in waiting.keys():  # noqa: SIM118 - a Maildir iterates over messages
            if waiting.get_message(key).get_subdir() == "new":
                keys.append(key)
                told.append(mail_read(waiting.get_bytes(key), key=key, at=self._clock()))
        return Fetched(
            reports=[each for each in told if isinstance(each, Report)],
            incoming=[each for each in told if isinstance(each, Incoming)],
            cursor=cursor,
            keys=keys,
        )

    async def confirm(self, keys: Sequence[str]) -> None:
        """What was read is moved on, so that it is not read again."""
        await asyncio.to_thread(self._put_by, keys)

    def _put_by(self, keys: Sequence[str]) -> None:
        if self._server.returns is None:
            return
        waiting = mailbox.Maildir(self._server.returns, create=False)
        for key in keys:
            mail = waiting.get_message(key)
            mail.set_subdir("cur")
            mail.add_flag("S")
            waiting[key] = mail

    async def close(self) -> None:
        """Every conversation ends by itself."""


def mail_make(message: Message, *, server: MailServer, at: datetime) -> EmailMessage:
    """The mail as it goes out. `to` and every name are checked by the standard library, which
    refuses line breaks in headers."""
    mail = EmailMessage()
    mail["From"] = formataddr((server.sender_name, server.sender))
    mail["To"] = message.to
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message.reference}@{server.return_domain}>"
    mail["Content-Language"] = message.language
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    return mail


def _hand_over(server: MailServer, mail: EmailMessage, message: Message) -> Accepted:
    """Until the last dot is written nothing is taken; after it, silence is doubt."""
    try:
        line = _connected(server)
    except (OSError, smtplib.SMTPException) as error:
        raise NotAccepted(
            f"The mail server cannot be used ({error}).", code="NO_GATEWAY", again=True
        ) from None
    try:
        return _talk(line, server, mail, message)
    finally:
        line.close()


def _connected(server: MailServer) -> smtplib.SMTP:
    line: smtplib.SMTP
    if server.security == "tls":
        line = smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.timeout, context=ssl.create_default_context()
        )
    else:
        line = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    line.ehlo()
    if server.security == "starttls":
        line.starttls(context=ssl.create_default_context())
        line.ehlo()
    if server.username:
        line.login(server.username, server.password)
    return line


def _talk(line: smtplib.SMTP, server: MailServer, mail: EmailMessage, message: Message) -> Accepted:
    reports = line.has_extn("dsn")
    path = f"bounce+{message.reference}@{server.return_domain}"
    octets = mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
    try:
        envelope = [f"ENVID={message.reference}", "RET=HDRS"] if reports else []
        _must(*line.mail(path, envelope))
        _must(*line.rcpt(message.to, ["NOTIFY=SUCCESS,FAILURE"] if reports else []))
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        raise NotAccepted(
            f"The mail server hung up ({error}).", code="NO_GATEWAY", again=True
        ) from None
    try:
        _must(*line.data(octets))
    except smtplib.SMTPDataError as error:
        _must(error.smtp_code, _octets(error.smtp_error))
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        raise InDoubt(
            f"The mail server did not say whether it took the message ({error}).", code="NO_ANSWER"
        ) from None
    return Accepted(gateway_reference=message.reference)


def _must(code: int, words: bytes) -> None:
    if code < 400:
        return
    raise NotAccepted(
        f"The mail server answered {code} {words.decode('utf-8', 'replace')[:160]}",
        code="REJECTED" if code >= 500 else "THROTTLED",
        again=code < 500,
        wait=60.0,
    )


def _octets(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode()
