"""The facts of every overdue borrower as columns: `treatment.facts.borrower_facts`, set-wise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from doorstep.cycle.engine import as_bigint, total
from doorstep.cycle.overdue import PARTS, bucket_of
from doorstep.delinquency.policy import Policy
from doorstep.treatment.facts import ANSWERED, MESSAGES, PHONES, USABLE_STATES, VISITABLE
from doorstep.treatment.holds import SEVERITY

WHOLE, ONE_LOAN = 0, 1
MARKED = (
    "loan_id", "borrower_id", "currency", "dpd", "oldest_due_on", "instalments_overdue",
    "overdue_total", *(f"overdue_{part}" for part in PARTS),
)  # fmt: skip


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def timezone(zone: str, at: dt.Timestamp("UTC")) -> dt.timestamp:  # type: ignore[valid-type]
    """The wall clock of a zone at an instant."""


@dataclass(frozen=True)
class Circumstances:
    """The book's tables beside the loans, as Ibis tables."""

    points: Any
    addresses: Any
    contacts: Any
    promises: Any
    protections: Any


def holdings(*, protections: Any, promises: Any, on: date) -> Any:
    """Every hold active on the day: borrower, loan or null, kind, until (`holds.holdings`)."""
    day = ibis.literal(on)
    active = protections.filter(
        (protections.starts_on <= day)
        & (protections.ends_on.isnull() | (protections.ends_on >= day))
    ).select("borrower_id", "loan_id", "kind", until="ends_on")
    promised = promises.filter(_running(promises, on) & (promises.kind == "promise")).select(
        "borrower_id", "loan_id", "kind", until="last_day"
    )
    parts = promises.filter(promises.kind == "agreement")
    agreed = (
        parts.group_by("borrower_id", "loan_id", "made_on")
        .aggregate(
            until=parts.last_day.min(where=_running(parts, on)),
            broken=_broken(parts, on).any(),
        )
        .filter(lambda t: t.until.notnull() & ~t.broken)
        .select("borrower_id", "loan_id", "until", kind=ibis.literal("agreement"))
        .select("borrower_id", "loan_id", "kind", "until")
    )
    return ibis.union(active, promised, agreed)


def _running(promises: Any, on: date) -> Any:
    day = ibis.literal(on)
    return (promises.state == "running") & (promises.made_on <= day) & (promises.last_day >= day)


def _broken(promises: Any, on: date) -> Any:
    lapsed = (promises.state == "running") & (promises.last_day < ibis.literal(on))
    return (promises.state == "broken") | (lapsed & (promises.paid_amount < promises.amount))


def with_last_day(promises: Any) -> Any:
    """Adds `last_day`, the due day and grace."""
    last = promises.due_on + promises.grace_days.as_interval("D")
    return promises.mutate(last_day=last.cast("date"))


def local_day(at: Any, time_zone: str) -> Any:
    """The calendar day of an instant in a time zone."""
    return timezone(time_zone, at).cast("date")


def marked(loans: Any, held: Any) -> Any:
    """Adds `held`: whether a hold takes this overdue loan out one by one."""
    of_loans = held.filter(held.loan_id.notnull()).select("borrower_id", "loan_id").distinct()
    of_loans = of_loans.mutate(held=True)
    joined = loans.left_join(of_loans, ["borrower_id", "loan_id"])
    return joined.select(*[loans[name] for name in MARKED], held=joined.held.notnull())


def amounts(loans: Any, *, policy: Policy) -> Any:
    """One row a borrower: days, amounts of one currency, how many loans. `loans` are the overdue
    ones with `held`; those that count are the free ones, or all where none is free."""
    free = ~loans.held
    picked = loans.group_by("borrower_id").aggregate(
        any_free=free.any(), loans_held=loans.count(where=loans.held), loans_all=loans.count()
    )
    mixed = picked.filter(picked.any_free & (picked.loans_held > 0))
    out = loans.filter(loans.held).semi_join(mixed, "borrower_id").select("loan_id")
    counted = loans.anti_join(out, "loan_id")
    measures = _measures(counted)
    alone = counted.group_by("borrower_id").aggregate(
        currency=counted.currency.min(), last_currency=counted.currency.max(), **measures
    )
    several = alone.filter(alone.currency != alone.last_currency)
    joined = ibis.union(
        alone.filter(alone.currency == alone.last_currency)
        .drop("last_currency")
        .mutate(currencies=ibis.literal(1, type="int64")),
        _by_worst_currency(counted.semi_join(several, "borrower_id")),
    ).inner_join(picked, "borrower_id")
    return joined.select(
        "borrower_id", "currency", *measures, "loans_held", "currencies", "any_free",
        bucket=bucket_of(joined.dpd, policy=policy),
        material=(joined.due_total >= policy.materiality) | (joined.currencies > 1),
        in_grace=joined.dpd <= policy.grace_days,
    )  # fmt: skip


def _measures(loans: Any) -> dict[str, Any]:
    return {
        "dpd": loans.dpd.max(),
        "oldest_due_on": loans.oldest_due_on.min(),
        "loans_overdue": loans.count(),
        "instalments_overdue": total(loans.instalments_overdue),
        "due_total": total(loans.overdue_total),
        **{f"due_{part}": total(loans[f"overdue_{part}"]) for part in PARTS},
    }


def _by_worst_currency(loans: Any) -> Any:
    """Borrowers who owe in several currencies: amounts of the worst one, counts of all."""
    groups = loans.group_by("borrower_id", "currency").aggregate(**_measures(loans))
    own = ibis.window(group_by=groups.borrower_id)
    worst = [groups.dpd.desc(), groups.due_total.desc(), groups.currency]
    ranked = groups.mutate(
        place=ibis.row_number().over(group_by=groups.borrower_id, order_by=worst),
        loans_overdue=as_bigint(groups.loans_overdue.sum().over(own)),
        instalments_overdue=as_bigint(groups.instalments_overdue.sum().over(own)),
        oldest_due_on=groups.oldest_due_on.min().over(own),
        currencies=groups.currency.count().over(own),
    )
    first = ranked.filter(ranked.place == 0)
    return first.select("borrower_id", "currency", *_measures(loans), "currencies")


def history(loans: Any, borrowers: Any) -> Any:
    """Late instalments of the last 12 months over all loans of a borrower."""
    late = loans.filter(loans.late_12m > 0).semi_join(borrowers, "borrower_id")
    return late.group_by("borrower_id").aggregate(
        late_12m=total(late.late_12m), paid_late_12m=total(late.paid_late_12m)
    )


def named_hold(held: Any, borrowers: Any, loans: Any) -> Any:
    """The hold to name for each held borrower: its kind and its end (`holds.severest`).

    A hold on one loan is named only where no overdue loan is free of holds.
    """
    of_loans = held.filter(held.loan_id.notnull())
    of_loans = of_loans.semi_join(loans, ["borrower_id", "loan_id"])
    of_loans = of_loans.semi_join(borrowers.filter(~borrowers.any_free), "borrower_id")
    whole = held.filter(held.loan_id.isnull()).semi_join(borrowers, "borrower_id")
    ranks = [(kind, rank) for rank, kind in enumerate(SEVERITY)]
    rows = ibis.union(
        whole.mutate(scope=ibis.literal(WHOLE, type="int64")),
        of_loans.mutate(scope=ibis.literal(ONE_LOAN, type="int64")),
    ).mutate(severity=ibis._.kind.cases(*ranks))
    kinds = rows.group_by("borrower_id", "scope", "severity", "kind").aggregate(
        open_ended=rows.until.isnull().any(), last=rows.until.max()
    )
    ranked = kinds.mutate(
        place=ibis.row_number().over(
            group_by=kinds.borrower_id, order_by=[kinds.scope, kinds.severity]
        )
    )
    first = ranked.filter(ranked.place == 0)
    return first.select(
        "borrower_id",
        hold_kind=first.kind,
        hold_until=ibis.ifelse(first.open_ended, ibis.null("date"), first["last"]),
    )


def reach(points: Any, addresses: Any, borrowers: Any) -> tuple[Any, Any]:
    """How many of a borrower's own contact points, telephones and addresses can be used."""
    own = points.filter((points.owner == "borrower") & points.state.isin(USABLE_STATES))
    own = own.semi_join(borrowers, "borrower_id")
    usable = own.group_by("borrower_id").aggregate(
        usable_points=own.count(), usable_phones=own.count(where=own.kind.isin(PHONES))
    )
    places = addresses.filter(addresses.kind.isin(VISITABLE) & addresses.state.isin(USABLE_STATES))
    places = places.semi_join(borrowers, "borrower_id")
    return usable, places.group_by("borrower_id").aggregate(usable_addresses=places.count())


def tried(contacts: Any, borrowers: Any, *, on: date, time_zone: str) -> Any:
    """What was tried since the oldest unpaid due day, by borrower."""
    sent = contacts.filter(contacts.result != "failed")
    joined = sent.inner_join(borrowers.select("borrower_id", "oldest_due_on"), "borrower_id")
    joined = joined.mutate(day=local_day(joined.at, time_zone))
    rows = joined.filter((joined.day > joined.oldest_due_on) & (joined.day <= ibis.literal(on)))
    out = rows.direction == "out"
    answered = rows.result.isin(ANSWERED)
    calls, visits = out & (rows.channel == "call"), out & (rows.channel == "visit")
    return rows.group_by("borrower_id").aggregate(
        messages=rows.count(where=out & rows.channel.isin(MESSAGES)),
        calls=rows.count(where=calls),
        calls_answered=rows.count(where=calls & answered),
        letters=rows.count(where=out & (rows.channel == "letter")),
        visits=rows.count(where=visits),
        visits_answered=rows.count(where=visits & answered),
        inbound=rows.count(where=~out),
        days_since_contact=(ibis.literal(on) - rows.day.max(where=out)).cast("int64"),
    )


def broken_promises(promises: Any, borrowers: Any, *, on: date) -> Any:
    """How many promises that fell due in the last 12 months were not kept."""
    age = (ibis.literal(on) - promises.due_on).cast("int64")
    rows = promises.filter(_broken(promises, on) & (age >= 0) & (age <= 365))
    rows = rows.semi_join(borrowers, "borrower_id")
    return rows.group_by("borrower_id").aggregate(promises_broken_12m=rows.count())


def joined_facts(borrowers: Any, parts: list[Any]) -> Any:
    """The borrowers with every other fact beside them, counts 0 where nothing is known."""
    table = reduce(beside, parts, borrowers)
    counts = [
        "late_12m", "paid_late_12m", "promises_broken_12m", "usable_points", "usable_phones",
        "usable_addresses", "messages",
        "calls", "calls_answered", "letters", "visits", "visits_answered", "inbound",
    ]  # fmt: skip
    return table.mutate(**{name: table[name].fill_null(0).cast("int64") for name in counts})


def beside(left: Any, right: Any) -> Any:
    """Both by borrower, those of the left all kept."""
    return left.left_join(right, "borrower_id").drop("borrower_id_right")
