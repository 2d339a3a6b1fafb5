"""Records, evidence packs, agencies, plans on paper."""

from __future__ import annotations

from math import floor

from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.words import Facts, Tools, day, first
from doorstep.rules.values import NOTHING

_LENDERS = (
    ("consumer_finance", r"consumer finance|消费金融"),
    ("auto_finance", r"auto|汽车金融"),
    ("microloan", r"micro|小额贷款|小贷"),
    ("bank", r"bank|银行"),
)
_ASKS = (
    ("explanation", r"explain|explanation|reason|说明|理由"),
    ("human", r"human|person|人工"),
    ("erasure", r"eras|delet|删除"),
    ("copy", r"copy|副本|查阅"),
)
_MONTHS_UNPAID = r"month|unpaid|个月|未还"
_MACHINE_ALONE = r"only|sole|alone|automat|score|model|评分|自动"


def facts(case: Case, tools: Tools) -> Facts:
    """What the papers of the case say."""
    return {**_age(case), **_lender(case), **_pack(case), **_decision(case), **_device(case)}


def _age(case: Case) -> Facts:
    for path in ("facts.recording_age_years", "facts.record_age_years"):
        years = case.get(path)
        if isinstance(years, (int, float)) and not isinstance(years, bool):
            return {"record_age_months": floor(round(years * 12, 6))}
    return {}


def _lender(case: Case) -> Facts:
    said = case.text("facts.lender")
    return {"lender_kind": first(said, _LENDERS, "other")} if said else {}


def _pack(case: Case) -> Facts:
    """The claim and the two demands it rests on: the first, and the last after it."""
    if not case.has("facts.collections"):
        return {}
    said = case.get("facts.collections")
    days = sorted(d for text in (said if isinstance(said, list) else []) if (d := day(str(text))))
    longer = first(case.text("action.claim"), (("yes", _MONTHS_UNPAID),))
    return {
        "claim": "two_demands_unpaid_three_months" if longer else "two_demands",
        "demand_one_on": days[0] if days else NOTHING,
        "demand_two_on": days[-1] if len(days) > 1 else NOTHING,
    }


def _decision(case: Case) -> Facts:
    found: Facts = {}
    if asked := case.text("action.asks"):
        found["asks"] = tuple(code for code, words in _ASKS if first(asked, ((code, words),)))
    if basis := case.text("facts.basis"):
        found["decision_automated"] = bool(first(basis, (("yes", _MACHINE_ALONE),)))
    return found


def _device(case: Case) -> Facts:
    said = case.text("action.device")
    return (
        {
            "device": "private"
            if first(said, (("yes", r"private|personal|own|私人"),))
            else "platform"
        }
        if said
        else {}
    )
