"""The workbench of plans: what is open to a customer, side by side, and what they propose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.agreements.affordability import GUIDELINE, most_for_plan
from doorstep.agreements.models import Offer
from doorstep.agreements.option_table import TABLE
from doorstep.agreements.options import Means, Option, closed_for, options_for
from doorstep.agreements.proposal import Proposal
from doorstep.agreements.reasons import CONCESSIONS
from doorstep.agreements.selectors.affordability import means_of
from doorstep.agreements.selectors.loans import borrower_loans
from doorstep.agreements.selectors.offers import case_offers
from doorstep.agreements.services.offers import offer_counter, offer_make, offer_submit
from doorstep.agreements.terms import BorrowerLoan
from doorstep.cases.models import Case
from doorstep.cycle.policies import policy_of_last_night
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, NotFound
from doorstep.portfolio.intake.amounts import amount_reader
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.affordability_words import Words
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.case_words import who
from doorstep.sites.office.channel_words import PRODUCTS
from doorstep.sites.office.options_drawing import Paid, time_line
from doorstep.sites.office.options_words import (
    ABOUT,
    ARREARS,
    CREDIT,
    FITS,
    KEYS,
    MISSED,
    REASONS,
    SHUT,
    TONES,
    several,
    words,
)
from doorstep.workforce.roles import Permission

FURTHEST = timedelta(days=92)
PAUSES = (0, 1, 2, 3, 6)


@dataclass(frozen=True)
class Bench:
    """What stands on the workbench: the loans chosen, what is known of the means, the first day."""

    case: Case
    on: date
    at: datetime
    owing: tuple[BorrowerLoan, ...]
    loans: tuple[BorrowerLoan, ...]
    means: Means | None
    first_on: date

    def options(self) -> tuple[Option, ...]:
        """The plans that are open; none where nothing is chosen."""
        if not self.loans:
            return ()
        return options_for(
            borrower_loans=self.loans, affordability=self.means, on=self.on, first_on=self.first_on
        )


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def options(request: StaffRequest, case_id: int) -> HttpResponse:
    """Every plan that is open for the chosen loans, with what it costs and means."""
    return _page(request, _bench(request, case_or_404(request.user, case_id), request.GET))


@needs(Permission.MAKE_OFFERS)
@require_POST
def offer_new(request: StaffRequest, case_id: int) -> HttpResponse:
    """Make one of the plans into an offer, and submit it unless it is only to be kept."""
    bench = _bench(request, case_or_404(request.user, case_id), request.POST)
    try:
        offer = _made(request, bench)
        if request.POST.get("deed") != "keep":
            offer = offer_submit(offer=offer, by=request.user, at=clock.now(), on=bench.on)
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return _page(request, bench, status=422)
    _said(request, offer)
    return redirect("office:offer", offer_id=offer.pk)


@needs(Permission.MAKE_OFFERS)
@require_POST
def offer_countered(request: StaffRequest, case_id: int) -> HttpResponse:
    """Take in what the customer proposes."""
    bench = _bench(request, case_or_404(request.user, case_id), request.POST)
    try:
        offer = offer_counter(
            case=bench.case, proposal=_proposal(request.POST, bench),
            loans=[loan.loan_id for loan in bench.loans], words=request.POST.get("words", ""),
            by=request.user, at=bench.at, on=bench.on, policy=policy_of_last_night(),
            follows=_follows(request, bench),
        )  # fmt: skip
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return _page(request, bench, status=422)
    _said(request, offer)
    return redirect("office:offer", offer_id=offer.pk)


def _bench(request: HttpRequest, case: Case, sent: QueryDict) -> Bench:
    on, at = clock.today(settings.TIME_ZONE), clock.now()
    owing = borrower_loans(
        borrower_id=case.borrower_id, on=on, at=at, policy=policy_of_last_night()
    )
    able = [loan for loan in owing if loan.owed.total]
    asked = [loan for loan in able if loan.loan_id in sent.getlist("loan")]
    chosen = asked or [loan for loan in able if loan.currency == able[0].currency]
    if len({loan.currency for loan in chosen}) > 1:
        messages.error(request, _("A plan is in one currency: choose loans of one."))
        chosen = [loan for loan in chosen if loan.currency == chosen[0].currency]
    return Bench(
        case=case, on=on, at=at, owing=owing, loans=tuple(chosen),
        means=means_of(borrower_id=case.borrower_id, on=on, at=at),
        first_on=_first_day(sent.get("first_on", ""), on),
    )  # fmt: skip


def _first_day(text: str, on: date) -> date:
    """The day that was asked for, if it is ahead and near; else the usual one."""
    try:
        wanted = date.fromisoformat(text)
    except ValueError:
        wanted = on
    return wanted if on < wanted <= on + FURTHEST else on + timedelta(days=TABLE.first_days)


def _made(request: StaffRequest, bench: Bench) -> Offer:
    key = request.POST.get("key", "")
    option = next((each for each in bench.options() if each.key == key), None)
    if option is None:
        raise NotFound(_("This plan is not open for these loans any more."), code="NOT_OPEN")
    return offer_make(
        case=bench.case, terms=option.terms, loans=option.loans,
        reason_code=request.POST.get("reason", ""), note=request.POST.get("note", ""),
        by=request.user, at=bench.at, on=bench.on, policy=policy_of_last_night(),
        follows=_follows(request, bench),
    )  # fmt: skip


def _follows(request: StaffRequest, bench: Bench) -> Offer | None:
    text = request.POST.get("follows", "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        return None
    return case_offers(borrower_id=bench.case.borrower_id).filter(pk=int(text)).first()


def _proposal(sent: QueryDict, bench: Bench) -> Proposal:
    currency = bench.loans[0].currency if bench.loans else GUIDELINE.currency
    read = amount_reader(currency=currency, unit="major", decimal=".", negative=False)
    monthly = read(sent.get("monthly", "").strip()[:24])
    if not isinstance(monthly, int) or monthly < 1:
        raise InputError(_("Say what the customer can pay a month, such as 860.00."))
    pause = sent.get("pause", "0")
    return Proposal(
        monthly=monthly,
        first_on=bench.first_on,
        pause=int(pause) if pause in map(str, PAUSES) else 0,
        waive={part: 100 for part in ("penalty", "fee", "interest") if sent.get(f"waive.{part}")},
    )


def _said(request: StaffRequest, offer: Offer) -> None:
    told = {
        "submitted": _("It waits for those who must agree."),
        "approved": _("Approved by rule: it can be signed."),
    }
    messages.success(request, told.get(offer.state, _("The offer is kept; submit it when ready.")))


def _page(request: StaffRequest, bench: Bench, *, status: int = 200) -> HttpResponse:
    found = bench.options()
    context: dict[str, Any] = {
        "case": bench.case,
        "who": who(bench.case),
        "currency": bench.loans[0].currency if bench.loans else bench.case.currency,
        "loans": [_loan_shown(loan, bench) for loan in bench.owing],
        "chosen": [loan.loan_id for loan in bench.loans],
        "first_on": bench.first_on,
        "means": bench.means,
        "most": _most(bench.means),
        "options": [option_shown(option) for option in found],
        "closed": [
            {"name": words(KEYS, each.key), "why": words(SHUT, each.why)}
            for each in _closed(bench)
        ],
        "drawing": time_line(
            [(words(KEYS, each.key), [Paid(row.due_on, row.total) for row in each.plan.rows])
             for each in found],
            on=bench.on, most=_most(bench.means),
        ),
        "reasons": _choices(REASONS, CONCESSIONS),
        "reason": _likely(bench.means),
        "pauses": PAUSES,
        "follows": _follows(request, bench) if request.method == "POST" else _asked(request, bench),
        "sent": request.POST if request.method == "POST" else {},
        "may_make": request.user.may(Permission.MAKE_OFFERS) and bench.case.status == "open",
        "offers": [(each, TONES[each.state]) for each in case_offers(
            borrower_id=bench.case.borrower_id)[:8]],
        "answer_days": TABLE.answer_days,
    }  # fmt: skip
    return render(request, "office/options/bench.html", context, status=status)


def _asked(request: StaffRequest, bench: Bench) -> Offer | None:
    text = request.GET.get("follows", "")
    known = text.isascii() and text.isdigit() and len(text) < 16
    offers = case_offers(borrower_id=bench.case.borrower_id)
    return offers.filter(pk=int(text)).first() if known else None


def _closed(bench: Bench) -> Any:
    if not bench.loans:
        return ()
    return closed_for(borrower_loans=bench.loans, affordability=bench.means)


def _most(means: Means | None) -> int | None:
    known = means is not None and means.disposable is not None
    return most_for_plan(means.disposable) if known else None  # type: ignore[union-attr, arg-type]


def _likely(means: Means | None) -> str:
    """The reason that is chosen beforehand: the first hardship on record."""
    causes = means.causes if means else frozenset()
    return next((code for code in CONCESSIONS if code in causes), "")


def _choices(table: Words, codes: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(code, words(table, code)) for code in codes]


def _loan_shown(loan: BorrowerLoan, bench: Bench) -> dict[str, Any]:
    return {
        "loan": loan,
        "product": words(PRODUCTS, loan.product),
        "chosen": loan in bench.loans,
        "able": loan.owed.total > 0,
    }


def option_shown(option: Option) -> dict[str, Any]:
    """A plan in the page's language."""
    fit, tone = FITS[option.fit]
    return {
        "option": option,
        "name": words(KEYS, option.key),
        "about": words(ABOUT, option.key),
        "fit": fit,
        "tone": tone,
        "share": None if option.share_ppm is None else option.share_ppm / 1_000_000,
        "waived": option.plan.waived_parts.total,
        "light": option.plan.rows[0].total if option.terms.smaller else None,
        "arrears": words(ARREARS, option.way.arrears),
        "credit": words(CREDIT, option.way.credit),
        "missed": several(MISSED, option.way.missed),
        "dearer": option.difference > 0,
        "difference": abs(option.difference),
    }
