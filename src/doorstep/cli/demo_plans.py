"""Plans of the example bank that began some weeks ago, and the money that came in for them.

One is kept (and one payment came twice), one was paid too little, one was broken and is on its way
to court; two payments are nobody's. Everything is done by the same services a page calls. What is
there stays.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from doorstep.agreements.affordability import GUIDELINE
from doorstep.agreements.models import Agreement, Offer, OfferState, PaymentFile, PlanInstalment
from doorstep.agreements.services.legal import referral_prepare, referral_submit
from doorstep.agreements.services.payments import payment_file_bring, payment_file_take
from doorstep.agreements.services.plans import plans_watch
from doorstep.cases.models import Case
from doorstep.cli.demo_agreements import case_offer
from doorstep.cli.demo_signatures import offer_agreement
from doorstep.kernel.errors import DoorstepError
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role

BEGAN = timedelta(days=75)
WANTED = ("kept", "short", "broken")
MOST_TRIED = 6
HEADER = ("流水号", "到账日", "金额", "附言", "付款人")
NOBODYS = (("还款", "李*"), ("工资", "某商贸有限公司"))
WHY = "方案逾期两期，多次联系未果，没有更缓和的办法。"


def plans_make(
    *, staff: Mapping[str, Staff], at: datetime, progress: Callable[[float], None]
) -> None:
    """Plans that are kept, at risk and broken, the payments behind them, and one case that waits
    for approval to go to court."""
    if PaymentFile.objects.exists():
        return
    on = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    plans = _plans(staff["approver"], at - BEGAN, on - BEGAN)
    progress(0.6)
    rows = [row for want, plan in plans.items() for row in _paid(want, plan, on)]
    rows += [
        (f"{on:%Y%m%d}9{place:04}", on, 88_800 + place, *words)
        for place, words in enumerate(NOBODYS)
    ]
    _file(rows, name=f"还款-{on:%Y%m%d}.csv", by=staff["manager"], at=at)
    plans_watch(on=on, at=at)
    progress(0.8)
    if "broken" in plans:
        _to_court(plans["broken"].case, staff["manager"], at)
    progress(1.0)


def _plans(approver: Staff, at: datetime, on: date) -> dict[str, Agreement]:
    """An agreement for each of WANTED, in force since `at`."""
    found: dict[str, Agreement] = {}
    for case in _cases():
        if len(found) == len(WANTED):
            break
        try:
            with transaction.atomic():
                case_offer(case, "approved", None, approver, on, at)
                offer = Offer.objects.get(case=case, state=OfferState.APPROVED)
                offer_agreement(offer, "in_force", at)
                found[WANTED[len(found)]] = Agreement.objects.get(offer=offer, state="in_force")
        except (DoorstepError, Offer.DoesNotExist):
            continue  # beyond what anybody may grant, or no font: the next case
    return found


def _cases() -> list[Case]:
    """Cases of desk agents for whom nothing was worked out yet and that nothing holds."""
    rows = Case.objects.filter(
        assignee__role=Role.DESK_AGENT, status="open", hold_kind="", currency=GUIDELINE.currency,
        affordability__isnull=True,
    )  # fmt: skip
    return list(rows.select_related("borrower", "assignee").order_by("pk")[:MOST_TRIED])


def _paid(want: str, plan: Agreement, on: date) -> list[tuple[str, date, int, str, str]]:
    """What came in for a plan: all of what was due (the last of it twice), or the first due in full
    and half of the second, or nothing."""
    dues = list(PlanInstalment.objects.filter(agreement=plan, due_on__lte=on).order_by("number"))
    name, told = plan.case.borrower.name, f"还款 {plan.number}"
    amounts = {"kept": [each.due for each in dues], "short": [], "broken": []}[want]
    if want == "short":
        amounts = [each.due for each in dues[:-1]] + [dues[-1].due // 2] if dues else []
    rows = [
        (f"{each.due_on:%Y%m%d}{plan.pk:04}{each.number:02}", each.due_on, amount, told, name)
        for each, amount in zip(dues, amounts, strict=False)
    ]
    if want == "kept" and rows:
        reference, day, amount, told, name = rows[-1]
        rows.append((f"{reference}B", min(day + timedelta(days=1), on), amount, told, name))
    return rows


def _file(
    rows: list[tuple[str, date, int, str, str]], *, name: str, by: Staff, at: datetime
) -> None:
    """The payments as a bank tells them, brought and taken in."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "payments.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            for reference, day, minor, *words in rows:
                writer.writerow((reference, day.isoformat(), f"{minor / 100:.2f}", *words))
        brought = payment_file_bring(path=path, name=name, by=by, at=at)
    payment_file_take(file=brought, at=at)


def _to_court(case: Case, by: Staff, at: datetime) -> None:
    """Prepare the case of a broken plan for court with its pack, and ask a second person."""
    from doorstep.sites.office.legal_pack import pack_make

    case.refresh_from_db()
    try:
        with transaction.atomic():
            referral = referral_prepare(case=case, reason=WHY, by=by, at=at)
            referral_submit(referral=pack_make(referral=referral, by=by, at=at), by=by, at=at)
    except DoorstepError:
        return  # something speaks against it, or no font: a case like any other
