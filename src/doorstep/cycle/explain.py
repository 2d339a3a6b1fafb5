"""Why a borrower is, or is not, in the list: checks in order, from the database, in words.

The answer is worked out afresh by the plain-Python definitions from what the database holds now
(the last loaded book, and what staff found out since), so it also tells what tonight will see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from doorstep.cases.models import SCREENED_LABELS, STEP_LABELS, Case
from doorstep.cycle.policies import policy_of_last_night
from doorstep.cycle.same_day import facts_now
from doorstep.delinquency.policy import Policy
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.kernel.money import format_minor
from doorstep.portfolio.models import Borrower, Loan
from doorstep.treatment.facts import Facts
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
    loans = Loan.objects.filter(borrower=borrower).count()
    if not loans:
        checks.append(Check("in_book", False, _("The last book holds no loan of the borrower.")))
        return Explanation(borrower_id, on, tuple(checks))
    checks.append(
        Check(
            "in_book",
            True,
            ngettext(
                "The last book holds %(count)s loan.", "The last book holds %(count)s loans.",
                loans,
            )
            % {"count": loans},
        )
    )  # fmt: skip
    policy = policy_of_last_night()
    facts = facts_now(borrower_id=borrower_id, business_date=on, on=on, policy=policy)
    if facts is None:
        checks.append(Check("overdue", False, _("Nothing is overdue on %(day)s.") % {"day": on}))
        return Explanation(borrower_id, on, tuple(checks))
    decision = decide(facts, ladder=ladder_on(on))
    case = Case.objects.filter(borrower=borrower, status="open").first()
    checks += _overdue_checks(facts, policy, on=on)
    if case is not None and case.screened and case.step == decision.step.value:
        checks.append(_screening_check(case))
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


def _screening_check(case: Case) -> Check:
    """What the rules said of the step last night; whatever it was, the borrower stays listed."""
    words = f"{SCREENED_LABELS[case.screened]}"
    rulebook = rulebook_current()
    titles = {rule.id: rule.title for rule in rulebook.rules}
    against = case.screened_rules if case.screened not in ("permit", "permit_if") else []
    language = "en" if _language() == "en" else "zh"
    named = [titles[rule][language] for rule in against if rule in titles]
    if named:
        words += _(": ") + _("; ").join(named)
    if case.screened_from is not None:
        local = case.screened_from.astimezone(ZoneInfo(settings.TIME_ZONE))
        words += _(" (not before %(moment)s)") % {"moment": f"{local:%Y-%m-%d %H:%M}"}
    return Check("screened", True, words)


def _language() -> str:
    return language_code(get_language() or settings.LANGUAGE_CODE)


def _money(minor: int, currency: str) -> str:
    return format_minor(minor, currency, language=get_language() or settings.LANGUAGE_CODE)
