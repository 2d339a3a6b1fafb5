"""Acts and verdicts as people read them: states, reasons, when it may be, names masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.dispatch.models import Act, ActState, ProposalState
from doorstep.guard.decide import NO_PERMISSION, REVIEW_OVERDUE
from doorstep.kernel.masking import mask_name
from doorstep.outreach.template import Template
from doorstep.rules.rule import Confidence
from doorstep.rules.selectors import rulebook_shipped
from doorstep.sites.office.rule_words import CONFIDENCES, language
from doorstep.treatment.wording import language_code

NO_PAGE = (NO_PERMISSION, REVIEW_OVERDUE)
TONES: dict[str, str] = {
    ActState.PROPOSED: "amber",
    ActState.IN_DOUBT: "amber",
    ActState.FAILED: "amber",
    ActState.BLOCKED: "quiet",
    ActState.EXPIRED: "quiet",
    ActState.WITHDRAWN: "quiet",
    ProposalState.WAITING: "amber",
    ProposalState.REJECTED: "quiet",
}
CHANNELS: dict[str, str | Promise] = {
    "sms": gettext_lazy("Text message"),
    "email": gettext_lazy("E-mail"),
    "letter": gettext_lazy("Letter"),
    "messenger": gettext_lazy("Messenger"),
    "phone": gettext_lazy("Call"),
}
WHY: dict[str, str | Promise] = {
    "": "",
    "no_destination": gettext_lazy("The number or address is gone from the book."),
    "conditions": gettext_lazy("It may go only under conditions that nobody has confirmed."),
    "NO-PERMISSION": gettext_lazy("No rule permits it."),
    "worker_died": gettext_lazy("The program ended while it was being sent."),
    "NO_ANSWER": gettext_lazy("The gateway did not answer."),
    "GATEWAY_ERROR": gettext_lazy("The gateway answered with an error of its own."),
    "NO_GATEWAY": gettext_lazy("The gateway could not be reached."),
    "THROTTLED": gettext_lazy("The gateway asked us to slow down."),
    "REJECTED": gettext_lazy("The gateway refused it."),
    "not_taken": gettext_lazy("The gateway surely never had it."),
    "person": gettext_lazy("A person found that it was never sent."),
    "visit_withdrawn": gettext_lazy("The visit it was about is withdrawn."),
    "plan_changed": gettext_lazy("The day was planned anew."),
    "says_paid": gettext_lazy("The customer says they have paid."),
    "wrong_number": gettext_lazy("The number is somebody else's."),
    "sent_back": gettext_lazy("The proposal was sent back."),
    "taken_back": gettext_lazy("Somebody took it back."),
    "no_point": gettext_lazy("No number or address that may be used"),
    "FACT_MISSING": gettext_lazy("The text needs something that is not known here"),
}
OUTCOMES: dict[str, str | Promise] = {
    "permit": gettext_lazy("Permitted"),
    "permit_if": gettext_lazy("Permitted under conditions"),
    "not_before": gettext_lazy("Not yet"),
    "ask": gettext_lazy("A person must decide"),
    "forbid": gettext_lazy("Not permitted"),
}
OUTCOME_TONES = {"permit": "green", "permit_if": "plain", "not_before": "amber", "ask": "amber"}
KINDS: dict[str, str | Promise] = {
    "opt_out": gettext_lazy("Wants no more messages"),
    "wrong_number": gettext_lazy("Wrong number"),
    "paid": gettext_lazy("Says they have paid"),
    "dispute": gettext_lazy("Disputes it"),
    "complaint": gettext_lazy("Complains"),
    "hardship": gettext_lazy("In hardship"),
    "deceased": gettext_lazy("Reports a death"),
    "represented": gettext_lazy("Is represented"),
    "human": gettext_lazy("Wants a person"),
    "other": gettext_lazy("Something else"),
}
DONE: dict[str, str | Promise] = {
    "channel_stopped": gettext_lazy("This channel was stopped."),
    "complaint_opened": gettext_lazy("A complaint was opened."),
    "dispute_opened": gettext_lazy("A dispute was opened."),
    "hardship_recorded": gettext_lazy("Hardship was recorded as claimed."),
    "death_claimed": gettext_lazy("All contact rests until the death is confirmed or not."),
    "representative_claimed": gettext_lazy("A representative was recorded as claimed."),
    "reminders_withdrawn": gettext_lazy("Waiting reminders were withdrawn."),
    "number_marked": gettext_lazy("The number was marked as somebody else's."),
}


@dataclass(frozen=True)
class ReasonShown:
    """One reason of a verdict: its sentence, the rule, where it stands and how sure that is;
    `page`: the rule has a page in the rulebook."""

    words: str
    rule: str
    source: str
    confidence: str
    reviewed: bool
    page: bool


@dataclass(frozen=True)
class VerdictShown:
    """A verdict for a page. `when`: the earliest moment it may be; None: not by waiting alone."""

    outcome: str
    words: str
    tone: str
    reasons: list[ReasonShown]
    when: datetime | None
    conditions: list[str]
    missing: list[str]


def verdict_shown(verdict: Mapping[str, Any] | None) -> VerdictShown | None:
    """The guard's answer in the page's language: only what stands against it, or all it says."""
    if not verdict:
        return None
    outcome = verdict["outcome"]
    against = [r for r in verdict["reasons"] if r["outcome"] not in ("permit", "require", "warn")]
    when = verdict.get("not_before")
    return VerdictShown(
        outcome=outcome,
        words=str(OUTCOMES.get(outcome, outcome)),
        tone=OUTCOME_TONES.get(outcome, "red"),
        reasons=[_reason(reason) for reason in against or verdict["reasons"]],
        when=datetime.fromisoformat(when) if when else None,
        conditions=[fact_words(name) for name in verdict["conditions"]],
        missing=[fact_words(name) for name in (*verdict["missing"], *verdict["stale"])],
    )


def reasons_words(verdict: Mapping[str, Any] | None) -> str:
    """What stands against an act, in one line of the page's language."""
    shown = verdict_shown(verdict)
    if shown is None:
        return ""
    return _(" and ").join(dict.fromkeys(reason.words for reason in shown.reasons)) or shown.words


def fact_words(name: str) -> str:
    """A fact by what it means, in the page's language."""
    meaning = rulebook_shipped().catalogue.get(name)
    if meaning is None:
        return name
    return meaning.zh if language() == "zh" else meaning.en


def _reason(reason: Mapping[str, Any]) -> ReasonShown:
    known = {each.value: words for each, words in CONFIDENCES.items()}
    return ReasonShown(
        words=reason[language()] or reason["zh"],
        rule=reason["rule"],
        source=reason["source"],
        confidence=str(known.get(Confidence(reason["confidence"]), ""))
        if _is_known(reason)
        else "",
        reviewed=bool(reason["reviewed"]) or reason["confidence"] == Confidence.HOUSE,
        page=reason["rule"] not in NO_PAGE,
    )


def _is_known(reason: Mapping[str, Any]) -> bool:
    return reason["confidence"] in {each.value for each in Confidence}


def why_words(act: Act) -> str:
    """Why an act stands where it does, in one sentence."""
    if act.verdict and act.state in (ActState.BLOCKED, ActState.WITHDRAWN, ActState.PROPOSED):
        shown = verdict_shown(act.verdict)
        if shown is not None and shown.reasons:
            return shown.reasons[0].words
    return why_of_code(act.why)


def why_of_code(code: str) -> str:
    """A code of the outbox as a sentence; a rule's id stays as it is."""
    return str(WHY.get(code, code))


def state_words(state: str) -> tuple[str, str]:
    """The name of an act's state and the tone of its badge."""
    return str(ActState(state).label), TONES.get(state, "plain")


def proposal_state_words(state: str) -> tuple[str, str]:
    """The name of a proposal's state and the tone of its badge."""
    return str(ProposalState(state).label), TONES.get(state, "plain")


def masked_text(text: str, name: str) -> str:
    """A text with the borrower's name masked wherever it stands."""
    return text.replace(name, mask_name(name)) if name else text


def template_title(template: Template | None, key: str, lang: str) -> str:
    """What a text is called, in the page's language."""
    if template is None:
        return key
    return template.titles.get(language_code(lang), key)


def recognised_words(kinds: list[str]) -> list[str]:
    """What was recognised in a reply."""
    return [str(KINDS.get(kind, kind)) for kind in kinds or ["other"]]


def done_words(done: list[str]) -> list[str]:
    """What was done at once."""
    return [str(DONE.get(each, each)) for each in done] or [_("Nothing was done by itself.")]
