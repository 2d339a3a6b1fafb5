"""Agreements drawn up, signed by everybody, sealed and in force; and all that must not be."""

from __future__ import annotations

import hashlib
import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from doorstep.agreements.models import Agreement, PlanInstalment, PlanWatch, Signature
from doorstep.agreements.selectors.agreements import pdf_of, picture_of, sealed_of
from doorstep.agreements.services.agreements import agreement_cancel
from doorstep.agreements.strokes import strokes_png
from doorstep.evidence.models import Leaf
from doorstep.evidence.opening import Opener
from doorstep.kernel.errors import DoorstepError, InputError, NotFound, Refused
from doorstep.kernel.pdf_sign import pdf_intact
from doorstep.workforce.roles import Role
from doorstep.workforce.seal import seal
from tests.agreements.signing import (
    NAME,
    STROKES,
    agreed,
    draft,
    make_offer,
    named_case,
    put_seal,
    sign,
)
from tests.factories import AT, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


def text_of(pdf: bytes, folder: Path) -> str:
    file = folder / "a.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True)
    return "".join(done.stdout.decode().split())


def logged(kind: str) -> list[dict[str, object]]:
    leaves = Leaf.objects.filter(kind=kind).select_related("subject", "sealed").order_by("index")
    return [content["body"] for leaf in leaves if (content := Opener().read(leaf)) is not None]


def test_from_an_approved_offer_to_an_agreement_in_force() -> None:
    offer = make_offer()
    agreement = draft(offer)
    assert agreement.state == "drafted"
    assert agreement.approvals[0]["role"] == "approver"
    sign(agreement)
    agreement.refresh_from_db()
    assert agreement.state == "signing"
    assert not PlanInstalment.objects.exists()  # nothing counts as agreed yet
    put_seal(agreement)
    agreement.refresh_from_db()
    assert agreement.state == "in_force"
    assert agreement.in_force_at == AT
    rows = list(agreement.instalments.all())
    assert len(rows) == 12
    assert sum(row.due for row in rows) == offer.total_minor
    assert all(row.outstanding == row.due for row in rows)
    assert PlanWatch.objects.get(pk=agreement.pk).health == "on_track"


def test_every_signature_is_bound_to_the_one_document(tmp_path: Path) -> None:
    agreement = agreed()
    base, sealed = pdf_of(agreement), sealed_of(agreement)
    assert hashlib.sha256(base).hexdigest() == agreement.sha256
    assert sealed.startswith(base)  # what they signed is in it, byte for byte
    assert pdf_intact(pdf=sealed, seal=seal(at=AT))
    assert not pdf_intact(pdf=sealed.replace(b"/Overlay", b"/0verlay", 1), seal=seal(at=AT))
    said = logged("agreement_signed")
    assert [each["party"] for each in said] == ["borrower", "lender"]
    assert {each["sha256"] for each in said} == {agreement.sha256}
    [final] = logged("agreement_in_force")
    assert final["sealed_sha256"] == hashlib.sha256(sealed).hexdigest()
    text = text_of(sealed, tmp_path)
    for words in (NAME, "还款协议", agreement.number, "在屏幕上手写", agreement.sha256):
        assert words in text
    drawn = picture_of(agreement.signatures.get(party="borrower"))
    assert drawn == strokes_png(STROKES)


def test_pdfsig_finds_the_seal_valid_and_over_the_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "sealed.pdf"
    file.write_bytes(sealed_of(agreed()))
    done = subprocess.run(["pdfsig", str(file)], capture_output=True, check=False)
    said = done.stdout.decode()
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    file.write_bytes(file.read_bytes().replace(b"/Overlay", b"/0verlay", 1))
    done = subprocess.run(["pdfsig", str(file)], capture_output=True, check=False)
    assert "Signature is Valid" not in done.stdout.decode()


def test_nothing_readable_lies_in_the_database() -> None:
    agreement = agreed()
    for row in (agreement.document.pdf, agreement.document.sealed):
        assert b"%PDF" not in bytes(row)
    assert b"PNG" not in bytes(agreement.signatures.get(party="borrower").picture or b"")


@pytest.mark.parametrize("state", ["proposed", "submitted", "refused", "withdrawn", "lapsed"])
def test_only_an_approved_offer_is_drawn_up(state: str) -> None:
    fields = {} if state != "refused" else {"refused_words": "x", "refused_by": make_staff()}
    with pytest.raises(Refused) as caught:
        draft(make_offer(state=state, **fields))
    assert caught.value.code == "NOT_APPROVED"
    assert not Agreement.objects.exists()


def test_an_approval_that_ran_out_between_draft_and_signing_refuses() -> None:
    offer = make_offer()
    agreement = draft(offer)
    late = AT + timedelta(days=15)
    with pytest.raises(Refused) as caught:
        sign(agreement, at=late)
    assert caught.value.code == "OFFER_LAPSED"
    sign(agreement, at=AT + timedelta(days=14) - timedelta(hours=12))
    with pytest.raises(Refused):
        put_seal(agreement, at=late)
    with pytest.raises(Refused):
        draft(offer, at=late)


def test_the_lender_seals_only_after_everybody_else() -> None:
    agreement = draft(make_offer(), witness=True)
    for party in ("borrower", "witness"):
        with pytest.raises(Refused) as caught:
            put_seal(agreement)
        assert caught.value.code == "NOT_ALL_SIGNED"
        sign(agreement, party)
    assert put_seal(agreement).state == "in_force"
    with pytest.raises(Refused) as caught:
        put_seal(agreement)
    assert caught.value.code == "WRONG_STATE"


def test_nobody_signs_for_the_lender_twice_or_as_somebody_else() -> None:
    agreement = draft(make_offer())
    for party in ("lender", "witness", "guarantor"):
        with pytest.raises(Refused) as caught:
            sign(agreement, party)
        assert caught.value.code == "NOT_A_PARTY"
    sign(agreement)
    with pytest.raises(Refused) as caught:
        sign(agreement)
    assert caught.value.code == "SIGNED"


def test_a_changed_document_is_a_new_version_and_old_signatures_count_no_more() -> None:
    offer = make_offer()
    first = draft(offer)
    sign(first)
    second = draft(offer, language="zh-Hant")
    first.refresh_from_db()
    assert (first.state, second.version, second.number) == ("replaced", 2, first.number)
    assert second.sha256 != first.sha256
    with pytest.raises(Refused) as caught:
        put_seal(second)
    assert caught.value.code == "NOT_ALL_SIGNED"
    with pytest.raises(Refused):
        put_seal(first)
    with pytest.raises(Refused) as caught:
        sign(second, sha256=first.sha256)
    assert caught.value.code == "CHANGED"


def test_an_agreement_in_force_is_not_drawn_up_again() -> None:
    agreement = agreed()
    with pytest.raises(Refused) as caught:
        draft(agreement.offer)
    assert caught.value.code == "IN_FORCE"


def test_the_agreement_on_an_eased_offer_replaces_the_one_before() -> None:
    first = agreed()
    easing = make_offer(case=first.case, follows=first.offer)
    second = agreed(easing)
    first.refresh_from_db()
    assert (first.state, first.ended_why, second.state) == ("replaced", second.number, "in_force")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("consent", []), ("consent", ["something else"]), ("name", "别人"), ("name", ""),
        ("place", "  "), ("picture", None), ("way", "recording"), ("way", "seal"), ("way", "paper"),
    ],
)  # fmt: skip
def test_a_signature_without_consent_name_place_or_proof_is_none(field: str, value: object) -> None:
    agreement = draft(make_offer())
    fields = {field: value} | ({"picture": None} if value == "paper" else {})
    with pytest.raises(InputError):
        sign(agreement, **fields)
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"way": "typed", "picture": None},
        {"way": "paper", "picture": strokes_png(STROKES)},
        {"way": "recording", "picture": None, "recording": "call-20261120-0017"},
    ],
    ids=lambda fields: str(fields["way"]),
)
def test_other_ways_to_sign_stand_in_the_document(
    fields: dict[str, object], tmp_path: Path
) -> None:
    agreement = draft(make_offer())
    sign(agreement, **fields)
    text = text_of(sealed_of(put_seal(agreement)), tmp_path)
    words = {"typed": "键入姓名", "paper": "纸质签署", "recording": "call-20261120-0017"}
    assert words[str(fields["way"])] in text


def test_who_may_not_have_agreements_signed_does_not() -> None:
    offer = make_offer()
    auditor = make_staff(Role.AUDITOR)
    with pytest.raises(Refused):
        draft(offer, by=auditor)
    agreement = draft(offer)
    with pytest.raises(Refused):
        sign(agreement, by=auditor)
    sign(agreement)
    with pytest.raises(Refused):
        put_seal(agreement, by=auditor)
    with pytest.raises(Refused):
        agreement_cancel(agreement=agreement, why="x", by=auditor, at=AT)


def test_an_agreement_that_is_given_up_says_why_and_is_signed_by_nobody() -> None:
    agreement = draft(make_offer())
    by = make_staff(Role.DESK_AGENT)
    with pytest.raises(InputError):
        agreement_cancel(agreement=agreement, why=" ", by=by, at=AT)
    agreement_cancel(agreement=agreement, why="客户想再考虑", by=by, at=AT)
    with pytest.raises(Refused):
        sign(agreement)
    assert logged("agreement_cancelled")[0]["why"] == "客户想再考虑"


@pytest.mark.parametrize("name", ["王\ue000", "王\u202e五", "王\u200b五", "王\U000f0000"])
def test_a_name_that_cannot_be_seen_for_what_it_is_makes_no_document(name: str) -> None:
    case = named_case()
    case.borrower.name = name
    case.borrower.save()
    with pytest.raises(DoorstepError) as caught:
        draft(make_offer(case=case))
    assert caught.value.code == "CHARACTER_NOT_PRINTABLE"
    assert f"U+{ord(name[1]):04X}" in caught.value.message
    assert not Agreement.objects.exists()


def test_a_name_the_font_lacks_makes_no_document() -> None:
    case = named_case()
    case.borrower.name = "王🙂"
    case.borrower.save()
    with pytest.raises(DoorstepError) as caught:
        draft(make_offer(case=case))
    assert caught.value.code == "CHARACTER_NOT_PRINTABLE"


def test_a_card_plan_holds_the_pledge_and_another_loan_does_not() -> None:
    assert "no_new_card_pledge" in draft(make_offer()).contains
    assert "no_new_card_pledge" not in draft(make_offer(product="consumer")).contains


def test_a_card_plan_of_five_years_is_drawn_up_and_a_longer_one_is_not() -> None:
    assert draft(make_offer(months=60)).state == "drafted"
    with pytest.raises(Refused) as caught:
        draft(make_offer(months=61))
    assert caught.value.code == "CN-CC-70-TERM"
    assert draft(make_offer(months=61, product="consumer")).state == "drafted"
    verdicts = [each["verdict"] for each in logged("agreement_drafted")]
    assert len(verdicts) == 2
    assert all(verdicts)


def test_the_database_itself_refuses_what_cannot_be() -> None:
    agreement = agreed()
    for change in ({"state": "kept"}, {"sha256": ""}, {"approvals": []}, {"in_force_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Agreement.objects.filter(pk=agreement.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        agreement.signatures.filter(party="borrower").update(way="seal")
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanInstalment.objects.filter(number=1).update(principal_paid=1)


def test_before_the_seal_there_is_no_sealed_document() -> None:
    with pytest.raises(NotFound):
        sealed_of(draft(make_offer()))


def test_numbers_tell_nothing_and_codes_are_read_without_doubt() -> None:
    agreement = draft(make_offer())
    assert re.fullmatch(r"RA-2026-\d{8}", agreement.number)
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", agreement.code)
