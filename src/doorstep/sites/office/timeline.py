"""Everything that happened with a borrower, newest first, from many sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.agreements.models import Affordability, AffordabilityState, Offer, Signature
from doorstep.agreements.models import Promise as PaymentPromise
from doorstep.agreements.selectors.agreements import case_agreements
from doorstep.cases.models import STEP_LABELS, Assignment, Case, Contact, Decision, Movement, Note
from doorstep.cases.steps import MovementKind, Step
from doorstep.cycle.selectors import bucket_edges
from doorstep.delinquency.dues import bucket_label
from doorstep.kernel.money import format_minor
from doorstep.portfolio.models import Payment
from doorstep.protections.kinds import TABLES
from doorstep.protections.models import Hold
from doorstep.protections.selectors import all_versions, tables_with
from doorstep.sites.office import case_words
from doorstep.sites.office.appointments_words import left_out_words, step_words
from doorstep.sites.office.channel_words import CHANNELS, RESULTS, SEEN
from doorstep.sites.office.protections_words import detail_words, kind_words
from doorstep.sites.office.risk_words import LEVELS as RISK_LEVELS
from doorstep.sites.office.risk_words import measures_words
from doorstep.sites.office.timeline_entry import Entry
from doorstep.sites.office.timeline_follow import legal_told, payments_taken, plans_told
from doorstep.visits.models import AppointmentStep, RiskAssessment, VisitRecord
from doorstep.workforce.models import PersonalDataAccess

PAGE_ENTRIES = 25


KINDS: dict[str, tuple[str | Promise, str]] = {
    "decision": (gettext_lazy("Decisions"), "arrow-right"),
    "movement": (gettext_lazy("Movements"), "arrow-up-right"),
    "contact": (gettext_lazy("Contacts"), "phone"),
    "payment": (gettext_lazy("Payments received"), "building-bank"),
    "promise": (gettext_lazy("Promises"), "heart-handshake"),
    "means": (gettext_lazy("Means"), "file-text"),
    "offer": (gettext_lazy("Offers"), "calendar-event"),
    "agreement": (gettext_lazy("Agreements and plans"), "file-text"),
    "legal": (gettext_lazy("Going to court and investigations"), "list-details"),
    "hold": (gettext_lazy("Left alone"), "hand-stop"),
    "protection": (gettext_lazy("Protections"), "shield-check"),
    "visit": (gettext_lazy("Visits"), "map-pin"),
    "note": (gettext_lazy("Notes"), "note"),
    "assignment": (gettext_lazy("Assignments"), "user-check"),
    "access": (gettext_lazy("Looks at personal data"), "eye"),
}


def timeline(*, case: Case, kind: str = "", page: int = 1) -> tuple[list[Entry], bool]:
    """A page of what happened, newest first, and whether there is more. `kind` keeps one source.

    Each source is asked for no more than could stand on the pages up to this one.
    """
    last = page * PAGE_ENTRIES
    kinds = [kind] if kind in SOURCES else list(SOURCES)
    sources = [source for each in kinds for source in SOURCES[each]]
    found = [entry for source in sources for entry in source(case, last + 1)]
    found.sort(key=_when, reverse=True)
    return found[last - PAGE_ENTRIES : last], len(found) > last


def _when(entry: Entry) -> datetime:
    if entry.at is not None:
        return entry.at
    return datetime.combine(entry.on, time.min, tzinfo=ZoneInfo(settings.TIME_ZONE))


def _decisions(case: Case, most: int) -> Iterable[Entry]:
    for row in Decision.objects.filter(borrower=case.borrower_id).order_by("-business_date")[:most]:
        yield Entry(
            "decision",
            row.business_date,
            None,
            case_words.next_step(row),
            case_words.why(row),
            _("The night's decision"),
        )


def _movements(case: Case, most: int) -> Iterable[Entry]:
    rows = Movement.objects.filter(borrower=case.borrower_id).order_by("-business_date", "kind")
    edges = bucket_edges()
    for row in rows[:most]:
        change = [_moved(row.kind, text, edges) for text in (row.before, row.after) if text]
        yield Entry(
            "movement", row.business_date, None, str(row.get_kind_display()), " → ".join(change)
        )


def _moved(kind: str, text: str, edges: Sequence[int]) -> str:
    """What stood before or after, in words: a step, a kind of hold, or a bucket."""
    if kind == MovementKind.STEP and text in list(Step):
        return str(STEP_LABELS[Step(text)])
    if kind in {MovementKind.HELD, MovementKind.RELEASED}:
        return case_words.hold_words(text)
    return bucket_label(int(text), edges=edges) if text.isdigit() else text


def _contacts(case: Case, most: int) -> Iterable[Entry]:
    for row in Contact.objects.filter(borrower=case.borrower_id).order_by("-at")[:most]:
        channel = str(CHANNELS.get(row.channel, row.channel))
        title = _("%(channel)s from the borrower") if row.direction == "in" else "%(channel)s"
        yield Entry(
            "contact",
            row.at.date(),
            row.at,
            title % {"channel": channel},
            str(RESULTS.get(row.result, row.result)),
            row.actor or "",
        )


def _payments(case: Case, most: int) -> Iterable[Entry]:
    rows = Payment.objects.filter(loan__borrower=case.borrower_id).select_related("loan")
    for row in rows.order_by("-paid_on", "-pk")[:most]:
        amount = format_minor(row.amount, row.loan.currency, language=case_words.language())
        title = _("Payment reversed: %(amount)s") if row.reversed_on else _("Payment: %(amount)s")
        yield Entry("payment", row.paid_on, None, title % {"amount": amount}, row.loan_id)


def _promises(case: Case, most: int) -> Iterable[Entry]:
    rows = PaymentPromise.objects.filter(borrower=case.borrower_id).select_related("loan")
    for row in rows.order_by("-made_on", "-pk")[:most]:
        currency = row.loan.currency if row.loan else case.currency
        amount = format_minor(row.amount, currency, language=case_words.language())
        words = _("%(amount)s by %(day)s · %(state)s")
        text = words % {"amount": amount, "day": row.due_on, "state": row.get_state_display()}
        yield Entry("promise", row.made_on, None, str(row.get_kind_display()), text)


def _means(case: Case, most: int) -> Iterable[Entry]:
    rows = Affordability.objects.filter(borrower=case.borrower_id)
    finished = rows.exclude(state=AffordabilityState.DRAFT).select_related("filled_by")
    for row in finished.order_by("-stated_at", "-pk")[:most]:
        left = format_minor(row.disposable_minor, row.currency, language=case_words.language())
        on = row.stated_at.date() if row.stated_at else row.saved_at.date()
        yield Entry(
            "means", on, row.stated_at, _("Left a month: %(amount)s") % {"amount": left},
            str(row.get_state_display()), str(row.filled_by or ""),
        )  # fmt: skip


def _agreements(case: Case, most: int) -> Iterable[Entry]:
    rows = case_agreements(borrower_id=case.borrower_id).select_related("drafted_by")
    for row in rows[:most]:
        about = _("%(number)s, version %(version)s")
        text = about % {"number": row.number, "version": row.version}
        yield Entry(
            "agreement", row.drafted_at.date(), row.drafted_at, _("Agreement drawn up"), text,
            str(row.drafted_by),
        )  # fmt: skip
        if row.ended_at:
            state = str(row.get_state_display())
            yield Entry("agreement", row.ended_at.date(), row.ended_at, state, text)
    signed = Signature.objects.filter(agreement__case__borrower=case.borrower_id)
    for each in (
        signed.select_related("agreement", "taken_by").defer("picture").order_by("-at")[:most]
    ):
        title = _("Signed by: %(who)s") % {"who": each.get_party_display()}
        text = f"{each.agreement.number} · {each.get_way_display()} · {each.place}"
        yield Entry("agreement", each.at.date(), each.at, title, text, str(each.taken_by))


def _offers(case: Case, most: int) -> Iterable[Entry]:
    rows = Offer.objects.filter(borrower=case.borrower_id).select_related("maker")
    for row in rows.order_by("-made_at", "-pk")[:most]:
        each = format_minor(row.instalment_minor, row.currency, language=case_words.language())
        text = f"{each} × {row.months} · {row.get_state_display()}"
        if row.refused_words:
            text = f"{text} · {row.refused_words}"
        title = f"{row.get_kind_display()} · {row.get_proposed_by_display()}"
        yield Entry("offer", row.made_at.date(), row.made_at, title, text, str(row.maker))


def _holds(case: Case, most: int) -> Iterable[Entry]:
    rows = Hold.objects.filter(borrower=case.borrower_id).select_related("placed_by", "ended_by")
    for row in rows.order_by("-placed_at", "-pk")[:most]:
        kind = {"kind": row.get_kind_display()}
        by = str(row.placed_by) if row.placed_by else _("The lender's book")
        yield Entry(
            "hold", row.placed_at.date(), row.placed_at, _("Hold placed: %(kind)s") % kind,
            row.note, by,
        )  # fmt: skip
        if row.ended_at:
            yield Entry(
                "hold", row.ended_at.date(), row.ended_at, _("Hold ended: %(kind)s") % kind,
                by=str(row.ended_by or ""),
            )  # fmt: skip


def _protections(case: Case, most: int) -> Iterable[Entry]:
    for table in tables_with(borrower_id=case.borrower_id):
        rows = all_versions(TABLES[table], borrower_id=case.borrower_id)
        for row in rows.order_by("-known_from", "-pk")[:most]:
            title = _("Recorded: %(kind)s") if row.version == 1 else _("Changed: %(kind)s")
            yield Entry(
                "protection",
                row.known_from.date(),
                row.known_from,
                title % {"kind": kind_words(row)},
                detail_words(row),
                str(row.recorded_by or _("The program")),
            )


def _visits(case: Case, most: int) -> Iterable[Entry]:
    """What became of appointments, and what was found out about the dangers of a visit."""
    steps = AppointmentStep.objects.filter(appointment__case__borrower=case.borrower_id)
    for row in steps.select_related("by").order_by("-at", "-pk")[:most]:
        title = _("Appointment: %(what)s") % {"what": step_words(row.what)}
        why = left_out_words(row.why) if row.why else ""
        yield Entry("visit", row.at.date(), row.at, title, why, str(row.by or _("The program")))
    risks = RiskAssessment.objects.filter(case__borrower=case.borrower_id)
    for risk in risks.select_related("assessed_by").order_by("-assessed_at")[:most]:
        yield Entry(
            "visit",
            risk.assessed_at.date(),
            risk.assessed_at,
            _("Visit assessed: %(level)s") % {"level": RISK_LEVELS[risk.level]},
            _(" and ").join(measures_words(risk.measures)),
            str(risk.assessed_by),
        )


def _records(case: Case, most: int) -> Iterable[Entry]:
    """What crews put on record of their visits."""
    rows = VisitRecord.objects.filter(case__borrower=case.borrower_id).select_related("filed_by")
    for row in rows.defer("contents").order_by("-began_at", "-pk")[:most]:
        yield Entry(
            "visit", row.visited_on, row.began_at, _("Visit: %(how)s")
            % {"how": row.get_outcome_display()}, row.number, str(row.filed_by),
        )  # fmt: skip


def _notes(case: Case, most: int) -> Iterable[Entry]:
    rows = Note.objects.filter(case__borrower=case.borrower_id).select_related("by")
    for row in rows.order_by("-at")[:most]:
        yield Entry("note", row.at.date(), row.at, _("Note"), row.text, str(row.by))


def _assignments(case: Case, most: int) -> Iterable[Entry]:
    rows = Assignment.objects.filter(case__borrower=case.borrower_id)
    for row in rows.select_related("by", "assignee").order_by("-at")[:most]:
        title = (
            _("Assigned to %(name)s") % {"name": row.assignee} if row.assignee else _("Taken back")
        )
        yield Entry("assignment", row.at.date(), row.at, title, by=str(row.by))


def _accesses(case: Case, most: int) -> Iterable[Entry]:
    rows = PersonalDataAccess.objects.filter(borrower_id=case.borrower_id).select_related("staff")
    for row in rows.order_by("-at")[:most]:
        what = str(SEEN.get(row.what, row.what))
        yield Entry(
            "access", row.at.date(), row.at, _("Seen in full: %(what)s") % {"what": what},
            row.purpose, str(row.staff),
        )  # fmt: skip


SOURCES: dict[str, Sequence[Callable[[Case, int], Iterable[Entry]]]] = {
    "decision": (_decisions,),
    "movement": (_movements,),
    "contact": (_contacts,),
    "payment": (_payments, payments_taken),
    "promise": (_promises,),
    "means": (_means,),
    "offer": (_offers,),
    "agreement": (_agreements, plans_told),
    "legal": (legal_told,),
    "hold": (_holds,),
    "protection": (_protections,),
    "visit": (_visits, _records),
    "note": (_notes,),
    "assignment": (_assignments,),
    "access": (_accesses,),
}
