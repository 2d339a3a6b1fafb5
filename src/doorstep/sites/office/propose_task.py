"""Preparing a large proposal in the background. Can be cut off and run again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import translation
from django_tasks import task

from doorstep.dispatch.models import Proposal
from doorstep.dispatch.proposals import acts_propose
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office.propose_chosen import chosen_cases
from doorstep.workforce.models import Staff


@task()
def prepare_proposal(
    *,
    staff_id: int,
    query: str,
    template: str,
    planned_from: str,
    planned_until: str,
    note: str,
    asked_at: str,
    language: str,
    expected: int,
) -> dict[str, Any]:
    """Write the messages, put them to the guard, keep the proposal; answers its number, or what
    stands against it in words. Run again for the same asking it finds the proposal it made.

    `expected` is how many cases were meant when it was asked for: the page that waits shows it.
    """
    staff, at = Staff.objects.get(pk=staff_id), datetime.fromisoformat(asked_at)
    made = Proposal.objects.filter(proposed_by=staff, proposed_at=at).first()
    try:
        with translation.override(language):
            made = made or acts_propose(
                cases=chosen_cases(query, staff=staff),
                template=template,
                planned_from=datetime.fromisoformat(planned_from),
                planned_until=datetime.fromisoformat(planned_until),
                note=note,
                by=staff,
                at=at,
            )
            return {"proposal": made.pk}
    except DoorstepError as error:
        return {"error": f"{error.message} {error.hint}".strip()}
