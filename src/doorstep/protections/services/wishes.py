"""What the borrower asks for: stops, representatives, hours and ways, nothing at work."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.utils.translation import gettext as _

from doorstep.portfolio.schema import LANGUAGES
from doorstep.protections.models import (
    POWERS,
    Channel,
    Place,
    Preference,
    Representative,
    RepresentativeKind,
    Stance,
    StopRequest,
    StopScope,
    Subject,
    WorkplaceForbidden,
    WorkplaceRestriction,
)
from doorstep.protections.safeguard import EVERY_DAY
from doorstep.protections.services.versions import News, bad, chosen, cleaned, version_open


def stop_request_record(
    *, news: News, scope: str = StopScope.ALL, channel: str = "", number: str = ""
) -> StopRequest:
    """Record a request to stop all contact, one channel (book's words) or one number or address."""
    scope = chosen(scope, StopScope.values, field="scope")
    if scope == StopScope.CHANNEL:
        chosen(channel, Channel.values, field="channel")
    needed = _("Say which number or address.") if scope == StopScope.NUMBER else ""
    number = cleaned(number, field="number", most=254, needed=needed)
    return version_open(
        StopRequest,
        news=news,
        scope=scope,
        channel=channel if scope == StopScope.CHANNEL else "",
        number=number if scope == StopScope.NUMBER else "",
    )


def representative_record(
    *,
    news: News,
    role: str,
    name: str,
    contact: str = "",
    document: str = "",
    instead: bool = False,
    powers: tuple[str, ...] = (),
) -> Representative:
    """Record who speaks for the borrower and what they may receive or do (`POWERS`).

    `instead`: the borrower is not contacted any more. Without a document it can only be a claim.
    """
    document = cleaned(document, field="document", most=200)
    if not news.claimed and not document:
        raise bad("document", _("Name the power of attorney, or record it as a claim."))
    for power in powers:
        chosen(power, POWERS, field="powers")
    if powers and "may_know_debt" not in powers:
        raise bad("powers", _("Whoever acts in the matter must be allowed to know the debt."))
    given: dict[str, Any] = {power: power in powers for power in POWERS}
    return version_open(
        Representative,
        news=news,
        role=chosen(role, RepresentativeKind.values, field="role"),
        name=cleaned(name, field="name", most=300, needed=_("Say who it is.")),
        contact=cleaned(contact, field="contact", most=254),
        document=document,
        instead=instead,
        **given,
    )


def preference_record(
    *,
    news: News,
    stance: str,
    subject: str,
    from_time: time | None = None,
    to_time: time | None = None,
    weekdays: str = EVERY_DAY,
    channel: str = "",
    place: str = "",
    language: str = "",
) -> Preference:
    """Record a consent, a refusal or a preference: hours, channel, place, language, or a deed.

    Preferring hours means: only then. `weekdays` are digits, 1 for Monday to 7.
    """
    subject = chosen(subject, Subject.values, field="subject")
    fields: dict[str, Any] = {}
    match subject:
        case Subject.HOURS:
            if from_time is None or to_time is None or from_time == to_time:
                raise bad("from_time", _("Give two different times."))
            days = "".join(sorted(set(weekdays)))
            if not days or not set(days) <= set(EVERY_DAY):
                raise bad("weekdays", _("Choose the days."))
            fields = {"from_time": from_time, "to_time": to_time, "weekdays": days}
        case Subject.CHANNEL:
            fields = {"channel": chosen(channel, Channel.values, field="channel")}
        case Subject.PLACE:
            fields = {"place": chosen(place, Place.values, field="place")}
        case Subject.LANGUAGE:
            fields = {"language": chosen(language, LANGUAGES, field="language")}
    return version_open(
        Preference,
        news=news,
        stance=chosen(stance, Stance.values, field="stance"),
        subject=subject,
        **fields,
    )


def workplace_restriction_record(
    *, news: News, forbidden_by: str, what: str = WorkplaceForbidden.ALL
) -> WorkplaceRestriction:
    """Record that the employer or the borrower forbids contact at the workplace."""
    return version_open(
        WorkplaceRestriction,
        news=news,
        forbidden_by=chosen(forbidden_by, ("employer", "borrower"), field="forbidden_by"),
        what=chosen(what, WorkplaceForbidden.values, field="what"),
    )
