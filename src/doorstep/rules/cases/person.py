"""Who: the person addressed and the one who acts."""

from __future__ import annotations

from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.words import Facts, Tools, code, first

_RECIPIENTS = (
    ("representative", r"attorney|lawyer|representative|adviser|advisor|solicitor|律师|代理人"),
    ("third_party", r"^(?!agent|attorney|adviser)\w+ of "),
    ("guarantor", r"guarant|co ?sign|joint|surety|担保|保证人"),
    ("contact", r"emergency|contact|reference|referee|紧急联系人|联系人"),
    ("borrower", r"^(the )?(consumer|debtor|customer|borrower|card ?holder|self)\b|持卡人|本人"),
    ("borrower", r"债务人|客户"),
    ("workplace", r"employer|workplace|human resources|\bhr\b|单位|公司"),
    ("unknown", r"unknown|anyone|whoever|answerer|occupier"),
)  # fmt: skip
_RELATIONS = (
    ("friend", r"friend|朋友"),
    ("neighbour", r"neighbou?r|邻居"),
    ("spouse", r"spouse|wife|husband|partner|配偶|妻子|丈夫"),
    ("guardian", r"guardian|监护"),
    ("parent", r"parent|mother|father|父母|父亲|母亲"),
    ("executor", r"executor|administrator|personal representative"),
    ("successor", r"successor"),
    ("creditor_attorney", r"creditor.*(?:attorney|lawyer)|(?:attorney|lawyer).*creditor"),
    ("collector_attorney", r"collector.*(?:attorney|lawyer)|(?:attorney|lawyer).*collector"),
    ("consumer_reporting_agency", r"reporting agency|credit bureau|\bcra\b"),
    ("creditor", r"creditor"),
    ("attorney", r"attorney|lawyer|solicitor|律师"),
    ("adviser", r"advis[eo]r"),
    ("colleague", r"colleague|co ?worker|同事"),
    ("employer", r"employer|boss|单位|领导"),
    ("referee", r"referee|reference"),
    ("relative", r"relative|brother|sister|\bson\b|daughter|child|aunt|uncle|family|亲属|家人"),
    ("self", r"consumer|debtor|customer|borrower|cardholder|债务人|持卡人|客户|本人"),
)  # fmt: skip
_ACTORS = (
    ("ai_voice", r"\bai\b|robot|automat|智能"),
    ("agency", r"agency|collector|external|outsourc|third party|机构"),
    ("bank", r"bank|lender|in house|银行"),
)  # fmt: skip


def facts(case: Case, tools: Tools) -> Facts:
    """Recipient, relation and actor, as far as the case names them."""
    found: Facts = {}
    if to := case.text("action.to"):
        found["recipient"] = recipient_of(to)
        if "relation" in tools.catalogue:
            found["relation"] = code(tools, "relation", first(to, _RELATIONS, "other"))
    by = case.text("action.by") or case.text("facts.actor")
    if by:
        found["actor"] = actor_of(by)
    elif case.text("action.ch").lower().replace("_", "-") == "ai-voice":
        found["actor"] = "ai_voice"
    return found


def recipient_of(to: str) -> str:
    """The code of whoever the case names; the borrower where it names nobody."""
    return first(to, _RECIPIENTS, "third_party") if to else "borrower"


def actor_of(by: str) -> str:
    """The code of whoever acts; the lender where the case names nobody."""
    return first(by, _ACTORS, "bank")
