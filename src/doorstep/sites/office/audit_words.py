"""Entries of the evidence log as the auditor reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from doorstep.evidence.retention import Keep
from doorstep.evidence.selectors import ProofState
from doorstep.sites.office.channel_words import CHANNELS

KINDS: dict[str, str | Promise] = {
    "decision": gettext_lazy("The guard decided"),
    "sent": gettext_lazy("Handed to the gateway"),
    "receipt": gettext_lazy("Receipt"),
    "doubt": gettext_lazy("In doubt, settled"),
    "withdrawn": gettext_lazy("Withdrawn before it was sent"),
    "inbound": gettext_lazy("Message from the customer"),
    "call": gettext_lazy("Call"),
    "protection": gettext_lazy("Protection recorded or changed"),
    "hold": gettext_lazy("Hold placed or ended"),
    "remedy": gettext_lazy("Acts that should not have happened, made good"),
    "rule.proposed": gettext_lazy("Change of a rule proposed"),
    "rule.approved": gettext_lazy("Change of a rule approved"),
    "rule.rejected": gettext_lazy("Change of a rule sent back"),
    "proposal.proposed": gettext_lazy("Messages proposed"),
    "proposal.approved": gettext_lazy("Messages approved by a second person"),
    "proposal.rejected": gettext_lazy("Proposed messages sent back"),
    "template.submitted": gettext_lazy("Text submitted for approval"),
    "template.approved": gettext_lazy("Text approved"),
    "template.sent_back": gettext_lazy("Text sent back"),
    "template.retired": gettext_lazy("Text replaced"),
    "incident": gettext_lazy("Contact past the door recorded"),
    "access": gettext_lazy("Personal data seen in full"),
    "export": gettext_lazy("Evidence exported"),
    "erasure": gettext_lazy("A customer's entries made unreadable"),
    "legal_hold": gettext_lazy("Legal hold"),
}
VERDICTS: dict[str, tuple[str | Promise, str]] = {
    "permit": (gettext_lazy("Permitted"), "plain"),
    "permit_if": (gettext_lazy("Permitted on conditions"), "plain"),
    "not_before": (gettext_lazy("Not before a time"), "amber"),
    "ask": (gettext_lazy("A person must decide"), "amber"),
    "forbid": (gettext_lazy("Forbidden"), "red"),
}
PROOFS: dict[ProofState, tuple[str | Promise, str]] = {
    ProofState.PROVED: (gettext_lazy("Proved"), "green"),
    ProofState.WAITING: (gettext_lazy("Waits for the next checkpoint"), "quiet"),
    ProofState.ERASED: (gettext_lazy("Proved, content erased"), "quiet"),
    ProofState.BROKEN: (gettext_lazy("Altered"), "red"),
}
CONFIDENCES: dict[str, str | Promise] = {
    "seen-primary": gettext_lazy("The instrument's own text was read"),
    "seen-quoted": gettext_lazy("Quoted by a named third party"),
    "from-memory": gettext_lazy("From memory, to be verified"),
    "derived": gettext_lazy("Derived by us"),
    "not-found": gettext_lazy("Not found"),
}


def kind_words(kind: str) -> str:
    """What kind of entry it is; a kind that nobody named stays as it is."""
    return str(KINDS.get(kind, kind))


def what_words(kind: str, document: dict[str, Any] | None) -> str:
    """The kind of entry, and the channel where there is one."""
    channel = _body(document).get("channel", "")
    if not channel:
        return kind_words(kind)
    return _("%(what)s · %(channel)s") % {
        "what": kind_words(kind),
        "channel": CHANNELS.get(channel, channel),
    }


def verdict_of(document: dict[str, Any] | None) -> dict[str, Any]:
    """The verdict in an entry; empty where there is none."""
    verdict = _body(document).get("verdict")
    if isinstance(verdict, str):
        return {"outcome": verdict}
    return verdict if isinstance(verdict, dict) else {}


def verdict_badge(document: dict[str, Any] | None) -> tuple[str, str] | None:
    """The verdict's words and tone; None where there is none."""
    outcome = str(verdict_of(document).get("outcome", ""))
    if not outcome:
        return None
    words, tone = VERDICTS.get(outcome, (outcome, "plain"))
    return str(words), tone


def reasons_of(document: dict[str, Any] | None) -> list[dict[str, str]]:
    """The rules that spoke: id, the sentence in the page's language, source."""
    chinese = (get_language() or "zh").startswith("zh")
    return [
        {
            "rule": str(reason.get("rule", "")),
            "words": str(reason.get("zh" if chinese else "en", "")),
            "source": str(reason.get("source", "")),
        }
        for reason in verdict_of(document).get("reasons", [])
        if isinstance(reason, dict)
    ]


def period(keep: Keep) -> str:
    """How long, and from when or until what; that nothing was found where that is so."""
    if keep.until:
        return _("until %(end)s") % {"end": in_language(keep.until)}
    if keep.least_months is None or keep.counted_from is None:
        return _("No period was found.")
    years, months = divmod(keep.least_months, 12)
    length = (
        ngettext("%(count)s month", "%(count)s months", months) % {"count": months}
        if months
        else ngettext("%(count)s year", "%(count)s years", years) % {"count": years}
    )
    start = in_language(keep.counted_from)
    return _("at least %(length)s from %(start)s") % {"length": length, "start": start}


def confidence(word: str) -> str:
    """How far a period was confirmed."""
    return str(CONFIDENCES.get(word, word))


def in_language(words: Mapping[str, str]) -> str:
    """A text with zh, zh_hant and en in the page's language."""
    language = (get_language() or "").lower()
    key = "zh_hant" if "hant" in language else "zh" if language.startswith("zh") else "en"
    return words[key]


def _body(document: dict[str, Any] | None) -> dict[str, Any]:
    body = (document or {}).get("body")
    return body if isinstance(body, dict) else {}
