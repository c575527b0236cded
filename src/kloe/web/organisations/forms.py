"""Forms of organisations and members."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kloe.assessment.permissions import ORGANISATION_ROLES, ROLE_NAMES, ROLE_WORDS, Role
from kloe.web.organisations.models import Organisation


def role_choices() -> list[tuple[str, str]]:
    """Roles with what each is for, most limited first: the likely ones come first."""
    return [(r.value, f"{ROLE_NAMES[r]}: {ROLE_WORDS[r]}") for r in reversed(ORGANISATION_ROLES)]


class OrganisationForm(forms.ModelForm):
    """What is said of an organisation."""

    class Meta:
        model = Organisation
        fields = ["name", "kind", "jurisdiction", "homes", "landlord_code"]
        labels = {
            "name": _("Name"),
            "kind": _("Kind"),
            "jurisdiction": _("Country"),
            "homes": _("Homes owned or managed"),
            "landlord_code": _("Code in published results"),
        }
        help_texts = {
            "jurisdiction": _("Decides which law and which bodies are shown beside the criteria."),
            "homes": _("For the peer group; a rough number will do."),
            "landlord_code": _("The registration number under which published data sets list it."),
        }


class AddMemberForm(forms.Form):
    """Somebody to add."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Who has no account yet gets a link to set a password."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Name"), max_length=120, required=False, help_text=_("They can change it.")
    )
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect, initial=Role.ASSESSOR.value)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices()  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices()  # type: ignore[attr-defined]
