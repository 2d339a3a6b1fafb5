"""Who must answer: of those who may, whoever has least to answer."""

from __future__ import annotations

from collections import Counter

from doorstep.protections.models import Complaint, Dispute
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import GRANTS, Permission


def answerers() -> list[Staff]:
    """Active staff who may answer complaints and disputes, by the order of their accounts."""
    roles = [
        role.value for role, granted in GRANTS.items() if Permission.ANSWER_COMPLAINTS in granted
    ]
    return list(Staff.objects.filter(is_active=True, role__in=roles).order_by("pk"))


def owner_with_least() -> Staff | None:
    """Whoever has the fewest open complaints and disputes; None when nobody may answer."""
    people = answerers()
    load: Counter[int] = Counter()
    for model in (Complaint, Dispute):
        open_rows = model.objects.filter(
            known_until__isnull=True, answered_at__isnull=True, owner__in=people
        )
        load.update(open_rows.values_list("owner", flat=True))
    return min(people, key=lambda person: (load[person.pk], person.pk), default=None)
