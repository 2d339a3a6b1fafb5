"""How the plans that were agreed on are doing, drawn: on track, at risk, broken."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from doorstep.agreements.models import Agreement
from doorstep.sites.office.charts import Chart, Series

HEALTHS: dict[str, tuple[str | Promise, Q]] = {
    "on_track": (gettext_lazy("On track"), Q(state="in_force", watch__health="on_track")),
    "at_risk": (gettext_lazy("At risk"), Q(state="in_force", watch__health="at_risk")),
    "broken": (gettext_lazy("Broken"), Q(state="broken")),
}


def health_chart(visible: QuerySet[Agreement]) -> Chart | None:
    """How many plans are doing how, each bar leading to its rows; None where there is no plan.
    One query."""
    counts = visible.aggregate(
        **{name: Count("pk", filter=where) for name, (_label, where) in HEALTHS.items()}
    )
    total = sum(counts.values())
    if not total:
        return None
    address = reverse("office:agreements")
    figures = [counts[name] for name in HEALTHS]
    title = ngettext(
        "%(count)s of %(total)s plan is on track",
        "%(count)s of %(total)s plans are on track",
        total,
    ) % {"count": number_format(counts["on_track"]), "total": number_format(total)}
    return Chart(
        key="health",
        title=title,
        kind="bars",
        categories=[str(label) for label, _where in HEALTHS.values()],
        series=[Series(_("Plans"), figures, [number_format(each) for each in figures])],
        heading=_("How it is doing"),
        up=_("Plans"),
        links=[f"{address}?view={name}" for name in HEALTHS],
    )
