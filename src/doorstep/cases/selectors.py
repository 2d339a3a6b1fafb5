"""Reads over cases. Every list and every page of a case begins with `cases_visible_to`."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from doorstep.cases.models import Case
from doorstep.portfolio.models import Borrower, ContactPoint, Loan
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Scope


def scope_condition(*, staff: Staff) -> Q:
    """The scope of a member of staff as a condition on cases.

    A branch or team that is not set matches nothing: whoever is bound to a team and has none
    sees only what is assigned to them.
    """
    match staff.scope:
        case Scope.ALL:
            return Q()
        case Scope.BRANCH if staff.branch_id:
            return Q(branch=staff.branch_id)
        case Scope.TEAM if staff.team_id:
            return Q(team=staff.team_id)
        case Scope.BRANCH | Scope.TEAM | Scope.OWN:
            return Q(assignee=staff.pk)
        case Scope.NONE:
            return Q(pk__in=[])


def cases_visible_to(*, staff: Staff) -> QuerySet[Case]:
    """The cases this member of staff may see: all, of the branch, of the team, own, or none."""
    return Case.objects.filter(scope_condition(staff=staff))


def borrowers_visible_to(*, staff: Staff) -> QuerySet[Case, str] | None:
    """Customer numbers of those whose case, open or closed, this member of staff may see; None
    for everybody, those without any case too."""
    if staff.scope is Scope.ALL:
        return None
    return cases_visible_to(staff=staff).values_list("borrower_id", flat=True)


LAST_CHARACTER = "\U0010ffff"


def borrowers_matching(*, text: str) -> QuerySet[Borrower]:
    """Borrowers whose name begins with the text, or whose customer number, loan number or own
    phone number or address it is. Numbers match with or without country code and spaces."""
    text = text.strip()
    found = (
        Q(pk=text)
        | Q(name__gte=text, name__lt=text + LAST_CHARACTER)
        | Q(pk__in=Loan.objects.filter(pk=text).values("borrower"))
    )
    values = [text, *_phone_forms(text)]
    return Borrower.objects.filter(
        found | Q(pk__in=ContactPoint.objects.filter(value__in=values).values("borrower"))
    )


def _phone_forms(text: str) -> list[str]:
    digits = "".join(character for character in text if character.isdigit())
    return [f"+{digits}", f"+86{digits}"] if len(digits) >= 7 else []
