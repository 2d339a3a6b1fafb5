"""The worklist: every overdue borrower with why they are here and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from doorstep.cases.assignment import people_for
from doorstep.cases.models import MOVEMENT_CHOICES, STEP_CHOICES, Case, WorkItem
from doorstep.cases.screening import ASK, CAN, HELD
from doorstep.cases.worklist import Filter, filter_read
from doorstep.cases.worklist import worklist as cases_of
from doorstep.cycle.selectors import bucket_edges, run_latest_done
from doorstep.delinquency.dues import bucket_label
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.rules.pack import Rulebook
from doorstep.sites.office import case_words
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.lists import canonical
from doorstep.sites.office.screening_words import Screened, screened
from doorstep.sites.office.worklist_views import KEPT, views_of
from doorstep.workforce.models import ROLE_LABELS, Branch, Staff, Team
from doorstep.workforce.roles import Permission, Scope

PAGE_ROWS = 50
COLUMNS: dict[str, str | Promise] = {
    "why": gettext_lazy("Why and what comes next"),
    "dpd": gettext_lazy("Days past due"),
    "bucket": gettext_lazy("Bucket"),
    "due": gettext_lazy("Due"),
    "step": gettext_lazy("Next step"),
    "until": gettext_lazy("By when"),
    "assignee": gettext_lazy("With"),
    "branch": gettext_lazy("Branch"),
    "team": gettext_lazy("Team"),
    "opened": gettext_lazy("Since"),
    "loans": gettext_lazy("Loans"),
    "movement": gettext_lazy("Last change"),
}
SCREENINGS: dict[str, str | Promise] = {
    CAN: gettext_lazy("Can be done"),
    HELD: gettext_lazy("Held back by a rule"),
    ASK: gettext_lazy("Ask a person first"),
}
FIRST_COLUMNS = ("why", "dpd", "bucket", "due", "step", "until", "assignee")


@dataclass(frozen=True)
class Row:
    """One line of the list, ready to be shown."""

    case: Case
    who: str
    why: str
    next: str
    item: WorkItem | None
    screened: Screened | None


@needs(Permission.SEE_CASES)
@require_GET
def worklist(request: StaffRequest) -> HttpResponse:
    """The list by the filter in the address, with its views and what can be done with it."""
    chosen, night = _filter(request), latest_night()
    listed = cases_of(chosen, staff=request.user, night=night)
    page = Paginator(listed.values_list("pk", flat=True), PAGE_ROWS).get_page(
        request.GET.get("page")
    )
    shared, by_step, own = views_of(staff=request.user, values=request.GET, night=night)
    columns = columns_of(request.GET)
    return render(
        request,
        "office/worklist.html",
        {
            "page": page,
            "rows": rows_of(page),
            "filter": chosen,
            "problems": _problem_words(chosen),
            "query": canonical(request.GET, names=KEPT),
            "views": shared,
            "step_views": by_step,
            "own_views": own,
            "columns": columns,
            "all_columns": COLUMNS,
            "may_assign": request.user.may(Permission.ASSIGN_CASES),
            "may_see_rules": request.user.may(Permission.SEE_RULES),
            "may_propose": request.user.may(Permission.PROPOSE_MESSAGES),
            "may_export": request.user.may(Permission.EXPORT_CASES),
            **_choices(request.user, chosen),
        },
    )


def latest_night() -> date | None:
    """The business date of the last night that ended well."""
    run = run_latest_done()
    return run.business_date if run else None


def rows_of(page: Page[int]) -> list[Row]:
    """The cases of a page, in its order, in three queries however many there are."""
    found = Case.objects.select_related("borrower", "assignee", "branch", "team").prefetch_related(
        Prefetch(
            "work_items", queryset=WorkItem.objects.filter(status="open"), to_attr="open_items"
        )
    )
    cases, rulebook = found.in_bulk(list(page.object_list)), rulebook_current()
    return [_row(cases[pk], rulebook) for pk in page.object_list if pk in cases]


def columns_of(values: QueryDict) -> list[str]:
    """The columns asked for, in the order of the list; the first ones when none is."""
    asked = {name for text in values.getlist("columns") for name in text.split(",")}
    return [name for name in COLUMNS if name in asked] or list(FIRST_COLUMNS)


def people_choices(by: Staff) -> list[tuple[int, str, str]]:
    """Whom cases may be given to: number, name, role in words."""
    people = people_for(by=by).order_by("display_name", "username")
    rows = people.values_list("pk", "display_name", "username", "role")
    roles = {role.value: str(label) for role, label in ROLE_LABELS.items()}
    return [(pk, name or username, roles.get(role, role)) for pk, name, username, role in rows]


def _row(case: Case, rulebook: Rulebook) -> Row:
    items: list[WorkItem] = case.open_items  # type: ignore[attr-defined]
    return Row(
        case=case,
        who=case_words.who(case),
        why=case_words.why(case),
        next=case_words.next_step(case),
        item=items[0] if items else None,
        screened=screened(case, rulebook),
    )


def _filter(request: StaffRequest) -> Filter:
    return filter_read({name: list(values) for name, values in request.GET.lists()})


def _problem_words(chosen: Filter) -> list[str]:
    return [
        _("%(name)s = %(value)s cannot be read, so nothing is shown.")
        % {"name": name, "value": value}
        for name, value in chosen.problems.items()
    ]


def _choices(staff: Staff, chosen: Filter) -> dict[str, Any]:
    """What the filter's select boxes offer, within the scope of `staff`."""
    wide = staff.scope is Scope.ALL
    edges = bucket_edges()
    branches = Branch.objects.order_by("name") if wide else Branch.objects.none()
    teams = Team.objects.select_related("branch").order_by("branch__name", "name")
    if not wide:
        teams = (
            teams.filter(branch=staff.branch_id) if staff.scope is Scope.BRANCH else teams.none()
        )
    return {
        "steps": STEP_CHOICES,
        "movements": MOVEMENT_CHOICES,
        "screenings": SCREENINGS.items(),
        "holds": case_words.HOLD_LABELS.items(),
        "buckets": [(n, bucket_label(n, edges=edges)) for n in range(len(edges) + 1)],
        "branches": branches,
        "teams": teams,
        "people": people_choices(staff),
        "narrowed": sum(
            1
            for name in KEPT
            if name not in {"q", "sort", "columns"} and getattr(chosen, name) not in ("", (), None)
        ),
    }
