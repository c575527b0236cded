"""What a person says of themselves."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kloe.web.accounts.models import User


class ProfileForm(forms.ModelForm):
    """Name and habits."""

    class Meta:
        model = User
        fields = ["name", "shortcuts"]
        labels = {"name": _("Name"), "shortcuts": _("Single-key shortcuts on theme pages")}
        help_texts = {
            "name": _("As it stands beside what you write, and in reports."),
            "shortcuts": _(
                "j and k go from criterion to criterion, numbers place, r opens the reason. "
                "Switch them off if you dictate or use other key commands."
            ),
        }
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
        error_messages = {"name": {"max_length": _("A name has at most 120 characters.")}}
