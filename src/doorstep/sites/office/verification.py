"""Open verification tasks, and recording what was found."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doorstep.cases.verification import verification_tasks_visible_to
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.masking import mask_name
from doorstep.portfolio.models import Address, ContactPoint, Verification, VerificationTask
from doorstep.portfolio.services import verification_record, verification_task_close
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.verification_words import (
    BY_HOW,
    FINDINGS,
    Finding,
    how_words,
    kind_words,
    masked,
    reason_words,
)
from doorstep.workforce.roles import Permission

ROWS = 50
LONGEST_NOTE = 150
Subject = ContactPoint | Address


@needs(Permission.VERIFY_CONTACTS)
def verification(request: StaffRequest) -> HttpResponse:
    """What waits to be confirmed, oldest first; `?reason=` narrows it."""
    tasks = verification_tasks_visible_to(staff=request.user)
    counts = list(
        tasks.order_by("reason")
        .values("reason")
        .annotate(count=Count("pk"))
        .values_list("reason", "count")
    )
    chosen = request.GET.get("reason", "")
    if chosen:
        tasks = tasks.filter(reason=chosen)
    page = Paginator(tasks, ROWS).get_page(request.GET.get("page"))
    return render(
        request,
        "office/verification/list.html",
        {
            "page": page,
            "rows": [_row(task) for task in page],
            "reasons": [(key, reason_words(key), count) for key, count in counts],
            "chosen": chosen,
            "total": sum(count for _key, count in counts),
        },
    )


@needs(Permission.VERIFY_CONTACTS)
@require_http_methods(["GET", "POST"])
def verification_task(request: StaffRequest, task_id: int) -> HttpResponse:
    """One task: what is known, what was found before, and the form to say what was found now."""
    task = get_object_or_404(verification_tasks_visible_to(staff=request.user), pk=task_id)
    subjects = _subjects(task)
    error = ""
    if request.method == "POST":
        error = _record(request, task, subjects)
        if not error:
            messages.success(request, _("Recorded. The task is closed."))
            return redirect("office:verification")
    return render(
        request,
        "office/verification/task.html",
        {
            "task": task,
            "name": mask_name(task.borrower.name),
            "why": reason_words(task.reason),
            "subjects": [(key, kind_words(s.kind), masked(s), s) for key, s in subjects.items()],
            "findings": _findings(subjects),
            "history": _history(subjects),
            "error": error,
            "given": request.POST,
            "longest_note": LONGEST_NOTE,
        },
        status=400 if error else 200,
    )


def _row(task: VerificationTask) -> dict[str, object]:
    subject = task.contact_point or task.address
    return {
        "task": task,
        "name": mask_name(task.borrower.name),
        "subject": subject,
        "kind": kind_words(subject.kind) if subject else "",
        "shown": masked(subject) if subject else "",
        "why": reason_words(task.reason),
    }


def _subjects(task: VerificationTask) -> dict[str, Subject]:
    """What the finding can be about: what the task names, else all the borrower's own."""
    if task.contact_point:
        return {f"point-{task.contact_point.pk}": task.contact_point}
    if task.address:
        return {f"address-{task.address.pk}": task.address}
    points = ContactPoint.objects.filter(borrower=task.borrower_id).order_by("pk")
    addresses = Address.objects.filter(borrower=task.borrower_id).order_by("pk")
    return {f"point-{p.pk}": p for p in points} | {f"address-{a.pk}": a for a in addresses}


def _findings(subjects: dict[str, Subject]) -> list[tuple[str, list[Finding]]]:
    """The findings that make sense for these subjects, grouped by the state they lead to."""
    points = any(isinstance(subject, ContactPoint) for subject in subjects.values())
    addresses = any(isinstance(subject, Address) for subject in subjects.values())
    groups: dict[str, list[Finding]] = {}
    for finding in FINDINGS:
        if (finding.points and points) or (finding.addresses and addresses):
            groups.setdefault(finding.state, []).append(finding)
    return list(groups.items())


def _history(subjects: dict[str, Subject]) -> list[tuple[Verification, str, str]]:
    """Earlier findings, the latest first, each with what it was about and how it was found."""
    points = [s.pk for s in subjects.values() if isinstance(s, ContactPoint)]
    addresses = [s.pk for s in subjects.values() if isinstance(s, Address)]
    found: QuerySet[Verification] = (
        Verification.objects.filter(Q(contact_point__in=points) | Q(address__in=addresses))
        .select_related("contact_point", "address", "by")
        .order_by("-at", "-pk")[:ROWS]
    )
    return [
        (entry, masked(about), how_words(entry.how))
        for entry in found
        if (about := entry.contact_point or entry.address)
    ]


def _record(request: HttpRequest, task: VerificationTask, subjects: dict[str, Subject]) -> str:
    """Record the finding of the form; the text of what is wrong with it, or nothing."""
    subject = subjects.get(request.POST.get("subject", ""))
    finding = BY_HOW.get(request.POST.get("finding", ""))
    note = " ".join(request.POST.get("note", "").replace("\x00", "").split())
    if subject is None:
        return _("Say which number or address this is about.")
    if finding is None:
        return _("Say what was found.")
    if len(note) > LONGEST_NOTE:
        return _("The note is longer than %(most)s characters.") % {"most": LONGEST_NOTE}
    at = clock.now()
    try:
        verification_record(
            contact_point=subject if isinstance(subject, ContactPoint) else None,
            address=subject if isinstance(subject, Address) else None,
            state=finding.state,
            how=f"{finding.how}: {note}" if note else finding.how,
            by=request.user,
            at=at,
        )
        task.refresh_from_db()
        if task.closed_at is None:
            verification_task_close(task=task, by=request.user, at=at)
    except DoorstepError as refused:
        return str(refused)
    return ""
