"""Deeds on a colleague's papers: particulars, photograph, skills, ties, letters, encounters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError
from doorstep.outreach.authority import letter_text
from doorstep.outreach.selectors import lender_current
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.staff_file import colleague_or_404
from doorstep.sites.office.staff_words import all_missing_words
from doorstep.workforce.models import (
    AuthorityLetter,
    Gender,
    LetterDocument,
    Particulars,
    Tie,
    TieKind,
    Weight,
)
from doorstep.workforce.photo import MOST_BYTES
from doorstep.workforce.roles import Permission
from doorstep.workforce.services import (
    encounter_record,
    letter_issue,
    letter_revoke,
    particulars_keep,
    photograph_keep,
    skills_keep,
    tie_end,
    tie_state,
)
from doorstep.workforce.services.letters import PapersMissing
from doorstep.workforce.skills import SKILLS

LANGUAGES = (("zh-Hans", "简体中文"), ("zh-Hant", "繁體中文"), ("en", "English"))
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def a_day(label: Any, **more: Any) -> forms.DateField:
    """A calendar day, optional unless said otherwise."""
    return forms.DateField(label=label, widget=DAY, **({"required": False} | more))


class ParticularsForm(forms.Form):
    """What is known of an agent."""

    work_id = forms.CharField(label=gettext_lazy("Work id"), max_length=32)
    phone = forms.CharField(label=gettext_lazy("Work phone"), max_length=32, required=False)
    gender = forms.ChoiceField(
        label=gettext_lazy("Gender"), choices=Gender.choices, required=False,
        help_text=gettext_lazy("Only if they wish to state it."),
    )  # fmt: skip
    vetted_until = a_day(gettext_lazy("Background check counts until"))
    confidential_on = a_day(gettext_lazy("Confidentiality agreement signed on"))
    experienced_from = a_day(
        gettext_lazy("Experienced from"),
        help_text=gettext_lazy("From this day they may lead a pair."),
    )
    home_latitude = forms.FloatField(
        label=gettext_lazy("Home, latitude"), min_value=-90, max_value=90, required=False,
        help_text=gettext_lazy("Optional; only to keep them from visiting neighbours."),
    )  # fmt: skip
    home_longitude = forms.FloatField(
        label=gettext_lazy("Home, longitude"), min_value=-180, max_value=180, required=False
    )
    skills = forms.MultipleChoiceField(
        label=gettext_lazy("Skills"), choices=list(SKILLS.items()), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Both halves of a point, or none."""
        values = super().clean() or {}
        if (values.get("home_latitude") is None) != (values.get("home_longitude") is None):
            self.add_error("home_longitude", _("Give both, or neither."))
        return values


class PhotographForm(forms.Form):
    """A new photograph."""

    photograph = forms.FileField(
        label=gettext_lazy("New photograph"),
        help_text=gettext_lazy(
            "A portrait of at least 300 x 400 as JPEG, PNG or WebP, up to 8 MB."
        ),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )


@needs(Permission.KEEP_PARTICULARS)
@require_http_methods(["GET", "POST"])
def staff_particulars(request: StaffRequest, staff_id: int) -> HttpResponse:
    """The form of particulars and skills, and beside it that of the photograph."""
    whom = colleague_or_404(request.user, staff_id)
    kept = dict(Particulars.objects.filter(staff=whom).values().first() or {})
    first: dict[str, Any] = {**kept, "skills": list(whom.skills.values_list("code", flat=True))}
    form = ParticularsForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        skills = values.pop("skills")
        point = values.pop("home_latitude"), values.pop("home_longitude")
        home = None if None in point else point
        try:
            particulars_keep(staff=whom, by=request.user, at=clock.now(), home=home, **values)
            skills_keep(staff=whom, codes=skills, by=request.user)
        except DoorstepError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Kept."))
            return redirect("office:staff_file", whom.pk)
    context = {"whom": whom, "form": form, "photograph_form": PhotographForm()}
    return render(request, "office/people/particulars.html", context)


@needs(Permission.KEEP_PARTICULARS)
@require_POST
def staff_photograph(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Take a photograph in."""
    whom = colleague_or_404(request.user, staff_id)
    sent = request.FILES.get("photograph")
    try:
        if sent is None:
            raise InputError(_("Choose a file first; it may have been too large."))
        photograph_keep(staff=whom, raw=sent.read(MOST_BYTES + 1), by=request.user, at=clock.now())
    except DoorstepError as refused:
        messages.error(request, photo_words(refused))
        return redirect("office:staff_particulars", whom.pk)
    messages.success(request, _("The photograph is kept."))
    return redirect("office:staff_file", whom.pk)


PHOTO_REFUSALS = {
    "PHOTO_TOO_LARGE": gettext_lazy("The picture is larger than 8 MB or 40 million pixels."),
    "PHOTO_TOO_SMALL": gettext_lazy("The picture is smaller than 300 x 400."),
    "NOT_A_PHOTO": gettext_lazy("The file is no JPEG, PNG or WebP picture, or it is broken."),
}


def photo_words(refused: DoorstepError) -> str:
    """Why a photograph was not taken, in the page's language."""
    return str(PHOTO_REFUSALS.get(refused.code, str(refused)))


class LetterForm(forms.Form):
    """The period of a letter and its language."""

    valid_from = a_day(gettext_lazy("From"), required=True)
    valid_until = a_day(gettext_lazy("Until"), required=True)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES)


@needs(Permission.ISSUE_LETTERS)
@require_POST
def staff_letter_issue(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Issue a letter of authority."""
    whom = colleague_or_404(request.user, staff_id)
    form = LetterForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the first and the last day of the letter."))
        return redirect("office:staff_file", whom.pk)
    try:
        letter = letter_issue(
            staff=whom, by=request.user, at=clock.now(),
            text=letter_text(lender=lender_current(), language=form.cleaned_data["language"]),
            valid_from=form.cleaned_data["valid_from"],
            valid_until=form.cleaned_data["valid_until"],
        )  # fmt: skip
    except PapersMissing as refused:
        messages.error(request, f"{refused.message} {all_missing_words(refused.missing)}")
    except DoorstepError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Letter %(number)s is issued.") % {"number": letter.number})
    return redirect("office:staff_file", whom.pk)


@needs(Permission.REVOKE_LETTERS)
@require_POST
def letter_revoked(request: StaffRequest, letter_id: int) -> HttpResponse:
    """Revoke a letter, at once."""
    letter = get_object_or_404(AuthorityLetter.objects.select_related("staff"), pk=letter_id)
    colleague_or_404(request.user, letter.staff_id)
    try:
        letter_revoke(
            letter=letter, why=request.POST.get("why", ""), by=request.user, at=clock.now()
        )
    except DoorstepError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Revoked. Nobody visits under this letter from now on."))
    return redirect("office:staff_file", letter.staff_id)


@needs(Permission.SEE_STAFF)
@require_GET
def letter_pdf(request: StaffRequest, letter_id: int) -> HttpResponse:
    """The signed letter as a file."""
    kept = get_object_or_404(LetterDocument.objects.select_related("letter"), pk=letter_id)
    colleague_or_404(request.user, kept.letter.staff_id)
    answer = HttpResponse(bytes(kept.pdf), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{kept.letter.number}.pdf"'
    return answer


@needs(Permission.KEEP_PARTICULARS)
@require_POST
def staff_tie(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Say that a colleague knows a customer privately, or take it back."""
    whom = colleague_or_404(request.user, staff_id)
    if gone := request.POST.get("end", ""):
        tie = get_object_or_404(Tie, pk=int(gone) if gone.isdecimal() else 0, staff=whom)
        return _done(request, whom.pk, lambda: tie_end(tie=tie, by=request.user))
    borrower = request.POST.get("borrower", "").replace("\x00", "").strip()[:128]
    kind = request.POST.get("kind", "")
    if not borrower or kind not in TieKind.values:
        messages.error(request, _("Give the customer's number and how they know each other."))
        return redirect("office:staff_file", whom.pk)
    return _done(
        request,
        whom.pk,
        lambda: tie_state(
            staff=whom, borrower_id=borrower, kind=kind, by=request.user, at=clock.now()
        ),
    )


@needs(Permission.SEE_LOAD)
@require_POST
def staff_encounter(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Record something hard that a colleague lived through."""
    whom = colleague_or_404(request.user, staff_id)
    weight = request.POST.get("weight", "")
    if weight not in {str(value) for value in Weight.values}:
        messages.error(request, _("Say how heavy it was."))
        return redirect("office:staff_file", whom.pk)
    return _done(
        request,
        whom.pk,
        lambda: encounter_record(
            agents=[whom], weight=Weight(int(weight)), by=request.user, at=clock.now(),
            on=clock.today(settings.TIME_ZONE), note=request.POST.get("note", ""),
            borrower_id=request.POST.get("borrower", "").replace("\x00", "")[:128],
        ),
    )  # fmt: skip


def _done(request: StaffRequest, staff_id: int, deed: Any) -> HttpResponse:
    try:
        deed()
    except DoorstepError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Kept."))
    return redirect("office:staff_file", staff_id)
