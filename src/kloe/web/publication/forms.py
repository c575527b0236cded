"""Forms of publishing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kloe.web.assessments.forms import DateInput


def _words(
    label: Any, rows: int = 3, help_text: Any = "", required: bool = True
) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=5000,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class PublishForm(forms.Form):
    """Publishing for the first time."""

    public = forms.ChoiceField(
        label=_("Who may read it"),
        choices=[
            ("no", _("The team, the landlord, and whoever they send it to")),
            ("yes", _("Anybody: a public page without signing in")),
        ],
        widget=forms.RadioSelect,
    )
    slug = forms.SlugField(
        label=_("Address of the public page"),
        max_length=70,
        required=False,
        help_text=_("Small letters, digits and hyphens. It stays, whatever becomes of the page."),
    )
    base_version = forms.IntegerField(widget=forms.HiddenInput)


class CorrectForm(forms.Form):
    """A later version."""

    was = _words(
        _("What the report says wrongly"),
        help_text=_("Copied exactly, within one paragraph. Leave both empty to add only the "
                    "board's response that came since."),
        required=False,
    )  # fmt: skip
    now = _words(_("What it should say"), required=False)
    reason = _words(_("Why"), 2, _("It stands on the cover and in the list of corrections."))
    base_number = forms.IntegerField(widget=forms.HiddenInput)


class AskForm(forms.Form):
    """Asking the landlord for its board's response."""

    due = forms.DateField(label=_("By when"), widget=DateInput())


class ResponseForm(forms.Form):
    """The board's response; a file is read beside the form."""

    text = forms.CharField(
        label=_("The board's words"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("They are published with the report as they stand here."),
    )
    without_file = forms.BooleanField(label=_("Take the attached file away"), required=False)
    base_version = forms.IntegerField(widget=forms.HiddenInput)
