"""News that came late: what should not have happened since it took effect, and its remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.portfolio.models import Book, BookState, Borrower
from doorstep.protections.deeds import Deed, Wrong, wrong_deeds
from doorstep.protections.kinds import TABLES, safeguard_of, safeguard_of_hold
from doorstep.protections.models import Hold, LateAct, LateNews, LateState, Protection, Standing
from doorstep.protections.models.late import DelayedAt
from doorstep.protections.proof import remedy_entry
from doorstep.protections.remedy import apology_draft, correction_draft
from doorstep.protections.safeguard import Safeguard
from doorstep.protections.selectors import MOST_KEYS, known_rows
from doorstep.protections.signals import deeds_since, touched_since
from doorstep.protections.terms import deadline
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

MOST_TEXT = 4000
MOST_HOW = 1000
LOOK_BACK = timedelta(days=3)
EVER = datetime(1, 1, 2, tzinfo=UTC)
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Learned:
    """A safeguard, when the news reached the lender, when it was first known here, and from when
    on acts are looked at."""

    safeguard: Safeguard
    received_at: datetime
    known_at: datetime
    since: datetime


def late_news_open(
    *, protections: Iterable[Protection], at: datetime, since: datetime = EVER
) -> list[LateNews]:
    """List what was done to these borrowers under their protections and should not have been.

    Looks at acts since each took effect, or since `since` where that is later. Nothing is kept
    where nothing wrong was done; what was listed before is added to unless somebody settled it.
    """
    rows = [row for row in protections if row.standing != Standing.REFUTED]
    first = _first_known(rows)
    learned = [
        Learned(
            safeguard_of(row),
            row.received_at,
            first.get(row.reference, row.known_from),
            max(row.starts_at, since),
        )
        for row in rows
    ]
    return _listed(learned, at=at)


def late_holds_open(*, holds: Iterable[Hold], at: datetime) -> list[LateNews]:
    """The same for holds, of the lender's book or of staff."""
    learned = [_learned(hold, since=EVER) for hold in holds]
    return _listed(learned, at=at)


@transaction.atomic
def acts_look_again(*, at: datetime) -> list[LateNews]:
    """Look at the acts of the last days again: contacts reach us with the lender's next book, and
    some are made although a protection is known. Holds count from when they were placed."""
    since = at - LOOK_BACK
    rows: list[Protection] = []
    for model in TABLES.values():
        running = known_rows(model).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=since))
        rows += _of_touched(running, since)
    found = late_news_open(protections=rows, at=at, since=since)
    holds = Hold.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=since))
    holds = holds.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=since))
    learned = [
        _learned(hold, since=max(since, hold.placed_at)) for hold in _of_touched(holds, since)
    ]
    return found + _listed(learned, at=at)


def _of_touched(rows: QuerySet[M], since: datetime) -> Iterator[M]:
    """Those rows on whose borrowers something was done that no clearance of ours covers."""
    people = sorted(touched_since(rows.order_by().values("borrower"), since))
    for start in range(0, len(people), MOST_KEYS):
        yield from rows.filter(borrower__in=people[start : start + MOST_KEYS])


def _learned(hold: Hold, *, since: datetime) -> Learned:
    safeguard = safeguard_of_hold(hold)
    return Learned(safeguard, hold.placed_at, hold.placed_at, max(safeguard.starts_at, since))


def _first_known(rows: Sequence[Protection]) -> dict[str, datetime]:
    """When the first version of each protection was known, for those that have several."""
    found: dict[str, datetime] = {}
    for model in TABLES.values():
        later = [row.reference for row in rows if type(row) is model and row.version > 1]
        if later:
            firsts = model._default_manager.filter(reference__in=later, version=1)
            found |= dict(firsts.values_list("reference", "known_from"))
    return found


def _listed(learned: Sequence[Learned], *, at: datetime) -> list[LateNews]:
    past = [each for each in learned if each.since < at]
    begin: dict[str, datetime] = {}
    for each in past:
        known = begin.get(each.safeguard.borrower_id, each.since)
        begin[each.safeguard.borrower_id] = min(known, each.since)
    if not begin:
        return []
    deeds: dict[str, list[Deed]] = {}
    for deed in deeds_since(begin):
        if deed.at <= at:
            deeds.setdefault(deed.borrower_id, []).append(deed)
    people = Borrower.objects.in_bulk(list(deeds))
    found = []
    for each in past:
        person = people.get(each.safeguard.borrower_id)
        if person is None:
            continue
        wrong = wrong_deeds(
            safeguard=each.safeguard,
            deeds=[deed for deed in deeds[person.pk] if deed.at >= each.since],
            known_at=each.known_at,
            zone=person.time_zone,
        )
        if wrong:
            found.append(_keep(each, person, wrong, at=at))
    return found


def _keep(each: Learned, person: Borrower, wrong: list[Wrong], *, at: datetime) -> LateNews:
    safeguard = each.safeguard
    day = deadline("late_remedy", at=at)
    late, _new = LateNews.objects.get_or_create(
        kind=safeguard.kind,
        reference=safeguard.reference,
        defaults={
            "borrower": person,
            "took_effect_at": safeguard.starts_at,
            "received_at": each.received_at,
            "known_at": each.known_at,
            "listed_at": at,
            "delayed_at": _delayed_at(each, wrong),
            "due_on": day.day,
            "due_sure": day.sure,
        },
    )
    if late.state == LateState.SETTLED:
        return late
    acts = [_act(late, one, known_at=each.known_at) for one in wrong]
    LateAct.objects.bulk_create(acts, ignore_conflicts=True)
    late.took_effect_at = min(late.took_effect_at, safeguard.starts_at)
    every = list(late.acts.order_by("at", "pk"))
    late.apology = apology_draft(late=late, acts=every, language=person.language)
    late.correction = correction_draft(late=late, acts=every)
    late.save(update_fields=["took_effect_at", "apology", "correction"])
    return late


def _act(late: LateNews, wrong: Wrong, *, known_at: datetime) -> LateAct:
    deed = wrong.deed
    return LateAct(
        late=late,
        source=deed.source,
        reference=deed.reference,
        at=deed.at,
        channel=deed.channel,
        result=deed.result,
        actor=deed.actor[:100],
        certain=wrong.certain,
        knew=deed.at >= known_at,
    )


def _delayed_at(each: Learned, wrong: Sequence[Wrong]) -> DelayedAt:
    """The step that took longest, of those the news went through before it was known here."""
    if all(one.deed.at >= each.known_at for one in wrong):
        return DelayedAt.ACTED_ANYWAY
    steps = _steps(each)
    ends = [begin for _step, begin in steps[1:]] + [each.known_at]
    lengths = [end - begin for (_step, begin), end in zip(steps, ends, strict=True)]
    return steps[lengths.index(max(lengths, default=timedelta()))][0]


def _steps(each: Learned) -> list[tuple[DelayedAt, datetime]]:
    """The steps and when each began. A lender's flag goes into a book, through release, to us."""
    starts_at = each.safeguard.starts_at
    if each.safeguard.origin != "hold":
        return [(DelayedAt.OUTSIDE, starts_at), (DelayedAt.RECORDING, each.received_at)]
    loaded = Book.objects.filter(state=BookState.LOADED, loaded_at__lte=each.known_at)
    book = loaded.order_by("-loaded_at").first()
    if book is None or book.brought_at < starts_at:
        return [(DelayedAt.OUTSIDE, starts_at)]
    released = book.released_at or book.brought_at
    return [
        (DelayedAt.BOOK, starts_at),
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
    if not how or len(how) > MOST_HOW or max(len(apology), len(correction)) > MOST_TEXT:
        raise InputError(
            _("Say how it was made good, in at most %(most)s characters.") % {"most": MOST_HOW},
            code="NO_REMEDY",
            where=Where(field="how"),
        )
    late.state, late.settled_by, late.settled_at, late.settled_how = LateState.SETTLED, by, at, how
    late.apology, late.correction = apology.replace("\x00", ""), correction.replace("\x00", "")
    late.save()
    evidence_append(entries=[remedy_entry(late)], at=at)
    return late
