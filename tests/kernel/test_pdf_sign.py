"""Signed documents: intact as issued, broken by any change, and whose seal it is."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
import typst
from pyhanko.pdf_utils.reader import PdfFileReader

from doorstep.kernel.errors import DoorstepError, InputError
from doorstep.kernel.pdf_sign import Seal, pdf_intact, pdf_sign, seal_make, seal_read

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    path = tmp_path_factory.mktemp("seal") / "seal.pem"
    assert seal_make(path, name="云川银行", at=AT)
    assert not seal_make(path, name="another", at=AT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return seal_read(path)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("pdf") / "plain.typ"
    path.write_text("One page.")
    document: bytes = typst.compile(path, format="pdf")
    return document


def test_a_signed_document_is_intact_and_says_when_and_by_whom(seal: Seal, plain: bytes) -> None:
    signed = pdf_sign(pdf=plain, seal=seal, reason="AL-1", at=AT)
    assert pdf_intact(pdf=signed, seal=seal)
    (signature,) = PdfFileReader(BytesIO(signed)).embedded_signatures
    assert signature.self_reported_timestamp == AT
    assert seal.name == "云川银行"
    assert signature.sig_object["/Reason"] == "AL-1"


def test_a_changed_added_to_or_unsigned_document_is_not(seal: Seal, plain: bytes) -> None:
    signed = pdf_sign(pdf=plain, seal=seal, reason="AL-1", at=AT)
    changed = bytearray(signed)
    changed[300] ^= 1
    assert not pdf_intact(pdf=bytes(changed), seal=seal)
    assert not pdf_intact(pdf=signed + b"\n% more", seal=seal)
    assert not pdf_intact(pdf=plain, seal=seal)
    assert not pdf_intact(pdf=b"no document", seal=seal)


def test_a_document_under_another_seal_is_not_ours(
    seal: Seal, plain: bytes, tmp_path: Path
) -> None:
    seal_make(tmp_path / "other.pem", name="云川银行", at=AT)
    other = pdf_sign(pdf=plain, seal=seal_read(tmp_path / "other.pem"), reason="AL-1", at=AT)
    assert not pdf_intact(pdf=other, seal=seal)


def test_what_is_no_document_is_not_signed(seal: Seal) -> None:
    with pytest.raises(DoorstepError) as caught:
        pdf_sign(pdf=b"no document", seal=seal, reason="AL-1", at=AT)
    assert caught.value.code == "SIGNING_FAILED"


@pytest.mark.parametrize("content", ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n", "words"])
def test_a_file_that_is_no_seal_is_refused_and_never_shown(content: str, tmp_path: Path) -> None:
    path = tmp_path / "seal.pem"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        seal_read(path)
    assert caught.value.code == "BAD_SEAL"
    assert str(path) in str(caught.value)
    assert "AAAA" not in str(caught.value)


def test_a_key_with_the_certificate_of_another_is_refused(tmp_path: Path) -> None:
    one, other, mixed = (tmp_path / name for name in ("one.pem", "other.pem", "mixed.pem"))
    seal_make(one, name="one", at=AT)
    seal_make(other, name="other", at=AT)
    mark = b"-----BEGIN CERTIFICATE"
    mixed.write_bytes(one.read_bytes().split(mark)[0] + mark + other.read_bytes().split(mark)[1])
    with pytest.raises(InputError, match="not the key's"):
        seal_read(mixed)
    with pytest.raises(InputError, match="no such file"):
        seal_read(tmp_path / "nowhere.pem")
