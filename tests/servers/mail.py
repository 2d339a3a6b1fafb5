"""A real SMTP server on loopback (aiosmtpd) with faults, that writes bounces into a Maildir."""

from __future__ import annotations

import mailbox
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.faults import Faults


@dataclass
class MailGateway:
    """Accepted mails; `bouncing` addresses bring a bounce into `returns`."""

    faults: Faults = field(default_factory=Faults)
    returns: Path | None = None
    bouncing: set[str] = field(default_factory=set)
    accepted: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault = self.faults.draw()
        if fault == "throttled":
            return "451 4.7.1 try again later"
        if fault == "rejected":
            return "554 5.7.1 refused"
        self.accepted.append(envelope)
        if self.returns is not None and envelope.rcpt_tos[0] in self.bouncing:
            deliver(self.returns, bounce(envelope))
        if fault in ("silent_after", "broken_after"):
            assert server.transport is not None
            server.transport.close()
        return "451 4.3.0 odd" if fault == "error_after" else "250 2.0.0 taken"


class Listening(Controller):
    """aiosmtpd's controller; it asks for a port itself."""

    def factory(self) -> Any:
        return SMTP(self.handler, hostname="mail.test", enable_SMTPUTF8=True)


@contextmanager
def mail_server(gateway: MailGateway, port: int) -> Iterator[int]:
    controller = Listening(gateway, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def bounce(envelope: Envelope) -> EmailMessage:
    """A delivery report as RFC 3464 has it."""
    mail = EmailMessage()
    mail["From"] = "MAILER-DAEMON@mail.test"
    mail["To"] = envelope.mail_from or ""
    mail["Subject"] = "Undelivered Mail Returned to Sender"
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content("The mail system could not deliver your message.")
    mail.make_mixed()
    fields = EmailMessage()
    fields["Content-Type"] = "message/delivery-status"
    whole, recipient = EmailMessage(), EmailMessage()
    whole["Reporting-MTA"] = "dns; mail.test"
    recipient["Final-Recipient"] = f"rfc822; {envelope.rcpt_tos[0]}"
    recipient["Action"] = "failed"
    recipient["Status"] = "5.2.1"
    recipient["Diagnostic-Code"] = "smtp; 550 mailbox disabled"
    fields.set_payload([whole, recipient])
    mail.attach(fields)
    mail.set_type("multipart/report")
    mail.set_param("report-type", "delivery-status")
    return mail


def deliver(folder: Path, mail: EmailMessage) -> None:
    """Into the Maildir, as a mail server would."""
    mailbox.Maildir(folder, create=True).add(mail.as_bytes())
    time.sleep(0)
