"""A text on a real case, as the borrower would read it, with the name masked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from doorstep.cases.models import Case
from doorstep.cases.selectors import cases_visible_to
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, NotFound
from doorstep.kernel.masking import mask_name, mask_number
from doorstep.outreach.gathering import Known, facts_gather
from doorstep.outreach.lender import Lender
from doorstep.outreach.letters import blocks_of
from doorstep.outreach.mass import segments_of
from doorstep.outreach.render import Rendered, Value, message_render
from doorstep.outreach.segments import sms_length
from doorstep.outreach.selectors import lender_current, template_of
from doorstep.outreach.template import Template, names_in
from doorstep.outreach.words import LANGUAGES, Medium
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.case_words import who
from doorstep.sites.office.outreach_texts import heading, template_shown
from doorstep.sites.office.outreach_words import LANGUAGE_NAMES
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_MESSAGES)
@require_safe
def outreach_preview(request: StaffRequest, key: str) -> HttpResponse:
    """`?case=` a case this member of staff may see (else the first of theirs), `?version=` a
    version's number (else what is shown), `?language=` (else the borrower's own)."""
    template = _template(request, key)
    case = _case(request)
    context: dict[str, Any] = {
        **heading(template),
        "template": template,
        "case": case,
        "case_asked": request.GET.get("case", ""),
    }
    if case is not None:
        context |= _shown(request, template, case)
    return render(request, "office/outreach/preview.html", context)


def _shown(request: StaffRequest, template: Template, case: Case) -> dict[str, Any]:
    try:
        lender = lender_current()
        today = clock.today(settings.TIME_ZONE)
        known = facts_gather(cases=[case], lender=lender, on=today)[case.pk]
        language = _language(request, known)
        facts = masked(known.facts, template, language)
        rendered = message_render(template=template, facts=facts, language=language)
    except DoorstepError as error:
        return {"error": error, "who": who(case)}
    return {
        "who": who(case),
        "rendered": rendered,
        "blocks": blocks_of(rendered.body),
        "sha": rendered.sha256[:16],
        "text_languages": [(code, LANGUAGE_NAMES[code], code == language) for code in LANGUAGES],
        "own_language": LANGUAGE_NAMES[known.language],
        **_price(rendered, lender),
    }


def masked(facts: dict[str, Value], template: Template, language: str) -> dict[str, Value]:
    """The facts with nothing in full, and example words where another part supplies a fact."""
    shown: dict[str, Value] = dict(facts)
    shown["name"] = mask_name(str(facts["name"]))
    shown["contract_ref"] = mask_number(str(facts.get("contract_ref") or ""))
    for name in names_in(template.texts[language].whole):
        if name.startswith(("visit_", "promise_", "answer_")) and shown.get(name) is None:
            shown[name] = f"‹{name}›"
    return shown


def _price(rendered: Rendered, lender: Lender) -> dict[str, Any]:
    segments = segments_of(rendered)
    return {
        "length": sms_length(rendered.text) if rendered.medium is Medium.SMS else None,
        "cost": lender.prices.of(rendered.medium, segments),
        "currency": lender.prices.currency,
    }


def _template(request: StaffRequest, key: str) -> Template:
    number = request.GET.get("version", "")
    if not number:
        return template_shown(key)
    try:
        return template_of(ref=f"{key}/L{number}")
    except NotFound:
        raise Http404 from None


def _case(request: StaffRequest) -> Case | None:
    asked = request.GET.get("case", "")
    if asked:
        if not asked.isascii() or not asked.isdigit() or len(asked) > 18:
            raise Http404
        return case_or_404(request.user, int(asked))
    seen = cases_visible_to(staff=request.user).filter(status="open")
    return seen.select_related("borrower").order_by("-priority", "pk").first()


def _language(request: StaffRequest, known: Known) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in LANGUAGES else known.language
