"""A plan that people could keep, and what followed when it was not kept: from the means of a
customer over a signed paper and its payments to easing, and at last to the court."""

from __future__ import annotations

import csv
import json
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from doorstep.agreements.models import (
    Affordability,
    Agreement,
    LegalReferral,
    Offer,
    PaymentFile,
    PaymentIn,
)
from doorstep.agreements.selectors.agreements import sealed_of
from doorstep.agreements.selectors.loans import borrower_loans, money_since_book
from doorstep.agreements.services.plans import plans_watch
from doorstep.agreements.tasks import take_payment_file
from doorstep.cases.bills import loans_for
from doorstep.cases.models import Case
from doorstep.delinquency.dues import loan_dues
from doorstep.delinquency.policy import DEFAULT
from doorstep.dispatch.models import Act
from doorstep.dispatch.reminder_plans import reminders_queue
from doorstep.kernel import clock
from doorstep.protections.models import Hardship
from doorstep.protections.selectors import known_rows
from doorstep.protections.services import claim_settle, protection_end
from doorstep.workforce.models import Staff
from tests.agreements.conftest import own_files  # noqa: F401 (found here by its name)
from tests.agreements.offers import Desk
from tests.agreements.signing import NAME, STROKES
from tests.dispatch.outbox import OPEN, make_sender
from tests.factories import AT, make_contact, make_contact_point
from tests.sites.office.test_offers import SAID

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]
FIRST = date(2026, 12, 15)
PARTS = ("principal", "interest", "fee", "penalty")


@dataclass
class Office:
    """The branch, its clock, and what people there do through the pages."""

    folder: Path
    desk: Desk = field(default_factory=Desk)
    at: datetime = AT

    def now(self) -> datetime:
        return self.at

    def goes_to(self, day: date, hour: int = 10) -> None:
        self.at = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))

    def gets(self, who: Staff, name: str, *args: Any, **query: Any) -> str:
        answer = self._of(who).get(reverse(f"office:{name}", args=args), query)
        assert answer.status_code == 200, answer
        return answer.content.decode()

    def does(self, who: Staff, name: str, *args: Any, **sent: Any) -> str:
        """Sends a form and returns the page that follows."""
        address = reverse(f"office:{name}", args=args)
        return self._of(who).post(address, sent, follow=True).content.decode()

    def answers(self, who: Staff, name: str, *args: Any, **sent: Any) -> HttpResponse:
        return self._of(who).post(reverse(f"office:{name}", args=args), sent)  # type: ignore[return-value]

    def _of(self, who: Staff) -> Client:
        client = Client()
        client.force_login(who)
        return client

    def night(self) -> dict[str, int]:
        """What a night does for plans, after the book of the day before has come."""
        self.book_comes()
        on = self.at.date() - timedelta(days=1)
        return plans_watch(on=on, at=self.at).counts()

    def book_comes(self) -> None:
        """The lender's book of the day before knows what came in by then; the case follows it."""
        loan, case = self.desk.loan, self.desk.case
        money = money_since_book(borrower_id=case.borrower_id).get(loan.pk, 0)
        loan.refresh_from_db()
        for row in loan.instalments.filter(settled_on=None).order_by("number"):
            for part in ("interest", "principal"):
                paid = min(money, getattr(row, f"{part}_due") - getattr(row, f"{part}_paid"))
                setattr(row, f"{part}_paid", getattr(row, f"{part}_paid") + paid)
                money -= paid
                loan.balance -= paid if part == "principal" else 0
            row.save()
        loan.save()
        on = self.at.date() - timedelta(days=1)
        due = loan_dues(loans_for(borrower_id=case.borrower_id)[0], on=on, policy=DEFAULT).overdue
        parts = {f"due_{part}": getattr(due, part) for part in PARTS}
        Case.objects.filter(pk=case.pk).update(business_date=on, due_total=due.total, **parts)

    def sends(self) -> None:
        make_sender(clock=self.now, folder=self.folder).round()

    def pays(self, *rows: tuple[str, date, str, str]) -> PaymentFile:
        """The bank's file of a day: number, day, amount, and what the payer wrote."""
        text = StringIO()
        csv.writer(text).writerows([("流水号", "到账日", "金额", "附言"), *rows])
        upload = SimpleUploadedFile("payments.csv", text.getvalue().encode(), "text/csv")
        self.does(self.desk.manager, "payments_bring", file=upload)
        file = PaymentFile.objects.latest("pk")
        take_payment_file.func(file.pk)
        file.refresh_from_db()
        assert (file.state, file.problems) == ("taken", [])
        return file

    def agrees(self, offer: Offer) -> Agreement:
        """Drawn up, signed by the customer on the screen, and sealed for the lender."""
        desk = self.desk
        self.does(desk.agent, "agreement_draw_up", offer.pk, language="zh-Hans")
        agreement = Agreement.objects.get(offer=offer)
        strokes = json.dumps([[list(point) for point in stroke] for stroke in STROKES])
        self.does(
            desk.agent, "agreement_signing", agreement.pk, "borrower", sha256=agreement.sha256,
            consent=["1", "2", "3"], way="screen", place="云川市松林区桃源路12号", strokes=strokes,
        )  # fmt: skip
        self.does(
            desk.agent, "agreement_deed", agreement.pk, deed="seal", place="云川市",
            sha256=agreement.sha256,
        )  # fmt: skip
        agreement.refresh_from_db()
        assert agreement.state == "in_force"
        return agreement


@pytest.fixture
def office(home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    settings.CHECKPOINT_PLACE = home / "elsewhere"
    settings.CHECKPOINT_PLACE.mkdir()
    office = Office(home / "sandbox")
    monkeypatch.setattr(clock, "now", office.now)
    borrower = office.desk.case.borrower
    borrower.name = NAME
    borrower.save()
    make_contact_point(borrower=borrower)
    for days_ago in (50, 15):
        make_contact(borrower=borrower, at=AT - timedelta(days=days_ago), result="delivered")
    yield office
    while OPEN:
        OPEN.pop().close()


def test_from_what_somebody_can_pay_to_the_pack_for_the_court(office: Office) -> None:
    offer = proposes_and_is_answered(office)
    agreement = signs(office, offer)
    pays_short_and_twice(office, agreement)
    is_reminded(office, agreement)
    stops_paying(office, agreement)
    lighter = is_eased(office, agreement)
    stops_paying_again(office, lighter)
    goes_to_court(office, lighter)


def proposes_and_is_answered(office: Office) -> Offer:
    """The means in plain words, three plans side by side, and a fourth of the customer's own."""
    desk, case = office.desk, office.desk.case.pk
    assert "还没有人问过" in office.gets(desk.agent, "affordability", case)
    office.does(desk.agent, "affordability_kept", case, **SAID, deed="finish")
    assert Affordability.objects.get().state == "stated"
    bench = office.gets(desk.agent, "options", case)
    for name in ("展期", "降低每期金额", "先缓后还"):
        assert name in bench
    office.does(
        desk.leader, "offer_counter", case, monthly="1500.00", loan=desk.loan.pk, pause="0",
        first_on=FIRST.isoformat(), words="每月 15 号前能还 1500。",
    )  # fmt: skip
    offer = Offer.objects.get()
    assert (offer.proposed_by, offer.state, offer.affordable) == ("borrower", "submitted", True)
    refused = office.answers(desk.leader, "offer_decide", offer.pk, decision="approve")
    assert refused.status_code == 422  # may approve others' offers, but made this one
    offer.refresh_from_db()
    assert offer.state == "submitted"
    office.does(desk.approver, "offer_decide", offer.pk, decision="approve")
    offer.refresh_from_db()
    assert offer.state == "approved"
    return offer


def signs(office: Office, offer: Offer) -> Agreement:
    """On the screen, with a rare name; an independent program finds the seal valid."""
    agreement = office.agrees(offer)
    paper = office.folder.parent / "agreement.pdf"
    paper.write_bytes(sealed_of(agreement))
    said = subprocess.run(["pdfsig", str(paper)], capture_output=True, text=True, check=False)
    assert "Signature is Valid" in said.stdout, said
    assert "Total document signed" in said.stdout
    words = subprocess.run(
        ["pdftotext", str(paper), "-"], capture_output=True, text=True, check=True
    )
    assert NAME in words.stdout
    case = office.desk.case
    assert agreement.number in office.gets(office.desk.agent, "case", case.pk)
    return agreement


def pays_short_and_twice(office: Office, agreement: Agreement) -> None:
    """The first instalment comes short, then what is missing comes twice."""
    manager = office.desk.manager
    first = agreement.instalments.get(number=1)
    short, rest = first.due - 50_000, 50_000
    office.goes_to(FIRST + timedelta(days=1))
    file = office.pays(("BK-1", FIRST, f"{short / 100:.2f}", f"{agreement.number} 还款"))
    assert (file.accepted, file.matched) == (1, 1)
    first.refresh_from_db()
    assert (first.outstanding, first.settled_on) == (rest, None)
    assert agreement.number in office.gets(manager, "promises_due", what="instalments", when="late")
    again = FIRST + timedelta(days=1)
    office.goes_to(FIRST + timedelta(days=2))
    file = office.pays(
        ("BK-1", FIRST, f"{short / 100:.2f}", f"{agreement.number} 还款"),
        ("BK-2", again, "500.00", agreement.number),
        ("BK-3", again, "500.00", agreement.number),
    )
    assert (file.accepted, file.repeated, file.matched) == (2, 1, 2)
    first.refresh_from_db()
    assert (first.outstanding, first.settled_on) == (0, again)
    second = agreement.instalments.get(number=2)
    assert second.outstanding == second.due - rest  # counted ahead, until a person looks
    twice = PaymentIn.objects.get(doubt="double")
    assert "BK-3" in office.gets(manager, "payments", view="double")
    office.does(manager, "payment_deed", twice.pk, deed="reverse", why="客户同一笔付了两次")
    second.refresh_from_db()
    assert second.outstanding == second.due
    assert agreement.watch.health == "on_track"


def is_reminded(office: Office, agreement: Agreement) -> None:
    """Before the second instalment, once, through the one door."""
    second = agreement.instalments.get(number=2)
    office.goes_to(second.due_on - timedelta(days=3))
    office.night()
    assert reminders_queue(at=office.at).queued == 1
    office.sends()
    act = Act.objects.get(plan_reminder__instalment=second)
    assert act.purpose == "service"
    assert act.state in ("sent", "delivered")
    assert f"{second.due / 100:,.2f}" in act.content["text"]


def stops_paying(office: Office, agreement: Agreement) -> None:
    """Two instalments without a cause break it; until then nothing is asked for."""
    second, third = agreement.instalments.filter(number__in=(2, 3)).order_by("number")
    office.goes_to(second.due_on + timedelta(days=2))
    assert office.night()["at_risk"] == 1
    works_again(office)
    refused = office.does(
        office.desk.leader, "referral_begin", office.desk.case.pk, reason="两期未还"
    )
    assert not LegalReferral.objects.exists(), refused
    office.goes_to(third.due_on + timedelta(days=7))
    assert office.night()["broken"] == 1
    agreement.refresh_from_db()
    assert (agreement.state, agreement.watch.health) == ("broken", "broken")


def works_again(office: Office) -> None:
    """The hardship on record was so, and is over: what is missed now has no known cause."""
    leader = office.desk.leader
    claimed = known_rows(Hardship).get(borrower=office.desk.case.borrower)
    so = claim_settle(claimed, confirmed=True, why="离职证明", by=leader, at=office.at)
    office.at += timedelta(minutes=5)
    protection_end(so, ends_at=office.at, why="客户已重新就业", by=leader, at=office.at)


def is_eased(office: Office, agreement: Agreement) -> Agreement:
    """The wage has fallen: half for two months, shown first, approved by rule, signed anew."""
    desk = office.desk
    said = SAID | {"income.wage": "6500"}
    del said["event.job_loss"]
    office.does(
        desk.agent, "affordability_kept", desk.case.pk, **said, deed="finish",
    )  # fmt: skip
    wanted = {"way": "smaller", "months": "2", "reason": "less_income"}
    shown = office.gets(desk.agent, "plan_ease", agreement.pk, **wanted)
    assert "由规则批准" in shown
    assert Offer.objects.count() == 1  # looking changes nothing
    office.does(desk.agent, "plan_ease", agreement.pk, **wanted, note="工资延迟发放")
    offer = Offer.objects.latest("pk")
    assert (offer.follows, offer.state, offer.level) == (
        agreement.offer, "approved", "eased_by_rule",
    )  # fmt: skip
    assert offer.note == "工资延迟发放"
    owed = borrower_loans(
        borrower_id=desk.case.borrower_id, on=office.at.date(), at=office.at, policy=DEFAULT
    )
    assert offer.owed_minor == sum(loan.owed.total for loan in owed)
    lighter = office.agrees(offer)
    light, usual = lighter.instalments.get(number=1).due, agreement.offer.instalment_minor
    assert light == lighter.instalments.get(number=2).due < usual * 55 // 100
    agreement.refresh_from_db()
    assert agreement.state == "broken"  # what happened stays as it was
    assert [each.kind for each in agreement.events.order_by("pk")] == [
        "begun", "at_risk", "recovered", "at_risk", "broken", "eased",
    ]  # fmt: skip
    return lighter


def stops_paying_again(office: Office, lighter: Agreement) -> None:
    first, second = lighter.instalments.filter(number__in=(1, 2)).order_by("number")
    office.goes_to(first.due_on)
    office.pays(("BK-4", first.due_on, f"{first.due / 100:.2f}", lighter.number))
    third = lighter.instalments.get(number=3)
    office.goes_to(third.due_on + timedelta(days=7))
    assert office.night()["broken"] == 1
    assert second.settled_on is None


def goes_to_court(office: Office, lighter: Agreement) -> None:
    """The pack builds itself; whoever prepared it cannot agree to it."""
    desk, case = office.desk, office.desk.case
    office.does(desk.leader, "referral_begin", case.pk, reason="两次约定均未履行，四次联系无回应。")
    referral = LegalReferral.objects.get()
    said = office.does(desk.leader, "referral_deed", referral.pk, deed="pack")
    assert "已完成并记录。" in said
    office.does(desk.leader, "referral_deed", referral.pk, deed="submit")
    office.does(desk.leader, "referral_deed", referral.pk, deed="approve", why="同意")
    referral.refresh_from_db()
    assert referral.state == "submitted"
    office.does(desk.approver, "referral_deed", referral.pk, deed="approve", why="材料齐全")
    referral.refresh_from_db()
    assert (referral.state, referral.missing) == ("approved", ["contract_copy"])
    taken = office.answers(desk.leader, "referral_file", referral.pk)
    with zipfile.ZipFile(BytesIO(b"".join(taken))) as pack:  # type: ignore[arg-type]
        names = pack.namelist()
        told = pack.read("payments.csv").decode("utf-8-sig")
        kinds = [
            json.loads(line)["kind"] for line in pack.read("proofs/entries.jsonl").splitlines()
        ]
    assert names[0] == "00-index.pdf"
    papers = {f"agreements/{row.number}-1.pdf" for row in Agreement.objects.all()}
    assert len(papers) == 2
    assert {"contracts.pdf", "bill.pdf", "demands.csv", "proofs/verify.py", *papers} <= set(names)
    for number in ("BK-1", "BK-2", "BK-3", "BK-4"):
        assert number in told
    assert {"agreement_in_force", "plan.reminded", "plan.broken", "referral.prepared"} <= set(kinds)
    page = office.gets(desk.manager, "case", case.pk)
    assert lighter.number in page
