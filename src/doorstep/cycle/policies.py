"""Which parameters a night uses, and which one has used."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.conf import settings

from doorstep.cycle.models import Run
from doorstep.delinquency.policy import DEFAULT, Policy, policy_from_mapping

POLICY_FILE = "policy.toml"


def policy_path(book: Path) -> Path:
    """The file of the next night's parameters: the book's own, else the lender's in HOME.

    Neither needs to exist; `policy_load` then gives the defaults.
    """
    own = book / POLICY_FILE
    return own if own.exists() else Path(settings.HOME) / POLICY_FILE


def policy_of(business_date: date) -> Policy:
    """The parameters that the night of a business date used."""
    return _kept(Run.objects.filter(business_date=business_date).first())


def policy_of_last_night() -> Policy:
    """The parameters of the last night, so that an answer given by day agrees with the list."""
    return _kept(Run.objects.order_by("-business_date").first())


def _kept(run: Run | None) -> Policy:
    return policy_from_mapping(run.policy) if run and run.policy else DEFAULT
