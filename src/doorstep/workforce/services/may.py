"""Who may do a deed on whom."""

from __future__ import annotations

from django.utils.translation import gettext as _

from doorstep.kernel.errors import Refused
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.selectors import staff_within


def must_may(*, by: Staff, permission: Permission, whom: Staff | None = None) -> None:
    """Raises Refused NOT_PERMITTED without the permission, or when `whom` is not within the sight
    of `by`."""
    if not by.may(permission):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    if whom is not None and not staff_within(by=by).filter(pk=whom.pk).exists():
        raise Refused(_("This colleague is of another branch."), code="NOT_PERMITTED")
