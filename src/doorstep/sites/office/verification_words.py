"""Why something must be confirmed, what can be found about it, and how that reads."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.masking import mask_address, mask_email, mask_number
from doorstep.portfolio.models import Address, ContactPoint

REASONS: dict[str, Promise] = {
    "unverified": _("Nobody has confirmed this yet"),
    "stale": _("Confirmed too long ago"),
    "wrong": _("Reported as wrong"),
    "third_party": _("May belong to somebody else"),
    "shared": _("Several borrowers give the same one"),
    "changed": _("The lender gives another one than before"),
    "no_contact_point": _("No confirmed way to reach the borrower"),
    "no_address": _("No confirmed address"),
}

KINDS: dict[str, Promise] = {
    "mobile": _("Mobile phone"),
    "landline": _("Landline"),
    "email": _("E-mail"),
    "messenger": _("Messenger"),
    "home": _("Home address"),
    "work": _("Work address"),
    "registered": _("Registered address"),
    "mailing": _("Mailing address"),
}


@dataclass(frozen=True)
class Finding:
    """What somebody can find: the state it leads to, the key kept as `how`, and the words."""

    state: str
    how: str
    words: Promise
    points: bool = True
    addresses: bool = True


FINDINGS = (
    Finding("verified", "spoke", _("Spoke with the borrower there"), addresses=False),
    Finding("verified", "records", _("The lender's records confirm it")),
    Finding("verified", "on_the_spot", _("Confirmed on the spot")),
    Finding("verified", "in_writing", _("The borrower confirmed it in writing")),
    Finding("third_party", "somebody_else", _("It is somebody else's")),
    Finding("wrong", "no_such", _("Does not exist or is not in use")),
    Finding("wrong", "returned", _("Mail came back")),
    Finding("wrong", "not_theirs", _("The borrower was never there"), points=False),
    Finding("stale", "moved", _("The borrower has moved or changed it")),
    Finding("stale", "long_ago", _("It was confirmed too long ago to rely on")),
)
BY_HOW = {finding.how: finding for finding in FINDINGS}


def reason_words(reason: str) -> str:
    """Why the task was opened, in the reader's language; an unknown reason as it is."""
    return str(REASONS.get(reason, reason))


def kind_words(kind: str) -> str:
    """What sort of contact point or address it is."""
    return str(KINDS.get(kind, kind))


def how_words(how: str) -> str:
    """How something was found: our key in words with the note behind it; the lender's own text as
    the lender wrote it."""
    key, _colon, note = how.partition(": ")
    if key not in BY_HOW:
        return how
    return " · ".join(part for part in (str(BY_HOW[key].words), note) if part)


def masked(subject: ContactPoint | Address) -> str:
    """The number or address with its middle starred."""
    if isinstance(subject, Address):
        return mask_address(subject.text)
    return mask_email(subject.value) if "@" in subject.value else mask_number(subject.value)
