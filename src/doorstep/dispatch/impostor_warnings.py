"""Warnings after a report of an impostor: proposed to the customers it may concern, approved by a
second person, and cleared one by one at the one door."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.cases.models import Case
from doorstep.cases.selectors import cases_visible_to
from doorstep.dispatch.models import Proposal
from doorstep.dispatch.proposals import acts_propose
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.outreach.selectors import templates_in_force
from doorstep.outreach.words import Kind, Medium
from doorstep.visits.models import ImpostorReport, PlannedVisit
from doorstep.visits.models.days import VisitState
from doorstep.visits.selectors.in_force import visits_in_force
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

COMING, BRANCH = "coming", "branch"
WHOM = (COMING, BRANCH)


def warned_of(
    *, report: ImpostorReport, whom: str, branch: str, by: Staff, at: datetime
) -> QuerySet[Case]:
    """The open cases a report may concern: `coming`, all to whom a visit is to come or came on the
    day it happened or later; `branch`, all of a branch. The case of the code that was given is
    among them always. Only what `by` sees. Raises InputError for another word or no branch."""
    if whom not in WHOM:
        raise InputError(_("Say whom to warn."), where=Where(field="whom"))
    if whom == BRANCH and not branch:
        raise InputError(_("Choose a branch."), where=Where(field="branch"))
    visits = visits_in_force().filter(
        crew__day__gte=report.happened_on,
        state__in=(VisitState.PLANNED, VisitState.UNDER_WAY, VisitState.DONE),
    )  # fmt: skip
    if branch:
        visits = visits.filter(plan__branch=branch)
    concerned = Q(branch=branch) if whom == BRANCH else Q(pk__in=visits.values("case"))
    if report.visit_id is not None:
        given = PlannedVisit.objects.filter(pk=report.visit_id)
        concerned |= Q(pk__in=given.values("case"))
    return cases_visible_to(staff=by).filter(concerned, status="open")


@transaction.atomic
def impostor_warning_propose(
    *, report: ImpostorReport, whom: str, branch: str, planned_from: datetime,
    planned_until: datetime, by: Staff, at: datetime,
) -> Proposal:  # fmt: skip
    """Propose the warning by text message to those whom a report may concern. Nothing is sent by
    this: a second person approves, and the guard decides each.

    Raises Refused without permission for reports or messages, WRONG_STATE for a report that was
    nothing, NO_TEMPLATE where no warning is in force; else as `acts_propose` and `warned_of`.
    """
    must_may(by=by, permission=Permission.HANDLE_IMPOSTORS)
    report = ImpostorReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if report.finding == "ours":
        raise Refused(_("That was one of our people; there is nobody to warn."), code="WRONG_STATE")
    cases = warned_of(report=report, whom=whom, branch=branch, by=by, at=at)
    proposal = acts_propose(
        cases=cases, template=warning_template(), planned_from=planned_from,
        planned_until=planned_until, by=by, at=at,
        note=_("After the report %(number)s of an impostor") % {"number": report.number},
    )  # fmt: skip
    report.proposals = [*report.proposals, proposal.pk]
    report.save(update_fields=["proposals"])
    entry = Entry(
        kind="impostor.warning_proposed", subject="", agent=by.username,
        body={"report": report.number, "proposal": proposal.pk, "whom": whom, "branch": branch},
    )  # fmt: skip
    evidence_append(entries=[entry], at=at)
    return proposal


def warning_template() -> str:
    """The warning in force as a text message. Raises Refused NO_TEMPLATE."""
    for key, template in sorted(templates_in_force().items()):
        if template.kind is Kind.IMPOSTOR_WARNING and template.medium is Medium.SMS:
            return key
    raise Refused(
        _("No warning of impostors is in force."), code="NO_TEMPLATE",
        hint=_("Have one approved among the texts we send."),
    )  # fmt: skip
