"""Every list of the office by its short name, as saved views and exports name it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from doorstep.sites.office.agreements_list import AGREEMENTS
from doorstep.sites.office.lists import OfficeList
from doorstep.sites.office.offers_list import OFFERS
from doorstep.sites.office.payments_list import PAYMENTS
from doorstep.sites.office.promises_list import PROMISES
from doorstep.sites.office.records_list import RECORDS
from doorstep.sites.office.referrals_list import REFERRALS
from doorstep.sites.office.worklist_list import WORKLIST
from doorstep.workforce.models import Staff

LISTS: dict[str, OfficeList] = {
    each.name: each
    for each in (WORKLIST, AGREEMENTS, OFFERS, PROMISES, PAYMENTS, REFERRALS, RECORDS)
}


def list_or_404(staff: Staff, name: str) -> OfficeList:
    """The list by its name, for those who may open it. Raises Http404 or PermissionDenied."""
    listed = LISTS.get(name)
    if listed is None:
        raise Http404
    if not staff.may(listed.permission):
        raise PermissionDenied(_("Your role does not include this."))
    return listed
