"""What: the kind of act, its channel, purpose, number and step."""

from __future__ import annotations

import re

from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.words import Facts, Tools, code, first
from doorstep.rules.values import NOTHING

_CHANNELS = {
    "phone": "phone", "call": "phone", "ai-voice": "phone", "ai_voice": "phone", "sms": "sms",
    "text": "sms", "email": "email", "im": "messenger", "wechat": "messenger",
    "messenger": "messenger", "social": "messenger", "letter": "letter", "post": "letter",
    "visit": "visit", "voicemail": "voicemail", "ringless voicemail": "voicemail",
    "calling_card": "calling_card",
}  # fmt: skip
_KINDS_BY_CHANNEL = {
    "phone": "call", "visit": "visit", "letter": "letter", "calling_card": "letter",
    "voicemail": "call",
}  # fmt: skip
_KINDS = (
    ("call", r"notice voice|interactive voice|^call"),
    ("agreement", r"agreement|plan|instal"),
    ("record_purge", r"purge|delete|destroy|erase"),
    ("record_keep", r"keep|retain|store"),
    ("legal_pack", r"legal pack|evidence pack"),
    ("placement", r"assign|place|instruct|entrust"),
    ("incentive", r"kpi|incentive|bonus|rank"),
    ("request", r"request"),
    ("subcontract", r"sub ?contract"),
    ("data_transfer", r"share|transfer|disclos"),
    ("data_collection", r"collect .*data|data .*collect|skip trac"),
)  # fmt: skip
_PURPOSES = (
    ("locate", r"locat|whereabout|re establish|find|reach|contact info|下落|取得联系"),
    ("service", r"remind|due date|receipt|confirmation|service"),
    ("reply", r"reply|answer|respon"),
    ("notice", r"notice|notif|inform"),
    ("serve", r"\bserv(e|ing)\b|document"),
    ("collect", r"."),
)  # fmt: skip
_STEPS = (
    ("enter_office", r"enter.*office|办公"),
    ("enter_home", r"enter|进入|入户"),
    ("film_inside", r"film.*inside|拍摄.*内|室内"),
    ("film_outside", r"film"),
    ("accept_cash", r"cash|payment|收款|现金"),
    ("post_notice", r"贴|post|公告|公示|poster"),
    ("hand_over", r"hand|deliver|送达"),
    ("talk", r"talk|continue|stay|still|谈"),
    ("leave", r"leave|离开"),
    ("approach", r"approach|knock|上门"),
)  # fmt: skip
_RECORDS = (
    ("recording", r"recording|录音"), ("contact_data", r"contact data"),
    ("assessment", r"assessment"), ("record", r"record"),
)  # fmt: skip


def channel_of(said: str) -> str:
    """The channel a word means; the word itself where it is none we know."""
    said = said.lower()
    for word in (said, said.replace("-", "_"), re.sub(r"[-_]", " ", said)):
        if word in _CHANNELS:
            return _CHANNELS[word]
    return said


def facts(case: Case, tools: Tools) -> Facts:
    """The act in the words of the catalogue."""
    found: Facts = {}
    channel = channel_of(case.text("action.ch"))
    kind = case.text("action.kind")
    if kind:
        found["kind"] = first(kind, _KINDS)
        found["record_kind"] = first(kind, _RECORDS) or NOTHING
    if channel:
        found.setdefault("kind", _KINDS_BY_CHANNEL.get(channel, "message"))
        found["channel"] = code(tools, "channel", channel)
    else:
        found["channel"] = NOTHING
    if channel == "phone":
        found["call_style"] = "notice" if "notice" in kind else "interactive"
    if channel or case.has("action.purpose"):
        unsaid = "locate" if case.truth("action.asks_for_payment") is False else "collect"
        found["purpose"] = first(case.text("action.purpose"), _PURPOSES, unsaid)
    found["direction"] = case.text("action.dir") or "out"
    if case.has("action.num"):
        found["number"] = case.text("action.num")
    if step := case.text("action.step"):
        found["step"] = first(step, _STEPS) or None
    debts = case.get("action.debts")
    if isinstance(debts, list):
        found["debts"] = tuple(str(debt) for debt in debts)
    return found
