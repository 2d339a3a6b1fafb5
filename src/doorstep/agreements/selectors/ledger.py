"""What payments are matched against, read set by set for a whole file: whose words these are, what
is open on the loans they may mean, and what is overdue there. A fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Max, Q, QuerySet, Sum

from doorstep.agreements.matching import Account, Incoming, Key, Ledger, Open, words_of
from doorstep.agreements.models import (
    Agreement,
    Offer,
    PaymentAllocation,
    PaymentIn,
    PlanInstalment,
    Promise,
)
from doorstep.agreements.watch import PARAMETERS
from doorstep.cases.models import Case
from doorstep.portfolio.lookups import Many
from doorstep.portfolio.models import Instalment, Loan

ORDER = ("penalty", "fee", "interest", "principal")
DAYS_AROUND = int(PARAMETERS["matching"]["days_around"])
DOUBLE_DAYS = int(PARAMETERS["matching"]["double_days"])


@dataclass
class Standing:
    """A borrower's open case as money changes it: what is due by part, as of its business date."""

    case_id: int
    currency: str
    business_date: date
    due: dict[str, int]
    changed: bool = False


@dataclass
class Books:
    """A ledger to match against, and what the money then changes."""

    ledger: Ledger
    parts: dict[int, dict[str, int]] = field(default_factory=dict)
    agreement_of: dict[int, int] = field(default_factory=dict)
    overdue: dict[str, dict[str, int]] = field(default_factory=dict)
    cases: dict[str, Standing] = field(default_factory=dict)
    seen: dict[tuple[str, int], list[date]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Money:
    """What may come in for a plan: by the loans that it names, and by its amount where it names
    none, which then falls due until `until`."""

    until: date
    named: Mapping[str, int]
    nameless: Mapping[int, int]

    def most(self, loans: Iterable[str], amounts: Iterable[int]) -> int:
        """The most that a plan over these loans gets, of which such amounts are due."""
        named = sum(self.named.get(loan, 0) for loan in loans)
        return named + sum(self.nameless.get(amount, 0) for amount in set(amounts))


def _money(
    payments: Sequence[Incoming], named: Mapping[str, frozenset[str]], *, sure: Iterable[str]
) -> Money:
    by_loan: dict[str, int] = defaultdict(int)
    nameless: dict[int, int] = defaultdict(int)
    for each in payments:
        loans = {loan for word in words_of(each.told) for loan in named.get(word, ())} | set(sure)
        for loan in loans:
            by_loan[loan] += each.amount
        if not loans:
            nameless[each.amount] += each.amount
    last = max((each.paid_on for each in payments), default=date.min)
    return Money(last + timedelta(days=DAYS_AROUND), by_loan, nameless)


def books_read(payments: Sequence[Incoming], *, loans: Collection[str] = ()) -> Books:
    """Everything that these payments may concern; `loans` are looked at whatever the words say."""
    named = _words({word for each in payments for word in words_of(each.told)})
    wanted = {loan for found in named.values() for loan in found} | set(loans)
    wanted |= _by_amount([each for each in payments if _is_nameless(each, named)])
    accounts, names, borrowers = _accounts(wanted)
    money = _money(payments, named, sure=loans)
    opens, parts, agreement_of = _opens(accounts, borrowers, money)
    ledger = Ledger(
        accounts=accounts, words=named, names=names, opens=opens, days_around=DAYS_AROUND
    )
    books = Books(ledger, parts, agreement_of)
    books.cases = cases_of(borrowers)
    books.overdue = _overdue(list(accounts), books.cases)
    _seen(books, payments, list(accounts))
    return books


def _is_nameless(payment: Incoming, named: dict[str, frozenset[str]]) -> bool:
    return not any(word in named for word in words_of(payment.told))


def _words(words: set[str]) -> dict[str, frozenset[str]]:
    """The loans that each of the words means: the number of a loan, contract, customer, promise or
    agreement, also of one that a lighter one has replaced: people go on writing the number they
    know."""
    found: dict[str, set[str]] = defaultdict(set)
    if not words:
        return {}
    ids = Many(sorted(words))
    loans = Loan.objects.filter(pk__any_of=ids).values_list("pk", "pk")
    contracts = Loan.objects.filter(contract_ref__any_of=ids).values_list("contract_ref", "pk")
    people = Loan.objects.filter(borrower__any_of=ids, status="active")
    promised = Promise.objects.filter(pk__any_of=ids, loan__isnull=False)
    agreed = Agreement.objects.filter(number__any_of=ids, in_force_at__isnull=False)
    sources: tuple[QuerySet[Any, Any], ...] = (
        loans, contracts, people.values_list("borrower_id", "pk"),
        promised.values_list("pk", "loan_id"), agreed.values_list("number", "offer__loans"),
    )  # fmt: skip
    for source in sources:
        for word, loan in source:
            found[word].add(loan)
    return {word: frozenset(loans) for word, loans in found.items()}


def _by_amount(payments: Sequence[Incoming]) -> set[str]:
    """Loans on which exactly such an amount falls due around such a day."""
    if not payments:
        return set()
    around = timedelta(days=DAYS_AROUND)
    first = min(each.paid_on for each in payments) - around
    last = max(each.paid_on for each in payments) + around
    amounts = {each.amount for each in payments}
    rows = _open_instalments().filter(due_on__range=(first, last))
    fitting = {agreement for agreement, *left, _pk, _on in rows if sum(left) in amounts}
    plans = Agreement.objects.filter(pk__any_of=Many(sorted(fitting)))
    loans = {loan for loan in plans.values_list("offer__loans", flat=True) if loan}
    promises = Promise.objects.filter(
        state="running", loan__isnull=False, due_on__range=(first, last)
    )
    promised = promises.values_list("loan_id", F("amount") - F("paid_amount"))
    return loans | {str(loan) for loan, left in promised if left in amounts}


def _open_instalments() -> QuerySet[PlanInstalment, Any]:
    rows = PlanInstalment.objects.filter(settled_on__isnull=True, agreement__state="in_force")
    return rows.values_list(
        "agreement_id", *(f"{part}_outstanding" for part in ORDER), "pk", "due_on"
    )


def _accounts(
    wanted: set[str],
) -> tuple[dict[str, Account], dict[str, str], dict[str, set[str]]]:
    accounts, names = {}, {}
    borrowers: dict[str, set[str]] = defaultdict(set)
    rows = Loan.objects.filter(pk__any_of=Many(sorted(wanted)))
    for pk, borrower, currency, name in rows.values_list(
        "pk", "borrower_id", "currency", "borrower__name"
    ):
        accounts[pk] = Account(pk, borrower, currency)
        names[pk] = name
        borrowers[borrower].add(pk)
    return accounts, names, borrowers


def _opens(
    accounts: dict[str, Account], borrowers: dict[str, set[str]], money: Money
) -> tuple[list[Open], dict[int, dict[str, int]], dict[int, int]]:
    """Open amounts of plans over these loans, as far as this money reaches, and of promises of
    these borrowers."""
    covered: dict[int, list[str]] = defaultdict(list)
    through = Offer.loans.through.objects.filter(loan_id__any_of=Many(list(accounts)))
    for offer, loan in through.values_list("offer_id", "loan_id"):
        covered[offer].append(loan)
    inforce = Agreement.objects.filter(offer__any_of=Many(sorted(covered)), state="in_force")
    loans_of = {pk: covered[offer] for pk, offer in inforce.values_list("pk", "offer_id")}
    opens: list[Open] = []
    parts: dict[int, dict[str, int]] = {}
    agreement_of: dict[int, int] = {}
    for agreement, *left, pk, due_on in _reached(loans_of, money):
        parts[pk] = dict(zip(ORDER, left, strict=True))
        agreement_of[pk] = agreement
        key: Key = ("plan", pk)
        opens += [Open(key, loan, due_on, sum(left)) for loan in loans_of[agreement]]
    opens += _promised(accounts, borrowers)
    return opens, parts, agreement_of


def _reached(loans_of: Mapping[int, list[str]], money: Money) -> list[tuple[Any, ...]]:
    """The open instalments that fall due until the last day that counts, and the later ones of the
    plans that may get more than those hold."""
    rows = _open_instalments()
    near = list(rows.filter(agreement__any_of=Many(sorted(loans_of)), due_on__lte=money.until))
    amounts: dict[int, list[int]] = defaultdict(list)
    for agreement, *left, _pk, _on in near:
        amounts[agreement].append(sum(left))
    beyond = [
        agreement
        for agreement, loans in loans_of.items()
        if money.most(loans, amounts[agreement]) > sum(amounts[agreement])
    ]
    return near + list(rows.filter(agreement__any_of=Many(beyond), due_on__gt=money.until))


def _promised(accounts: dict[str, Account], borrowers: dict[str, set[str]]) -> list[Open]:
    rows = Promise.objects.filter(
        borrower__any_of=Many(list(borrowers)),
        state="running",
        kind="promise",
        amount__gt=F("paid_amount"),
    )
    found = []
    for pk, borrower, loan, due_on, left in rows.values_list(
        "pk", "borrower_id", "loan_id", "due_on", F("amount") - F("paid_amount")
    ):
        loans = [loan] if loan else sorted(borrowers[borrower])
        found += [Open(("promise", pk), each, due_on, left) for each in loans if each in accounts]
    return found


def cases_of(borrowers: Iterable[str]) -> dict[str, Standing]:
    """The open cases of these borrowers with what is due."""
    rows = Case.objects.filter(borrower__any_of=Many(sorted(borrowers)), status="open")
    columns = ("borrower_id", "pk", "currency", "business_date", *(f"due_{p}" for p in ORDER))
    return {
        borrower: Standing(pk, currency, on, dict(zip(ORDER, due, strict=True)))
        for borrower, pk, currency, on, *due in rows.values_list(*columns)
    }


def _overdue(loans: list[str], cases: dict[str, Standing]) -> dict[str, dict[str, int]]:
    """What is overdue on each loan by part, as of the last night, less what has come in since."""
    as_of = max((case.business_date for case in cases.values()), default=None)
    if as_of is None:
        return {}
    left = {part: Sum(F(f"{part}_due") - F(f"{part}_paid") - F(f"{part}_waived")) for part in ORDER}
    rows = Instalment.objects.filter(loan__any_of=Many(loans), due_on__lt=as_of).order_by()
    found = {
        loan: dict(zip(ORDER, sums, strict=True))
        for loan, *sums in rows.values("loan_id").annotate(**left).values_list("loan_id", *ORDER)
    }
    since = PaymentAllocation.objects.filter(loan__any_of=Many(loans), paid_on__gt=as_of).order_by()
    sums = {f"{part}_in": Sum(part) for part in ORDER}
    for loan, *paid in since.values("loan_id").annotate(**sums).values_list("loan_id", *sums):
        for part, amount in zip(ORDER, paid, strict=True):
            if loan in found:
                found[loan][part] = max(0, found[loan][part] - amount)
    return found


def _seen(books: Books, payments: Sequence[Incoming], loans: list[str]) -> None:
    """Payments that came in lately on these loans, to notice what looks like the same one twice."""
    if not payments:
        return
    first = min(each.paid_on for each in payments) - timedelta(days=DOUBLE_DAYS)
    rows = PaymentIn.objects.filter(loan__any_of=Many(loans), state="matched", paid_on__gte=first)
    for loan, amount, paid_on in rows.values_list("loan_id", "amount", "paid_on"):
        books.seen[(str(loan), amount)].append(paid_on)


def book_date() -> date | None:
    """The business date of the last night that decided cases."""
    found: date | None = Case.objects.filter(status="open").aggregate(on=Max("business_date"))["on"]
    return found


def payments_visible(*, borrowers: QuerySet[Any] | None) -> QuerySet[PaymentIn]:
    """Payments of these borrowers, None for everybody's, and those that are nobody's yet."""
    rows = PaymentIn.objects.select_related("loan__borrower", "file")
    if borrowers is None:
        return rows
    return rows.filter(Q(loan__isnull=True) | Q(loan__borrower__in=borrowers))
