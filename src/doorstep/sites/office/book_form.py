"""The form by which a member of staff sends one day's files of the lender."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

MOST_FILES = 40
MOST_MAPPING_BYTES = 256 * 1024
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".parquet")
OWN = "own"

MAPPING_WORDS: dict[str, Promise] = {
    "canonical": _("Our own layout: one file a table, under our headings"),
    "card_months": _("Credit cards, one row a customer with the last six months"),
}


class SeveralFiles(forms.FileInput):
    """A file field that takes many."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files; each is checked like a single one."""

    widget = SeveralFiles

    def clean(self, value: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """The files, in the order they were chosen."""
        several = value if isinstance(value, (list, tuple)) else [value]
        return [super(FilesField, self).clean(one, initial) for one in several or [None]]


class BringForm(forms.Form):
    """Files, how to read them, and the day they speak of."""

    delivered = FilesField(
        label=_("Files"),
        allow_empty_file=False,
        max_length=4096,
        error_messages={
            "required": _("Choose at least one file."),
            "empty": _("This file is empty. Ask for it again, or leave it out."),
        },
    )
    business_date = forms.DateField(
        label=_("Business date"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The day whose close of business the files describe."),
    )
    mapping = forms.ChoiceField(label=_("How the files are written"), widget=forms.RadioSelect)
    own_mapping = forms.FileField(label=_("Your mapping (TOML)"), required=False)

    def __init__(self, *args: Any, mappings: Sequence[str], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        choices = [(name, MAPPING_WORDS.get(name, name)) for name in mappings]
        mapping: Any = self.fields["mapping"]
        mapping.choices = [*choices, (OWN, _("Otherwise: a mapping of our own, sent along"))]
        mapping.initial = mappings[0]
        self.fields["business_date"].initial = today - timedelta(days=1)
        self.fields["delivered"].widget.attrs["accept"] = ",".join(SUFFIXES)
        self.fields["own_mapping"].widget.attrs["accept"] = ".toml"

    def clean_delivered(self) -> list[UploadedFile[Any]]:
        """Refuses too many files, and kinds of file that hold no table."""
        files: list[UploadedFile[Any]] = self.cleaned_data["delivered"]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_t("Send at most %(most)s files.") % {"most": MOST_FILES})
        for file in files:
            if not str(file.name).lower().endswith(SUFFIXES):
                raise forms.ValidationError(
                    _t("%(name)s: send CSV, Excel (.xlsx) or Parquet files.")
                    % {"name": str(file.name)[-60:]}
                )
        return files

    def clean_business_date(self) -> date:
        """Refuses a day that has not come yet."""
        day: date = self.cleaned_data["business_date"]
        if day > self.today:
            raise forms.ValidationError(_t("This day has not come yet."))
        return day

    def clean(self) -> dict[str, Any]:
        """Refuses a mapping of one's own that was not sent, or is far too large for one."""
        cleaned: dict[str, Any] = super().clean() or {}
        own = cleaned.get("own_mapping")
        if cleaned.get("mapping") == OWN and own is None:
            self.add_error("own_mapping", _t("Send your mapping, or choose another way above."))
        if own is not None and own.size > MOST_MAPPING_BYTES:
            self.add_error("own_mapping", _t("This is too large to be a mapping."))
        return cleaned
