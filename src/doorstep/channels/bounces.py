"""What comes back by mail: delivery reports (RFC 3464) and people's answers, told apart."""

from __future__ import annotations

import re
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default as modern
from email.utils import getaddresses, parseaddr

from doorstep.channels.message import Incoming, Report, Standing

REFERENCE = re.compile(r"\+([\w-]{1,64})@")
ACTIONS = {
    "delivered": Standing.DELIVERED,
    "expanded": Standing.DELIVERED,
    "relayed": Standing.ACCEPTED,
    "delayed": Standing.ACCEPTED,
    "failed": Standing.FAILED,
}


def mail_read(octets: bytes, *, key: str, at: datetime) -> Report | Incoming | None:
    """A report, somebody's answer, or nothing of ours.

    Our reference stands in the envelope id that the report quotes, or in the address it came to
    (bounce+REFERENCE@...).
    """
    mail = message_from_bytes(octets, policy=modern)
    if mail.get_content_type() == "multipart/report":
        return _report(mail, key=key, at=at)
    if (mail.get("Auto-Submitted", "no")).lower() != "no":
        return None  # an out-of-office note is nobody's word
    sender = parseaddr(str(mail.get("From", "")))[1].lower()
    body = mail.get_body(preferencelist=("plain",)) if isinstance(mail, EmailMessage) else None
    text = body.get_content() if body is not None else ""
    return Incoming(key=key, sender=sender, text=unquoted(text), at=at) if sender else None


def _report(mail: Message, *, key: str, at: datetime) -> Report | None:
    whole, recipient = _status_fields(mail)
    to = getaddresses([str(mail.get("To", ""))])
    named = next((found[1] for _, address in to if (found := REFERENCE.search(address))), "")
    reference = str(whole.get("Original-Envelope-Id", "")).strip() or named
    action = str(recipient.get("Action", "")).strip().lower()
    if not reference or action not in ACTIONS:
        return None
    return Report(
        key=key,
        standing=ACTIONS[action],
        at=at,
        reference=reference,
        detail=f"{recipient.get('Status', '')} {recipient.get('Diagnostic-Code', '')}".strip()[
            :200
        ],
    )


def _status_fields(mail: Message) -> tuple[Message, Message]:
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = [block for block in part.get_payload() if isinstance(block, Message)]
            if len(blocks) > 1:
                return blocks[0], blocks[1]
    return Message(), Message()


def unquoted(text: str) -> str:
    """The person's own words: without what they quote of us below them."""
    lines = []
    for line in text.splitlines():
        if re.match(
            r"\s*(>|-{2,}\s*(Original|原始邮件|原始郵件)|On .+ wrote:|.+(写道|寫道)[::]?\s*$)", line
        ):
            break
        lines.append(line)
    return "\n".join(lines).strip()[:4000]
