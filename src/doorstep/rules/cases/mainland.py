"""Cases of mainland China: agreed hours, entry, whether one reaches the borrower, plans."""

from __future__ import annotations

import re
from datetime import date, timedelta, timezone
from typing import Any

from doorstep.rules.cases import moment
from doorstep.rules.cases.case_file import ABSENT, Case
from doorstep.rules.cases.words import Facts, Tools, day, first
from doorstep.rules.hours import hours_canonical
from doorstep.rules.values import NOTHING

_BY = (
    ("child", r"minor|child|aged? (?:\d|1[0-7])\b|未成年|孩子|小孩"),
    ("borrower", r"debtor|borrower|consumer|customer|holder|self|本人|债务人|客户"),
    ("adult", r"spouse|wife|husband|parent|adult|relative|resident|tenant|家人|配偶"),
)
_LENDER = (
    r"银行|信用社|消费金融|金融公司|小额贷款|小贷|信用卡中心|贷款公司|金融机构"
    r"|\bbank\b|\bcredit union\b|\b(?:finance|lending|loan) (?:company|inc|ltd)\b"
)
_AUTHORITY = (
    r"法院|检察|公安|派出所|警|执行局|司法|政府|监管局|仲裁|律师"
    r"|court|police|prosecut|bailiff|sheriff|government"
)
# What a letter (arts. 69) or a plan (art. 70) must hold, by words of the case, and as items.
_ITEMS = (
    ("holder", r"持卡人姓名|债务人姓名|name"), ("balance_structure", r"结构"),
    ("balance", r"欠款余额|balance|amount"), ("cause", r"事由|原因|reason"),
    ("law", r"法规|法律|law"), ("query_way", r"查询|账户状态|account status"),
    ("dispute_way", r"异议|dispute"), ("evidence_way", r"证据|evidence"),
    ("contact", r"联系方式|contact"), ("seal", r"公章|印章|seal"),
    ("complaint_way", r"监管|投诉|regulat|complain"), ("schedule", r"周期|每期|schedule"),
    ("charges_during_plan", r"年费|利息|费用|interest|fee"),
    ("no_new_card_pledge", r"申领|承诺|new card"),
    ("rights_duties", r"违约责任|breach"), ("rights", r"权利|rights"), ("duties", r"义务|duties"),
    ("pay_way", r"还款.*途径|还款渠道|how to pay"), ("other_terms", r"其他|other"),
)  # fmt: skip
_STATUS = (
    ("deceased", r"deceased|dead|died|death|去世|死亡"),
    ("incapacitated", r"capacity|incapa|无民事|限制民事|无行为能力|限制行为能力"),
)
_KEPT = (
    ("broken", r"broke|breach|default|not perform|unperform|terminat|cancel|miss|fail|违约|不履行"),
    ("kept", r"perform|kept|keeping|active|current|in force|on track|履行"),
)  # fmt: skip


def facts(case: Case, tools: Tools) -> Facts:
    """What was agreed with the borrower, and what stands against contact."""
    return {
        **_agreed(case), **_reach(case), **_dispute(case), **_plan(case), **_order(case),
        **_sun(case), **_contents(case), **_letterhead(case, tools),
    }  # fmt: skip


def hours(said: Any) -> tuple[str, ...] | None:
    """Hours of the week out of the words of a case; None where they are not understood."""
    texts = said if isinstance(said, list) else [said]
    plain = tuple(re.sub(r"\b(only|just)\b|仅|只", " ", str(text)).strip() for text in texts)
    try:
        return hours_canonical(plain)
    except ValueError:
        return None


def own(by: str) -> bool:
    """Whether a consent is the borrower's own; one whose giver is not named is."""
    return not by or first(by, _BY) == "borrower"


def happened(case: Case, path: str) -> bool | None:
    """Whether something the case dates, or affirms, was so by the time of the act."""
    on = day(case.text(path))
    return case.truth(path) if on is None else on <= (moment.on(case) or date.max)


def _agreed(case: Case) -> Facts:
    found: Facts = {}
    if case.has("facts.consent.allow"):
        theirs = own(case.text("facts.consent.by"))
        found["consent_hours"] = hours(case.get("facts.consent.allow")) if theirs else ()
    if case.has("facts.agreement_hours"):
        found["agreed_hours"] = hours(case.get("facts.agreement_hours"))
    if by := case.text("facts.entry_consent_by"):
        found["entry_consent_by"] = first(by, _BY, "unknown")
    return found


def _reach(case: Case) -> Facts:
    found: Facts = {}
    if case.has("facts.debtor_reachable"):
        reachable = case.truth("facts.debtor_reachable")
        found["borrower_unreachable"] = None if reachable is None else not reachable
    if case.has("facts.debtor_status"):
        status = first(case.text("facts.debtor_status"), _STATUS)
        found["deceased"] = status == "deceased"
        found["incapacitated"] = status == "incapacitated"
    if case.has("facts.contact_asked_stop"):
        found["contact_stop_requested"] = happened(case, "facts.contact_asked_stop")
    return found


def _dispute(case: Case) -> Facts:
    if not case.has("facts.dispute"):
        return {}
    return {"dispute_open": happened(case, "facts.dispute.raised")}


def _plan(case: Case) -> Facts:
    if not (case.has("facts.agreement.signed") or case.has("facts.agreement.status")):
        return {}
    signed = happened(case, "facts.agreement.signed")
    status = first(case.text("facts.agreement.status"), _KEPT)
    if signed is False or status == "broken":
        return {"agreement_performing": False}
    return {"agreement_performing": True if signed and status == "kept" else None}


def _order(case: Case) -> Facts:
    found: Facts = {}
    said = case.get("facts.no_contact_order")
    if said is not ABSENT and not said:
        found["no_contact_until"] = NOTHING
    if case.has("facts.settled"):
        found["settled"] = happened(case, "facts.settled")
    return found


def _sun(case: Case) -> Facts:
    """Mean solar time where the borrower is, from the offset the case gives for it."""
    found = re.fullmatch(
        r"(?:UTC|GMT)\s*([+-])(\d{1,2})(?::?(\d\d))?", case.text("facts.local_solar")
    )
    at = moment.at(case, moment.zones(case)[0])
    if not found or at is None:
        return {}
    sign, hours_, minutes = found.groups()
    offset = timedelta(hours=int(hours_), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    return {"solar_time": at.astimezone(timezone(offset)).time()}


def _contents(case: Case) -> Facts:
    """The items a script, letter or plan holds; a case about a lack names only what is missing."""
    if script := case.text("action.script") or case.text("action.says"):
        return {"contains": ("lender",) if re.search(_LENDER, script, re.IGNORECASE) else ()}
    missing = case.get("action.missing")
    if not isinstance(missing, list):
        return {}
    lacking = [first(str(words), _ITEMS) for words in missing]
    if "" in lacking:
        return {"contains": ()}
    return {"contains": tuple(sorted({item for item, _ in _ITEMS} - set(lacking)))}


def _letterhead(case: Case, tools: Tools) -> Facts:
    """A letterhead that names an authority poses as one: the lender is none."""
    head = case.text("action.letterhead")
    if not head:
        return {}
    said = set(tools.behaviours_of(head))
    if re.search(_AUTHORITY, head, re.IGNORECASE):
        said.add("FB-IMPERSONATE")
    return {"behaviours": tuple(sorted(said))}
