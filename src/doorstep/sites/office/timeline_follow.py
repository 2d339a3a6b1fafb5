"""What followed, for the timeline: money taken in, what became of plans, going to court,
evasion."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from doorstep.agreements.models import (
    CourtDate,
    Investigation,
    LegalReferral,
    PaymentIn,
    PlanEvent,
)
from doorstep.cases.models import Case
from doorstep.kernel.money import format_minor
from doorstep.sites.office import case_words
from doorstep.sites.office.timeline_entry import Entry


def payments_taken(case: Case, most: int) -> Iterable[Entry]:
    """Payments told between two books, and those that were taken back."""
    titles = {
        "matched": _("Payment taken in: %(amount)s"),
        "reversed": _("Payment taken in, later reversed: %(amount)s"),
        "reversal": _("Payment taken back: %(amount)s"),
    }
    rows = PaymentIn.objects.filter(loan__borrower=case.borrower_id, state__in=list(titles))
    for row in rows.select_related("settled_by").order_by("-taken_at", "-pk")[:most]:
        amount = format_minor(row.amount, row.currency, language=case_words.language())
        text = " · ".join(each for each in (row.reference, row.note) if each)
        by = str(row.settled_by) if row.settled_by else _("The program")
        title = titles[row.state] % {"amount": amount}
        yield Entry("payment", row.paid_on, row.taken_at, title, text, by)


def plans_told(case: Case, most: int) -> Iterable[Entry]:
    """What became of plans: begun, at risk, broken, eased, kept."""
    rows = PlanEvent.objects.filter(agreement__case__borrower=case.borrower_id)
    for row in rows.select_related("agreement").order_by("-at", "-pk")[:most]:
        text = " · ".join(each for each in (row.agreement.number, _note(row)) if each)
        yield Entry("agreement", row.on, row.at, str(row.get_kind_display()), text)


def _note(row: PlanEvent) -> str:
    """The words of a person; codes are told by the kind itself."""
    return row.note if row.kind == "eased" else ""


def legal_told(case: Case, most: int) -> Iterable[Entry]:
    """The way to a court and back, and investigations that were opened and decided."""
    rows = LegalReferral.objects.filter(borrower=case.borrower_id)
    for row in rows.select_related("maker", "decided_by").order_by("-made_at")[:most]:
        yield from _referral(row)
    days = CourtDate.objects.filter(referral__borrower=case.borrower_id)
    for day in days.select_related("by", "referral").order_by("-on", "-pk")[:most]:
        text = " · ".join(each for each in (day.referral.court, day.note) if each)
        yield Entry("legal", day.on, None, str(day.get_kind_display()), text, str(day.by))
    found = Investigation.objects.filter(borrower=case.borrower_id)
    for each in found.select_related("opened_by", "decided_by").order_by("-opened_at")[:most]:
        yield Entry(
            "legal", each.opened_at.date(), each.opened_at, _("Investigation opened"),
            by=str(each.opened_by),
        )  # fmt: skip
        if each.decided_at:
            title = _("Investigation: %(state)s") % {"state": each.get_state_display()}
            yield Entry(
                "legal", each.decided_at.date(), each.decided_at, title, each.decided_why,
                str(each.decided_by),
            )  # fmt: skip


def _referral(row: LegalReferral) -> Iterable[Entry]:
    yield Entry(
        "legal", row.made_at.date(), row.made_at, _("Going to court: being prepared"), row.reason,
        str(row.maker),
    )  # fmt: skip
    if row.decided_at:
        agreed = row.state != "refused"
        title = _("Going to court: approved") if agreed else _("Going to court: sent back")
        yield Entry(
            "legal", row.decided_at.date(), row.decided_at, title, row.decided_why,
            str(row.decided_by),
        )  # fmt: skip
    if row.recalled_at:
        why = _("Everything is paid.") if row.recalled_why == "paid" else row.recalled_why
        yield Entry(
            "legal", row.recalled_at.date(), row.recalled_at, _("Going to court: recalled"), why
        )
