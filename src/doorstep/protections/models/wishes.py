"""What the borrower asks for or forbids: stops, representatives, hours and ways, the workplace."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.portfolio import schema
from doorstep.protections.models.record import Protection


class StopScope(models.TextChoices):
    """How much a request to stop covers."""

    ALL = "all", _("All contact")
    CHANNEL = "channel", _("One channel")
    NUMBER = "number", _("One number or address")


class Channel(models.TextChoices):
    """The ways of reaching somebody, as the book names them."""

    SMS = "sms", _("Text message")
    EMAIL = "email", _("E-mail")
    LETTER = "letter", _("Letter")
    CALL = "call", _("Call")
    VISIT = "visit", _("Visit")
    MESSENGER = "messenger", _("Messenger")
    PUSH = "push", _("App notification")


class StopRequest(Protection):
    """The borrower asks us to stop: all contact, one channel, or one number or address."""

    scope = models.CharField(max_length=8, choices=StopScope.choices)
    channel = models.CharField(max_length=16, choices=Channel.choices, default="")
    number = models.CharField(max_length=254, default="")

    class Meta(Protection.Meta):
        constraints = [
            *Protection.Meta.constraints,
            models.CheckConstraint(
                condition=Q(scope="all", channel="", number="")
                | Q(scope="channel", channel__in=Channel.values, number="")
                | (Q(scope="number", channel="") & ~Q(number="")),
                name="stoprequest_names_its_scope",
            ),
        ]


class RepresentativeKind(models.TextChoices):
    """Who speaks for the borrower."""

    LAWYER = "lawyer", _("Lawyer")
    GUARDIAN = "guardian", _("Guardian")
    FAMILY = "family", _("Authorised relative")
    ADVISER = "adviser", _("Debt adviser")
    ADMINISTRATOR = "administrator", _("Insolvency administrator")
    ESTATE = "estate", _("Executor or heir")
    OTHER = "other", _("Somebody else")


class Representative(Protection):
    """A person who may speak for the borrower, and what they may receive.

    `instead`: only the representative is contacted, not the borrower. Every power is off until it
    is given.
    """

    role = models.CharField(max_length=16, choices=RepresentativeKind.choices)
    name = models.CharField(max_length=300)
    contact = models.CharField(max_length=254, default="")
    document = models.CharField(max_length=200, default="")
    instead = models.BooleanField()
    may_know_debt = models.BooleanField(default=False)
    may_receive_letters = models.BooleanField(default=False)
    may_receive_messages = models.BooleanField(default=False)
    may_negotiate = models.BooleanField(default=False)
    may_sign = models.BooleanField(default=False)

    class Meta(Protection.Meta):
        constraints = [
            *Protection.Meta.constraints,
            models.CheckConstraint(
                condition=Q(role__in=RepresentativeKind.values) & ~Q(name=""),
                name="representative_is_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(standing="confirmed", document=""),
                name="representative_shows_a_document",
            ),
            models.CheckConstraint(
                condition=Q(may_know_debt=True)
                | Q(may_receive_letters=False, may_receive_messages=False)
                & Q(may_negotiate=False, may_sign=False),
                name="representative_told_before_acting",
            ),
        ]

    @property
    def powers(self) -> list[str]:
        """The names of the powers given."""
        return [name for name in POWERS if getattr(self, name)]


POWERS = {
    "may_know_debt": _("Know the debt and its amounts"),
    "may_receive_letters": _("Receive letters"),
    "may_receive_messages": _("Receive messages and calls"),
    "may_negotiate": _("Negotiate"),
    "may_sign": _("Sign agreements"),
}


class Stance(models.TextChoices):
    """What the borrower says about a way of contact."""

    ALLOWS = "allows", _("Allows")
    REFUSES = "refuses", _("Refuses")
    PREFERS = "prefers", _("Prefers")


class Subject(models.TextChoices):
    """What a preference or consent is about."""

    HOURS = "hours", _("Hours")
    CHANNEL = "channel", _("Channel")
    PLACE = "place", _("Place")
    LANGUAGE = "language", _("Language")
    RECORDING = "recording", _("Recording")
    FILMING = "filming", _("Filming at home")
    ENTRY = "entry", _("Entering the home")
    ATTEMPTS = "attempts", _("More attempts a day")


class Place(models.TextChoices):
    """Where somebody may be met."""

    HOME = "home", _("At home")
    WORKPLACE = "workplace", _("Workplace")
    BRANCH = "branch", _("Our branch")
    OTHER = "other", _("Another place")


class Preference(Protection):
    """A consent, a refusal or a preference: what about, who gave it, how, from when and until when.

    Hours are of the borrower's local clock on `weekdays` (1 Monday to 7 Sunday); from later to
    earlier runs over midnight.
    """

    stance = models.CharField(max_length=8, choices=Stance.choices)
    subject = models.CharField(max_length=10, choices=Subject.choices)
    from_time = models.TimeField(null=True)
    to_time = models.TimeField(null=True)
    weekdays = models.CharField(max_length=7, default="")
    channel = models.CharField(max_length=16, choices=Channel.choices, default="")
    place = models.CharField(max_length=10, choices=Place.choices, default="")
    language = models.CharField(max_length=10, default="")

    class Meta(Protection.Meta):
        constraints = [
            *Protection.Meta.constraints,
            models.CheckConstraint(
                condition=Q(stance__in=Stance.values), name="preference_stance_known"
            ),
            models.CheckConstraint(
                condition=(
                    Q(subject="hours", channel="", place="", language="")
                    & Q(from_time__isnull=False, to_time__isnull=False)
                    & ~Q(weekdays="")
                )
                | Q(from_time__isnull=True, to_time__isnull=True, weekdays="")
                & (
                    Q(subject="channel", channel__in=Channel.values, place="", language="")
                    | Q(subject="place", channel="", place__in=Place.values, language="")
                    | Q(subject="language", channel="", place="", language__in=schema.LANGUAGES)
                    | Q(
                        subject__in=["recording", "filming", "entry", "attempts"],
                        channel="",
                        place="",
                        language="",
                    )
                ),
                name="preference_names_its_subject",
            ),
        ]


class WorkplaceForbidden(models.TextChoices):
    """What may not happen at the workplace."""

    ALL = "all", _("All contact at work")
    CALLS = "calls", _("Calls at work")
    VISITS = "visits", _("Visits at work")


class WorkplaceRestriction(Protection):
    """Contact at the workplace is forbidden, by the employer or by the borrower."""

    forbidden_by = models.CharField(
        max_length=8, choices=[("employer", _("The employer")), ("borrower", _("The customer"))]
    )
    what = models.CharField(max_length=8, choices=WorkplaceForbidden.choices)

    class Meta(Protection.Meta):
        constraints = [
            *Protection.Meta.constraints,
            models.CheckConstraint(
                condition=Q(forbidden_by__in=["employer", "borrower"])
                & Q(what__in=WorkplaceForbidden.values),
                name="workplacerestriction_says_what",
            ),
        ]
