"""Forms of an inspection."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kloe.assessment.stages import PLANNED_STAGES
from kloe.assessment.vocabulary import INSPECTION_KINDS, LABELS, AssessmentKind
from kloe.frameworks import library
from kloe.web.accounts.models import User
from kloe.web.assessments.forms import DateInput, PeriodMixin
from kloe.web.assessments.models import Assessment
from kloe.web.organisations.models import Organisation


class CreateForm(PeriodMixin, forms.Form):
    """A new inspection."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Inspecting organisation"), empty_label=None
    )
    kind = forms.ChoiceField(label=_("Kind"), initial=AssessmentKind.INSPECTION.value)
    landlord = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("Landlord"),
        required=False,
        empty_label=_("Another, named below"),
        help_text=_("Landlords you named before, and organisations of your own."),
    )
    name = forms.CharField(
        label=_("Name of the landlord"),
        max_length=200,
        required=False,
        help_text=_(
            "If it is not in the list. Its lead says which organisation it is here when they join."
        ),
    )
    jurisdiction = forms.ChoiceField(
        label=_("Its country"), required=False, choices=Organisation.Jurisdiction.choices
    )
    again = forms.ModelChoiceField(
        Assessment.objects.none(),
        label=_("Looks again at"),
        required=False,
        empty_label=_("No earlier inspection"),
        help_text=_("For a re-inspection."),
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    frameworks = forms.MultipleChoiceField(
        label=_("Framework editions"), widget=forms.CheckboxSelectMultiple
    )
    period_start = forms.DateField(label=_("Period from"), widget=DateInput())
    period_end = forms.DateField(label=_("Period to"), widget=DateInput())
    lead = forms.ModelChoiceField(
        User.objects.none(), label=_("Lead inspector"), required=False, empty_label=_("Nobody yet")
    )

    def __init__(self, *args: Any, organisations: Any, landlords: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["organisation"].queryset = organisations
        fields["kind"].choices = [(k.value, LABELS[k]) for k in INSPECTION_KINDS]
        fields["landlord"].queryset = landlords
        fields["again"].queryset = Assessment.objects.filter(
            organisation__in=organisations, inspection__isnull=False
        ).select_related("subject", "organisation")
        fields["again"].label_from_instance = lambda a: f"{a.landlord}: {a.title}"
        fields["frameworks"].choices = [
            (f.id, f"{f.title} ({f.edition})") for f in library.load_all()
        ]
        fields["lead"].queryset = User.objects.filter(
            memberships__organisation__in=organisations
        ).distinct()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.check_period(cleaned)
        again, landlord = cleaned.get("again"), cleaned.get("landlord")
        if again is not None and landlord is None and not cleaned.get("name"):
            cleaned["landlord"] = again.landlord
        elif landlord is None and not cleaned.get("name"):
            self.add_error("name", _("Choose a landlord, or write its name."))
        elif landlord is not None and cleaned.get("name"):
            self.add_error("name", _("A landlord is chosen above; leave this empty."))
        return cleaned


class DatesForm(forms.Form):
    """When stages are planned to begin."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n, stage in enumerate(PLANNED_STAGES):
            self.fields[f"stage{n}"] = forms.DateField(
                label=str(LABELS[stage]), required=False, widget=DateInput()
            )

    def dates(self) -> dict[str, Any]:
        """The days by stage."""
        return {
            stage.value: self.cleaned_data[f"stage{n}"] for n, stage in enumerate(PLANNED_STAGES)
        }
