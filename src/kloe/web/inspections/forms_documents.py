"""Forms about documents asked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kloe.web.assessments.forms import DateInput


class RequestForm(forms.Form):
    """A document to ask for."""

    what = forms.CharField(label=_("What is wanted"), max_length=300)
    theme = forms.ChoiceField(label=_("For which theme"), required=False)
    why = forms.CharField(
        label=_("Why"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The landlord's people read it."),
    )
    due = forms.DateField(label=_("By when"), widget=DateInput())
    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    row = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, themes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["theme"].choices = [("", _("The inspection as a whole")), *themes]


class GiveForm(forms.Form):
    """What comes for a request; the files are read beside the form."""

    answer = forms.CharField(
        label=_("Or why there is none"),
        max_length=500,
        required=False,
        help_text=_("If there is no such document, say so; that is an answer too."),
    )
    write_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
