"""Changing what a rule asks: proposed with its source, tried on last month, approved by another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.dispatch.rule_trial import trial
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.rules.changes import value_text, values_asked
from doorstep.rules.models import ChangeState, RuleChange
from doorstep.rules.selectors import rulebook_at
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

FURTHEST = timedelta(days=730)


def change_propose(
    *,
    rule: str,
    values: Mapping[str, str],
    source: str,
    article: str,
    link: str,
    note: str,
    effective_at: datetime,
    by: Staff,
    at: datetime,
) -> RuleChange:
    """Propose other values for a rule, from an instant on. `values` are texts by name, all of them.

    Raises NotFound for an unknown rule; InputError by field for values of another kind, a missing
    source or reason, or an instant that has passed; Refused where a proposal waits already.
    """
    if not by.may(Permission.CHANGE_RULES):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    for field, text in (("source", source), ("note", note)):
        if not text.strip():
            raise _bad(field, _("Say where the new value comes from, and why it changes now."))
    if not at <= effective_at <= at + FURTHEST:
        raise _bad("effective_at", _("Choose an hour that lies ahead, within two years."))
    book = rulebook_at(at)
    found = book.rule(rule)
    on = effective_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    asked = values_asked(rule=found, book=book, texts=values, on=on)
    row = found.row_on(None)
    assert row is not None
    try:
        with transaction.atomic():
            change = RuleChange.objects.create(
                rule=rule,
                pack=found.pack,
                values={name: value_text(value) for name, value in asked.items()},
                values_before={name: value_text(value) for name, value in row.values.items()},
                source=source.strip()[:300],
                article=article.strip()[:100],
                link=link.strip()[:300],
                note=note.strip()[:1000],
                effective_at=effective_at,
                proposed_by=by,
                proposed_at=at,
            )
            evidence_append(entries=[_entry("rule.proposed", change, by)], at=at)
    except IntegrityError:
        raise Refused(
            _("A change of this rule waits for its second person."),
            code="PROPOSED_ALREADY",
            hint=_("Approve it or send it back first."),
        ) from None
    return change


def change_try(*, change: RuleChange, at: datetime) -> RuleChange:
    """Work out what the contacts of the month before `at` would have met with; keep it."""
    change.simulation = trial(change=change, at=at)
    change.save(update_fields=["simulation"])
    return change


@transaction.atomic
def change_decide(
    *, change: RuleChange, approve: bool, why: str, by: Staff, at: datetime
) -> RuleChange:
    """Approve a change, or send it back with a reason. What is approved binds from its hour on, or
    from now where that has passed.

    Raises Refused for who proposed it, without permission, where it was decided already, or where
    it was not tried on last month; InputError where it is sent back without a reason.
    """
    if not by.may(Permission.APPROVE_RULES):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    change = RuleChange.objects.select_for_update().get(pk=change.pk)
    if change.state != ChangeState.PROPOSED:
        raise Refused(_("This has been decided already."), code="DECIDED_ALREADY")
    if change.proposed_by_id == by.pk:
        raise Refused(_("A second person must decide about your own proposal."), code="FOUR_EYES")
    if approve and "tried" not in change.simulation:
        raise Refused(
            _("This change has not been tried on last month's contacts yet."), code="NOT_TRIED"
        )
    if not approve and not why.strip():
        raise _bad("why", _("Say why it is sent back."))
    change.state = ChangeState.APPROVED if approve else ChangeState.REJECTED
    change.decided_by, change.decided_at, change.decided_why = by, at, why.strip()[:1000]
    change.effective_at = max(change.effective_at, at)
    change.save()
    evidence_append(entries=[_entry(f"rule.{change.state}", change, by)], at=at)
    return change


def _entry(kind: str, change: RuleChange, by: Staff) -> Entry:
    body = {
        "change": change.pk, "rule": change.rule, "pack": change.pack, "values": change.values,
        "values_before": change.values_before, "source": change.source,
        "article": change.article, "effective_at": change.effective_at.isoformat(),
    }  # fmt: skip
    return Entry(kind=kind, subject="", body=body, agent=by.username)


def _bad(field: str, message: str) -> InputError:
    return InputError(message, code="BAD_CHANGE", where=Where(field=field))
