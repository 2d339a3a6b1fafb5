"""News that came late: what should not have happened since it took effect, and its remedy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.portfolio.models import Book, BookState, Borrower
from doorstep.protections.deeds import Wrong, wrong_deeds
from doorstep.protections.kinds import safeguard_of, safeguard_of_hold
from doorstep.protections.models import Hold, LateAct, LateNews, LateState, Protection, Standing
from doorstep.protections.models.late import DelayedAt
from doorstep.protections.remedy import apology_draft, correction_draft
from doorstep.protections.safeguard import Safeguard
from doorstep.protections.signals import deeds_since
from doorstep.protections.terms import due
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

MOST_TEXT = 4000


def late_news_open(*, protections: Iterable[Protection], at: datetime) -> list[LateNews]:
    """List what was done to these borrowers since their protections took effect.

    Nothing is kept where nothing wrong was done. A protection listed before gets what was found
    since; what somebody has settled stays settled.
    """
    rows = [
        (safeguard_of(row), row.received_at)
        for row in protections
        if row.starts_at < at and row.standing != Standing.REFUTED
    ]
    return _late(rows, at=at)


def late_holds_open(*, holds: Iterable[Hold], at: datetime) -> list[LateNews]:
    """The same for holds, of the lender's book or of staff."""
    rows = [(safeguard_of_hold(hold), hold.placed_at) for hold in holds]
    return _late([row for row in rows if row[0].starts_at < at], at=at)


def _late(rows: Sequence[tuple[Safeguard, datetime]], *, at: datetime) -> list[LateNews]:
    if not rows:
        return []
    since: dict[str, datetime] = {}
    for safeguard, _received in rows:
        earlier = since.get(safeguard.borrower_id, safeguard.starts_at)
        since[safeguard.borrower_id] = min(earlier, safeguard.starts_at)
    deeds = [deed for deed in deeds_since(since) if deed.at <= at]
    people = {person.pk: person for person in Borrower.objects.filter(pk__in=since)}
    found = []
    for safeguard, received_at in rows:
        person = people[safeguard.borrower_id]
        wrong = wrong_deeds(safeguard=safeguard, deeds=deeds, zone=person.time_zone)
        if wrong:
            found.append(_keep(safeguard, person, wrong, received_at=received_at, at=at))
    return found


def _keep(
    safeguard: Safeguard,
    person: Borrower,
    wrong: list[Wrong],
    *,
    received_at: datetime,
    at: datetime,
) -> LateNews:
    day = due("late_remedy", at=at)
    late, new = LateNews.objects.get_or_create(
        kind=safeguard.kind,
        reference=safeguard.reference,
        defaults={
            "borrower": person,
            "took_effect_at": safeguard.starts_at,
            "received_at": min(received_at, at),
            "known_at": at,
            "delayed_at": _delayed_at(safeguard, received_at=received_at, at=at),
            "due_on": day.day,
            "due_sure": day.sure,
        },
    )
    if not new and late.state == LateState.SETTLED:
        return late
    LateAct.objects.bulk_create(
        [
            LateAct(
                late=late,
                source=each.deed.source,
                reference=each.deed.reference,
                at=each.deed.at,
                channel=each.deed.channel,
                result=each.deed.result,
                actor=each.deed.actor[:100],
                certain=each.certain,
            )
            for each in wrong
        ],
        ignore_conflicts=True,
    )
    late.took_effect_at = min(late.took_effect_at, safeguard.starts_at)
    late.apology = apology_draft(safeguard=safeguard, wrong=wrong, language=person.language)
    late.correction = correction_draft(safeguard=safeguard, wrong=wrong)
    late.save(update_fields=["took_effect_at", "apology", "correction"])
    return late


def _delayed_at(safeguard: Safeguard, *, received_at: datetime, at: datetime) -> str:
    """The step that took longest: outside, in the lender's book, waiting for release, recording."""
    steps = [(DelayedAt.OUTSIDE, safeguard.starts_at), (DelayedAt.RECORDING, received_at)]
    if safeguard.origin == "hold":
        steps = _steps_of_book(safeguard, at=at)
    ends = [begin for _step, begin in steps[1:]] + [at]
    lengths = [
        (max(end - begin, timedelta()), -place)
        for place, ((_step, begin), end) in enumerate(zip(steps, ends, strict=True))
    ]
    return str(steps[-max(lengths)[1]][0])


def _steps_of_book(safeguard: Safeguard, *, at: datetime) -> list[tuple[DelayedAt, datetime]]:
    """The way of the lender's flag: into a book, through release, into our tables."""
    last = Book.objects.filter(state=BookState.LOADED, loaded_at__lte=at)
    book = last.order_by("-loaded_at").first()
    if book is None or book.brought_at < safeguard.starts_at:
        return [(DelayedAt.OUTSIDE, safeguard.starts_at), (DelayedAt.RECORDING, at)]
    released = book.released_at or book.brought_at
    return [
        (DelayedAt.BOOK, safeguard.starts_at),
        (DelayedAt.RELEASE, book.brought_at),
        (DelayedAt.RECORDING, released),
    ]


@transaction.atomic
def late_news_settle(
    *, late: LateNews, apology: str, correction: str, how: str, by: Staff, at: datetime
) -> LateNews:
    """Say how the wrong was made good, with the texts as they were used.

    Raises Refused without permission or when it is settled; InputError without saying how.
    """
    if not by.may(Permission.ANSWER_COMPLAINTS):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    late = LateNews.objects.select_for_update().get(pk=late.pk)
    if late.state == LateState.SETTLED:
        raise Refused(_("This has been made good already."), code="SETTLED_ALREADY")
    how = how.strip().replace("\x00", "")
    if not how or len(how) > 1000 or max(len(apology), len(correction)) > MOST_TEXT:
        raise InputError(
            _("Say how it was made good, in at most 1000 characters."), where=Where(field="how")
        )
    late.state, late.settled_by, late.settled_at, late.settled_how = LateState.SETTLED, by, at, how
    late.apology, late.correction = apology.replace("\x00", ""), correction.replace("\x00", "")
    late.save()
    return late
