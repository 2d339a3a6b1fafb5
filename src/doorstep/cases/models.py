"""Cases, their decisions, movements, work items, notes, contacts and saved views."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.cases.steps import MovementKind, Step

STEP_LABELS = {
    Step.NONE: _("Nothing to do"),
    Step.WAIT: _("Wait"),
    Step.VERIFY: _("Confirm how to reach the borrower"),
    Step.REMIND: _("Friendly reminder"),
    Step.REMIND_AGAIN: _("Second reminder"),
    Step.CALL: _("Call"),
    Step.LETTER: _("Letter"),
    Step.PROPOSE_VISIT: _("Propose a visit"),
    Step.REVIEW: _("Review by a person"),
}

MOVEMENT_LABELS = {
    MovementKind.ENTERED: _("New overdue"),
    MovementKind.WORSE: _("Later bucket"),
    MovementKind.BETTER: _("Earlier bucket"),
    MovementKind.CURED: _("Cured"),
    MovementKind.HELD: _("Put on hold"),
    MovementKind.RELEASED: _("Hold ended"),
    MovementKind.STEP: _("Next step changed"),
}

SCREENED_LABELS = {
    "": _("Not screened"),
    "permit": _("Can be done"),
    "permit_if": _("Can be done under conditions"),
    "not_before": _("Not before a later hour"),
    "ask": _("Ask a person first"),
    "forbid": _("Held back by a rule"),
}

STEP_CHOICES = [(step.value, label) for step, label in STEP_LABELS.items()]
MOVEMENT_CHOICES = [(kind.value, label) for kind, label in MOVEMENT_LABELS.items()]


class Case(models.Model):
    """One borrower's overdue work. At most one open case a borrower.

    Amounts are minor units of `currency`, as of `business_date` (the last night that decided).
    `reason` is the ladder row's key; `facts` are what it was decided on.

    What the night's screening says of the step (advice, never a permission): `screened` the
    outcome (empty: the step touches nobody), `screened_rules` the rules against it,
    `screened_from` the earliest moment at which nothing known speaks against it (absent: not
    known), `caps_left` how many messages, calls and visits the rules still leave that day.
    """

    borrower = models.ForeignKey(
        "portfolio.Borrower", on_delete=models.CASCADE, related_name="cases"
    )
    status = models.CharField(
        max_length=8, choices=[("open", _("Open")), ("closed", _("Closed"))], default="open"
    )
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    business_date = models.DateField()
    branch = models.ForeignKey("workforce.Branch", null=True, on_delete=models.PROTECT)
    team = models.ForeignKey("workforce.Team", null=True, on_delete=models.PROTECT)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="cases"
    )
    dpd = models.IntegerField()
    bucket = models.IntegerField()
    currency = models.CharField(max_length=3)
    due_total = models.BigIntegerField()
    due_principal = models.BigIntegerField()
    due_interest = models.BigIntegerField()
    due_penalty = models.BigIntegerField()
    due_fee = models.BigIntegerField()
    loans_overdue = models.IntegerField()
    step = models.CharField(max_length=16, choices=STEP_CHOICES)
    reason = models.CharField(max_length=64)
    ladder_version = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    hold_kind = models.CharField(max_length=32, default="", blank=True)
    hold_until = models.DateField(null=True)
    priority = models.IntegerField(default=0)
    last_movement = models.CharField(max_length=16, choices=MOVEMENT_CHOICES, default="entered")
    screened = models.CharField(
        max_length=12, choices=list(SCREENED_LABELS.items()), db_default="", default="", blank=True
    )
    screened_rules = models.JSONField(default=list, db_default=[], blank=True)
    screened_from = models.DateTimeField(null=True)
    caps_left = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["borrower"], condition=Q(status="open"), name="one_open_case_a_borrower"
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_on__isnull=True)
                | Q(status="closed", closed_on__isnull=False),
                name="closed_case_has_its_day",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-priority", "id"], name="case_worklist"),
            models.Index(
                fields=[
                    "status",
                    "bucket",
                    "step",
                    "currency",
                    "hold_kind",
                    "screened",
                    "assignee",
                    "due_total",
                    "borrower",
                ],
                name="case_tally",
            ),  # counts of views and of the book by bucket read this index alone
            models.Index(fields=["status", "step", "-priority", "id"], name="case_by_step"),
            models.Index(
                fields=["status", "screened", "-priority", "id"], name="case_by_screening"
            ),
            models.Index(fields=["status", "bucket", "-priority", "id"], name="case_by_bucket"),
            models.Index(fields=["status", "-due_total", "id"], name="case_by_amount"),
            models.Index(fields=["status", "-dpd", "id"], name="case_by_dpd"),
            models.Index(fields=["status", "-opened_on", "id"], name="case_by_opening"),
            models.Index(fields=["status", "branch", "-priority", "id"], name="case_by_branch"),
            models.Index(fields=["status", "team", "-priority", "id"], name="case_by_team"),
            models.Index(fields=["status", "assignee", "-priority", "id"], name="case_by_assignee"),
        ]


class Decision(models.Model):
    """What a night decided for a borrower and why. Kept when it differs from the one before."""

    borrower = models.ForeignKey(
        "portfolio.Borrower", on_delete=models.CASCADE, related_name="decisions"
    )
    business_date = models.DateField()
    step = models.CharField(max_length=16, choices=STEP_CHOICES)
    reason = models.CharField(max_length=64)
    ladder_version = models.CharField(max_length=64)
    facts = models.JSONField()
    hold_kind = models.CharField(max_length=32, default="", blank=True)
    hold_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["borrower", "business_date"], name="one_decision_a_day")
        ]


class Movement(models.Model):
    """Something changed for a borrower between two nights."""

    borrower = models.ForeignKey(
        "portfolio.Borrower", on_delete=models.CASCADE, related_name="movements"
    )
    business_date = models.DateField()
    kind = models.CharField(max_length=16, choices=MOVEMENT_CHOICES)
    before = models.CharField(max_length=64, default="")
    after = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["borrower", "business_date", "kind"], name="movement_once"
            )
        ]
        indexes = [models.Index(fields=["business_date", "kind"], name="movement_by_day")]


class WorkItem(models.Model):
    """A step that waits for somebody. At most one open item a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="work_items")
    step = models.CharField(max_length=16, choices=STEP_CHOICES)
    opened_on = models.DateField()
    due_on = models.DateField()
    status = models.CharField(
        max_length=12,
        choices=[
            ("open", _("Open")),
            ("done", _("Done")),
            ("superseded", _("Replaced by a later decision")),
            ("withdrawn", _("Withdrawn")),
        ],
        default="open",
    )
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(status="open"), name="one_open_item_a_case"
            )
        ]
        indexes = [models.Index(fields=["status", "due_on"], name="item_by_due_day")]


class Assignment(models.Model):
    """A case was given to somebody (or taken back), by whom and when."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assignments")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Note(models.Model):
    """What a member of staff wrote about a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Contact(models.Model):
    """An attempt to reach the borrower, or the borrower reaching us.

    `origin` says who reports it: the lender's book, Doorstep itself (then it names the clearance
    it was made under, each once), or a person who did it past Doorstep (`uncleared`).
    `number` is the key of the number or address, never the number itself.
    """

    contact_id = models.CharField(max_length=128, primary_key=True)
    borrower = models.ForeignKey(
        "portfolio.Borrower", on_delete=models.CASCADE, related_name="contacts"
    )
    at = models.DateTimeField()
    channel = models.CharField(max_length=16)
    direction = models.CharField(max_length=4, default="out")
    result = models.CharField(max_length=16)
    actor = models.CharField(max_length=100, null=True)
    origin = models.CharField(
        max_length=12,
        choices=[("lender", "lender"), ("platform", "platform"), ("uncleared", "uncleared")],
        db_default="lender",
    )
    clearance = models.CharField(max_length=40, null=True, unique=True)
    number = models.CharField(max_length=64, db_default="")
    actor_kind = models.CharField(max_length=16, db_default="bank")
    recipient = models.CharField(max_length=16, db_default="borrower")
    purpose = models.CharField(max_length=16, db_default="collect")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(origin="platform", clearance__isnull=False)
                | Q(origin__in=("lender", "uncleared"), clearance__isnull=True),
                name="platform_contact_was_cleared",
            )
        ]
        indexes = [models.Index(fields=["borrower", "-at"], name="contact_by_borrower")]


class SavedView(models.Model):
    """A list filter somebody keeps: the query string of a list under a name. `of`: which list."""

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    of = models.CharField(max_length=20, default="cases", db_default="cases")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "of", "name"], name="view_name_once")
        ]


class ExportState(models.TextChoices):
    """The life of an export: asked for, written by the worker, there to be taken, deleted."""

    WAITING = "waiting"
    WRITING = "writing"
    READY = "ready"
    FAILED = "failed"
    GONE = "gone"


class Export(models.Model):
    """A list that leaves the house as a file: who asked for it, when, `of` what, by which filter,
    how many rows (so far, while it is written, of `expected`), when and how often it was taken."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    of = models.CharField(max_length=20, default="cases", db_default="cases")
    query = models.CharField(max_length=1000)
    language = models.CharField(max_length=10, default="zh-hans")
    state = models.CharField(max_length=8, choices=ExportState.choices, default=ExportState.WAITING)
    expected = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    taken = models.IntegerField(default=0)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="export_by_time"),
            models.Index(fields=["staff", "-at"], name="export_by_staff"),
        ]
