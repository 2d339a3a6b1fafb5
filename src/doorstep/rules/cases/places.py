"""Where: the place of the contact, whose number it is, and how a visit is made."""

from __future__ import annotations

from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.wording import code_of, shows
from doorstep.rules.cases.words import Facts, Tools
from doorstep.rules.values import NOTHING

_WORD_FOR_WORD = {
    "notice_given": "facts.notice_given", "notice_practicable": "facts.practicable",
    "place_consent": "facts.express_consent", "identity_verified": "facts.identity_verified",
    "home_visit_done": "facts.home_visit_done", "badge_worn": "facts.badge",
    "recorded": "facts.recording",
}  # fmt: skip

# A text goes to a mobile number; where the case names no number it is the borrower's own.
_PERSONAL = ("sms", "text")


def facts(case: Case, tools: Tools) -> Facts:
    """The place, the use of the number, and what is said about a visit."""
    found: Facts = {
        name: value
        for name, path in _WORD_FOR_WORD.items()
        if (value := case.truth(path)) is not None
    }
    place = case.text("action.place") or case.text("facts.location")
    if place:
        found["place"] = code_of("places", place)
    number = case.text("action.num")
    if number or case.text("action.ch") in _PERSONAL:
        found["point_use"] = code_of("numbers", number) if number else "personal"
        found.setdefault("place", "workplace" if found["point_use"] == "work" else NOTHING)
    if case.has("facts.place_preference"):
        wanted = case.text("facts.place_preference")
        found["preferred_place"] = code_of("places", wanted) or NOTHING
    if door := case.text("facts.customer_at_door"):
        found["asked_to_leave"] = shows("wants_other_time", door)
    if state := case.text("facts.state"):
        found["state"] = state
    return found
