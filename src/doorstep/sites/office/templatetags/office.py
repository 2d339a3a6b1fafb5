"""Words and marks that every page of the office uses: money, days, badges, charts, pages of a list.

{% load office %}
{{ case.due_total|money:case.currency }}     ¥1,234.56
{% day item.due_on %}                        tomorrow · 23 Nov 2026
{% moment run.finished_at %}                 23 Nov 2026, 02:10 · 6 hours ago
{% step_badge case.step %} {% bucket_badge case.bucket %} {% state_badge point.state %}
{% icon "phone" %}  {% sort_link "dpd" _("Days past due") %}  {% pager page %}
{% empty title why address label %}  {% chart chart %}  {% progress value most label %}
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.template.context import Context, RequestContext
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_vite.templatetags.django_vite import vite_asset_url

from doorstep.cases.models import MOVEMENT_LABELS, STEP_LABELS
from doorstep.cases.steps import MovementKind, Step
from doorstep.cycle.selectors import BucketRow
from doorstep.delinquency.dues import bucket_label
from doorstep.delinquency.policy import DEFAULT
from doorstep.kernel import clock
from doorstep.kernel.money import format_minor
from doorstep.simulator.sign_in import DOOR_PIN, PASSWORD
from doorstep.sites.office.charts import Chart
from doorstep.sites.office.distance import days_away, time_away
from doorstep.sites.office.states import STAGE_LABELS, STATE_LABELS, STATE_TONES
from doorstep.visits.models import CrewMember
from doorstep.visits.models.days import VisitState
from doorstep.visits.selectors.safety import crews_on
from doorstep.workforce.models import Staff

register = template.Library()

STEP_TONES = {
    Step.VERIFY: "amber", Step.REVIEW: "amber", Step.NONE: "quiet", Step.WAIT: "quiet",
}  # fmt: skip


@register.filter
def money(minor: int | None, currency: str) -> str:
    """Minor units as people of the page's language read them; a dash for None."""
    if minor is None:
        return "–"
    return format_minor(minor, currency, language=get_language() or settings.LANGUAGE_CODE)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; silent to screen readers unless it has a label."""
    address = vite_asset_url("icons.svg")
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>',
            label, address, name,
        )  # fmt: skip
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', address, name
    )


@register.simple_tag
def day(value: date | None, distance: bool = True) -> SafeString:
    """A calendar day, and how far away it is from today."""
    if value is None:
        return SafeString("–")
    words = days_away((value - clock.today(settings.TIME_ZONE)).days) if distance else ""
    return _time(value.isoformat(), date_format(value, "DATE_FORMAT"), words)


@register.simple_tag
def moment(value: datetime | None, distance: bool = True) -> SafeString:
    """An instant in the time of the lender, and how far away it is from now."""
    if value is None:
        return SafeString("–")
    local = timezone.localtime(value)
    shown = f"{date_format(local, 'DATE_FORMAT')} {local:%H:%M}"
    words = time_away((value - clock.now()).total_seconds()) if distance else ""
    return _time(local.isoformat(timespec="seconds"), shown, words)


def _time(machine: str, shown: str, words: str) -> SafeString:
    if not words:
        return format_html('<time datetime="{}">{}</time>', machine, shown)
    return format_html(
        '<time datetime="{}">{} <span class="distance">· {}</span></time>', machine, shown, words
    )


@register.filter
def duration(seconds: float | None) -> str:
    """A stretch of time: 0.4 s, 12 s, 3 min 05 s; a dash for None."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return _("%(seconds)s s") % {"seconds": f"{seconds:.1f}"}
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return _("%(seconds)s s") % {"seconds": rest}
    return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": f"{rest:02d}"}


@register.filter
def percent(share: float | None, digits: int = 1) -> str:
    """A share from 0 to 1 as a percentage; a dash for None."""
    return "–" if share is None else f"{100 * share:.{digits}f}%"


@register.filter
def change(now: int, before: int | None) -> str:
    """A difference with its sign: +12, −3, 0; a dash where there is nothing to compare with."""
    if before is None:
        return "–"
    return f"{_sign(now - before)}{number_format(abs(now - before), force_grouping=True)}"


@register.filter
def money_change(row: BucketRow) -> str:
    """How much more or less is overdue in a bucket than a night before."""
    if row.overdue_before is None:
        return "–"
    more = row.overdue - row.overdue_before
    return f"{_sign(more)}{money(abs(more), row.currency)}"


def _sign(number: int) -> str:
    return "+" if number > 0 else "−" if number < 0 else ""


@register.filter
def stage_words(name: str) -> str:
    """A stage of the night in the page's language; a name nobody translated stays as it is."""
    return str(STAGE_LABELS.get(name, name))


@register.filter
def step_words(step: str) -> str:
    """A step's name in the page's language."""
    return str(STEP_LABELS[Step(step)])


@register.filter
def movement_words(kind: str) -> str:
    """A movement's name in the page's language."""
    return str(MOVEMENT_LABELS[MovementKind(kind)])


@register.simple_tag
def step_badge(step: str) -> SafeString:
    """The next step as a badge: amber where a person must look."""
    return badge(step_words(step), STEP_TONES.get(Step(step), "plain"))


@register.simple_tag(takes_context=True)
def bucket_words(context: Context, number: int) -> str:
    """M1, M2, ... with a plus on the open last one, by the edges the last night used."""
    return bucket_label(number, edges=context.get("bucket_edges") or DEFAULT.bucket_edges)


@register.simple_tag(takes_context=True)
def bucket_badge(context: Context, number: int) -> SafeString:
    """The bucket as a badge."""
    return badge(bucket_words(context, number), "bucket")


@register.simple_tag
def state_badge(state: str) -> SafeString:
    """Verification state of a contact point or address, or state of a book or run, as a badge."""
    return badge(str(STATE_LABELS[state]), STATE_TONES.get(state, "plain"))


@register.simple_tag
def badge(words: str, tone: str = "plain") -> SafeString:
    """A short word in a frame. Tones: plain, quiet, bucket, green (kept, solved), amber (needs a
    person), red (somebody or the law is at risk)."""
    return format_html('<span class="ds-badge ds-{}">{}</span>', tone, words)


@register.inclusion_tag("office/parts/sort_link.html", takes_context=True)
def sort_link(context: RequestContext, key: str, label: str, start: str = "down") -> dict[str, Any]:
    """A column heading that sorts: `?sort=dpd` rises, `?sort=-dpd` falls; `start` is the first."""
    query = context["request"].GET.copy()
    now = query.get("sort", "")
    first, other = (f"-{key}", key) if start == "down" else (key, f"-{key}")
    query["sort"] = other if now == first else first
    query.pop("page", None)
    direction = {key: "ascending", f"-{key}": "descending"}.get(now, "")
    return {"address": f"?{query.urlencode()}", "label": label, "direction": direction}


@register.inclusion_tag("office/parts/pager.html", takes_context=True)
def pager(context: RequestContext, page: Page[Any]) -> dict[str, Any]:
    """Links to the other pages of a list, keeping the filter."""
    return {"page": page, "request": context["request"]}


@register.inclusion_tag("office/parts/empty.html")
def empty(title: str, why: str, address: str = "", label: str = "") -> dict[str, Any]:
    """A list with nothing in it: why, and what to do next."""
    return {"title": title, "why": why, "address": address, "label": label}


@register.inclusion_tag("office/parts/chart.html")
def chart(chart: Chart) -> dict[str, Any]:
    """A drawing with its message as title, its figures as a table, and their export beside it:
    the page's own view answers `?export=<key>` with `charts.chart_workbook`."""
    return {"chart": chart}


@register.inclusion_tag("office/parts/progress.html")
def progress(value: int, most: int, label: str) -> dict[str, Any]:
    """How far something is."""
    return {"value": value, "most": most, "label": label}


@register.inclusion_tag("office/parts/demo_sign_ins.html")
def demo_sign_ins() -> dict[str, Any]:
    """One account of every role with the demo password, and whose phone has a visit today; nothing
    outside demo mode."""
    if settings.MODE != "demo":
        return {}
    crew = CrewMember.objects.filter(
        crew__in=crews_on(day=clock.today(settings.TIME_ZONE)), crew__off_at=None,
        crew__visits__state=VisitState.PLANNED, staff__is_active=True,
    ).select_related("staff")  # fmt: skip
    going = crew.order_by("-leads", "crew__visits__begins_at", "pk").first()
    first: dict[str, Staff] = {going.staff.role: going.staff} if going else {}
    for staff in Staff.objects.filter(is_active=True).order_by("pk"):
        first.setdefault(staff.role, staff)
    people = sorted(first.values(), key=lambda each: each.pk)
    return {"people": people, "password": PASSWORD, "going": going and going.staff, "pin": DOOR_PIN}
