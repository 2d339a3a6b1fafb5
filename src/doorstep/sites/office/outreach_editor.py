"""Writing a version of a text, with what is wrong with it shown while it is written."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Refused
from doorstep.outreach.abusive import abuse_probability
from doorstep.outreach.checking import text_check
from doorstep.outreach.contents import contents_of, required_contents
from doorstep.outreach.fields import FIELDS
from doorstep.outreach.models import TemplateVersion, VersionState
from doorstep.outreach.segments import sms_length
from doorstep.outreach.selectors import lender_current, versions_of
from doorstep.outreach.services import template_submit, template_write
from doorstep.outreach.template import Template, Text, names_in
from doorstep.outreach.wording import LIKELY
from doorstep.outreach.words import LANGUAGES, Medium
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.outreach_texts import heading, template_shown
from doorstep.sites.office.outreach_words import LANGUAGE_NAMES, fault_told, page_language
from doorstep.workforce.roles import Permission

LONGEST = {"subject": 200, "body": 8000}


@needs(Permission.WRITE_TEMPLATES)
def outreach_edit(request: StaffRequest, key: str) -> HttpResponse:
    """The editor: the open draft, else what is shown now; sent, it is kept or submitted."""
    draft = _open_version(key)
    if draft is not None and draft.state == VersionState.SUBMITTED:
        messages.info(request, _("This version waits for approval; it can no longer be changed."))
        return redirect("office:outreach_version", key, draft.number)
    base = draft.template() if draft else template_shown(key)
    texts = dict(base.texts)
    error: DoorstepError | None = None
    if request.method == "POST":
        texts = {language: _text_sent(request, language) for language in LANGUAGES}
        try:
            kept = _keep(request, base, texts)
        except (InputError, Refused) as refused:
            error = refused
        else:
            return redirect("office:outreach_version", key, kept.number)
    context: dict[str, Any] = {
        **heading(base),
        "template": base,
        "draft": draft,
        "error": error,
        "parts": [
            {
                "language": language,
                "name": LANGUAGE_NAMES[language],
                "text": texts[language],
                **checked(base, texts[language], language),
            }
            for language in LANGUAGES
        ],
        "has_subject": base.medium in (Medium.EMAIL, Medium.LETTER),
        "fields": [(name, field.meaning[page_language()]) for name, field in FIELDS.items()],
    }
    return render(request, "office/outreach/edit.html", context, status=409 if error else 200)


@needs(Permission.WRITE_TEMPLATES)
@require_POST
def outreach_check(request: StaffRequest, key: str, language: str) -> HttpResponse:
    """What is wrong with the text of one language as it stands in the editor."""
    if language not in LANGUAGES:
        raise Http404
    template = template_shown(key)
    part = {"language": language, **checked(template, _text_sent(request, language), language)}
    return render(request, "office/outreach/findings.html", {"part": part})


def checked(template: Template, text: Text, language: str) -> dict[str, Any]:
    """Faults, what is contained, and the length of a text, as the findings panel shows them."""
    faults = text_check(template, text, language=language, domains=_domains())
    contains = contents_of(text.whole, named=names_in(text.whole), language=language)
    abusive = abuse_probability(text.whole)
    required = required_contents(template.kind, template.medium)
    return {
        "faults": [fault_told(fault, text.whole) for fault in faults],
        "there": sum(item in contains for item in required),
        "needed": len(required),
        "length": sms_length(text.body) if template.medium is Medium.SMS else None,
        "harsh": round(100 * abusive) if abusive >= LIKELY else None,
    }


def _keep(request: StaffRequest, base: Template, texts: dict[str, Text]) -> TemplateVersion:
    at = clock.now()
    kept = template_write(base=base, texts=texts, by=request.user, at=at)
    if request.POST.get("deed") != "submit":
        messages.success(request, _("Kept as a draft."))
        return kept
    try:
        template_submit(version=kept, domains=_domains(), by=request.user, at=at)
    except Refused as refused:
        messages.error(request, _("Kept as a draft. %(why)s") % {"why": refused})
    else:
        messages.success(request, _("A second person may approve it now."))
    return kept


def _open_version(key: str) -> TemplateVersion | None:
    return (
        versions_of(key=key).filter(state__in=[VersionState.DRAFT, VersionState.SUBMITTED]).first()
    )


def _text_sent(request: StaffRequest, language: str) -> Text:
    def sent(name: str) -> str:
        value = request.POST.get(f"{name}-{language}", "").replace("\x00", "")
        return value.replace("\r\n", "\n").strip()[: LONGEST[name]]

    return Text(subject=sent("subject"), body=sent("body"))


def _domains() -> tuple[str, ...]:
    """The lender's domains; none where nobody has said who the lender is."""
    try:
        return lender_current().domains
    except Refused:
        return ()
