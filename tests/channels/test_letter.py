"""Letters: a printable PDF each, a manifest a batch, nothing added after it is closed."""

from __future__ import annotations

import asyncio
import csv
import hashlib
from pathlib import Path

import pytest

from doorstep.channels.letter import Letter, batch_close, batch_open
from doorstep.channels.message import Message, NotAccepted, Standing
from doorstep.kernel.errors import Refused
from tests.channels.opening import AT, clearance_for, door_made, message_made


def letter_to(name: str = "欧阳小明") -> Message:
    return message_made(
        kind="address", medium="letter", to=f"{name}\n清河市示范街道幸福路1号", subject="账单说明",
        text="尊敬的客户:\n\n您的账单\n- 已到期。\n\n此致",
        body="尊敬的客户:\n\n# 您的账单\n- 已到期。\n\n此致",
    )  # fmt: skip


def printed(folder: Path, message: Message) -> None:
    door = door_made()
    channel = Letter(door=door, folder=folder, sender="某银行", clock=lambda: AT)
    asyncio.run(channel.send(clearance_for(message, channel="letter", door=door), message))


def test_letters_of_a_day_make_a_batch_with_a_manifest(tmp_path: Path) -> None:
    letters = [letter_to(), letter_to("李𠮷")]
    for each in letters:
        printed(tmp_path, each)
    batch = batch_open(tmp_path, at=AT)
    with batch_close(batch).open(encoding="utf-8") as manifest:
        rows = list(csv.DictReader(manifest))
    assert [row["reference"] for row in rows] == [each.reference for each in letters]
    for row in rows:
        document = (batch / row["file"]).read_bytes()
        assert document.startswith(b"%PDF")
        assert hashlib.sha256(document).hexdigest() == row["sha256"]


def test_a_closed_batch_takes_no_more_and_the_next_letter_begins_another(tmp_path: Path) -> None:
    printed(tmp_path, letter_to())
    batch_close(batch_open(tmp_path, at=AT))
    printed(tmp_path, letter_to())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2026-11-20-1", "2026-11-20-2"]
    with pytest.raises(Refused, match="closed"):
        batch_close(tmp_path / "2026-11-20-1")


def test_a_letter_that_was_changed_stops_the_batch(tmp_path: Path) -> None:
    message = letter_to()
    printed(tmp_path, message)
    batch = batch_open(tmp_path, at=AT)
    (batch / f"{message.reference}.pdf").write_bytes(b"%PDF another")
    with pytest.raises(Refused, match="changed"):
        batch_close(batch)


def test_an_empty_batch_is_not_closed(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no letter"):
        batch_close(batch_open(tmp_path, at=AT))


def test_a_name_that_no_font_can_print_is_refused_not_boxed(tmp_path: Path) -> None:
    with pytest.raises(NotAccepted) as refused:
        printed(tmp_path, letter_to("李\ue000"))
    assert not refused.value.again


def test_a_letter_in_a_batch_was_taken_any_other_is_not_known(tmp_path: Path) -> None:
    message = letter_to()
    printed(tmp_path, message)
    channel = Letter(door=door_made(), folder=tmp_path, sender="", clock=lambda: AT)

    async def standing(reference: str) -> Standing:
        return await channel.standing(reference=reference, gateway_reference="")

    assert asyncio.run(standing(message.reference)) == Standing.ACCEPTED
    assert asyncio.run(standing("other")) == Standing.NOT_KNOWN
