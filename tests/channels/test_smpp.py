"""SMS by SMPP against a message centre on loopback; PDUs against hand-written octets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.channels.message import InDoubt, NotAccepted, Standing
from doorstep.channels.smpp_pdu import (
    BrokenPdu,
    Command,
    Pdu,
    Short,
    header_decode,
    receipt_fields,
    short_decode,
)
from doorstep.channels.smpp_session import Address
from doorstep.channels.sms_smpp import SmsSmpp, short_of
from tests.channels.opening import AT, clearance_for, door_made, message_made
from tests.servers.faults import Faults
from tests.servers.loop import in_thread
from tests.servers.smsc import Smsc, deliver_make


def talk(
    smsc: Smsc,
    work: Callable[[SmsSmpp], Awaitable[None]],
    password: str = "secret",
    timeout: float = 20.0,
) -> None:
    """Bind to the message centre and do some work."""

    async def go(port: int) -> None:
        address = Address("127.0.0.1", port, "us", password, timeout=timeout)
        channel = SmsSmpp(
            door=DOOR, address=address, sender="95599", clock=lambda: AT, secure=False
        )
        try:
            await work(channel)
        finally:
            await channel.close()

    with in_thread(smsc.start) as port:
        asyncio.run(go(port))


DOOR = door_made()


async def submit(channel: SmsSmpp, text: str = "请致电 95599。") -> tuple[str, str]:
    message = message_made(text=text)
    clearance = clearance_for(message, channel="sms", door=DOOR)
    return message.reference, (await channel.send(clearance, message)).gateway_reference


@pytest.mark.parametrize("text", ["Plain words.", "请致电 95599。", "长" * 400, "𠮷先生您好"])
def test_a_text_arrives_as_it_was_written(text: str) -> None:
    smsc = Smsc()

    async def work(channel: SmsSmpp) -> None:
        reference, number = await submit(channel, text)
        assert number == "m1"
        (kept,) = smsc.accepted
        assert (kept["text"], kept["destination"]) == (text, "8619900000001")
        assert kept["user_reference"] == short_of(reference)

    talk(smsc, work)


def test_many_messages_are_in_flight_on_one_bind() -> None:
    smsc = Smsc(faults=Faults(answer_seconds=0.02))

    async def work(channel: SmsSmpp) -> None:
        await asyncio.gather(*(submit(channel) for _ in range(50)))

    talk(smsc, work)
    assert (len(smsc.accepted), smsc.binds) == (50, 1)


@pytest.mark.parametrize("fault", ["silent_after", "broken_after", "error_after", "broken_before"])
def test_without_a_clear_answer_it_is_in_doubt(fault: str) -> None:
    smsc = Smsc(faults=Faults(**{fault: 1.0}))

    async def work(channel: SmsSmpp) -> None:
        with pytest.raises(InDoubt):
            await submit(channel)

    talk(smsc, work, timeout=0.5)
    assert len(smsc.accepted) == (fault != "broken_before")


@pytest.mark.parametrize(("fault", "again"), [("throttled", True), ("rejected", False)])
def test_a_refusal_is_sure(fault: str, again: bool) -> None:
    smsc = Smsc(faults=Faults(**{fault: 1.0}))

    async def work(channel: SmsSmpp) -> None:
        with pytest.raises(NotAccepted) as refused:
            await submit(channel)
        assert refused.value.again is again

    talk(smsc, work)
    assert smsc.accepted == []


def test_a_refused_bind_sends_nothing() -> None:
    smsc = Smsc()

    async def work(channel: SmsSmpp) -> None:
        with pytest.raises(NotAccepted, match="refused the bind"):
            await submit(channel)

    talk(smsc, work, password="wrong")
    assert smsc.accepted == []


def test_it_is_asked_by_the_number_it_gave_and_without_one_nobody_can_tell() -> None:
    smsc = Smsc()

    async def work(channel: SmsSmpp) -> None:
        reference, number = await submit(channel)
        ask = channel.standing
        assert await ask(reference=reference, gateway_reference=number) == Standing.DELIVERED
        assert await ask(reference=reference, gateway_reference="m9") == Standing.CANNOT_TELL
        assert await ask(reference=reference, gateway_reference="") == Standing.CANNOT_TELL

    talk(smsc, work)


def test_a_receipt_is_answered_only_when_it_is_safely_kept_and_comes_again_until_then() -> None:
    smsc = Smsc(faults=Faults(silent_after=1.0))

    async def work(channel: SmsSmpp) -> None:
        with pytest.raises(InDoubt):
            await submit(channel)
        told = await channel.fetch("")
        assert [report.standing for report in told.reports] == [Standing.DELIVERED]
        assert told.reports[0].gateway_reference == "m1"
        hint = smsc.accepted[0]["user_reference"]
        assert told.reports[0].reference == f"{hint}@8619900000001"
        await channel.close()
        assert smsc.answered == 0
        again = await channel.fetch("")
        for _ in range(1000):
            if again.reports:
                break
            await asyncio.sleep(0.02)
            again = await channel.fetch("")
        assert again.reports[0].key == told.reports[0].key
        await channel.confirm(again.keys)
        assert (await channel.fetch("")).reports == []
        for _ in range(100):
            if smsc.answered:
                break
            await asyncio.sleep(0.02)
        assert smsc.answered == 1

    talk(smsc, work, timeout=0.5)


def test_somebody_writes_to_us() -> None:
    smsc = Smsc()

    async def work(channel: SmsSmpp) -> None:
        await channel.fetch("")
        text = "我要投诉".encode("utf-16-be")
        smsc.deliver(deliver_make(source="8619900000001", destination="95599", text=text, coding=8))
        told = await channel.fetch("")
        for _ in range(1000):
            if told.incoming:
                break
            await asyncio.sleep(0.02)
            told = await channel.fetch("")
        assert [(each.sender, each.text) for each in told.incoming] == [
            ("8619900000001", "我要投诉")
        ]

    talk(smsc, work)


def test_the_same_words_under_the_same_number_of_another_session_are_another_message() -> None:
    keys = []

    async def work(channel: SmsSmpp) -> None:
        await channel.fetch("")
        smsc.deliver(deliver_make(source="8619900000001", destination="95599", text=b"TD"))
        while not (told := await channel.fetch("")).incoming:
            await asyncio.sleep(0.02)
        again = await channel.fetch("")
        assert [each.key for each in again.incoming] == [each.key for each in told.incoming]
        assert told.keys == ["1"]
        keys.append(told.incoming[0].key)

    for _restarted in range(2):
        smsc = Smsc()
        talk(smsc, work)
    assert len(set(keys)) == 2


def test_the_octets_of_an_enquire_link() -> None:
    octets = bytes.fromhex("00000010000000150000000000000007")
    assert Pdu(Command.ENQUIRE_LINK, 0, 7).encode() == octets
    assert header_decode(octets) == (16, Pdu(0x15, 0, 7))


@given(st.text(max_size=300).filter(lambda text: text.encode("utf-16", "ignore") and ok(text)))
def test_any_text_survives_the_wire(text: str) -> None:
    short = short_decode(Short("95599", "+8619900000001", text).encode())
    assert (short.text, short.destination) == (text, "8619900000001")


def ok(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


@given(st.binary(max_size=60))
def test_a_body_that_is_none_is_called_broken(octets: bytes) -> None:
    try:
        short_decode(octets)
    except BrokenPdu:
        pass


def test_the_text_of_a_receipt_is_read() -> None:
    fields = receipt_fields("id:abc sub:001 dlvrd:000 stat:UNDELIV err:011 text:hello")
    assert (fields["id"], fields["stat"], fields["err"]) == ("abc", "UNDELIV", "011")
