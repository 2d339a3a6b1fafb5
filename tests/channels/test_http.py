"""SMS and messengers by HTTP against a real gateway on loopback that misbehaves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from doorstep.channels.message import Accepted, InDoubt, NotAccepted, Standing
from doorstep.channels.messenger import MOMENT, SIGNATURE, Messenger, signature
from doorstep.channels.sms_http import SmsHttp
from doorstep.kernel.errors import InputError
from tests.channels.opening import AT, clearance_for, door_made, message_made
from tests.servers.faults import Faults
from tests.servers.http_gateway import HttpGateway
from tests.servers.loop import in_thread


def sent(port: int, timeout: float = 20.0, **fields: Any) -> tuple[str, Accepted]:
    """Send one message; its reference and what the gateway said."""
    door = door_made()
    message = message_made(**fields)

    async def go() -> Accepted:
        url = f"http://127.0.0.1:{port}"
        channel = SmsHttp(door=door, url=url, secret="token", timeout=timeout)
        try:
            return await channel.send(clearance_for(message, channel="sms", door=door), message)
        finally:
            await channel.close()

    return message.reference, asyncio.run(go())


def test_a_message_arrives_under_our_reference_with_our_secret() -> None:
    gateway = HttpGateway(keep_seen=True)
    with in_thread(gateway.start) as port:
        reference, accepted = sent(port, text="您好,账单已到期。")
    assert accepted.gateway_reference == "g1"
    assert gateway.accepted == [
        {"reference": reference, "to": "+8619900000001", "text": "您好,账单已到期。", "sender": ""}
    ]
    assert gateway.seen[0][0]["authorization"] == "Bearer token"


@pytest.mark.parametrize("fault", ["silent_after", "broken_after", "error_after", "error_before"])
def test_what_may_have_been_taken_is_in_doubt(fault: str) -> None:
    gateway = HttpGateway(faults=Faults(**{fault: 1.0}))
    with in_thread(gateway.start) as port, pytest.raises(InDoubt):
        sent(port, timeout=0.5)
    assert len(gateway.accepted) == (fault != "error_before")


@pytest.mark.parametrize(("fault", "again"), [("throttled", True), ("rejected", False)])
def test_what_was_refused_was_surely_not_taken(fault: str, again: bool) -> None:
    gateway = HttpGateway(faults=Faults(**{fault: 1.0}))
    with in_thread(gateway.start) as port, pytest.raises(NotAccepted) as refused:
        sent(port)
    assert refused.value.again is again
    assert gateway.accepted == []


def test_nobody_there_is_surely_not_taken_and_may_be_tried_again() -> None:
    with pytest.raises(NotAccepted) as refused:
        sent(9)
    assert (refused.value.code, refused.value.again) == ("NO_GATEWAY", True)


def test_the_gateway_is_asked_by_our_own_reference() -> None:
    gateway = HttpGateway(faults=Faults(silent_after=1.0))

    async def ask(port: int, reference: str) -> Standing:
        channel = SmsHttp(door=door_made(), url=f"http://127.0.0.1:{port}", secret="s")
        standing = await channel.standing(reference=reference, gateway_reference="")
        await channel.close()
        return standing

    with in_thread(gateway.start) as port:
        with pytest.raises(InDoubt):
            sent(port, timeout=0.5)
        (known,) = gateway.references
        assert asyncio.run(ask(port, known)) == Standing.DELIVERED
        assert asyncio.run(ask(port, "never-sent")) == Standing.NOT_KNOWN
    assert asyncio.run(ask(9, known)) == Standing.CANNOT_TELL


def test_receipts_and_replies_come_after_the_cursor() -> None:
    gateway = HttpGateway(faults=Faults(receipts="twice"))
    with in_thread(gateway.start) as port:
        reference, _ = sent(port)
        gateway.reply(sender="+8619900000001", text="TD")

        async def fetch() -> None:
            channel = SmsHttp(door=door_made(), url=f"http://127.0.0.1:{port}", secret="s")
            first = await channel.fetch("")
            assert [report.reference for report in first.reports] == [reference] * 2
            assert len({report.key for report in first.reports}) == 1
            assert [each.text for each in first.incoming] == ["TD"]
            assert (await channel.fetch(first.cursor)).reports == []
            await channel.close()

        asyncio.run(fetch())


def test_a_messenger_request_is_signed_over_its_moment_and_body() -> None:
    gateway = HttpGateway(keep_seen=True)
    door = door_made()
    message = message_made(kind="messenger", medium="messenger", to="wx-1")

    async def go(port: int) -> None:
        channel = Messenger(
            door=door, url=f"http://127.0.0.1:{port}", secret="bridge", clock=lambda: AT
        )
        await channel.send(clearance_for(message, channel="messenger", door=door), message)
        await channel.close()

    with in_thread(gateway.start) as port:
        asyncio.run(go(port))
    headers, body = gateway.seen[0]
    moment = headers[MOMENT.lower()]
    assert moment == AT.isoformat()
    assert headers[SIGNATURE.lower()] == signature(b"bridge", moment, body)
    assert headers[SIGNATURE.lower()] != signature(b"another", moment, body)


def test_an_address_without_encryption_is_refused() -> None:
    with pytest.raises(InputError, match="https"):
        SmsHttp(door=door_made(), url="http://sms.example", secret="s")
