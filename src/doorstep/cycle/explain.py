"""Why a borrower is, or is not, in the list: checks in order, from the database, in words.

The answer is worked out afresh by the plain-Python definitions from what the database holds now
(the last loaded book, and what staff found out since), so it also tells what tonight will see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from doorstep.agreements.models import Promise as PromiseRow
from doorstep.cases.models import STEP_LABELS, Case, Contact
from doorstep.cycle.models import Run
from doorstep.delinquency.dues import Instalment, Loan, LoanDues, Parts, loan_dues
from doorstep.delinquency.policy import DEFAULT, Policy, policy_from_mapping
from doorstep.kernel.money import format_minor
from doorstep.portfolio.models import Address, Borrower, ContactPoint
from doorstep.portfolio.models import Instalment as InstalmentRow
from doorstep.portfolio.models import Loan as LoanRow
from doorstep.protections.models import Hold
from doorstep.treatment.circumstances import Address as Place
from doorstep.treatment.circumstances import Contact as Tried
from doorstep.treatment.circumstances import Point, Promise, Protection
from doorstep.treatment.facts import Facts, borrower_facts
from doorstep.treatment.ladder import Decision, decide
from doorstep.treatment.shelf import ladder_on
from doorstep.treatment.wording import language_code, reason_in_words, step_in_words


@dataclass(frozen=True)
class Check:
    """One question on the way into the list: its outcome and the words that explain it.

    `passed` means nothing here keeps the borrower out.
    """

    key: str
    passed: bool
    words: str


@dataclass(frozen=True)
class Explanation:
    """The checks in order up to the one that decides; facts and decision where there are any."""

    borrower_id: str
    on: date
    checks: tuple[Check, ...]
    facts: Facts | None = None
    decision: Decision | None = None
    case: Case | None = None

    @property
    def in_list(self) -> bool:
        """Whether nothing keeps the borrower out."""
        return all(check.passed for check in self.checks)


def explain_borrower(*, borrower_id: str, on: date) -> Explanation:
    """Answer for anybody's number, known or not, as of a day."""
    borrower = Borrower.objects.filter(pk=borrower_id).first()
    if borrower is None:
        unknown = Check("known", False, _("No borrower has this number."))
        return Explanation(borrower_id, on, (unknown,))
    checks = [Check("known", True, _("The borrower is known."))]
    rows = list(LoanRow.objects.filter(borrower=borrower).order_by("pk"))
    if not rows:
        checks.append(Check("in_book", False, _("The last book holds no loan of the borrower.")))
        return Explanation(borrower_id, on, tuple(checks))
    checks.append(
        Check(
            "in_book",
            True,
            ngettext(
                "The last book holds %(count)s loan.", "The last book holds %(count)s loans.",
                len(rows),
            )
            % {"count": len(rows)},
        )
    )  # fmt: skip
    policy = _policy()
    dues = _dues(rows, on=on, policy=policy)
    facts = _facts(borrower, dues, on=on, policy=policy)
    if facts is None:
        checks.append(Check("overdue", False, _("Nothing is overdue on %(day)s.") % {"day": on}))
        return Explanation(borrower_id, on, tuple(checks))
    decision = decide(facts, ladder=ladder_on(on))
    case = Case.objects.filter(borrower=borrower, status="open").first()
    checks += _overdue_checks(facts, policy, on=on)
    checks.append(_list_check(facts, decision, case))
    return Explanation(borrower_id, on, tuple(checks), facts, decision, case)


def _overdue_checks(facts: Facts, policy: Policy, *, on: date) -> list[Check]:
    """What may keep an overdue borrower out, each with its figures."""
    owed = _money(facts.due_total, facts.currency)
    named = {"days": facts.dpd, "amount": owed, "since": facts.oldest_due_on}
    overdue = ngettext(
        "%(amount)s has been overdue for %(days)s day, since %(since)s.",
        "%(amount)s has been overdue for %(days)s days, since %(since)s.",
        facts.dpd,
    )
    least = {"amount": owed, "least": _money(policy.materiality, facts.currency)}
    grace = {"days": facts.dpd, "grace": policy.grace_days}
    return [
        Check("overdue", True, overdue % named),
        Check("hold", facts.hold_kind is None, _hold_words(facts, on=on)),
        Check(
            "materiality",
            facts.material,
            (
                _("%(amount)s reaches the %(least)s from which we act.")
                if facts.material
                else _("%(amount)s is below the %(least)s from which we act.")
            )
            % least,
        ),
        Check(
            "grace",
            not facts.in_grace,
            (
                _("%(days)s days past due are within the %(grace)s days of grace.")
                if facts.in_grace
                else _("%(days)s days past due are more than the %(grace)s days of grace.")
            )
            % grace,
        ),
    ]


def _hold_words(facts: Facts, *, on: date) -> str:
    if facts.hold_kind is None:
        if facts.loans_held:
            return ngettext(
                "A hold takes %(count)s loan out; the rest counts.",
                "Holds take %(count)s loans out; the rest counts.",
                facts.loans_held,
            ) % {"count": facts.loans_held}
        return _("No hold, promise or agreement keeps the borrower out.")
    words = ladder_on(on).words[facts.hold_kind][_language()]
    if facts.hold_until is None:
        return _("Left alone until it is lifted: %(hold)s.") % {"hold": words}
    return _("Left alone until %(day)s: %(hold)s.") % {"hold": words, "day": facts.hold_until}


def _list_check(facts: Facts, decision: Decision, case: Case | None) -> Check:
    """Where the borrower stands in the list: as the last night left it, or from tonight."""
    version, reason, known = decision.ladder_version, decision.reason, facts.as_json()
    words = " ".join(
        tell(ladder_version=version, reason=reason, facts=known, language=_language())
        for tell in (reason_in_words, step_in_words)
    )
    if case is None:
        return Check("listed", False, _("Not in the list yet; the next night enters it. ") + words)
    step = STEP_LABELS[decision.step]
    if case.step != decision.step.value:
        told = _("In the list since %(day)s; the next night changes the step to: %(step)s. ")
    else:
        told = _("In the list since %(day)s: %(step)s. ")
    return Check("listed", True, told % {"day": case.opened_on, "step": step} + words)


def _policy() -> Policy:
    """The parameters of the last night, so that the answer and the list agree."""
    run = Run.objects.order_by("-business_date").first()
    return policy_from_mapping(run.policy) if run and run.policy else DEFAULT


def _dues(rows: list[LoanRow], *, on: date, policy: Policy) -> list[LoanDues]:
    loans = LoanRow.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk")
    return [
        loan_dues(
            Loan(
                loan_id=row.pk,
                currency=row.currency,
                annual_rate_ppm=row.annual_rate_ppm,
                penalty_percent=row.penalty_percent,
                instalments=[_instalment(own) for own in row.instalments.all()],
            ),
            on=on,
            policy=policy,
        )
        for row in loans.prefetch_related("instalments")
    ]


def _instalment(row: InstalmentRow) -> Instalment:
    def parts(kind: str) -> Parts:
        names = ("principal", "interest", "fee", "penalty")
        return Parts(*(getattr(row, f"{name}_{kind}") for name in names))

    return Instalment(
        number=row.number,
        due_on=row.due_on,
        due=parts("due"),
        paid=parts("paid"),
        waived=parts("waived"),
        penalty_from=row.penalty_from,
        settled_on=row.settled_on,
    )


def _facts(borrower: Borrower, dues: list[LoanDues], *, on: date, policy: Policy) -> Facts | None:
    own = {"borrower": borrower}
    points = ContactPoint.objects.filter(**own).values_list("kind", "state")
    places = Address.objects.filter(**own).values_list("kind", "state")
    tried = Contact.objects.filter(**own).values_list("at", "channel", "result", "direction")
    holds = Hold.objects.filter(**own, ended_at=None)
    return borrower_facts(
        loans=dues,
        points=[Point(kind=kind, state=state) for kind, state in points],
        addresses=[Place(kind=kind, state=state) for kind, state in places],
        contacts=[Tried(*row) for row in tried],
        promises=[
            Promise(
                kind=row.kind, made_on=row.made_on, due_on=row.due_on, amount=row.amount,
                paid_amount=row.paid_amount, grace_days=row.grace_days, state=row.state,
                loan_id=row.loan_id,
            )
            for row in PromiseRow.objects.filter(**own)
        ],
        protections=[
            Protection(
                kind=hold.kind, starts_on=hold.starts_on, ends_on=hold.ends_on, loan_id=hold.loan_id
            )
            for hold in holds
        ],
        on=on,
        policy=policy,
        time_zone=settings.TIME_ZONE,
    )  # fmt: skip


def _language() -> str:
    return language_code(get_language() or settings.LANGUAGE_CODE)


def _money(minor: int, currency: str) -> str:
    return format_minor(minor, currency, language=get_language() or settings.LANGUAGE_CODE)
