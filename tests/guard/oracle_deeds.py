"""What is done about somebody in mainland China, and what an agency does, a second time by hand.

Third-party enquiries, disclosures, skip tracing, changes of fees, placements with an agency, legal
referrals, and an agency's contacts; from the sentences of the law and the lender's choices, with
nothing of the program.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
OTHERS = ("contact", "third_party", "workplace", "unknown")
ABOUT = ("third_party_enquiry", "disclosure", "skip_trace")
DEEDS = (*ABOUT, "fee_change", "placement", "legal_referral")
CONTACTS = ("call", "message", "visit", "letter")


@dataclass(frozen=True)
class Deed:
    """An act about a borrower. `failed_days`: days in a row on which nobody was reached."""

    kind: str
    at: datetime
    purpose: str = "collect"
    recipient: str = "borrower"
    product: str = "consumer"
    channel: str = "phone"
    failed_days: int = 0
    consented: bool = False
    no_contact_until: date | None = None
    reviewed_on: date | None = None
    days_old: int = 0
    flags: frozenset[str] = field(default_factory=frozenset)

    def on(self, *names: str) -> bool:
        return any(name in self.flags for name in names)


def against(deed: Deed) -> set[str]:
    """Everything that stands against the deed."""
    said: set[str] = set()
    local = deed.at.astimezone(ZONE)
    order = deed.no_contact_until is not None and local.date() <= deed.no_contact_until
    if order and deed.kind in (*CONTACTS, *ABOUT):
        said.add("police no-contact order")
    if deed.on("settled") and deed.purpose == "collect":
        said.add("paid off")
    if deed.kind in DEEDS:
        said |= {
            "third_party_enquiry": enquiry, "disclosure": disclosure, "skip_trace": skip_trace,
            "fee_change": fee_change, "placement": placement, "legal_referral": legal_referral,
        }[deed.kind](deed)  # fmt: skip
    else:
        said |= agency(deed)
    if deed.kind in ("fee_change", "placement", "legal_referral", "skip_trace", "disclosure"):
        said |= set() if deed.on("human_reviewed") else {"no person has looked at it"}
    return said


def enquiry(deed: Deed) -> set[str]:
    """Asking somebody else where the borrower is: a named contact, neutrally, as a last resort."""
    said: set[str] = set()
    minute = deed.at.astimezone(ZONE).hour
    if (minute >= 22 or minute < 8) and not deed.consented:
        said.add("night")
    if deed.purpose != "locate":
        said.add("an enquiry that is not for whereabouts")
    gone = deed.on("deceased", "incapacitated")
    if deed.recipient != "contact":
        said.add("nobody to ask")
    if not gone and not deed.on("borrower_unreachable"):
        said.add("the borrower can be reached")
    if not gone and deed.failed_days < 3:
        said.add("fewer than three days without an answer")
    if deed.on("contact_stop_requested"):
        said.add("the contact asked us to stop")
    if deed.on("discloses_debt"):
        said.add("tells of the debt")
    return said


def disclosure(deed: Deed) -> set[str]:
    return set() if deed.on("separate_consent") else {"disclosed without separate consent"}


def skip_trace(deed: Deed) -> set[str]:
    grounds = ("contract_basis", "overdue", "borrower_unreachable")
    return {f"no search without {name}" for name in grounds if not deed.on(name)}


def fee_change(deed: Deed) -> set[str]:
    return set() if deed.on("fee_in_contract") else {"a fee outside the contract"}


def placement(deed: Deed) -> set[str]:
    said: set[str] = set()
    if not deed.on("agency_listed"):
        said.add("agency not on the published list")
    if deed.on("agency_violations"):
        said.add("agency with a record of violence")
    local = deed.at.astimezone(ZONE).date()
    if deed.reviewed_on is None or a_year_after(deed.reviewed_on) < local:
        said.add("agency not reviewed within the year")
    if deed.on("bankrupt") and deed.purpose == "collect":
        said.add("bankrupt")
    return said | plan_and_hardship(deed)


def legal_referral(deed: Deed) -> set[str]:
    return plan_and_hardship(deed)


def plan_and_hardship(deed: Deed) -> set[str]:
    """What is stopped by day is not handed on either: to an agency or to a court."""
    said: set[str] = set()
    if deed.on("agreement_performing"):
        said.add("a plan that is being kept")
    if deed.on("dispute_open"):
        said.add("a dispute that is not answered")
    if deed.on("held"):
        said.add("held")
    if deed.on("hardship_open"):
        said.add("hardship")
    return said


def agency(deed: Deed) -> set[str]:
    """What an agency may not, though the lender itself might, and what both need to know."""
    said: set[str] = set()
    if not deed.on("outsource_notice_given"):
        said.add("borrower not told of the agency")
    if deed.on("private_device") and deed.kind in ("call", "message"):
        said.add("private telephone")
    if not deed.on("contract_basis"):
        said.add("no contract")
    if not deed.on("overdue") and deed.purpose == "collect":
        said.add("nothing overdue")
    if deed.days_old > 4:
        said.add("the books are more than four days old")
    return said


def a_year_after(day: date) -> date:
    """The same day of the next year; the last of February where there is none."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if leap else day.day)


def worse(deed: Deed, unknown: str) -> list[Deed]:
    """The deed as it may be, where nobody knows one of its flags."""
    return [
        replace(deed, flags=deed.flags | {unknown}),
        replace(deed, flags=deed.flags - {unknown}),
    ]
