"""The outbox: acts, their clearances and caps, what gateways reported, and who is at work.

An act leaves QUEUED only together with a clearance, the reserved places under every cap, and the
evidence of the decision, in one transaction. A clearance is used once (`used_at`); one that surely
led to no contact is released, and another attempt needs another clearance.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ActState(models.TextChoices):
    """Where an act stands."""

    PROPOSED = "proposed", _("Waiting for a second person")
    QUEUED = "queued", _("Waiting to be sent")
    CLEARED = "cleared", _("Cleared, being done by a person")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    IN_DOUBT = "in_doubt", _("In doubt")
    FAILED = "failed", _("Not delivered")
    BLOCKED = "blocked", _("Held back")
    EXPIRED = "expired", _("Too late to send")
    WITHDRAWN = "withdrawn", _("Withdrawn")


WAITING = (ActState.PROPOSED, ActState.QUEUED)
UNDER_CLEARANCE = (
    ActState.CLEARED, ActState.SENDING, ActState.SENT, ActState.DELIVERED, ActState.IN_DOUBT,
)  # fmt: skip
ENDED = (
    ActState.DELIVERED, ActState.FAILED, ActState.BLOCKED, ActState.EXPIRED, ActState.WITHDRAWN,
)  # fmt: skip


class ProposalState(models.TextChoices):
    """Where a proposal stands."""

    WAITING = "waiting", _("Waiting for a second person")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Sent back")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Proposal(models.Model):
    """Messages proposed together. `preview` is what the guard said when they were proposed: how
    many may go, how many not and why; it never clears anything. `cost` in minor units."""

    template = models.CharField(max_length=64)
    template_version = models.CharField(max_length=32)
    channel = models.CharField(max_length=16)
    planned_from = models.DateTimeField()
    planned_until = models.DateTimeField()
    note = models.CharField(max_length=500, default="", blank=True)
    state = models.CharField(
        max_length=12, choices=ProposalState.choices, default=ProposalState.WAITING
    )
    preview = models.JSONField(default=dict)
    cost = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="CNY")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proposals"
    )
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decided_why = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(planned_until__gt=F("planned_from")), name="proposal_has_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="proposal_approved_by_a_second_person",
            ),
        ]
        indexes = [models.Index(fields=["state", "-proposed_at"], name="proposal_by_state")]


class Act(models.Model):
    """One act on one person: a message, letter or call, from its proposal to what became of it.

    Each passes four states in a minute, and each time every index is written anew: foreign keys
    with which another index begins, or that nobody asks by, have none of their own.

    `contact_point` or `address` is where it goes (read when it is cleared), `number` its key.
    `content` is exactly what the person would read, `content_sha256` its digest. `reference` is
    ours and unique at every gateway. `agents` are those who make a visit. `linted` is
    what the wording lint found (`linting.py`), `verdict` the guard's last answer.
    """

    reference = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=24)
    channel = models.CharField(max_length=16)
    purpose = models.CharField(max_length=16, default="collect")
    actor = models.CharField(max_length=16, default="bank")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="acts")
    borrower = models.ForeignKey(
        "portfolio.Borrower", on_delete=models.PROTECT, related_name="acts", db_index=False
    )
    proposal = models.ForeignKey(
        Proposal, null=True, on_delete=models.PROTECT, related_name="acts", db_index=False
    )
    recipient = models.CharField(max_length=16, default="borrower")
    contact_point = models.ForeignKey(
        "portfolio.ContactPoint", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    address = models.ForeignKey(
        "portfolio.Address", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    number = models.CharField(max_length=64)
    template = models.CharField(max_length=64, default="")
    template_version = models.CharField(max_length=32, default="")
    content = models.JSONField(default=dict)
    content_sha256 = models.CharField(max_length=64)
    contains = models.JSONField(default=list)
    planned_from = models.DateTimeField()
    planned_until = models.DateTimeField()
    state = models.CharField(max_length=12, choices=ActState.choices, default=ActState.QUEUED)
    why = models.CharField(max_length=64, default="", blank=True)
    linted = models.JSONField(null=True)
    verdict = models.JSONField(null=True)
    attempts = models.IntegerField(default=0)
    worker = models.CharField(max_length=64, default="", blank=True)
    gateway_reference = models.CharField(max_length=128, default="", blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    made_at = models.DateTimeField()
    state_at = models.DateTimeField()
    clearance = models.OneToOneField(
        "dispatch.Clearance", null=True, on_delete=models.PROTECT, related_name="+"
    )
    ask_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=24, default="", blank=True)
    agents = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(planned_until__gt=F("planned_from")), name="act_has_a_time"
            ),
            models.CheckConstraint(condition=Q(state__in=ActState.values), name="act_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=("sending", "cleared"), worker__gt="")
                | ~Q(state__in=("sending", "cleared")),
                name="act_under_way_has_its_worker",
            ),
            models.CheckConstraint(
                condition=Q(clearance__isnull=False) | ~Q(state__in=UNDER_CLEARANCE),
                name="act_under_way_was_cleared",
            ),
        ]
        indexes = [
            models.Index(
                fields=["planned_from", "id"], condition=Q(state="queued"), name="act_queue"
            ),
            models.Index(fields=["worker"], condition=Q(state="sending"), name="act_under_way"),
            models.Index(fields=["ask_at"], condition=Q(state="in_doubt"), name="act_in_doubt"),
            models.Index(fields=["borrower", "-made_at"], name="act_by_borrower"),
            models.Index(fields=["proposal", "state"], name="act_by_proposal"),
            models.Index(fields=["state", "-state_at"], name="act_by_state"),
            models.Index(
                fields=["gateway_reference"],
                condition=~Q(gateway_reference=""),
                name="act_by_gateway_reference",
            ),
        ]


class Clearance(models.Model):
    """The permission for one attempt of one act, as sealed; at most one of an act is live.

    `id` is the act's reference, a point and the number of the attempt."""

    id = models.CharField(max_length=40, primary_key=True)
    act = models.ForeignKey(
        Act, on_delete=models.PROTECT, related_name="clearances", db_index=False
    )
    attempt = models.IntegerField()
    number = models.CharField(max_length=64)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    packs = models.JSONField()
    log_index = models.BigIntegerField()
    mac = models.CharField(max_length=64)
    at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["act", "attempt"], name="clearance_once_an_attempt"),
            models.UniqueConstraint(
                fields=["act"], condition=Q(released_at=None), name="one_live_clearance_an_act"
            ),
            models.UniqueConstraint(fields=["log_index"], name="clearance_once_a_decision"),
        ]


class CapSlot(models.Model):
    """One place under a cap, taken when the clearance is given and freed with it alone.

    `window` is the local day of the borrower. Two that both saw `slot - 1` taken cannot both have
    the next one.
    """

    clearance = models.ForeignKey(Clearance, on_delete=models.CASCADE, related_name="slots")
    counter = models.CharField(max_length=64)
    key = models.CharField(max_length=160)
    window = models.DateField()
    slot = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["counter", "key", "window", "slot"], name="cap_slot_once"
            )
        ]


class Receipt(models.Model):
    """What a gateway reported about an act; the same report twice is one row."""

    act = models.ForeignKey(Act, null=True, on_delete=models.PROTECT, related_name="receipts")
    channel = models.CharField(max_length=16)
    key = models.CharField(max_length=160)
    gateway_reference = models.CharField(max_length=128, default="", blank=True)
    standing = models.CharField(max_length=12)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    detail = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "key"], name="receipt_once")]
        indexes = [
            models.Index(
                fields=["channel", "gateway_reference"],
                condition=Q(act__isnull=True),
                name="receipt_without_act",
            )
        ]


class CallResult(models.Model):
    """What came of a call. `verified_at`: when it was established that the borrower was on the
    line. `again_at`: from when the desk may try the number again; none: nothing is said."""

    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="call")
    outcome = models.CharField(max_length=16, default="", blank=True)
    verified_at = models.DateTimeField(null=True)
    verified_how = models.CharField(max_length=200, default="", blank=True)
    recording = models.CharField(max_length=200, default="", blank=True)
    note = models.TextField(max_length=2000, default="", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(null=True)
    again_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome__in=("right_party", "promised", "refused"))
                | Q(verified_at__isnull=False),
                name="talk_only_with_the_right_party",
            )
        ]


class Inbound(models.Model):
    """What a person wrote to us, and what was recognised in it. Kept until somebody has seen it."""

    channel = models.CharField(max_length=16)
    key = models.CharField(max_length=160)
    number = models.CharField(max_length=64, db_index=True)
    borrower = models.ForeignKey(
        "portfolio.Borrower", null=True, on_delete=models.PROTECT, related_name="inbound"
    )
    case = models.ForeignKey(
        "cases.Case", null=True, on_delete=models.PROTECT, related_name="inbound"
    )
    text = models.TextField(max_length=4000)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    recognised = models.CharField(max_length=16)
    kinds = models.JSONField(default=list)
    sure = models.BooleanField(default=False)
    done = models.JSONField(default=list)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "key"], name="inbound_once")]
        indexes = [
            models.Index(fields=["-at"], condition=Q(seen_at__isnull=True), name="inbound_unseen")
        ]


class Incident(models.Model):
    """An act that happened without a clearance. It can always be recorded; it is looked into."""

    contact = models.OneToOneField(
        "cases.Contact", on_delete=models.PROTECT, related_name="incident"
    )
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="incidents")
    note = models.TextField(max_length=2000)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()
    verdict = models.JSONField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    closed_how = models.CharField(max_length=1000, default="", blank=True)


class PlanReminder(models.Model):
    """That an instalment of a plan has been reminded of: once, by this act."""

    instalment = models.OneToOneField(
        "agreements.PlanInstalment", on_delete=models.CASCADE, related_name="reminder"
    )
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="plan_reminder")


class Cursor(models.Model):
    """How far a gateway's reports have been read."""

    channel = models.CharField(max_length=16, primary_key=True)
    cursor = models.CharField(max_length=200, default="")


class Lease(models.Model):
    """A worker that is at work: where it runs and when it last said so."""

    worker = models.CharField(max_length=64, primary_key=True)
    host = models.CharField(max_length=200)
    pid = models.IntegerField()
    born = models.CharField(max_length=32)
    began_at = models.DateTimeField()
    beat_at = models.DateTimeField(db_index=True)


class Duty(models.Model):
    """Work that is due again and again; whoever takes it moves `due_at` on in the same moment."""

    name = models.CharField(max_length=64, primary_key=True)
    due_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
