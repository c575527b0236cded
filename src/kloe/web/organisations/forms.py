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
        fields = ["name", "kind", "jurisdiction", "homes", "landlord_code", "small_number"]
        labels = {
            "name": _("Name"),
            "kind": _("Kind"),
            "jurisdiction": _("Country"),
            "homes": _("Homes owned or managed"),
            "landlord_code": _("Code in published results"),
            "small_number": _("Least number shown"),
        }
        help_texts = {
            "jurisdiction": _("Decides which law and which bodies are shown beside the criteria."),
            "homes": _("For the peer group; a rough number will do."),
            "landlord_code": _("The registration number under which published data sets list it."),
            "small_number": _(
                "Of what is computed from its records, smaller groups and numbers are hidden:"
                " 5 to 100, usually 10. Once figures are out it can only be raised."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["small_number"].required = False

    def clean_small_number(self) -> int:
        """What it is, where nothing is said of it."""
        given: int | None = self.cleaned_data["small_number"]
        return self.instance.small_number if given is None else given


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
