"""Reads over what we say: the lender, the templates in force."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.errors import NotFound, Refused
from doorstep.outreach.lender import DEMO_FILE, LENDER_FILE, Lender, lender_load
from doorstep.outreach.models import TemplateVersion, VersionState
from doorstep.outreach.shelf import shipped_templates
from doorstep.outreach.template import Template
from doorstep.outreach.words import Kind, Medium, Reading, Tone


def lender_current() -> Lender:
    """The lender of this installation: `lender.toml` in HOME, in the demo a made-up one.

    Raises Refused LENDER_UNKNOWN where there is none, InputError where it cannot be used.
    """
    path = Path(settings.HOME) / LENDER_FILE
    if path.exists():
        return lender_load(path)
    if settings.MODE == "demo":
        return lender_load(DEMO_FILE)
    raise Refused(
        _("Nobody has said who the lender is, so nothing can be written to a borrower."),
        code="LENDER_UNKNOWN",
        hint=_("Put lender.toml into DOORSTEP_HOME; docs/reference/wording.md says what it holds."),
    )


def templates_in_force() -> dict[str, Template]:
    """The template of every key that may be used: the lender's approved version; in the demo also
    what ships, where the lender has none of its own."""
    shipped = dict(shipped_templates()) if settings.MODE == "demo" else {}
    own = TemplateVersion.objects.filter(state=VersionState.APPROVED)
    return shipped | {version.key: version.template() for version in own}


def template_in_force(*, key: str) -> Template:
    """The template of a key that may be used. Raises NotFound NO_TEMPLATE when none may."""
    version = TemplateVersion.objects.filter(key=key, state=VersionState.APPROVED).first()
    if version is not None:
        return version.template()
    if settings.MODE == "demo" and key in shipped_templates():
        return shipped_templates()[key]
    raise NotFound(
        _("No text %(key)s is in force.") % {"key": key},
        code="NO_TEMPLATE",
        hint=_("Have a version of it approved."),
    )


def template_of(*, ref: str) -> Template:
    """The very version an act was rendered from ("key/1" shipped, "key/L2" the lender's).
    Raises NotFound when there is none."""
    key, _slash, version = ref.partition("/")
    if version.startswith("L") and version[1:].isdigit():
        found = TemplateVersion.objects.filter(key=key, number=int(version[1:])).first()
        if found is not None:
            return found.template()
    shipped = shipped_templates().get(key)
    if shipped is not None and shipped.ref == ref:
        return shipped
    raise NotFound(_("There is no text %(ref)s.") % {"ref": ref}, code="NO_TEMPLATE")


def template_choose(
    *, templates: dict[str, Template], kind: Kind, tone: Tone, medium: Medium, reading: Reading
) -> Template:
    """The template for a purpose; without a plain one the usual one serves, or the plain one of the
    kind. Pure. Raises NotFound NO_TEMPLATE when no template serves."""
    fitting = [t for t in templates.values() if t.kind is kind and t.medium is medium]
    exact = [t for t in fitting if t.tone is tone and t.reading is reading]
    plain = [t for t in fitting if t.reading is Reading.PLAIN and reading is Reading.PLAIN]
    usual = [t for t in fitting if t.tone is tone]
    for choice in (*exact, *plain, *usual):
        return choice
    raise NotFound(
        _("No text of this purpose is in force: %(what)s.") % {"what": f"{kind} {tone} {medium}"},
        code="NO_TEMPLATE",
        hint=_("Have a version of it approved."),
    )


def versions_of(*, key: str) -> QuerySet[TemplateVersion]:
    """Every version of the lender, newest first, with who did what."""
    return (
        TemplateVersion.objects.filter(key=key)
        .select_related("written_by", "submitted_by", "decided_by")
        .order_by("-number")
    )
