"""Drawings of the book by bucket: how much money and how many customers stand in each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from django.conf import settings
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doorstep.cycle.models import Run
from doorstep.cycle.selectors import CaseGroup, Matrix, edges_of
from doorstep.delinquency.dues import bucket_label
from doorstep.delinquency.transitions import ABSENT
from doorstep.kernel.money import format_minor, minor_digits
from doorstep.sites.office.charts import Chart, Series


def shown_money(minor: int, currency: str) -> str:
    """Money in the language of the page."""
    return format_minor(minor, currency, language=get_language() or settings.LANGUAGE_CODE)


def bucket_names(run: Run | None, buckets: Sequence[int]) -> list[str]:
    """M1, M2, ... by the edges the run used."""
    edges = edges_of(run)
    return [bucket_label(bucket, edges=edges) for bucket in buckets]


def bucket_days(run: Run | None, bucket: int) -> str:
    """The days past due a bucket spans: 1–30, or 181+ for the last."""
    edges = edges_of(run)
    spans = [f"{first}–{after - 1}" for first, after in pairwise(edges)]
    return ["0", *spans, f"{edges[-1]}+"][bucket]


def book_charts(groups: Sequence[CaseGroup], *, run: Run | None) -> list[Chart]:
    """The open cases by bucket: customers, then money, one drawing a currency."""
    if not groups:
        return []
    currencies = sorted({group.currency for group in groups})
    return [
        *[_money_chart(groups, currency=currency, run=run) for currency in currencies],
        _borrowers_chart(groups, run=run),
    ]


def _categories(run: Run | None, buckets: Sequence[int]) -> list[str]:
    names = bucket_names(run, buckets)
    days = [bucket_days(run, bucket) for bucket in buckets]
    return [f"{name}\n{span}" for name, span in zip(names, days, strict=True)]


def _links(buckets: Sequence[int]) -> list[str]:
    return [f"{reverse('office:worklist')}?bucket={bucket}" for bucket in buckets]


def _money_chart(groups: Sequence[CaseGroup], *, currency: str, run: Run | None) -> Chart:
    sums: dict[int, int] = defaultdict(int)
    for group in groups:
        if group.currency == currency:
            sums[group.bucket] += group.due_total
    buckets = sorted(sums)
    most = max(buckets, key=lambda bucket: sums[bucket])
    title = _("%(money)s is overdue; %(bucket)s holds the most of it") % {
        "money": shown_money(sum(sums.values()), currency),
        "bucket": bucket_names(run, [most])[0],
    }
    scale = 10 ** minor_digits(currency)
    figures = Series(
        name=_("Overdue"),
        values=[sums[bucket] / scale for bucket in buckets],
        shown=[shown_money(sums[bucket], currency) for bucket in buckets],
        tone=0,
    )
    return Chart(
        key=f"money-{currency}",
        title=title,
        kind="bars",
        categories=_categories(run, buckets),
        series=[figures],
        heading=_("Bucket, days past due"),
        across=_("Bucket, days past due"),
        up=currency,
        links=_links(buckets),
    )


def _borrowers_chart(groups: Sequence[CaseGroup], *, run: Run | None) -> Chart:
    counts: dict[int, int] = defaultdict(int)
    for group in groups:
        counts[group.bucket] += group.cases
    buckets = sorted(counts)
    most = max(buckets, key=lambda bucket: counts[bucket])
    title = _("%(count)s customers are overdue, most of them in %(bucket)s") % {
        "count": number_format(sum(counts.values())),
        "bucket": bucket_names(run, [most])[0],
    }
    figures = Series(
        name=_("Customers"),
        values=[counts[bucket] for bucket in buckets],
        shown=[number_format(counts[bucket]) for bucket in buckets],
        tone=5,
    )
    return Chart(
        key="customers",
        title=title,
        kind="bars",
        categories=_categories(run, buckets),
        series=[figures],
        heading=_("Bucket, days past due"),
        across=_("Bucket, days past due"),
        links=_links(buckets),
    )


def transition_chart(matrix: Matrix, *, run: Run) -> Chart:
    """Transitions (迁徙): of the balance that stood in a bucket, the share that is in each now."""
    before = _side_names(run, matrix.before, absent=_("New"))
    after = _side_names(run, matrix.after, absent=_("Gone"))
    return Chart(
        key=f"transitions-{matrix.currency}",
        title=_("Where the balance of each bucket went (%(currency)s)")
        % {"currency": matrix.currency},
        kind="heat",
        categories=after,
        series=[
            Series(
                name=name,
                values=matrix.share[row],
                shown=[_shown_cell(matrix, row, column) for column in range(len(after))],
            )
            for row, name in enumerate(before)
        ],
        heading=_("From, to"),
        across=_("Bucket now"),
    )


def _side_names(run: Run, buckets: Sequence[int], *, absent: str) -> list[str]:
    names = bucket_names(run, [bucket for bucket in buckets if bucket != ABSENT])
    return [*names, absent] if ABSENT in buckets else names


def _shown_cell(matrix: Matrix, row: int, column: int) -> str:
    loans = matrix.loans[row][column]
    if not loans:
        return "–"
    return _("%(share)s · %(loans)s loans · %(money)s") % {
        "share": f"{100 * matrix.share[row][column]:.1f}%",
        "loans": number_format(loans),
        "money": shown_money(matrix.balance[row][column], matrix.currency),
    }
