"""Goes through a scenario and answers every step that shows something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from doorstep.delinquency.accounts import events as happened
from doorstep.delinquency.accounts.account import Account, Status
from doorstep.delinquency.accounts.allocation import Future
from doorstep.delinquency.accounts.events import Sort
from doorstep.delinquency.accounts.pauses import (
    Pause,
    Resumption,
    Standing,
    overdue_by_range,
    pauses_in_force,
    range_of,
    standing,
)
from doorstep.delinquency.accounts.projection import rows_projected
from doorstep.delinquency.accounts.terms import Terms
from doorstep.delinquency.scenarios import tables
from doorstep.delinquency.scenarios.products import CHARGES, FUTURES, order_for, product_of
from doorstep.delinquency.scenarios.reading import day, money, terms_of
from doorstep.delinquency.unsupported import Unsupported
from doorstep.kernel.errors import Refused

SORTS = {
    "repayment": Sort.REPAYMENT,
    "goodwill_credit": Sort.GOODWILL,
    "merchant_issued_refund": Sort.MERCHANT_REFUND,
    "payout_refund": Sort.PAYOUT_REFUND,
}
RANGES = (
    "RANGE_1", "RANGE_3", "RANGE_30", "RANGE_60", "RANGE_90", "RANGE_120", "RANGE_150",
    "RANGE_180", "RANGE_240",
)  # fmt: skip
NO_RANGE = "NO_DELINQUENCY"


def replay(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """`{"id", "supported", "checks"}`; what is not worked out has no checks, and `why`."""
    try:
        checks = _Replay(scenario).run()
    except (Unsupported, Refused) as reason:
        return {"id": scenario["id"], "supported": False, "why": str(reason), "checks": []}
    return {"id": scenario["id"], "supported": True, "checks": checks}


@dataclass
class _Delinquency:
    """What the books say of delinquency: the classification is that of the last renewal."""

    paused: list[Pause] = field(default_factory=list)
    resumed: list[Resumption] = field(default_factory=list)
    actions: list[list[str]] = field(default_factory=list)
    range: int = 0
    rows: dict[int, int] = field(default_factory=dict)

    @property
    def pauses(self) -> tuple[Pause, ...]:
        return pauses_in_force(self.paused, self.resumed)

    def runs(self, on: date) -> bool:
        return any(pause.runs(on) for pause in self.pauses)


class _Replay:
    def __init__(self, scenario: Mapping[str, Any]) -> None:
        self.given = scenario.get("terms", {})
        self.steps: list[Mapping[str, Any]] = scenario["steps"]
        self.terms: Terms = terms_of(self.given)
        self.product = product_of(self.given["LoanProduct"])
        self.account = Account(self.terms)
        self.delinquency = _Delinquency()
        self.today = date.min
        self.approved = False
        self.future = Future.NEXT

    def run(self) -> list[Any]:
        """The answer to every showing step, in order."""
        answers = []
        for step in self.steps:
            if "do" in step:
                self._do(step["do"])
            elif "check" in step:
                answers.append(self._answer(step))
            else:
                raise Unsupported(f"The step {str(step.get('other'))[:80]!r} is not worked out.")
        return answers

    def _do(self, step: Mapping[str, Any]) -> None:
        deed = str(step.get("t"))
        if deed in SORTS:
            self._pay(SORTS[deed], step)
            return
        deeds = {
            "business_date": self._go_on, "approve": self._approve, "disburse": self._pay_out,
            "charge": self._charge, "nsf_fee": self._charge, "undo": self._undo,
            "chargeback": self._charge_back, "run_end_of_day": self._end_day,
            "delinquency_pause": self._pause, "delinquency_resume": self._resume,
            "set_future_allocation": self._set_future,
        }  # fmt: skip
        if deed not in deeds:
            raise Unsupported(f"The step {deed!r} is not worked out.")
        deeds[deed](step)

    def _go_on(self, step: Mapping[str, Any]) -> None:
        self.today = day(step["date"])
        self.account.apply(happened.DayBegan(self.today))

    def _approve(self, step: Mapping[str, Any]) -> None:
        self.approved = True

    def _pay_out(self, step: Mapping[str, Any]) -> None:
        self.account.apply(happened.PaidOut(day(step["date"]), money(step["amount"])))

    def _charge(self, step: Mapping[str, Any]) -> None:
        if self.account.follows_payments:
            raise Unsupported("Charges where interest follows payments are not worked out.")
        if step.get("charge") not in CHARGES:
            raise Unsupported(f"The charge {step.get('charge')!r} is not worked out.")
        name, part = CHARGES[step["charge"]]
        due_on = day(step["due"])
        self.account.apply(happened.Charged(self.today, name, part, money(step["amount"]), due_on))

    def _pay(self, sort: Sort, step: Mapping[str, Any]) -> None:
        order = order_for(sort, self.terms.order, self.future)
        paid = happened.Paid(day(step["date"]), money(step["amount"]), sort, order)
        self.account.apply(paid)
        self._paid_too_much_before_charges_were_due(paid.on)
        self._renew()

    def _paid_too_much_before_charges_were_due(self, on: date) -> None:
        """No table shows what is then in advance, so we do not answer."""
        early = any(charge.due_on > on and charge.paid for charge in self.account.charges)
        if self.terms.order.charges_on_their_day and early and self.account.overpaid:
            raise Unsupported("Too much paid before the day of a charge, under this order.")

    def _undo(self, step: Mapping[str, Any]) -> None:
        """The n-th movement of a day, of all or of one kind, those undone before counted too."""
        kind, on = step.get("kind"), day(step["date"])
        places = [
            place
            for place, one in enumerate(self.account.movements)
            if one.on == on and kind in (None, tables.SORTS[one.sort])
        ]
        nth = int(step["nth"])
        if nth > len(places):
            raise Unsupported("There is no such movement to undo.")
        self.account.apply(happened.Undone(self.today, places[nth - 1]))
        self._renew()

    def _charge_back(self, step: Mapping[str, Any]) -> None:
        if self.account.follows_payments:
            raise Unsupported("Charge-backs where interest follows payments are not worked out.")
        self.account.apply(happened.ChargedBack(self.today, money(step["amount"])))

    def _set_future(self, step: Mapping[str, Any]) -> None:
        if step.get("tx") != "DEFAULT" or step.get("rule") not in FUTURES:
            raise Unsupported("This rule for money in advance is not worked out.")
        self.future = FUTURES[step["rule"]]

    def _end_day(self, step: Mapping[str, Any]) -> None:
        if not self.delinquency.runs(self.today):
            self._renew()

    def _pause(self, step: Mapping[str, Any]) -> None:
        pause = Pause(day(step["start"]), day(step["end"]))
        self.delinquency.paused.append(pause)
        self.delinquency.actions.append(
            ["PAUSE", tables.written(pause.start_on), tables.written(pause.end_on)]
        )
        if pause.start_on < self.today:
            self._renew()

    def _resume(self, step: Mapping[str, Any]) -> None:
        start_on = day(step["start"])
        self.delinquency.resumed.append(Resumption(start_on))
        self.delinquency.actions.append(["RESUME", tables.written(start_on), ""])

    def _renew(self) -> None:
        now = self._standing()
        books = self.delinquency
        books.range = range_of(now.days)
        books.rows = {}
        if now.days and self.product.by_row_delinquency:
            books.rows = overdue_by_range(self.account.rows, on=self.today, pauses=books.pauses)

    def _standing(self) -> Standing:
        if self.account.status is not Status.ACTIVE:
            return Standing()
        return standing(
            self.account.rows,
            on=self.today,
            pauses=self.delinquency.pauses,
            grace_days=self.terms.grace_days,
        )

    def _answer(self, step: Mapping[str, Any]) -> Any:
        shown = str(step["check"])
        header = step["table"][0] if step.get("table") else []
        answers: dict[str, Callable[[], Any]] = {
            "schedule": lambda: self._schedule(header),
            "schedule_total": lambda: tables.schedule_total(header, self._shown()),
            "transactions": lambda: tables.transactions(header, self.account),
            "charges": lambda: tables.charges(header, self.account),
            "status": lambda: self._status(step),
            "outstanding": lambda: [tables.amount(self.account.outstanding)],
            "overpaid": lambda: [tables.amount(self.account.overpaid)],
            "loan_delinquency": lambda: [header, self._loan_delinquency()],
            "delinquency_actions": lambda: [header, *self.delinquency.actions],
            "pause_periods": lambda: [header, *self._pause_periods()],
            "installment_delinquency": lambda: [header, *self._row_delinquency()],
            "installment_delinquency_null": lambda: self._row_delinquency(),
            "delinquency_range": lambda: self._range(),
        }
        if shown not in answers:
            raise Unsupported(f"The table {shown!r} is not worked out.")
        return answers[shown]()

    def _shown(self) -> Account:
        """The account; before anything is paid out, one as its terms would make it."""
        if self.account.paid_out_on is not None:
            return self.account
        if self.terms.down_payment:
            raise Unsupported("A down payment before anything is paid out is not worked out.")
        rows = rows_projected(
            self.terms, principal=money(self.given["with Principal"]), start_on=self.today
        )
        return replace(self.account, rows=rows)

    def _schedule(self, header: list[str]) -> tables.Table:
        account = self._shown()
        lent = account.lent or money(self.given["with Principal"])
        return tables.schedule(
            header, account, lent=lent, start_on=account.paid_out_on or self.today
        )

    def _status(self, step: Mapping[str, Any]) -> list[str]:
        wanted = step.get("value") or [""]
        return [tables.status(self.account, approved=self.approved, wanted=str(wanted[0]))]

    def _loan_delinquency(self) -> list[str]:
        now = self._standing()
        return [
            RANGES[self.delinquency.range - 1] if self.delinquency.range else NO_RANGE,
            tables.amount(now.amount),
            tables.written(now.since),
            str(now.days),
            str(now.past_due_days),
        ]

    def _pause_periods(self) -> tables.Table:
        return [
            [
                "true" if pause.runs(self.today) else "false",
                tables.written(pause.start_on),
                tables.written(pause.end_on),
            ]
            for pause in self.delinquency.pauses
        ]

    def _row_delinquency(self) -> tables.Table:
        return [
            [str(number), RANGES[number - 1], f"{cents / 100:.2f}"]
            for number, cents in sorted(self.delinquency.rows.items())
        ]

    def _range(self) -> list[str]:
        now = self._standing()
        name = RANGES[self.delinquency.range - 1] if self.delinquency.range else NO_RANGE
        return [name, now.since.isoformat() if now.since else ""]
