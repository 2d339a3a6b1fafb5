"""The pages of what is kept, late and follows: payments, promises due, going to court, evasion."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.urls import reverse

from doorstep.agreements.models import Investigation, LegalReferral, PaymentIn, Promise
from doorstep.agreements.payment_file import PaymentRows
from doorstep.agreements.payment_json import payment_objects
from doorstep.agreements.services.legal import pack_open
from doorstep.agreements.services.payments import payments_take
from doorstep.evidence.models import Leaf
from doorstep.kernel import clock
from doorstep.kernel.errors import Refused
from doorstep.sites.office.legal_pack import pack_make
from doorstep.workforce.roles import Role
from tests.agreements.plans import make_agreement, make_what_follows
from tests.factories import (
    AT,
    ON,
    make_borrower,
    make_case,
    make_contact,
    make_instalments,
    make_loan,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    staff = make_staff(Role.COLLECTIONS_MANAGER)
    client.force_login(staff)
    return staff


@pytest.fixture
def case():
    borrower = make_borrower(name="欧阳𠮷")
    make_instalments(loan=make_loan(borrower=borrower), count=10, paid=9)
    return make_case(borrower=borrower)


def pay(row):
    payments_take(rows=payment_objects([row], on=ON, found=PaymentRows()), at=AT)


def test_what_cannot_be_matched_waits_in_the_list_until_a_person_says_whose_it_is(
    client, manager, case
):
    pay({"reference": "R1", "amount": 5_000, "paid_on": "2026-11-20"})
    payment = PaymentIn.objects.get()
    assert "R1" in client.get(reverse("office:payments")).content.decode()

    loan = case.borrower.loans.get().pk
    client.post(
        reverse("office:payment_deed", args=[payment.pk]),
        {"deed": "match", "loan": loan, "why": "客户出示回单"},
    )
    payment.refresh_from_db()
    assert (payment.state, payment.loan_id) == ("matched", loan)
    assert client.get(reverse("office:payment", args=[payment.pk])).status_code == 200


def test_the_list_asks_as_often_for_many_as_for_few(client, manager, django_assert_max_num_queries):
    for _ in range(12):
        made = make_case(borrower=make_borrower())
        make_what_follows(case=made, loan=make_loan(borrower=made.borrower), by=manager)
    for name in ("payments", "referrals", "investigations", "promises_due"):
        with django_assert_max_num_queries(25):
            client.get(reverse(f"office:{name}") + "?view=matched&when=soon")


def test_a_promise_is_recorded_on_the_case_and_taken_back(client, manager, case):
    day = clock.today("Asia/Shanghai") + timedelta(days=3)
    client.post(
        reverse("office:promise_give", args=[case.pk]),
        {"amount": "500.00", "due_on": day.isoformat(), "loan": "", "note": ""},
    )
    promise = Promise.objects.get(borrower=case.borrower)
    assert (promise.amount, promise.origin) == (50_000, "here")
    listed = client.get(reverse("office:promises_due") + "?when=soon").content.decode()
    assert promise.pk in listed
    assert client.get(reverse("office:case", args=[case.pk])).status_code == 200

    client.post(reverse("office:promise_cancel", args=[promise.pk]), {"why": "记错"})
    promise.refresh_from_db()
    assert promise.state == "cancelled"


def test_instalments_of_plans_show_on_their_day(client, manager):
    today = clock.today("Asia/Shanghai")
    agreement = make_agreement(dues=[(today, 86_000), (today + timedelta(days=30), 86_000)])

    page = client.get(reverse("office:promises_due") + "?what=instalments").content.decode()

    assert agreement.number in page


def test_the_legal_pack_is_put_together_and_read(client, manager, case, settings, tmp_path):
    settings.HOME = settings.CHECKPOINT_PLACE = tmp_path
    make_contact(borrower=case.borrower)
    client.post(reverse("office:referral_begin", args=[case.pk]), {"reason": "两期未还"})
    referral = LegalReferral.objects.get()

    client.post(reverse("office:referral_deed", args=[referral.pk]), {"deed": "pack"})
    referral.refresh_from_db()
    assert referral.pack, client.get(
        reverse("office:referral", args=[referral.pk])
    ).content.decode()
    kept = pack_open(referral)
    assert kept is not None
    assert kept not in Path(referral.pack).read_bytes()
    with zipfile.ZipFile(BytesIO(kept)) as pack:
        names = pack.namelist()
        assert pack.read("00-index.pdf").startswith(b"%PDF")
    assert names[0] == "00-index.pdf"
    assert {"contracts.pdf", "bill.pdf", "demands.csv", "payments.csv", "proofs/verify.py"} <= set(
        names
    )
    assert "effective_demands" in referral.missing
    client.post(reverse("office:referral_deed", args=[referral.pk]), {"deed": "submit"})
    page = client.get(reverse("office:referral", args=[referral.pk]))
    assert page.status_code == 200
    taken = client.post(reverse("office:referral_file", args=[referral.pk]))
    assert b"".join(taken.streaming_content)[:2] == b"PK"


def test_an_investigation_gathers_facts_on_its_page(client, manager, case):
    client.post(reverse("office:investigation_begin", args=[case.pk]), {"suspicion": "失联"})
    found = Investigation.objects.get()
    client.post(
        reverse("office:investigation_deed", args=[found.pk]),
        {"deed": "fact", "text": "搬走", "source": "外访", "speaks_for": "1"},
    )

    page = client.get(reverse("office:investigation", args=[found.pk])).content.decode()
    assert "搬走" in page
    assert client.get(reverse("office:investigations")).status_code == 200


def test_nothing_leaves_the_log_for_who_may_not_prepare_a_pack(client, case):
    manager, approver = make_staff(Role.COLLECTIONS_MANAGER), make_staff(Role.APPROVER)
    made = make_what_follows(case=case, loan=case.borrower.loans.get(), by=manager)
    referral = LegalReferral.objects.get(pk=made["referral"])
    before = Leaf.objects.count()

    with pytest.raises(Refused):
        pack_make(referral=referral, by=approver, at=clock.now())
    referral.state = "filed"
    with pytest.raises(Refused) as refused:
        pack_make(referral=referral, by=manager, at=clock.now())

    assert refused.value.code == "WRONG_STATE"
    assert Leaf.objects.count() == before


def test_the_timeline_tells_of_money_plans_courts_and_investigations(client, manager, case):
    make_what_follows(case=case, loan=case.borrower.loans.get(), by=manager)
    agreement = make_agreement(case=case, loans=list(case.borrower.loans.all()))

    page = reverse("office:case", args=[case.pk])
    for kind, words in (
        ("payment", "补入的还款："), ("agreement", "还款安排开始"),
        ("legal", "起诉：准备中"), ("legal", "开始调查"),
    ):  # fmt: skip
        assert words in client.get(page, {"kind": kind}).content.decode()
        assert words not in client.get(page, {"kind": "note"}).content.decode()
    assert agreement.number in client.get(page, {"kind": "agreement"}).content.decode()
