"""The texts we send: the list, and one text with what it must contain and its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from doorstep.kernel import clock
from doorstep.outreach.contents import CONTENTS, contents_of, required_contents
from doorstep.outreach.models import TemplateVersion, VersionState
from doorstep.outreach.selectors import templates_in_force, versions_of
from doorstep.outreach.services import templates_take_over
from doorstep.outreach.shelf import shipped_templates
from doorstep.outreach.template import Template, names_in
from doorstep.outreach.words import LANGUAGES
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.outreach_words import (
    KINDS,
    LANGUAGE_NAMES,
    MEDIA,
    READINGS,
    SHIPPED,
    STATE_TONES,
    STATES,
    TONES,
    page_language,
    title_of,
)
from doorstep.workforce.roles import Permission

FILTERS = (("kind", KINDS), ("medium", MEDIA), ("state", STATES))


@dataclass(frozen=True)
class Row:
    """One text in the list: the version that would be used, and the one that is being made."""

    template: Template
    title: str
    state: str
    state_words: str
    tone: str
    open: TemplateVersion | None

    @property
    def kind(self) -> str:
        """What it is for."""
        return str(KINDS[self.template.kind])

    @property
    def medium(self) -> str:
        """What carries it."""
        return str(MEDIA[self.template.medium])

    @property
    def reading(self) -> str:
        """For whom it is worded."""
        return str(READINGS[self.template.reading])


@needs(Permission.SEE_MESSAGES)
@require_safe
def outreach_texts(request: StaffRequest) -> HttpResponse:
    """Every text by kind, medium and state, with the version in force."""
    rows = [row for row in text_rows() if _wanted(row, request)]
    known = set(TemplateVersion.objects.values_list("key", flat=True))
    return render(
        request,
        "office/outreach/texts.html",
        {
            "rows": rows,
            "filters": [
                {"name": name, "label": label, "choices": choices.items(), "chosen": chosen}
                for (name, choices), label in zip(
                    FILTERS, (_("What it is for"), _("Carried by"), _("State")), strict=True
                )
                for chosen in [request.GET.get(name, "")]
            ],
            "not_taken_over": len(set(shipped_templates()) - known),
            "may_write": request.user.may(Permission.WRITE_TEMPLATES),
        },
    )


def text_rows() -> list[Row]:
    """Every text that ships or that the lender has, in two queries."""
    in_force = templates_in_force()
    newest: dict[str, TemplateVersion] = {}
    being_made: dict[str, TemplateVersion] = {}
    for version in TemplateVersion.objects.order_by("key", "number"):
        newest[version.key] = version
        if version.state in (VersionState.DRAFT, VersionState.SUBMITTED):
            being_made[version.key] = version
    rows = []
    for key, shipped in shipped_templates().items():
        template = in_force.get(key, newest[key].template() if key in newest else shipped)
        state = VersionState.APPROVED if key in in_force else newest_state(newest.get(key))
        if key in in_force and not template.version.startswith("L"):
            state = SHIPPED
        rows.append(
            Row(
                template=template,
                title=title_of(template),
                state=state,
                state_words=str(STATES[state]),
                tone=STATE_TONES.get(state, "plain"),
                open=being_made.get(key),
            )
        )
    order = list(KINDS)
    return sorted(rows, key=lambda row: (order.index(row.template.kind), row.template.key))


def newest_state(version: TemplateVersion | None) -> str:
    """Where a text stands of which no version is in force."""
    return version.state if version else SHIPPED


def _wanted(row: Row, request: StaffRequest) -> bool:
    states = {row.state, row.open.state if row.open else row.state}
    asked = {name: request.GET.get(name, "") for name, _choices in FILTERS}
    return (
        (not asked["kind"] or asked["kind"] == row.template.kind)
        and (not asked["medium"] or asked["medium"] == row.template.medium)
        and (not asked["state"] or asked["state"] in states)
    )


@needs(Permission.WRITE_TEMPLATES)
@require_POST
def outreach_take_over(request: StaffRequest) -> HttpResponse:
    """Submit everything that ships, as it is, for approval by a second person."""
    taken = templates_take_over(by=request.user, at=clock.now())
    words = ngettext(
        "%(count)s text now waits for approval.", "%(count)s texts now wait for approval.",
        len(taken),
    )  # fmt: skip
    messages.success(request, words % {"count": len(taken)})
    return redirect("office:outreach_texts")


@needs(Permission.SEE_MESSAGES)
@require_safe
def outreach_text(request: StaffRequest, key: str) -> HttpResponse:
    """One text in one language, what it must contain, and every version of the lender's."""
    template = template_shown(key)
    language = language_asked(request)
    text = template.texts[language]
    contains = contents_of(text.whole, named=names_in(text.whole), language=language)
    in_force = key in templates_in_force()
    context: dict[str, Any] = {
        **heading(template),
        "template": template,
        "text": text,
        "text_languages": [(code, LANGUAGE_NAMES[code], code == language) for code in LANGUAGES],
        "language": language,
        "contents": [
            (CONTENTS.items[item].meaning[page_language()], CONTENTS.items[item].basis,
             item in contains)
            for item in required_contents(template.kind, template.medium)
        ],
        "in_force": in_force,
        "versions": [
            (version, str(STATES[version.state]), STATE_TONES.get(version.state, "plain"))
            for version in versions_of(key=key)
        ],
        "may_write": request.user.may(Permission.WRITE_TEMPLATES),
        "may_preview": request.user.may(Permission.SEE_CASES),
    }  # fmt: skip
    return render(request, "office/outreach/text.html", context)


def template_shown(key: str) -> Template:
    """The template a page shows under a key: in force, else the newest, else as shipped."""
    found = templates_in_force().get(key)
    if found is not None:
        return found
    newest = versions_of(key=key).first()
    if newest is not None:
        return newest.template()
    if key in shipped_templates():
        return shipped_templates()[key]
    raise Http404


def heading(template: Template) -> dict[str, Any]:
    """What the head of every page about a text says."""
    return {
        "title": title_of(template),
        "about": [
            str(KINDS[template.kind]), str(TONES[template.tone]), str(MEDIA[template.medium]),
            str(READINGS[template.reading]),
        ],
    }  # fmt: skip


def language_asked(request: StaffRequest) -> str:
    """The language of the text that is asked for; the page's own when none is."""
    asked = request.GET.get("language", "")
    return asked if asked in LANGUAGES else page_language()
