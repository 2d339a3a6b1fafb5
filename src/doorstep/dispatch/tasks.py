"""Work of the one door that the office waits for in the background."""

from __future__ import annotations

from django_tasks import task

from doorstep.dispatch.rule_changes import change_try
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.rules.models import RuleChange


@task()
def try_change(change_id: int) -> None:
    """Try a proposed change on last month's contacts; what went wrong is kept beside it."""
    change = RuleChange.objects.get(pk=change_id)
    try:
        change_try(change=change, at=clock.now())
    except Exception as error:
        told = str(error) if isinstance(error, DoorstepError) else type(error).__name__
        RuleChange.objects.filter(pk=change_id).update(simulation={"failed": told})
        raise
