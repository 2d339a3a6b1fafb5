"""Risks of visits as people read them: what is dangerous, where that comes from, what is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.visits.models.risk import RiskLevel
from doorstep.visits.risk import TABLE, Because
from doorstep.visits.selectors.risk import StandingRisk
from doorstep.workforce.skills import SKILLS

FACTORS: dict[str, str | Promise] = {
    "threats": gettext_lazy("Threats, or an incident there"),
    "violence": gettext_lazy("Violence against people"),
    "weapon": gettext_lazy("A weapon in the home"),
    "crisis": gettext_lazy("Somebody may harm themselves"),
    "hard_before": gettext_lazy("A hard encounter before"),
    "dog": gettext_lazy("A dog that is not tied up"),
    "drink_or_drugs": gettext_lazy("Drink or drugs"),
    "several_people": gettext_lazy("Several people are expected there"),
    "violence_at_home": gettext_lazy("Violence at home"),
    "children_alone": gettext_lazy("Alone with small children"),
    "infectious": gettext_lazy("An infectious illness"),
    "remote": gettext_lazy("A remote place"),
    "no_signal": gettext_lazy("No telephone signal"),
    "unsafe_area": gettext_lazy("An area where things have happened"),
    "late_hour": gettext_lazy("A late hour"),
    "other": gettext_lazy("Something else (say what)"),
}
MEASURES: dict[str, str | Promise] = {
    "daylight": gettext_lazy("By daylight only"),
    "stay_outside": gettext_lazy("Talk outside; do not go in"),
    "police_told": gettext_lazy("Tell the community police beforehand"),
    "short_timer": gettext_lazy("Check in every 15 minutes"),
    "meet_at_branch": gettext_lazy("Offer to meet at the branch instead"),
    "third_agent": gettext_lazy("A third colleague near by"),
    "counsellor": gettext_lazy("Somebody trained in hardship counselling goes along"),
    "short_visit": gettext_lazy("Stay a quarter of an hour at most"),
    "other_pair": gettext_lazy("Other colleagues than last time"),
    "call_from_street": gettext_lazy("Ring from the street before going to the door"),
    "speak_alone": gettext_lazy("Speak with the customer alone"),
    "woman_among": gettext_lazy("A woman among the two"),
    "not_before_children": gettext_lazy("Nothing is said before children"),
    "masks": gettext_lazy("Masks, and some distance"),
    "by_phone_instead": gettext_lazy("Offer a talk by phone instead"),
    "signal_checked": gettext_lazy("Check the signal; say when you will be back"),
    "call_on_arrival": gettext_lazy("Call the team leader on arrival"),
    "car_ready": gettext_lazy("Park so that you can leave at once"),
}
SOURCES: dict[str, str | Promise] = {
    "assessed": gettext_lazy("said in an assessment"),
    "encounter": gettext_lazy("on record after an encounter"),
    "sos": gettext_lazy("an SOS on record"),
    "protection": gettext_lazy("a protection that holds"),
    "distance": gettext_lazy("%(km)s km from the branch"),
}
TONES: dict[str, str] = {
    RiskLevel.LOW: "plain", RiskLevel.MEDIUM: "amber", RiskLevel.HIGH: "red",
}  # fmt: skip
LEVELS: dict[str, str | Promise] = {
    RiskLevel.LOW: gettext_lazy("Low risk"),
    RiskLevel.MEDIUM: gettext_lazy("Medium risk"),
    RiskLevel.HIGH: gettext_lazy("High risk"),
}


@dataclass(frozen=True)
class BecauseShown:
    """A danger in words, where it comes from, and since when."""

    words: str
    source: str
    at: datetime | None


@dataclass(frozen=True)
class RiskShown:
    """A risk for a page. `stands`: whether a visit may be planned, in words, with its tone."""

    level: str
    words: str
    tone: str
    because: list[BecauseShown]
    measures: list[str]
    instead: list[str]
    skills: list[str]
    stands: str
    stands_tone: str
    may_be_planned: bool
    assessed: bool


def risk_shown(risk: StandingRisk) -> RiskShown:
    """The risk in the page's language."""
    stands, tone = _stands(risk)
    return RiskShown(
        level=risk.level,
        words=str(LEVELS[risk.level]),
        tone=TONES[risk.level],
        because=[because_shown(each) for each in risk.because],
        measures=measures_words(risk.required.measures),
        instead=measures_words(risk.required.instead),
        skills=[str(SKILLS[code]) for code in sorted(risk.required.needs)],
        stands=stands,
        stands_tone=tone,
        may_be_planned=risk.may_be_planned,
        assessed=risk.assessment is not None,
    )


def because_shown(because: Because) -> BecauseShown:
    """One danger in words."""
    source = str(SOURCES.get(because.source, because.source)) % {"km": because.more}
    return BecauseShown(factor_words(because.factor), source, because.at)


def factor_words(code: str) -> str:
    """A danger's name; a code nobody translated stays as it is."""
    return str(FACTORS.get(code, code))


def measures_words(codes: Iterable[str]) -> list[str]:
    """What is to be done, in the page's language."""
    return [str(MEASURES.get(code, code)) for code in codes]


def measures_of(factor: str) -> list[str]:
    """What one danger asks for."""
    return measures_words(TABLE.factors[factor].measures)


def _stands(risk: StandingRisk) -> tuple[str, str]:
    if risk.may_be_planned:
        if risk.approved:
            return _("Approved by a second person"), "green"
        return _("A visit may be planned"), "plain"
    if risk.assessment is None:
        return _("To be assessed first"), "amber"
    if risk.assessment.rejected_why:
        return _("Sent back: no visit"), "quiet"
    if risk.assessment.approved_at is not None:
        return _("Something has come up since it was approved: look again"), "amber"
    return _("Waits for a second person"), "amber"
