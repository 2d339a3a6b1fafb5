"""E-mail against a real SMTP server on loopback, and the bounces it brings back."""

from __future__ import annotations

import asyncio
import socket
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path

import pytest

from doorstep.channels.bounces import unquoted
from doorstep.channels.email_smtp import EmailSmtp, MailServer
from doorstep.channels.message import Accepted, InDoubt, Message, NotAccepted, Standing
from tests.channels.opening import AT, clearance_for, door_made, message_made
from tests.servers.faults import Faults
from tests.servers.mail import MailGateway, deliver, mail_server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server(port: int, returns: Path | None = None) -> MailServer:
    return MailServer(
        host="127.0.0.1", port=port, sender="service@bank.test", sender_name="某银行",
        return_domain="bank.test", security="none", returns=returns, timeout=2.0,
    )  # fmt: skip


def mail_to(address: str = "li@example.test") -> Message:
    return message_made(
        kind="email", medium="email", to=address, subject="账单提醒", text="您好。\n请查询账单。",
        html="<p>您好。</p>",
    )  # fmt: skip


def sent(port: int, message: Message) -> Accepted:
    door = door_made()
    channel = EmailSmtp(door=door, server=server(port), clock=lambda: AT)
    return asyncio.run(channel.send(clearance_for(message, channel="email", door=door), message))


def test_a_mail_arrives_whole_with_its_own_return_path() -> None:
    gateway, port = MailGateway(), free_port()
    message = mail_to()
    with mail_server(gateway, port):
        sent(port, message)
    (envelope,) = gateway.accepted
    assert envelope.mail_from == f"bounce+{message.reference}@bank.test"
    assert isinstance(envelope.content, bytes)
    mail = message_from_bytes(envelope.content, policy=modern)
    assert isinstance(mail, EmailMessage)
    assert mail["Subject"] == "账单提醒"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == ["您好。", "请查询账单。"]
    assert html.get_content().strip() == "<p>您好。</p>"


@pytest.mark.parametrize(
    ("fault", "again"), [("throttled", True), ("rejected", False), ("error_after", True)]
)
def test_a_refusal_in_words_is_sure(fault: str, again: bool) -> None:
    port = free_port()
    with (
        mail_server(MailGateway(faults=Faults(**{fault: 1.0})), port),
        pytest.raises(NotAccepted) as refused,
    ):
        sent(port, mail_to())
    assert refused.value.again is again


def test_an_unknown_mailbox_is_refused_for_good() -> None:
    port = free_port()
    with mail_server(MailGateway(), port), pytest.raises(NotAccepted, match="no such mailbox"):
        sent(port, mail_to("nobody@example.test"))


def test_a_server_that_hangs_up_after_the_text_leaves_doubt() -> None:
    gateway, port = MailGateway(faults=Faults(broken_after=1.0)), free_port()
    with mail_server(gateway, port), pytest.raises(InDoubt):
        sent(port, mail_to())
    assert len(gateway.accepted) == 1


def test_nobody_listens() -> None:
    with pytest.raises(NotAccepted) as refused:
        sent(free_port(), mail_to())
    assert refused.value.again


def test_a_bounce_names_the_message_and_is_read_once(tmp_path: Path) -> None:
    gateway = MailGateway(returns=tmp_path / "returns", bouncing={"li@example.test"})
    port, message = free_port(), mail_to()
    with mail_server(gateway, port):
        sent(port, message)

    async def fetch() -> None:
        channel = EmailSmtp(
            door=door_made(), server=server(port, tmp_path / "returns"), clock=lambda: AT
        )
        told = await channel.fetch("")
        (report,) = told.reports
        assert (report.reference, report.standing) == (message.reference, Standing.FAILED)
        assert "5.2.1" in report.detail
        assert len((await channel.fetch("")).reports) == 1
        await channel.confirm(told.keys)
        assert (await channel.fetch("")).reports == []

    asyncio.run(fetch())


def test_an_answer_is_read_in_the_persons_own_words(tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"] = "李先生 <Li@example.test>"
    mail["To"] = "service@bank.test"
    mail.set_content("我要投诉\n\n2026年11月20日 某银行 写道:\n> 您的账单\n")
    deliver(tmp_path / "returns", mail)
    away = EmailMessage()
    away["From"] = "wang@example.test"
    away["Auto-Submitted"] = "auto-replied"
    away.set_content("I am away.")
    deliver(tmp_path / "returns", away)

    async def fetch() -> None:
        channel = EmailSmtp(
            door=door_made(), server=server(9, tmp_path / "returns"), clock=lambda: AT
        )
        told = await channel.fetch("")
        assert [(each.sender, each.text) for each in told.incoming] == [
            ("li@example.test", "我要投诉")
        ]
        assert len(told.keys) == 2

    asyncio.run(fetch())


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("yes\n> quoted", "yes"),
        ("已还\n\n-----Original Message-----\nfrom us", "已还"),
        ("On Friday I paid.\nThanks", "On Friday I paid.\nThanks"),
    ],
)
def test_what_is_quoted_of_us_is_left_out(text: str, own: str) -> None:
    assert unquoted(text) == own


def test_a_line_break_in_a_subject_is_refused() -> None:
    with pytest.raises(ValueError, match="line"):
        sent(
            9,
            message_made(
                kind="email", medium="email", to="li@example.test", subject="a\r\nBcc: x@y.test"
            ),
        )
