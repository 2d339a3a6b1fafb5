"""What is said or written: forbidden behaviours, required items, disclosure, charges, numbers."""

from __future__ import annotations

from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.deed import channel_of
from doorstep.rules.cases.voicemail import voicemail_items
from doorstep.rules.cases.wording import (
    code_of,
    codes_in,
    disclosures,
    fees_in,
    number_rates,
    opt_out_ways,
    shows,
    states_debt,
)
from doorstep.rules.cases.words import Facts, Tools
from doorstep.rules.values import NOTHING

_SPOKEN = ("action.text", "action.script", "action.says", "action.letterhead", "action.step")
_WITHHELD = ("withheld", "hidden", "private", "unknown", "none")
_FLAGS = {
    "asks_for_payment": "action.asks_for_payment", "anonymous": "action.anonymous",
    "false_name": "action.uses_false_name", "first_contact": "action.initial",
    "remedy_intended": "action.intended", "guarantee_contract": "facts.guarantee",
}  # fmt: skip


def facts(case: Case, tools: Tools) -> Facts:
    """What the exact words show, and what the case says of them.

    An act is told in full: a case that quotes no words is not about words, and nothing improper is
    then taken to be said; nobody hides their name or number unless it says so.
    """
    found: Facts = {
        name: value for name, path in _FLAGS.items() if (value := case.truth(path)) is not None
    }
    found.setdefault("anonymous", case.text("action.caller_id") in _WITHHELD)
    found.setdefault("false_name", False)
    if channel_of(case.text("action.ch")) != "messenger":
        found["public_view"] = False
    spoken = [words for path in _SPOKEN if (words := case.text(path))]
    said = {behaviour for words in spoken for behaviour in tools.behaviours_of(words)}
    said |= {"FB-ANON" for words in spoken if shows("pretext", words)}
    found["behaviours"] = tuple(sorted(said))
    if spoken:
        found["caller_identified"] = any(shows("identifies", words) for words in spoken)
    found["said"] = case.text("facts.statement") or NOTHING
    return found | _message(case) | _outside(case) | _stated(case)


def _message(case: Case) -> Facts:
    """What the text of a message, letter or voicemail shows."""
    limited = case.text("action.classify") == "limited_content"
    found: Facts = {"limited_content": limited}
    text = case.text("action.text")
    found["number_rates"] = number_rates(text)
    if text:
        found["contains"] = voicemail_items(text) if limited else disclosures(text)
        found["opt_out_ways"] = opt_out_ways(text, link=case.truth("action.link"))
        found["notice_of"] = code_of("notices", text) or NOTHING
        found["fees_asked"] = fees_in(text)
        if case.truth("action.discloses_debt") is None:
            found["discloses_debt"] = states_debt(text)
    elif _only_asks_where(case):
        found["discloses_debt"] = False
    agreed = case.get("facts.contract_fees")
    if isinstance(agreed, list):
        found["fees_agreed"] = tuple(str(fee).lower().replace("_", " ") for fee in agreed)
    if (true := case.truth("action.true")) is not None:
        found |= {"claim_untrue": not true, "claim_confirmed": true}
    return found


def _only_asks_where(case: Case) -> bool:
    """Whether the act is an enquiry for location information, and no word of a debt is quoted."""
    told = case.has("action.discloses_debt")
    return "location" in case.text("action.purpose") and not told


def _outside(case: Case) -> Facts:
    """What the outside of a letter shows, and to whom it is addressed."""
    found: Facts = {}
    if envelope := case.text("action.envelope"):
        found["envelope_private"] = shows("marked_private", envelope)
        found["envelope_shows_collector"] = shows("shows_collector", envelope)
    if addressed := case.text("action.addressed"):
        found["addressed_to"] = code_of("addressed_to", addressed)
    matches = case.text("facts.matches")
    if matches.isdecimal():
        found["name_matches"] = int(matches)
    return found


def _stated(case: Case) -> Facts:
    """What the caller says of who calls and why."""
    states = case.get("action.states")
    if not isinstance(states, list):
        return {}
    items = {code for words in states for code in codes_in("stated", str(words))}
    return {"contains": tuple(sorted(items))}
