"""The recording's formats: a fixed example, sealing and opening, and the stand-alone verifier."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.evidence import verify, verify_recording
from doorstep.evidence.recording import (
    content_key_unwrap,
    content_key_wrap,
    head_signed,
    recording_verify,
    segment_open,
    segment_seal,
)
from doorstep.evidence.verify import Altered
from doorstep.evidence.verify_recording import (
    Segment,
    chain_add,
    chain_begin,
    coded,
    decoded,
    receipt_read,
    receipt_text,
    report,
)
from doorstep.kernel.errors import DoorstepError, InputError
from tests.evidence.recordings import Made, make_recording

VECTOR = json.loads((Path(__file__).parent / "recording_vector.json").read_text("utf-8"))


def private(part: dict[str, str]) -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(decoded(part["private_number"]), "big")
    return ec.derive_private_key(number, ec.SECP256R1())


def copy_of(made: Made, folder: Path, *, whole: bool = True) -> Path:
    """The folder that a borrower gets, with the verifier in it."""
    folder.mkdir()
    row = {
        "visit": made.visit, "recording": made.recording, "nonce": coded(made.nonce),
        "segments": [[s.sha.hex(), s.started_ms, s.length_ms] for s in made.segments],
    }  # fmt: skip
    (folder / "recording.json").write_text(json.dumps(row), "utf-8")
    if whole:
        (folder / "segments").mkdir()
        for seq, body in enumerate(made.bodies):
            (folder / "segments" / f"{seq:05}.bin").write_bytes(body)
    for module in (verify, verify_recording):
        shutil.copy(str(module.__file__), folder)
    return folder


def test_the_fixed_example_that_phones_are_tested_with_holds() -> None:
    server = private(VECTOR["server"])
    key = content_key_unwrap(private=server, wrapped=decoded(VECTOR["wrapped"]))
    assert key == decoded(VECTOR["content_key"])
    ephemeral = private(VECTOR["ephemeral"])
    wrapped = content_key_wrap(
        server=server.public_key(), ephemeral=ephemeral, iv=decoded(VECTOR["wrap_iv"]), key=key
    )
    assert wrapped == decoded(VECTOR["wrapped"])
    recording, nonce = VECTOR["recording"], decoded(VECTOR["nonce"])
    head = chain_begin(visit=VECTOR["visit"], recording=recording, nonce=nonce)
    assert head.hex() == VECTOR["head_before"]
    segments, bodies = [], []
    for row in VECTOR["segments"]:
        body = decoded(row["body"])
        plain = segment_open(key=key, recording=recording, seq=row["seq"], body=body)
        assert plain == decoded(row["plain"])
        segments.append(Segment(bytes.fromhex(row["sha"]), row["started_ms"], row["length_ms"]))
        bodies.append(body)
        head = chain_add(head, row["seq"], segments[-1])
        assert head.hex() == row["head_after"]
    receipt = receipt_read(VECTOR["receipt"])
    assert receipt.head == head
    assert receipt.signature == decoded(VECTOR["signature"])
    assert head_signed(receipt)
    assert recording_verify(receipt=receipt, nonce=nonce, segments=segments, bodies=bodies).ok


def test_a_key_wrapped_for_another_server_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(InputError, match="not wrapped"):
        content_key_unwrap(private=other, wrapped=decoded(VECTOR["wrapped"]))


@pytest.mark.parametrize("wrapped", [b"", b"\x04" * 125, b"\x00" * 125, b"x" * 5000])
def test_what_is_no_wrapped_key_is_refused(wrapped: bytes) -> None:
    with pytest.raises(InputError) as raised:
        content_key_unwrap(private=private(VECTOR["server"]), wrapped=wrapped)
    assert raised.value.code == "BAD_WRAP"


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 2**32 - 1), st.integers(0, 8 * 40 - 1))
def test_a_segment_opens_in_its_own_place_alone(plain: bytes, seq: int, bit: int) -> None:
    key, iv = b"k" * 32, b"i" * 12
    body = segment_seal(key=key, recording="a", seq=seq, iv=iv, plain=plain)
    assert segment_open(key=key, recording="a", seq=seq, body=body) == plain
    altered = bytearray(body)
    altered[bit // 8 % len(body)] ^= 1 << bit % 8
    for wrong in (
        {"seq": seq + 1},
        {"recording": "b"},
        {"body": bytes(altered)},
        {"body": body[:20]},
        {"body": b""},
        {"key": b"x" * 32},
    ):
        asked: dict[str, Any] = {"key": key, "recording": "a", "seq": seq, "body": body, **wrong}
        with pytest.raises(DoorstepError, match="cannot be opened"):
            segment_open(**asked)


def test_a_phone_killed_in_the_middle_leaves_segments_that_verify() -> None:
    made = make_recording(count=9)
    killed = made.copy()
    del killed.bodies[5:], killed.segments[5:]
    found = recording_verify(
        receipt=killed.receipt(), nonce=made.nonce, segments=killed.segments, bodies=killed.bodies
    )
    assert found.ok
    empty = make_recording(count=0)
    assert recording_verify(receipt=empty.receipt(), nonce=empty.nonce, segments=[], bodies=[]).ok


def test_a_receipt_says_the_same_after_a_journey_through_its_text() -> None:
    receipt = make_recording().receipt()
    text = receipt_text(receipt)
    assert receipt_read(text) == receipt
    assert receipt_read(text.replace("\n", " \r\n")) == receipt
    assert len(text) < 400  # one QR code that a phone reads from paper


@pytest.mark.parametrize(
    "text",
    ["", "doorstep", "\x00", "1\n" * 7, "é" * 400, VECTOR["receipt"].replace("/1", "/2"),
     VECTOR["receipt"].replace("4711", "٤٧١١"), VECTOR["receipt"] + "more",
     VECTOR["receipt"].replace("\n3\n", "\n-3\n"), VECTOR["receipt"].replace("\n3\n", "\n1e9\n"),
     VECTOR["receipt"].replace(VECTOR["head"], VECTOR["head"][2:])],
)  # fmt: skip
def test_what_is_no_receipt_is_refused(text: str) -> None:
    with pytest.raises(Altered):
        receipt_read(text)


def test_the_verifier_stands_alone_and_finds_a_copy_that_was_altered(tmp_path: Path) -> None:
    made = make_recording()
    folder = copy_of(made, tmp_path / "copy")
    (tmp_path / "receipt.txt").write_text(receipt_text(made.receipt()), "utf-8")

    def checked() -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c",
             "import runpy, sys; sys.path.insert(0, sys.argv[1]); sys.argv = sys.argv[2:];"
             "runpy.run_path(sys.argv[0], run_name='__main__')",
             str(folder), str(folder / "verify_recording.py"), str(folder),
             "--receipt", str(tmp_path / "receipt.txt")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout)

    code, found = checked()
    assert (code, found["ok"], found["looked_at"]) == (0, True, 6)
    (folder / "segments" / "00003.bin").write_bytes(b"another")
    code, found = checked()
    assert (code, found["ok"], found["first_bad"]) == (1, False, 3)


def test_a_copy_of_hashes_alone_is_checked_too(tmp_path: Path) -> None:
    made = make_recording()
    folder = copy_of(made, tmp_path / "copy", whole=False)
    found = report(folder, receipt_text(made.receipt()))
    assert (found["ok"], found["looked_at"]) == (True, 0)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", "null", "\x00", '{"visit": 1}', "[" * 50_000,
     '{"visit": 1, "recording": "RECORDING", "nonce": "", "segments": [1]}',
     '{"visit": 1, "recording": "RECORDING", "nonce": 3, "segments": []}',
     '{"visit": 1, "recording": "RECORDING", "nonce": "a", "segments": [["00", 1, 1]]}',
     '{"visit": 1, "recording": "RECORDING", "nonce": "", "segments": [["ZEROS", -1, 1]]}',
     '{"visit": 1, "recording": "RECORDING", "nonce": "", "segments": [["ZEROS", 1e3, 1]]}'],
)  # fmt: skip
def test_a_copy_that_cannot_be_read_is_told_and_nothing_falls_over(
    content: str, tmp_path: Path
) -> None:
    made = make_recording()
    folder = copy_of(made, tmp_path / "copy")
    content = content.replace("RECORDING", made.recording).replace("ZEROS", "00" * 32)
    (folder / "recording.json").write_text(content, "utf-8")
    found = report(folder, receipt_text(made.receipt()))
    assert not found["ok"]
    assert found["why"]


def test_the_command_says_when_a_file_is_not_there(tmp_path: Path) -> None:
    asked = [str(tmp_path), "--receipt", str(tmp_path / "none")]
    assert verify_recording.main(asked) == 2
