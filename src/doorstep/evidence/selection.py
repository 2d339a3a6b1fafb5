"""Which entries are meant: one borrower's, one case's, one agent's, one day's, or all of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from doorstep.evidence.models import Leaf


@dataclass(frozen=True)
class Selection:
    """Every part that is given must fit; nothing given means the whole log.

    `day` is a calendar day in `zone`. With a case comes what is about the same borrower and names
    no case: a complaint, a stop, a hold.
    """

    borrower: str = ""
    case: str = ""
    agent: str = ""
    day: date | None = None
    zone: str = "Asia/Shanghai"

    @property
    def is_whole(self) -> bool:
        """Whether everything is meant."""
        return not (self.borrower or self.case or self.agent or self.day)

    def leaves(self) -> QuerySet[Leaf]:
        """The leaves that are meant, with what is needed to open them, in no order."""
        leaves = Leaf.objects.select_related("subject", "sealed")
        if self.borrower:
            leaves = leaves.filter(subject__subject=self.borrower)
        if self.case:
            of_case = Leaf.objects.filter(sealed__case=self.case)
            same = of_case.exclude(subject__subject="").order_by().values("subject")
            leaves = leaves.filter(Q(sealed__case=self.case) | Q(sealed__case="", subject__in=same))
        if self.agent:
            leaves = leaves.filter(sealed__agent=self.agent)
        if self.day:
            begins = datetime.combine(self.day, time(), ZoneInfo(self.zone))
            ends = datetime.combine(self.day + timedelta(days=1), time(), ZoneInfo(self.zone))
            leaves = leaves.filter(at__gte=begins, at__lt=ends)
        return leaves

    def words(self) -> dict[str, str]:
        """The parts that are given, as text."""
        given = {name: str(value) for name, value in asdict(self).items() if value}
        return given if self.day else {k: v for k, v in given.items() if k != "zone"}
