"""The forms that record protections: what came, how, when, since when, and what it says."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.money import minor_digits
from doorstep.portfolio.models import Borrower, Loan
from doorstep.portfolio.schema import LANGUAGES
from doorstep.protections import services
from doorstep.protections.models import (
    POWERS,
    Channel,
    Component,
    HandlingCode,
    HardshipCause,
    LegalStopKind,
    Place,
    Protection,
    RepresentativeKind,
    Stance,
    StopScope,
    Subject,
    ToldBy,
    ToldHow,
    Topic,
    VulnerabilityCause,
    WorkplaceForbidden,
)
from doorstep.protections.safeguard import EVERY_DAY
from doorstep.protections.services import News
from doorstep.sites.office.protections_words import WEEKDAYS

MOMENT = "%Y-%m-%dT%H:%M"
CHOOSE = [("", _("Choose"))]
LANGUAGE_NAMES = dict(zip(LANGUAGES, ("简体中文", "繁體中文", "English"), strict=True))


class MomentField(forms.DateTimeField):
    """A day and a time of the lender's clock."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
        super().__init__(widget=widget, **options)


class DayField(forms.DateField):
    """A day."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, **options)


class TimeField(forms.TimeField):
    """A time of day."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        super().__init__(widget=widget, **options)


def one_of(choices: list[Any], *, label: Any, needed: bool = True, hint: Any = "") -> Any:
    """A choice, with nothing chosen at first."""
    return forms.ChoiceField(
        label=label, choices=[*CHOOSE, *choices], required=needed, help_text=hint
    )


def some_of(choices: list[Any], *, label: Any, hint: Any = "") -> Any:
    """Several of a list, as boxes to tick."""
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        required=False,
        help_text=hint,
        widget=forms.CheckboxSelectMultiple,
    )


def text(label: Any, *, most: int, rows: int = 0, needed: bool = False, hint: Any = "") -> Any:
    """A line, or several."""
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    widget.attrs["autocomplete"] = "off"
    return forms.CharField(
        label=label, max_length=most, required=needed, help_text=hint, widget=widget
    )


class NewsForm(forms.Form):
    """What is asked of every protection; the words of each kind come before."""

    claimable = False
    reference = forms.CharField(max_length=80, widget=forms.HiddenInput)
    told_by = one_of(ToldBy.choices, label=_("Who said so"))
    told_how = one_of(ToldHow.choices, label=_("How the news came"))
    received_at = MomentField(
        label=_("When it reached us"),
        required=False,
        help_text=_("Anybody in the house counts. Empty: just now."),
    )
    starts_at = MomentField(
        label=_("Since when it holds"),
        required=False,
        help_text=_("May lie back: what should not have happened since is listed then."),
    )
    ends_at = MomentField(label=_("Until when, if that is known"), required=False)
    note = text(_("Note"), most=2000, rows=2, hint=_("No full numbers or names of others."))
    claimed = forms.BooleanField(
        label=_("Nobody has confirmed it yet"),
        required=False,
        help_text=_("It protects at once for a set time; then somebody must settle it."),
    )

    def __init__(self, *args: Any, borrower: Borrower, **options: Any) -> None:
        super().__init__(*args, **options)
        self.borrower = borrower
        self.fields["reference"].initial = f"desk:{uuid4()}"
        if not self.claimable:
            del self.fields["claimed"]
        common = [name for name in NewsForm.base_fields if name in self.fields]
        own = [name for name in self.fields if name not in common]
        self.order_fields([*own, *common])

    def record(self, *, by: Any, at: Any) -> Protection:
        """Record it. Raises as the service of its kind."""
        given = self.cleaned_data
        named = {name: given[name] for name in ("told_by", "told_how", "note", "ends_at")}
        received = given["received_at"] or at
        news = News(
            borrower=self.borrower,
            reference=given["reference"],
            by=by,
            at=at,
            received_at=received,
            starts_at=given["starts_at"] or received,
            claimed=given.get("claimed", False),
            **named,
        )
        return self.deed(news)

    def deed(self, news: News) -> Protection:
        """The service of the kind."""
        raise NotImplementedError


class ComplaintForm(NewsForm):
    """A complaint."""

    topic = one_of(Topic.choices, label=_("What it is about"))
    words = text(_("What the customer says"), most=4000, rows=4, needed=True)

    def deed(self, news: News) -> Protection:
        """Contact rests at once."""
        given = self.cleaned_data
        return services.complaint_open(news=news, words=given["words"], topic=given["topic"])


class DisputeForm(NewsForm):
    """A dispute."""

    loan = forms.ModelChoiceField(
        label=_("Which loan"), queryset=Loan.objects.none(), required=False, empty_label=_("All")
    )
    component = one_of(Component.choices, label=_("What is disputed"))
    amount = forms.DecimalField(
        label=_("Amount, if it is about one"), required=False, min_value=0, max_digits=15
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        loans = Loan.objects.filter(borrower=self.borrower).order_by("pk")
        self.fields["loan"].queryset = loans  # type: ignore[attr-defined]
        self.fields["loan"].label_from_instance = loan_words  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The amount in minor units of the loan's currency."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        loan, amount = given.get("loan"), given.get("amount")
        if amount is not None and loan is None:
            self.add_error("loan", _("Choose the loan the amount is of."))
        elif amount is not None and loan is not None:
            minor = amount.scaleb(minor_digits(loan.currency))
            if minor != minor.to_integral_value():
                self.add_error("amount", _("This currency has no unit as small as that."))
            given["amount"] = int(minor)
        return given

    def deed(self, news: News) -> Protection:
        """Nothing of it is collected until it is answered."""
        given = {name: self.cleaned_data[name] for name in ("loan", "component", "amount")}
        return services.dispute_open(news=news, **given)


def loan_words(loan: Loan) -> str:
    """A loan in a list of choices."""
    return f"{loan.pk} · {loan.currency}"


class HardshipForm(NewsForm):
    """Hardship."""

    claimable = True
    cause = one_of(HardshipCause.choices, label=_("What happened"))

    def deed(self, news: News) -> Protection:
        """The ladder rests until somebody looks again."""
        return services.hardship_record(news=news, cause=self.cleaned_data["cause"])


class VulnerabilityForm(NewsForm):
    """Vulnerability with its special handling."""

    claimable = True
    cause = one_of(VulnerabilityCause.choices, label=_("What makes care necessary"))
    handling = some_of(
        HandlingCode.choices,
        label=_("What is done differently"),
        hint=_("At least one: a mark alone helps nobody."),
    )

    def deed(self, news: News) -> Protection:
        """Special handling from now on."""
        given = self.cleaned_data
        return services.vulnerability_record(
            news=news, cause=given["cause"], handling=given["handling"]
        )


class StopRequestForm(NewsForm):
    """A request to stop."""

    scope = one_of(StopScope.choices, label=_("What shall stop"))
    channel = one_of(Channel.choices, label=_("Which channel"), needed=False)
    number = text(_("Which number or address"), most=254)

    def deed(self, news: News) -> Protection:
        """It stops at once."""
        given = {name: self.cleaned_data[name] for name in ("scope", "channel", "number")}
        return services.stop_request_record(news=news, **given)


class RepresentativeForm(NewsForm):
    """Somebody who speaks for the borrower."""

    claimable = True
    role = one_of(RepresentativeKind.choices, label=_("In which role"))
    name = text(_("Name"), most=300, needed=True)
    contact = text(_("How to reach them"), most=254)
    document = text(_("Power of attorney or court paper"), most=200)
    instead = forms.BooleanField(
        label=_("Only they are contacted, not the customer"), required=False
    )
    powers = some_of(list(POWERS.items()), label=_("What they may receive and do"))

    def deed(self, news: News) -> Protection:
        """Known to everybody who contacts the borrower."""
        names = ("role", "name", "contact", "document", "instead")
        given = {name: self.cleaned_data[name] for name in names}
        return services.representative_record(
            news=news, powers=tuple(self.cleaned_data["powers"]), **given
        )


class PreferenceForm(NewsForm):
    """A consent, a refusal or a preference."""

    stance = one_of(
        Stance.choices,
        label=_("The customer"),
        hint=_("Preferring hours means: only then."),
    )
    subject = one_of(Subject.choices, label=_("What about"))
    from_time = TimeField(label=_("From"), required=False)
    to_time = TimeField(label=_("Up to"), required=False)
    weekdays = some_of(list(WEEKDAYS.items()), label=_("On which days"), hint=_("None: every day."))
    channel = one_of(Channel.choices, label=_("Which channel"), needed=False)
    place = one_of(Place.choices, label=_("Which place"), needed=False)
    language = one_of(list(LANGUAGE_NAMES.items()), label=_("Which language"), needed=False)

    def deed(self, news: News) -> Protection:
        """The guard keeps to it."""
        names = ("stance", "subject", "from_time", "to_time", "channel", "place", "language")
        given = {name: self.cleaned_data[name] for name in names}
        days = "".join(self.cleaned_data["weekdays"]) or EVERY_DAY
        return services.preference_record(news=news, weekdays=days, **given)


class WorkplaceForm(NewsForm):
    """Nothing at work."""

    forbidden_by = one_of(
        [("employer", _("The employer")), ("borrower", _("The customer"))],
        label=_("Who forbids it"),
    )
    what = one_of(WorkplaceForbidden.choices, label=_("What is forbidden"))

    def deed(self, news: News) -> Protection:
        """Nobody calls or turns up there."""
        given = {name: self.cleaned_data[name] for name in ("forbidden_by", "what")}
        return services.workplace_restriction_record(news=news, **given)


class LegalStopForm(NewsForm):
    """A stop by law."""

    claimable = True
    bar = one_of(LegalStopKind.choices, label=_("What it is"))
    document = text(
        _("Document that shows it"), most=200, hint=_("Without one it is recorded as a claim.")
    )
    authority = text(_("Issued by"), most=200)
    document_on = DayField(label=_("Issued on"), required=False)

    def deed(self, news: News) -> Protection:
        """Contact stops everywhere."""
        names = ("bar", "document", "authority", "document_on")
        given = {name: self.cleaned_data[name] for name in names}
        return services.legal_stop_record(news=news, **given)


FORMS: dict[str, type[NewsForm]] = {
    "complaint": ComplaintForm,
    "dispute": DisputeForm,
    "hardship": HardshipForm,
    "vulnerability": VulnerabilityForm,
    "stoprequest": StopRequestForm,
    "representative": RepresentativeForm,
    "preference": PreferenceForm,
    "workplacerestriction": WorkplaceForm,
    "legalstop": LegalStopForm,
}
