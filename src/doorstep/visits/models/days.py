"""Plans of field days: which crews, which visits, when; and every earlier version of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.visits.models.risk import RiskLevel


class PlanState(models.TextChoices):
    """Where a plan stands."""

    MAKING = "making", _("Being worked out")
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    SUPERSEDED = "superseded", _("Replaced")
    FAILED = "failed", _("Could not be made")
    DISCARDED = "discarded", _("Discarded")


class FieldPlan(models.Model):
    """The field days of one branch from `first_day` on, for `days` days; the first is fixed by
    publishing, later ones are an outlook.

    `problem` and `plan` are PROBLEM.json and PLAN.json as solved (zlib), kept with the engine's
    version, seed and steps, so that the same plan can be made again. `progress` is what the planner
    last said; `stop_asked` ends the search with the best found. A plan that changes a published one
    `follows` it; `why` says what made that necessary. `figures` holds value, cost, travel, the
    greedy floor and counts. Values are minor units of the lender's currency.
    """

    branch = models.ForeignKey(
        "workforce.Branch", on_delete=models.PROTECT, related_name="field_plans"
    )
    first_day = models.DateField()
    days = models.IntegerField()
    state = models.CharField(max_length=12, choices=PlanState.choices, default=PlanState.MAKING)
    seconds = models.FloatField()
    iterations = models.IntegerField(null=True)
    seed = models.IntegerField(default=1)
    problem = models.BinaryField(default=b"")
    plan = models.BinaryField(default=b"")
    engine = models.CharField(max_length=64, default="", blank=True)
    estimated = models.BooleanField(default=True)
    figures = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    stop_asked = models.BooleanField(default=False)
    follows = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="changes")
    why = models.CharField(max_length=300, default="", blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(days__range=(1, 7)), name="plan_of_a_week_at_most"),
            models.CheckConstraint(
                condition=Q(state__in=PlanState.values), name="plan_state_known"
            ),
            models.UniqueConstraint(
                fields=["branch", "first_day"],
                condition=Q(state="published"),
                name="plan_published_once_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="plan_published_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["branch", "-first_day", "-made_at"], name="plan_by_branch")]


class CrewDay(models.Model):
    """A crew on one day of a plan: who, from when to when, with which vehicle. `key` names it in
    the problem. A crew that fell out (`off_at`) makes no further visit."""

    plan = models.ForeignKey(FieldPlan, on_delete=models.CASCADE, related_name="crews")
    key = models.CharField(max_length=48)
    day = models.DateField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    vehicle = models.ForeignKey(
        "workforce.Vehicle", null=True, on_delete=models.PROTECT, related_name="+"
    )
    skills = models.JSONField(default=list)
    leaves_at = models.DateTimeField(null=True)
    back_at = models.DateTimeField(null=True)
    rest_at = models.DateTimeField(null=True)
    rest_until = models.DateTimeField(null=True)
    off_at = models.DateTimeField(null=True)
    off_why = models.CharField(max_length=100, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "key"], name="crew_once_a_plan"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="crew_works_for_a_time"
            ),
        ]


class CrewMember(models.Model):
    """An agent of a crew; nobody is in two crews of a plan on one day."""

    plan = models.ForeignKey(FieldPlan, on_delete=models.CASCADE, related_name="+")
    crew = models.ForeignKey(CrewDay, on_delete=models.CASCADE, related_name="members")
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="crews"
    )
    day = models.DateField()
    leads = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "day", "staff"], name="crew_member_once_a_day")
        ]


class VisitState(models.TextChoices):
    """Where a planned visit stands."""

    LEFT_OUT = "left_out", _("Not planned")
    PLANNED = "planned", _("Planned")
    UNDER_WAY = "under_way", _("Under way")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class PlannedVisit(models.Model):
    """A visit that a plan could hold: in a crew's day with its times, or left out with the reason.

    `windows` are the instants within which the guard, the borrower and the risk let it begin.
    `value` is the benefit expected over no visit, `because` how it came about, both in minor units.
    `act` is the reference of the visit in the outbox, once the door was asked.
    """

    plan = models.ForeignKey(FieldPlan, on_delete=models.CASCADE, related_name="visits")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="planned_visits")
    address = models.ForeignKey(
        "portfolio.Address", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    appointment = models.ForeignKey(
        "visits.Appointment", null=True, on_delete=models.PROTECT, related_name="planned"
    )
    crew = models.ForeignKey(CrewDay, null=True, on_delete=models.PROTECT, related_name="visits")
    place = models.IntegerField(null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    windows = models.JSONField(default=list)
    minutes = models.IntegerField()
    value = models.BigIntegerField()
    because = models.JSONField(default=list)
    required = models.BooleanField(default=False)
    needs = models.JSONField(default=list)
    risk = models.CharField(max_length=8, choices=RiskLevel.choices, default=RiskLevel.LOW)
    arrives_at = models.DateTimeField(null=True)
    begins_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=VisitState.choices, default=VisitState.PLANNED)
    why = models.CharField(max_length=48, default="", blank=True)
    why_more = models.JSONField(default=dict)
    act = models.CharField(max_length=32, default="", blank=True)
    outcome = models.CharField(max_length=24, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "case"], name="visit_once_a_plan"),
            models.CheckConstraint(
                condition=Q(state__in=VisitState.values), name="visit_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("planned", "under_way", "done"))
                | Q(crew__isnull=False, begins_at__isnull=False, ends_at__gt=F("begins_at")),
                name="visit_planned_has_crew_and_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("planned", "under_way", "done"))
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="visit_planned_is_somewhere",
            ),
            models.CheckConstraint(
                condition=~Q(state="left_out") | Q(crew__isnull=True) & ~Q(why=""),
                name="visit_left_out_says_why",
            ),
        ]
        indexes = [models.Index(fields=["case", "-begins_at"], name="visit_by_case")]
