"""Forms of the plan of enquiry and the timetable."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kloe.web.accounts.models import User
from kloe.web.assessments.forms import DateInput
from kloe.web.inspections.enquiry import METHODS, Wanted
from kloe.web.inspections.fieldwork import Entry
from kloe.web.inspections.models import PlannedQuestion
from kloe.web.library.wording import WORDS

State = PlannedQuestion.State
STATES = {
    State.ASKED.value: _("Asked as published"),
    State.TAILORED.value: _("Tailored: asked in these words"),
    State.ADDED.value: _("Asked, a question of our own"),
    State.DROPPED.value: _("Dropped, with a reason"),
}


def methods() -> list[tuple[str, Any]]:
    """The ways of answering a question, for a form."""
    return [("", _("Not settled")), *((m, WORDS.get(m, m.capitalize())) for m in METHODS)]


class PeopleForm(forms.Form):
    """Who leads a theme and who reads it, by when."""

    lead = forms.ModelChoiceField(
        User.objects.none(), label=_("Lead"), required=False, empty_label=_("Nobody yet")
    )
    second = forms.ModelChoiceField(
        User.objects.none(), label=_("Second reader"), required=False, empty_label=_("Nobody yet")
    )
    due = forms.DateField(label=_("By when"), required=False, widget=DateInput())

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["lead"].queryset = fields["second"].queryset = people


class QuestionForm(forms.Form):
    """What becomes of a question."""

    state = forms.ChoiceField(label=_("What becomes of it"))
    text = forms.CharField(
        label=_("In our words"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = forms.CharField(label=_("Why it is dropped"), required=False, max_length=500)
    who = forms.ModelChoiceField(
        User.objects.none(), label=_("Who answers it"), required=False, empty_label=_("Nobody yet")
    )
    how = forms.ChoiceField(label=_("How"), required=False, choices=methods)
    whom = forms.CharField(
        label=_("Whom to ask, or what to look at"), required=False, max_length=200
    )
    due = forms.DateField(label=_("By when"), required=False, widget=DateInput())
    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    row = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, people: Any, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["who"].queryset = people
        allowed = (
            (State.ADDED, State.DROPPED) if own else (State.ASKED, State.TAILORED, State.DROPPED)
        )
        fields["state"].choices = [(s.value, STATES[s.value]) for s in allowed]

    def wanted(self) -> Wanted:
        """What the form says."""
        said = self.cleaned_data
        return Wanted(
            **{k: said[k] for k in ("state", "text", "reason", "who", "whom", "due")},
            how=said["how"],
        )


class VisitForm(forms.Form):
    """An entry of the timetable."""

    day = forms.DateField(label=_("Day"), widget=DateInput())
    start = forms.TimeField(
        label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    end = forms.TimeField(
        label=_("To"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    what = forms.CharField(label=_("What"), max_length=200)
    place = forms.CharField(label=_("Where"), required=False, max_length=200)
    how = forms.ChoiceField(label=_("How"), required=False, choices=methods)
    theme = forms.ChoiceField(label=_("Theme"), required=False)
    people = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Who"), required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=500)
    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    row = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, people: Any, themes: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["people"].queryset = people
        fields["theme"].choices = [("", _("Several, or none")), *themes]

    def entry(self) -> Entry:
        """What the form says."""
        said = dict(self.cleaned_data)
        for name in ("base_version", "row"):
            said.pop(name)
        said["people"] = list(said["people"])
        return Entry(**said)


class BuildForm(forms.Form):
    """Between which days fieldwork is."""

    first = forms.DateField(label=_("First day of fieldwork"), widget=DateInput())
    last = forms.DateField(label=_("Last day"), widget=DateInput())
