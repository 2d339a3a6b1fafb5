"""One version of a text: what changed, who must act, and the second person's decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, NotFound, Refused
from doorstep.outreach.comparing import texts_compare
from doorstep.outreach.models import TemplateVersion, VersionState
from doorstep.outreach.selectors import lender_current, template_of, versions_of
from doorstep.outreach.services import template_approve, template_send_back, template_submit
from doorstep.outreach.template import Template
from doorstep.outreach.words import LANGUAGES
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.outreach_editor import checked
from doorstep.sites.office.outreach_texts import heading
from doorstep.sites.office.outreach_words import LANGUAGE_NAMES, STATE_TONES, STATES
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_MESSAGES)
@require_safe
def outreach_version(request: StaffRequest, key: str, number: int) -> HttpResponse:
    """The version beside the one it began from, language by language."""
    return render(request, "office/outreach/version.html", _context(request, _one(key, number)))


@needs(Permission.WRITE_TEMPLATES)
@require_POST
def outreach_submit(request: StaffRequest, key: str, number: int) -> HttpResponse:
    """Ask for approval of a draft."""
    version = _one(key, number)
    try:
        domains = lender_current().domains
        template_submit(version=version, domains=domains, by=request.user, at=clock.now())
    except (InputError, Refused) as error:
        return _refused(request, key, number, error)
    messages.success(request, _("A second person may approve it now."))
    return redirect("office:outreach_version", key, number)


@needs(Permission.APPROVE_TEMPLATES)
@require_POST
def outreach_decide(request: StaffRequest, key: str, number: int) -> HttpResponse:
    """Put a version in force, or send it back with a reason."""
    version = _one(key, number)
    at = clock.now()
    try:
        if request.POST.get("decision") == "approve":
            domains = lender_current().domains
            template_approve(version=version, domains=domains, by=request.user, at=at)
        else:
            reason = request.POST.get("why", "").replace("\x00", "")
            template_send_back(version=version, reason=reason, by=request.user, at=at)
    except (InputError, Refused) as error:
        return _refused(request, key, number, error)
    words = _("In force.") if request.POST.get("decision") == "approve" else _("Sent back.")
    messages.success(request, words)
    return redirect("office:outreach_version", key, number)


def _one(key: str, number: int) -> TemplateVersion:
    return get_object_or_404(versions_of(key=key), number=number)


def _refused(request: StaffRequest, key: str, number: int, error: DoorstepError) -> HttpResponse:
    messages.error(request, str(error))
    context = _context(request, _one(key, number))
    return render(request, "office/outreach/version.html", context, status=409)


def _context(request: StaffRequest, version: TemplateVersion) -> dict[str, Any]:
    template = version.template()
    before = _before(version)
    waits = version.state == VersionState.SUBMITTED
    own = request.user.pk in (version.written_by_id, version.submitted_by_id)
    return {
        **heading(template),
        "version": version,
        "state": str(STATES[version.state]),
        "tone": STATE_TONES.get(version.state, "plain"),
        "parts": [_part(template, before, language) for language in LANGUAGES],
        "own": own,
        "waits": waits,
        "is_draft": version.state == VersionState.DRAFT,
        "may_write": request.user.may(Permission.WRITE_TEMPLATES),
        "may_decide": waits and not own and request.user.may(Permission.APPROVE_TEMPLATES),
        "may_preview": request.user.may(Permission.SEE_CASES),
    }


def _before(version: TemplateVersion) -> Template | None:
    try:
        return template_of(ref=version.based_on)
    except NotFound:
        return None


def _part(template: Template, before: Template | None, language: str) -> dict[str, Any]:
    text = template.texts[language]
    old = before.texts[language] if before else text
    return {
        "language": language,
        "name": LANGUAGE_NAMES[language],
        "subject": texts_compare(old.subject, text.subject),
        "body": texts_compare(old.body, text.body),
        "changed": old != text,
        **checked(template, text, language),
    }
