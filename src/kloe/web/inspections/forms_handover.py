"""The form by which a self-assessment is handed over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kloe.web.assessments.models import Assessment


class HandOverForm(forms.Form):
    """Which self-assessment, and that it is meant."""

    source = forms.ModelChoiceField(
        Assessment.objects.none(), label=_("Self-assessment"), empty_label=None
    )
    agreed = forms.BooleanField(
        label=_(
            "I hand it over for the landlord, with its evidence except what is restricted. The "
            "inspectors keep a copy that stays as it is now."
        )
    )

    def __init__(self, *args: Any, assessments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["source"].queryset = assessments
