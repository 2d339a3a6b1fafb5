"""States of things as people read them, and the tone of their badge."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STATE_LABELS = {
    # contact points and addresses
    "unverified": _("Not verified"),
    "verified": _("Verified"),
    "stale": _("Out of date"),
    "wrong": _("Wrong"),
    "third_party": _("Somebody else's"),
    # books
    "checking": _("Being checked"),
    "refused": _("Refused"),
    "awaiting_release": _("Waiting for release"),
    "released": _("Released, being loaded"),
    "loaded": _("Loaded"),
    "rejected": _("Rejected"),
    # runs
    "running": _("Running"),
    "done": _("Done"),
    "failed": _("Failed"),
    # exports
    "waiting": _("Waits for the worker"),
    "writing": _("Being written"),
    "ready": _("Ready"),
    "gone": _("File deleted"),
    # cases
    "open": _("Open"),
    "closed": _("Closed"),
}

STATE_TONES = {
    "verified": "green",
    "stale": "amber",
    "wrong": "quiet",
    "third_party": "amber",
    "awaiting_release": "amber",
    "refused": "amber",
    "rejected": "quiet",
    "failed": "red",
    "done": "plain",
    "loaded": "plain",
    "closed": "quiet",
    "gone": "quiet",
    "ready": "green",
}

STAGE_LABELS: dict[str, str | Promise] = {
    "receive": _("Take in contacts, promises and holds"),
    "plans": _("Watch plans and promises"),
    "reminders": _("Remind of the next instalments of plans"),
    "snapshot": _("Check the book"),
    "delinquency": _("Days past due and amounts"),
    "facts": _("Facts of each customer"),
    "decisions": _("Decide the next step"),
    "screening": _("Ask the rules about each step"),
    "movements": _("Compare with the night before"),
    "publish": _("Write the worklist"),
}

COUNT_LABELS: dict[str, str | Promise] = {
    "cases_open": _("Open cases"),
    "cases_opened": _("Cases opened"),
    "cases_closed": _("Cases closed"),
    "held": _("Customers on hold"),
    "held_back": _("Steps held back by rules"),
    "work_items_open": _("Steps that wait for somebody"),
    "decisions_changed": _("Decisions that changed"),
}
