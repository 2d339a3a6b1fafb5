"""What a borrower raises and somebody must answer: disputes and complaints."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.protections.models.record import Protection


class Outcome(models.TextChoices):
    """What the answer says about what was raised."""

    UPHELD = "upheld", _("Upheld")
    PARTLY = "partly", _("Partly upheld")
    REJECTED = "rejected", _("Not upheld")
    WITHDRAWN = "withdrawn", _("Withdrawn by the customer")


class Component(models.TextChoices):
    """What of the debt is disputed."""

    ALL = "all", _("The whole debt")
    PRINCIPAL = "principal", _("Principal")
    INTEREST = "interest", _("Interest")
    PENALTY = "penalty", _("Penalty interest")
    FEE = "fee", _("A fee")
    PAYMENT = "payment", _("A payment that is missing")
    IDENTITY = "identity", _("Not the customer's debt")


class Topic(models.TextChoices):
    """What a complaint is about."""

    CONDUCT = "conduct", _("How somebody behaved")
    FREQUENCY = "frequency", _("Too many contacts")
    HOURS = "hours", _("Contact at a bad time")
    DISCLOSURE = "disclosure", _("Somebody else was told")
    WRONG_PERSON = "wrong_person", _("The wrong person was contacted")
    AMOUNT = "amount", _("Amounts or fees")
    PRIVACY = "privacy", _("Personal data")
    SERVICE = "service", _("Service")
    OTHER = "other", _("Something else")


class Answered(Protection):
    """Answered in words by a member of staff, with an outcome, at an instant; all or nothing."""

    outcome = models.CharField(max_length=10, choices=Outcome.choices, default="")
    answer = models.CharField(max_length=4000, default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta(Protection.Meta):
        abstract = True
        constraints = [
            *Protection.Meta.constraints,
            models.CheckConstraint(
                condition=Q(
                    outcome="", answer="", answered_by__isnull=True, answered_at__isnull=True
                )
                | (
                    Q(outcome__in=Outcome.values, answered_by__isnull=False)
                    & Q(answered_at__gte=F("received_at"))
                    & ~Q(answer="")
                ),
                name="%(class)s_answer_is_whole",
            ),
        ]

    @property
    def is_answered(self) -> bool:
        """Whether an answer was given."""
        return self.answered_at is not None


class Dispute(Answered):
    """The borrower says that an amount, a loan or the whole debt is wrong.

    Nothing of it is collected until it is answered. No loan: all loans. `amount` is in minor units
    of the loan's currency; none: all of the component.
    """

    loan = models.ForeignKey(
        "portfolio.Loan", null=True, on_delete=models.PROTECT, related_name="+"
    )
    component = models.CharField(max_length=10, choices=Component.choices, default=Component.ALL)
    amount = models.BigIntegerField(null=True)

    class Meta(Answered.Meta):
        constraints = [
            *Answered.Meta.constraints,
            models.CheckConstraint(
                condition=Q(component__in=Component.values), name="dispute_component_known"
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0, loan__isnull=False),
                name="dispute_amount_of_a_loan",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(ends_at__isnull=False),
                name="dispute_ends_with_its_answer",
            ),
        ]


class Complaint(Answered):
    """The borrower complains of how they were treated.

    Contact rests until somebody decides that it may go on (`ends_at`), which needs an answer first.
    `level` counts escalations. `about_act` is our reference of the act, `about_template` the text
    it used, where it is about one.
    """

    topic = models.CharField(max_length=16, choices=Topic.choices, default=Topic.OTHER)
    words = models.CharField(max_length=4000)
    level = models.PositiveSmallIntegerField(default=0)
    escalated_at = models.DateTimeField(null=True)
    escalated_why = models.CharField(max_length=500, default="")
    about_act = models.CharField(max_length=100, default="")
    about_template = models.CharField(max_length=100, default="")

    class Meta(Answered.Meta):
        constraints = [
            *Answered.Meta.constraints,
            models.CheckConstraint(
                condition=Q(topic__in=Topic.values) & ~Q(words=""), name="complaint_says_what"
            ),
            models.CheckConstraint(
                condition=Q(level=0, escalated_at__isnull=True, escalated_why="")
                | (Q(level__gte=1, escalated_at__isnull=False) & ~Q(escalated_why="")),
                name="complaint_escalation_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True)
                | Q(answered_at__isnull=False)
                | Q(standing="refuted"),
                name="complaint_answered_before_contact",
            ),
        ]
        indexes = [
            *Answered.Meta.indexes,
            models.Index(
                fields=["about_template"],
                condition=Q(known_until__isnull=True) & ~Q(about_template=""),
                name="complaint_by_template",
            ),
        ]
