"""Did you really call me, did you really write to me? Yes or no, out of the acts that happened; no
word about why.

Who asks must know what only the person knows who was called: the number, the day and about when.
So nobody learns by asking whether somebody else is a customer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from doorstep.dispatch.keys import number_key
from doorstep.dispatch.models import UNDER_CLEARANCE, Act, ActState
from doorstep.visits.selectors.visitor import visitor_secret
from doorstep.visits.services.visitor import EVERYBODY, Limit, asked, too_many
from doorstep.visits.visitor import key_of

CALLED_AROUND = timedelta(minutes=30)
WROTE_AROUND = timedelta(minutes=20)
OF_ONE = Limit(8, timedelta(hours=1))
"""Questions from one address."""
OF_NUMBER = {"phone": Limit(8, timedelta(days=1)), "message": Limit(3, timedelta(days=1))}
"""Questions about one number, whoever asks. Those about messages, which name no work id, cover two
hours of a day: asking does not find out whether somebody was written to."""
OF_ALL = Limit(2000, timedelta(hours=1))
HAPPENED = (*UNDER_CLEARANCE, ActState.FAILED)
REFERENCE = re.compile(r"[0-9a-f]{24}")
PHONE_KINDS = ("mobile", "landline", "phone", "sms")
COUNTRY = "+86"


@dataclass(frozen=True)
class Contacted:
    """What somebody remembers: `phone` or `message`; the work id that was named; to which number
    or e-mail address of theirs; when, about; or the reference of a message."""

    how: str
    work_id: str = ""
    number: str = ""
    about: datetime | None = None
    reference: str = ""


def contact_was_ours(*, contacted: Contacted, asker: str, at: datetime) -> bool:
    """Whether one of our people called, or we wrote, as somebody remembers it. Anything missing or
    wrong is no. Raises Refused TOO_MANY."""
    keys = _keys(contacted.number)
    within = asked(what="who", key=asker, limit=OF_ONE, at=at)
    within &= asked(what="who", key=EVERYBODY, limit=OF_ALL, at=at)
    how = "phone" if contacted.how == "phone" else "message"
    number = _counted(contacted.number)
    within &= asked(what=f"who_{how}", key=number, limit=OF_NUMBER[how], at=at)
    if not within:
        raise too_many()
    around = CALLED_AROUND if how == "phone" else WROTE_AROUND
    about = contacted.about or datetime.fromtimestamp(0, at.tzinfo)
    by_memory = Q(
        number__in=keys, clearance__at__gte=about - around, clearance__at__lte=about + around
    )
    if how == "phone":
        work_id = contacted.work_id.strip()[:32]
        asked_for = by_memory & Q(kind="call", call__by__particulars__work_id__iexact=work_id)
    else:
        reference = contacted.reference.strip().lower()
        named = REFERENCE.fullmatch(reference) is not None
        asked_for = Q(kind__in=("message", "letter")) & (
            Q(reference=reference) if named else by_memory
        )
    return Act.objects.filter(asked_for, state__in=HAPPENED, clearance__isnull=False).exists()


def _keys(text: str) -> list[str]:
    """The keys under which a number or address as typed may be known."""
    text = text.strip()[:100].replace("\x00", "")
    if "@" in text:
        return [number_key(kind="email", value=each) for each in {text, text.lower()}]
    digits = re.sub(r"[^0-9+]", "", text)
    forms = {digits, f"+{digits.lstrip('+')}", f"{COUNTRY}{digits.removeprefix(COUNTRY)}"}
    return [number_key(kind=kind, value=form) for form in sorted(forms) for kind in PHONE_KINDS]


def _counted(text: str) -> str:
    """What a number or address is counted under, however it was typed."""
    text = text.strip()[:100]
    digits = re.sub(r"[^0-9]", "", text).removeprefix("00").removeprefix(COUNTRY[1:])
    value = text.lower() if "@" in text else digits
    return key_of(secret=visitor_secret(), value=value)
