"""Deeds on offers: made, proposed by the customer, submitted, decided, withdrawn."""

from doorstep.agreements.services.offer_deciding import (
    offer_approve,
    offer_refuse,
    offer_submit,
    offer_withdraw,
    offers_lapse,
)
from doorstep.agreements.services.offer_making import offer_counter, offer_make

__all__ = [
    "offer_approve",
    "offer_counter",
    "offer_make",
    "offer_refuse",
    "offer_submit",
    "offer_withdraw",
    "offers_lapse",
]
