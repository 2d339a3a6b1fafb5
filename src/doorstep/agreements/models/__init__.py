"""Promises and what is agreed: tables, choices and constraints."""

from doorstep.agreements.models.affordability import (
    Affordability,
    AffordabilityEvent,
    AffordabilityLine,
    AffordabilityPaper,
    AffordabilityState,
    Group,
)
from doorstep.agreements.models.agreements import (
    Agreement,
    AgreementCopy,
    AgreementDocument,
    AgreementState,
    Party,
    PlanInstalment,
    Signature,
    Way,
)
from doorstep.agreements.models.care import CareAnswer, CareKind, CareOffer
from doorstep.agreements.models.legal import (
    CourtDate,
    Investigation,
    InvestigationFact,
    InvestigationState,
    LegalReferral,
    ReferralState,
)
from doorstep.agreements.models.offers import (
    Offer,
    OfferApproval,
    OfferInstalment,
    OfferKind,
    OfferState,
    ProposedBy,
)
from doorstep.agreements.models.payments import (
    FileState,
    PaymentAllocation,
    PaymentCall,
    PaymentFile,
    PaymentIn,
    PaymentShare,
    PaymentState,
)
from doorstep.agreements.models.plans import PlanEvent, PlanHealth, PlanWatch
from doorstep.agreements.models.promises import Promise, PromiseState

__all__ = [
    "Affordability",
    "AffordabilityEvent",
    "AffordabilityLine",
    "AffordabilityPaper",
    "AffordabilityState",
    "Agreement",
    "AgreementCopy",
    "AgreementDocument",
    "AgreementState",
    "CareAnswer",
    "CareKind",
    "CareOffer",
    "CourtDate",
    "FileState",
    "Group",
    "Investigation",
    "InvestigationFact",
    "InvestigationState",
    "LegalReferral",
    "Offer",
    "OfferApproval",
    "OfferInstalment",
    "OfferKind",
    "OfferState",
    "Party",
    "PaymentAllocation",
    "PaymentCall",
    "PaymentFile",
    "PaymentIn",
    "PaymentShare",
    "PaymentState",
    "PlanEvent",
    "PlanHealth",
    "PlanInstalment",
    "PlanWatch",
    "Promise",
    "PromiseState",
    "ProposedBy",
    "ReferralState",
    "Signature",
    "Way",
]
