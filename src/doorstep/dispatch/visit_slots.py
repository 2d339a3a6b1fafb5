"""When a borrower may be visited, as somebody puts times forward: out of the guard's hours, the
danger and daylight."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from doorstep.cases.models import Case
from doorstep.dispatch.points import points_choose
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.visit_windows import Ask, Windows, visit_windows
from doorstep.kernel.errors import Refused
from doorstep.portfolio.models import Address
from doorstep.visits.appointments import Span
from doorstep.visits.selectors.risk import StandingRisk, risk_of_cases
from doorstep.visits.worth import parameters


def slots_of(
    *, case: Case, address: Address | None, first: date, days: int, at: datetime, risk: StandingRisk
) -> Windows | None:
    """The hours in which a visit may begin, from a day of the borrower's calendar on; None where no
    address is known that may be gone to."""
    place = address or _best_address(case)
    if place is None:
        return None
    ask = Ask(
        minutes=parameters().minutes_appointment, risk=risk.level,
        daylight_only=risk.daylight_only,
    )  # fmt: skip
    found = visit_windows(
        cases=[case], addresses={case.pk: place}, first=first, days=days, at=at,
        rulebook=rulebook_current(), asks={case.pk: ask},
    )  # fmt: skip
    return found[case.pk]


def _best_address(case: Case) -> Address | None:
    """The address by whose hours a place in the borrower's own words is judged."""
    point = points_choose(borrower_ids=[case.borrower_id], channel="letter").get(case.borrower_id)
    if point is None or point.address_id is None:
        return None
    return Address.objects.filter(pk=point.address_id).first()


def slots_must_be_lawful(
    *, case: Case, address: Address | None, spans: Sequence[Span], at: datetime
) -> None:
    """Raises Refused RISK_NOT_APPROVED for a high risk that no second person approved, NO_ADDRESS
    where there is nowhere to go, OUTSIDE_HOURS for a time in which the visit could not begin at
    any moment."""
    risk = risk_must_be_approved(case=case, at=at)
    zone = ZoneInfo(case.borrower.time_zone)
    for begins, ends in spans:
        day = begins.astimezone(zone).date()
        last = ends.astimezone(zone).date()
        windows = slots_of(
            case=case, address=address, first=day, days=(last - day).days + 1, at=at, risk=risk
        )
        if windows is None:
            raise Refused(_("No address is known that may be gone to."), code="NO_ADDRESS")
        if not any(start <= begins and ends <= end for start, end in windows.spans):
            raise Refused(
                _("A visit could not begin at every moment of this time."),
                code="OUTSIDE_HOURS",
                hint=_("Choose a time within the hours that are shown as open."),
            )


def risk_must_be_approved(*, case: Case, at: datetime) -> StandingRisk:
    """The risk of a visit that may be made. Raises Refused RISK_NOT_APPROVED for a high one that no
    second person approved knowing all that is known now."""
    risk = risk_now(case=case, at=at)
    if not risk.may_be_planned:
        raise Refused(
            _("The risk of this visit is high, and nobody has approved it."),
            code="RISK_NOT_APPROVED",
            hint=_("Assess it, and ask a second person to approve."),
        )
    return risk


def risk_now(*, case: Case, at: datetime) -> StandingRisk:
    """The risk of a case on the day of an instant, on the lender's calendar."""
    on = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return risk_of_cases(case_ids=[case.pk], on=on)[case.pk]


def slots_offered(windows: Windows, *, zone: str, hours: int = 2, a_day: int = 2) -> list[Span]:
    """Handy times out of open hours, to be read out: the first and the last stretches of so many
    hours of each day, from full hours on, at most `a_day`."""
    days: dict[date, list[Span]] = {}
    long = timedelta(hours=hours)
    for start, end in windows.spans:
        begins = start.astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0)
        begins += timedelta(hours=1) if begins < start else timedelta()
        while begins + long <= end:
            days.setdefault(begins.date(), []).append((begins, begins + long))
            begins += long
    return [span for spans in days.values() for span in _ends_of(spans, a_day)]


def _ends_of(spans: Sequence[Span], most: int) -> Sequence[Span]:
    """As many as asked for, the first ones and the last."""
    return spans if len(spans) <= most else (*spans[: most - 1], spans[-1])
