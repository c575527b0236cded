"""Forms of an assessment. What is typed comes back with its messages; nothing is lost."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kloe.assessment.vocabulary import LABELS, OWN_KINDS, AssessmentKind, KnownKind, choices
from kloe.frameworks import library
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, KnownFact
from kloe.web.organisations.models import Organisation


class DateInput(forms.DateInput):
    """A date picker where the browser has one."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PeriodMixin:
    """First day before last day."""

    def check_period(self, cleaned: dict[str, Any]) -> None:
        start, end = cleaned.get("period_start"), cleaned.get("period_end")
        if start and end and end < start:
            self.add_error(  # type: ignore[attr-defined]
                "period_end",
                _("The period ends before it begins. Choose a last day on or after the first."),
            )


class CreateForm(PeriodMixin, forms.Form):
    """A new assessment."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Organisation"), empty_label=None
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[], initial=AssessmentKind.SELF_ASSESSMENT.value
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    frameworks = forms.MultipleChoiceField(
        label=_("Framework editions"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The editions are pinned: a later edition never changes this assessment."),
    )
    leading = forms.ChoiceField(
        label=_("Leading framework"),
        required=False,
        help_text=_("Its scale is used for the overall judgements."),
    )
    period_start = forms.DateField(label=_("Period from"), widget=DateInput())
    period_end = forms.DateField(label=_("Period to"), widget=DateInput())
    lead = forms.ModelChoiceField(
        User.objects.none(), label=_("Lead"), required=False, empty_label=_("Nobody yet")
    )

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [(f.id, f"{f.title} ({f.edition})") for f in library.load_all()]
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
        self.fields["kind"].choices = [(k.value, LABELS[k]) for k in OWN_KINDS]  # type: ignore[attr-defined]
        self.fields["frameworks"].choices = found  # type: ignore[attr-defined]
        self.fields["leading"].choices = [("", _("The first chosen")), *found]  # type: ignore[attr-defined]
        self.fields["lead"].queryset = User.objects.filter(  # type: ignore[attr-defined]
            memberships__organisation__in=organisations
        ).distinct()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.check_period(cleaned)
        organisation, lead = cleaned.get("organisation"), cleaned.get("lead")
        if (
            organisation
            and lead
            and not lead.memberships.filter(organisation=organisation).exists()
        ):
            self.add_error(
                "lead", _("This person is no member of the organisation. Choose one who is.")
            )
        leading = cleaned.get("leading")
        if leading and leading not in cleaned.get("frameworks", []):
            self.add_error("leading", _("The leading framework must be among those chosen."))
        return cleaned


class DetailsForm(PeriodMixin, forms.ModelForm):
    """Title, period and lead of an assessment."""

    class Meta:
        model = Assessment
        fields = ["title", "period_start", "period_end", "lead"]
        labels = {
            "title": _("Title"),
            "period_start": _("Period from"),
            "period_end": _("Period to"),
            "lead": _("Lead"),
        }
        widgets = {"period_start": DateInput(), "period_end": DateInput()}

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.check_period(cleaned)
        return cleaned


class KnownForm(forms.ModelForm):
    """Something known from elsewhere."""

    themes = forms.MultipleChoiceField(
        label=_("Themes it bears on"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("Hold Ctrl or ⌘ to choose several."),
    )

    url = forms.URLField(
        label=_("Address on the web"), required=False, max_length=500, assume_scheme="https"
    )

    class Meta:
        model = KnownFact
        fields = ["kind", "date", "source", "text", "url", "tone", "themes"]
        labels = {
            "kind": _("Kind"),
            "date": _("Date"),
            "source": _("Source"),
            "text": _("What it says"),
            "tone": _("Speaks for or against the service"),
        }
        help_texts = {"source": _("Who said it and where: the report, the page.")}
        widgets = {"date": DateInput(), "text": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, theme_choices: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(label=_("Kind"), choices=choices(KnownKind))
        self.fields["tone"] = forms.ChoiceField(
            label=_("Speaks for or against the service"),
            choices=[("neutral", _("Neither")), ("for", _("For")), ("against", _("Against"))],
        )
        self.fields["themes"].choices = theme_choices  # type: ignore[attr-defined]


class AssignForm(forms.Form):
    """Who leads a theme and by when."""

    lead = forms.ModelChoiceField(User.objects.none(), required=False)
    due = forms.DateField(required=False, widget=DateInput())

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = people  # type: ignore[attr-defined]
