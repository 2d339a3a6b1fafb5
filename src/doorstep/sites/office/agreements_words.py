"""Agreements as people read them: where they stand, how their plans do, who signs how."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.agreements.models import Agreement, Party, Way
from doorstep.kernel.errors import DoorstepError, InputError
from doorstep.sites.office.messages_words import why_of_code

TONES: Mapping[str, str] = {
    "drafted": "amber", "signing": "amber", "in_force": "plain", "kept": "green",
    "broken": "amber", "replaced": "quiet", "cancelled": "quiet",
}  # fmt: skip
HEALTH_TONES: Mapping[str, str] = {
    "on_track": "plain", "at_risk": "amber", "broken": "amber", "kept": "green",
}  # fmt: skip
LANGUAGES = (("zh-Hans", "简体中文"), ("zh-Hant", "繁體中文"), ("en", "English"))
WAYS: Mapping[str, str | Promise] = {
    Way.SCREEN: gettext_lazy("Draws on this screen"),
    Way.TYPED: gettext_lazy("Types the name on this screen"),
    Way.PAPER: gettext_lazy("Signed on paper: send the scan"),
    Way.RECORDING: gettext_lazy("Agreed orally: name the recording"),
}
WHYS: Mapping[str, str | Promise] = {
    "new_version": gettext_lazy("a new version was drawn up"),
    "missed": gettext_lazy("payments did not come, and no cause is known"),
    "paid": gettext_lazy("everything agreed was paid"),
    "NO_POINT": gettext_lazy("there is no e-mail address or mobile number that may be used"),
    "NO_TEMPLATE": gettext_lazy("no text for it is in force"),
}
STROKES: Mapping[str, str | Promise] = {
    "NOT_SIGNED": gettext_lazy("Draw the signature in the field, or type the name."),
    "BAD_STROKES": gettext_lazy("The drawing cannot be read. Load the page and sign once more."),
    "PHOTO_TOO_LARGE": gettext_lazy("The picture is larger than 8 MB or 40 million pixels."),
    "PHOTO_TOO_SMALL": gettext_lazy("Nobody could read this picture."),
    "NOT_A_PHOTO": gettext_lazy("The file is no JPEG, PNG or WebP picture, or it is broken."),
    "NO_FONT": gettext_lazy("No font with Chinese characters is installed on the server."),
}


def why_words(code: str) -> str:
    """Why something ended or was not sent."""
    return str(WHYS.get(code) or why_of_code(code))


def refused_words(error: DoorstepError) -> str:
    """A refusal in the page's language: those of plain modules are put into words here."""
    if error.code == "CHARACTER_NOT_PRINTABLE":
        return _("A character cannot be printed: %(which)s") % {"which": error.message}
    from_outside = isinstance(error, InputError) and error.where.field in ("strokes", "scan")
    if error.code in STROKES and (from_outside or error.code == "NO_FONT"):
        return str(STROKES[error.code])
    return " ".join(part for part in (error.message, error.hint) if part)


def waits_words(agreement: Agreement, missing: list[str]) -> str:
    """Who must act next; empty where nobody must."""
    if not missing:
        return ""
    if missing == [Party.LENDER]:
        return _("Waits for our seal")
    names = [str(Party(each).label) for each in missing if each != Party.LENDER]
    return _("Waits for the signature of: %(who)s") % {"who": _(", ").join(names)}
