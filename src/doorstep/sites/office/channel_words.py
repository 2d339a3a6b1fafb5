"""How a contact happened and what came of it, as people read it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CHANNELS: dict[str, str | Promise] = {
    "sms": _("Text message"),
    "email": _("E-mail"),
    "letter": _("Letter"),
    "call": _("Call"),
    "visit": _("Visit"),
    "messenger": _("Messenger"),
    "push": _("App notification"),
}
RESULTS: dict[str, str | Promise] = {
    "sent": _("sent"),
    "delivered": _("delivered"),
    "failed": _("failed"),
    "no_answer": _("no answer"),
    "reached": _("somebody answered"),
    "right_party": _("spoke with the borrower"),
    "wrong_party": _("reached somebody else"),
    "refused": _("refused to talk"),
}
OWNERS: dict[str, str | Promise] = {
    "relative": _("A relative's"),
    "reference": _("A reference's"),
    "employer": _("The employer's"),
    "unknown": _("Unknown whose"),
}
PRODUCTS: dict[str, str | Promise] = {
    "credit_card": _("Credit card"),
    "consumer": _("Consumer loan"),
    "mortgage": _("Mortgage"),
    "auto": _("Car loan"),
    "business": _("Business loan"),
    "other": _("Other loan"),
}
LOOKS: dict[str, str | Promise] = {
    "contact": _("Name, phone numbers and addresses"),
    "identity": _("Name, identity number and date of birth"),
    "third_party": _("Numbers of other people"),
}
SEEN: dict[str, str | Promise] = {**LOOKS, "papers": _("Papers about income and spending")}
