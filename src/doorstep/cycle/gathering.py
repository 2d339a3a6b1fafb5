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
    return joined.select(*[loans[name] for name in loans.columns], held=joined.held.notnull())


def amounts(loans: Any, *, policy: Policy) -> Any:
    """One row a borrower with something overdue: days, amounts of one currency, loan counts.

    `loans` are those with something overdue or paid late, with `held`.
    """
    overdue = loans.dpd > 0
    free = overdue & ~loans.held
    totals = loans.group_by("borrower_id").aggregate(
        any_free=free.any(),
        loans_held=loans.count(where=overdue & loans.held),
        late_12m=total(loans.late_12m),
        paid_late_12m=total(loans.paid_late_12m),
        any_overdue=overdue.any(),
    )
    totals = totals.filter(totals.any_overdue)
    rows = loans.filter(loans.dpd > 0).inner_join(
        totals.select("borrower_id", "any_free"), "borrower_id"
    )
    rows = rows.filter(~rows.held | ~rows.any_free)
    by_currency = rows.group_by("borrower_id", "currency").aggregate(
        dpd=rows.dpd.max(),
        oldest_due_on=rows.oldest_due_on.min(),
        loans_overdue=rows.count(),
        instalments_overdue=total(rows.instalments_overdue),
        due_total=total(rows.overdue_total),
        **{f"due_{part}": total(rows[f"overdue_{part}"]) for part in PARTS},
    )
    own = ibis.window(group_by=by_currency.borrower_id)
    ranked = by_currency.mutate(
        place=ibis.row_number().over(
            group_by=by_currency.borrower_id,
            order_by=[by_currency.dpd.desc(), by_currency.due_total.desc(), by_currency.currency],
        ),
        all_loans=as_bigint(by_currency.loans_overdue.sum().over(own)),
        all_instalments=as_bigint(by_currency.instalments_overdue.sum().over(own)),
        oldest=by_currency.oldest_due_on.min().over(own),
        currencies=by_currency.currency.count().over(own).cast("int64"),
    )
    first = ranked.filter(ranked.place == 0)
    joined = first.inner_join(totals, "borrower_id")
    return joined.select(
        "borrower_id", "dpd", "currency", "due_total",
        *[f"due_{part}" for part in PARTS],
        "loans_held", "currencies", "late_12m", "paid_late_12m", "any_free",
        bucket=bucket_of(joined.dpd, policy=policy),
        loans_overdue=joined.all_loans,
        instalments_overdue=joined.all_instalments,
        oldest_due_on=joined.oldest,
        material=(joined.due_total >= policy.materiality) | (joined.currencies > 1),
        in_grace=joined.dpd <= policy.grace_days,
    )  # fmt: skip


def named_hold(held: Any, borrowers: Any, loans: Any) -> Any:
    """The hold to name for each held borrower: its kind and its end (`holds.severest`).

    A hold on one loan is named only where no overdue loan is free of holds.
    """
    overdue = loans.filter(loans.dpd > 0).select("borrower_id", "loan_id")
    of_loans = held.filter(held.loan_id.notnull())
    of_loans = of_loans.semi_join(overdue, ["borrower_id", "loan_id"])
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
    table = reduce(_beside, parts, borrowers)
    counts = [
        "promises_broken_12m", "usable_points", "usable_phones", "usable_addresses", "messages",
        "calls", "calls_answered", "letters", "visits", "visits_answered", "inbound",
    ]  # fmt: skip
    return table.mutate(**{name: table[name].fill_null(0).cast("int64") for name in counts})


def _beside(left: Any, right: Any) -> Any:
    return left.left_join(right, "borrower_id").drop("borrower_id_right")
