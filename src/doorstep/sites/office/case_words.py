"""A case in words for the page's language: who (masked), why it is here, what comes next."""

from __future__ import annotations

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from doorstep.cases.models import Case, Decision
from doorstep.kernel.errors import NotFound
from doorstep.kernel.masking import mask_name
from doorstep.protections.models import HoldKind
from doorstep.treatment import wording

HOLD_LABELS: dict[str, str | Promise] = {
    **dict(HoldKind.choices),
    "promise": gettext_lazy("Promise running"),
    "agreement": gettext_lazy("Agreement kept"),
}


def who(case: Case) -> str:
    """The borrower as lists show them: 欧***."""
    return mask_name(case.borrower.name)


def why(of: Case | Decision) -> str:
    """Why the borrower is where they are."""
    try:
        return wording.reason_in_words(
            ladder_version=of.ladder_version, reason=of.reason, facts=of.facts, language=language()
        )
    except NotFound:
        return _unknown(of)


def next_step(of: Case | Decision) -> str:
    """What comes next."""
    try:
        return wording.step_in_words(
            ladder_version=of.ladder_version, reason=of.reason, facts=of.facts, language=language()
        )
    except NotFound:
        return str(of.get_step_display())


def language() -> str:
    """The page's language."""
    return get_language() or settings.LANGUAGE_CODE


def hold_words(kind: str) -> str:
    """A kind of hold as people read it; a kind that nobody knows stays as it is."""
    return str(HOLD_LABELS.get(kind, kind))


def _unknown(of: Case | Decision) -> str:
    return _("Decided by row %(row)s of ladder %(ladder)s, which is not installed here.") % {
        "row": of.reason,
        "ladder": of.ladder_version,
    }
