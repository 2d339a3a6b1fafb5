"""Deeds on holds and protections."""

from doorstep.protections.services.circumstances import (
    hardship_record,
    legal_stop_confirm,
    legal_stop_record,
    review_keep,
    vulnerability_handle,
    vulnerability_record,
)
from doorstep.protections.services.holds import hold_end, hold_place, lender_holds_follow
from doorstep.protections.services.late import (
    acts_look_again,
    late_holds_open,
    late_news_open,
    late_news_settle,
)
from doorstep.protections.services.owners import answerers
from doorstep.protections.services.raised import (
    complaint_answer,
    complaint_contact_resume,
    complaint_escalate,
    complaint_extend,
    complaint_open,
    dispute_answer,
    dispute_open,
    raised_assign,
)
from doorstep.protections.services.versions import (
    News,
    claim_confirm,
    claim_settle,
    deadlines_settle,
    protection_backdate,
    protection_end,
    who_may_end,
)
from doorstep.protections.services.wishes import (
    preference_record,
    representative_record,
    stop_request_record,
    workplace_restriction_record,
)

__all__ = [
    "News",
    "acts_look_again",
    "answerers",
    "claim_confirm",
    "claim_settle",
    "complaint_answer",
    "complaint_contact_resume",
    "complaint_escalate",
    "complaint_extend",
    "complaint_open",
    "deadlines_settle",
    "dispute_answer",
    "dispute_open",
    "hardship_record",
    "hold_end",
    "hold_place",
    "late_holds_open",
    "late_news_open",
    "late_news_settle",
    "legal_stop_confirm",
    "legal_stop_record",
    "lender_holds_follow",
    "preference_record",
    "protection_backdate",
    "protection_end",
    "raised_assign",
    "representative_record",
    "review_keep",
    "stop_request_record",
    "vulnerability_handle",
    "vulnerability_record",
    "who_may_end",
    "workplace_restriction_record",
]
