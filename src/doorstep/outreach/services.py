"""Deeds on templates. Who may do them is asked where the deed is begun (pages).

`template_write` (DRAFT) -> `template_submit` (SUBMITTED) -> `template_approve` by a second person
(APPROVED; the version before is RETIRED) or `template_send_back` (SENT_BACK).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused
from doorstep.outreach.checking import template_check
from doorstep.outreach.models import TemplateVersion, VersionState
from doorstep.outreach.shelf import shipped_templates
from doorstep.outreach.template import Template, Text
from doorstep.outreach.words import LANGUAGES
from doorstep.workforce.models import Staff


@transaction.atomic
def template_write(
    *, base: Template, texts: Mapping[str, Text], by: Staff, at: datetime
) -> TemplateVersion:
    """Keep a draft: the open draft of the key is rewritten, else a new version begins from `base`.

    Raises InputError when a language is missing or empty, Refused OPEN_VERSION while a version of
    this template waits for approval.
    """
    _must_have_each_language(texts)
    draft = TemplateVersion.objects.select_for_update().filter(
        key=base.key, state__in=[VersionState.DRAFT, VersionState.SUBMITTED]
    ).first()  # fmt: skip
    if draft is None:
        draft = TemplateVersion(key=base.key, number=_next_number(base.key), based_on=base.ref)
    elif draft.state == VersionState.SUBMITTED:
        raise Refused(
            _("Version %(ref)s waits for approval.") % {"ref": draft.ref},
            code="OPEN_VERSION",
            hint=_("Have it approved or sent back first."),
        )
    draft.kind, draft.tone = base.kind, base.tone
    draft.medium, draft.reading = base.medium, base.reading
    draft.titles = dict(base.titles)
    draft.texts = {
        language: {"subject": text.subject, "body": text.body} for language, text in texts.items()
    }
    draft.written_by, draft.written_at = by, at
    draft.save()
    return draft


@transaction.atomic
def template_submit(
    *, version: TemplateVersion, domains: Collection[str], by: Staff, at: datetime
) -> TemplateVersion:
    """Ask for approval. Raises Refused TEMPLATE_FAULTS while something required is missing or
    something forbidden is said; `domains` are the lender's."""
    _must_be(version, VersionState.DRAFT)
    _must_be_sound(version, domains)
    version.state, version.submitted_by, version.submitted_at = VersionState.SUBMITTED, by, at
    version.save(update_fields=["state", "submitted_by", "submitted_at"])
    _log([version], by, at)
    return version


@transaction.atomic
def template_approve(
    *, version: TemplateVersion, domains: Collection[str], by: Staff, at: datetime
) -> TemplateVersion:
    """Put a version in force and retire the one before. Raises Refused SAME_PERSON to whoever wrote
    or submitted it, TEMPLATE_FAULTS when it does not pass the checks as they are now."""
    version = TemplateVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    _must_be(version, VersionState.SUBMITTED)
    if by.pk in (version.written_by_id, version.submitted_by_id):
        raise Refused(
            _("Whoever wrote or submitted a text cannot approve it."),
            code="SAME_PERSON",
            hint=_("Ask a colleague who may approve texts."),
        )
    _must_be_sound(version, domains)
    TemplateVersion.objects.filter(key=version.key, state=VersionState.APPROVED).update(
        state=VersionState.RETIRED
    )
    return _decide(version, VersionState.APPROVED, "", by, at)


@transaction.atomic
def template_send_back(
    *, version: TemplateVersion, reason: str, by: Staff, at: datetime
) -> TemplateVersion:
    """Say no, and why; a new draft may begin from it. Raises InputError without a reason."""
    version = TemplateVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    _must_be(version, VersionState.SUBMITTED)
    if not reason.strip():
        raise InputError(_("Say why, so that it can be put right."), code="NO_REASON")
    return _decide(version, VersionState.SENT_BACK, reason.strip()[:500], by, at)


@transaction.atomic
def templates_take_over(*, by: Staff, at: datetime) -> list[TemplateVersion]:
    """Submit every shipped text that the lender has no version of, as it is, for approval."""
    known = set(TemplateVersion.objects.values_list("key", flat=True))
    taken = TemplateVersion.objects.bulk_create(
        TemplateVersion(
            key=template.key, number=1, kind=template.kind, tone=template.tone,
            medium=template.medium, reading=template.reading, titles=dict(template.titles),
            texts={
                language: {"subject": text.subject, "body": text.body}
                for language, text in template.texts.items()
            },
            based_on=template.ref, state=VersionState.SUBMITTED, written_by=by, written_at=at,
            submitted_by=by, submitted_at=at,
        )
        for template in shipped_templates().values()
        if template.key not in known
    )  # fmt: skip
    _log(taken, by, at)
    return taken


def _decide(
    version: TemplateVersion, state: VersionState, words: str, by: Staff, at: datetime
) -> TemplateVersion:
    version.state, version.decision = state, words
    version.decided_by, version.decided_at = by, at
    version.save(update_fields=["state", "decision", "decided_by", "decided_at"])
    _log([version], by, at)
    return version


def _log(versions: Sequence[TemplateVersion], by: Staff, at: datetime) -> None:
    """Who put which words where, for the audit room."""
    evidence_append(
        entries=[
            Entry(
                kind=f"template.{version.state}",
                subject="",
                agent=by.username,
                body={
                    "template": version.ref,
                    "based_on": version.based_on,
                    "texts": version.texts,
                    "why": version.decision,
                },
            )
            for version in versions
        ],
        at=at,
    )


def _next_number(key: str) -> int:
    last = TemplateVersion.objects.filter(key=key).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _must_be(version: TemplateVersion, state: VersionState) -> None:
    if version.state != state:
        raise Refused(
            _("Version %(ref)s is not in the right state: %(state)s.")
            % {"ref": version.ref, "state": VersionState(version.state).label},
            code="WRONG_STATE",
        )


def _must_be_sound(version: TemplateVersion, domains: Collection[str]) -> None:
    faults = template_check(version.template(), domains=domains)
    if faults:
        raise Refused(
            _("%(ref)s cannot be approved: %(count)s things to correct, first %(what)s.")
            % {"ref": version.ref, "count": len(faults), "what": faults[0].what},
            code="TEMPLATE_FAULTS",
            hint=_("The editor lists them."),
        )


def _must_have_each_language(texts: Mapping[str, Text]) -> None:
    for language in LANGUAGES:
        if language not in texts or not texts[language].body.strip():
            raise InputError(
                _("The text in %(language)s is empty.") % {"language": language},
                code="NO_LANGUAGE",
            )
