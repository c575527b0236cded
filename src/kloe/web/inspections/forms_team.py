"""Forms about the team."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kloe.assessment.permissions import ROLE_NAMES, ROLE_WORDS, TEAM_ROLES, Role
from kloe.web.inspections.team import DAYS, MOST_DAYS
from kloe.web.organisations.models import Organisation


class InviteForm(forms.Form):
    """Somebody to invite."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    role = forms.ChoiceField(
        label=_("Role"), widget=forms.RadioSelect, initial=Role.INSPECTOR.value
    )
    days = forms.IntegerField(
        label=_("Good for how many days"), initial=DAYS, min_value=1, max_value=MOST_DAYS
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["role"].choices = [
            (r.value, f"{ROLE_NAMES[r]}: {ROLE_WORDS[r]}") for r in TEAM_ROLES
        ]


class JoinForm(forms.Form):
    """A new person who accepts an invitation."""

    name = forms.CharField(label=_("Your name"), max_length=120)
    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters; three or four words that do not belong together."),
    )

    def __init__(self, *args: Any, name: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("name", name)


class TieForm(forms.Form):
    """Which organisation is the one inspected."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("The inspection is of"),
        empty_label=None,
        help_text=_("Organisations whose assessments you lead."),
    )
    agreed = forms.BooleanField(
        label=_(
            "I agree, for the organisation, that the inspectors compute indicators on its records "
            "and see the cases behind them."
        )
    )

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["organisation"].queryset = organisations
