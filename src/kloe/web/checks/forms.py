"""Forms of checks, samples, people seen and urgent risks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from kloe.assessment.checks.words import (
    KIND_LABELS,
    CheckResult,
    CheckState,
    PeopleRole,
    RiskKind,
    SampleMethod,
    choices,
)
from kloe.web.checks.actions import MAX_CLAIM, MAX_PLACE, MAX_TITLE, MOST_MINUTES, Plan
from kloe.web.checks.sample import MOST_CASES

WHEN = "%Y-%m-%dT%H:%M"
_INVALID_WHEN = _("Choose a day and a time, or leave it empty.")


class FilterForm(forms.Form):
    """What of the list of checks is shown."""

    q = forms.CharField(
        label=_("Words or number"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    theme = forms.ChoiceField(label=_("Theme"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    result = forms.ChoiceField(label=_("Result"), required=False)
    who = forms.ChoiceField(
        label=_("Who"),
        required=False,
        choices=[("", _("Anybody")), ("me", _("Me")), ("nobody", _("Nobody yet"))],
    )

    def __init__(self, *args: Any, themes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, options in (
            ("theme", [("", _("Any theme")), *themes]),
            ("kind", [("", _("Any kind")), *KIND_LABELS.items()]),
            ("state", [("", _("Any state")), *choices(CheckState)]),
            ("result", [("", _("Any result")), *choices(CheckResult)]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = options


class PlanForm(forms.Form):
    """What is planned: the claim, what it tests, when, where, who."""

    use_required_attribute = False

    title = forms.CharField(
        label=_("Title"),
        max_length=MAX_TITLE,
        required=False,
        help_text=_("Empty: the template's title."),
    )
    claim = forms.CharField(
        label=_("Claim to be tested"),
        max_length=MAX_CLAIM,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In the landlord's words, written down before anybody looks."),
        error_messages={"required": _("Write the claim that is tested.")},
    )
    criteria = forms.MultipleChoiceField(
        label=_("Criteria it tests"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose one criterion at least.")},
    )
    planned_at = forms.DateTimeField(
        label=_("When"),
        required=False,
        input_formats=[WHEN, "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WHEN),
        error_messages={"invalid": _INVALID_WHEN},
    )
    minutes = forms.IntegerField(
        label=_("Minutes"),
        min_value=5,
        max_value=MOST_MINUTES,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    place = forms.CharField(label=_("Where"), max_length=MAX_PLACE, required=False)
    assigned = forms.ChoiceField(label=_("Who leads it"), required=False)
    doers = forms.MultipleChoiceField(
        label=_("Who else takes part"), required=False, widget=forms.CheckboxSelectMultiple
    )
    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(
        self,
        *args: Any,
        criteria: Sequence[tuple[str, str]],
        people: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, options in (
            ("criteria", criteria),
            ("assigned", [("", _("Nobody yet")), *people]),
            ("doers", people),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = options

    def plan(self, *, theme: str, claim_source: str, claim_ref: str) -> Plan:
        """What a valid form plans."""
        said = self.cleaned_data
        return Plan(
            title=said["title"],
            claim=said["claim"],
            theme=theme,
            criteria=said["criteria"],
            claim_source=claim_source,
            claim_ref=claim_ref,
            planned_at=said["planned_at"],
            minutes=said["minutes"],
            place=said["place"],
            assigned=UUID(said["assigned"]) if said["assigned"] else None,
            doers=[UUID(one) for one in said["doers"]],
        )


class SampleForm(forms.Form):
    """The cases of a check, from a frame that is pasted."""

    use_required_attribute = False

    method = forms.ChoiceField(
        label=_("How the cases are come by"),
        choices=choices(SampleMethod),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how the cases are come by.")},
    )
    frame = forms.CharField(
        label=_("Frame"),
        max_length=300,
        help_text=_("What the cases are drawn from: “homes re-let from April to September”."),
        error_messages={"required": _("Say what the cases are drawn from.")},
    )
    references = forms.CharField(
        label=_("References"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_(
            "One in a line: every case of the frame, or of a purposive sample the cases chosen."
            " For strata write stratum;reference. No names."
        ),
        error_messages={"required": _("Paste the references, one in a line.")},
    )
    size = forms.IntegerField(
        label=_("Cases to draw"), min_value=1, max_value=MOST_CASES, required=False
    )
    seed = forms.CharField(
        label=_("Seed"),
        max_length=100,
        required=False,
        help_text=_("Agreed before the frame is seen. Empty: one is made by chance, and kept."),
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        drawn = said.get("method") in {SampleMethod.RANDOM, SampleMethod.STRATIFIED}
        if drawn and not said.get("size") and "size" not in self.errors:
            self.add_error("size", _("Say how many to draw."))
        return said


class SeenForm(forms.Form):
    """How many people of what group."""

    use_required_attribute = False

    role = forms.ChoiceField(label=_("Who they are"), choices=choices(PeopleRole))
    group = forms.CharField(
        label=_("What they have in common"),
        max_length=100,
        required=False,
        help_text=_("“Sheltered housing, Bryn Glas”. No names."),
    )
    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=5000, initial=1)


class NameForm(forms.Form):
    """Who somebody was; for those who did the check alone."""

    use_required_attribute = False

    name = forms.CharField(label=_("Name"), max_length=200)
    contact = forms.CharField(label=_("How to reach them"), max_length=300, required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class ContactForm(forms.Form):
    """Whom to tell of an urgent risk."""

    use_required_attribute = False

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    telephone = forms.CharField(label=_("Telephone"), max_length=60, required=False)
    hours = forms.IntegerField(
        label=_("Hours to answer in"), min_value=1, max_value=336, initial=24
    )


class RiskForm(forms.Form):
    """An urgent risk: its kind is the button that is pressed."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("Kind"), choices=choices(RiskKind))
    text = forms.CharField(
        label=_("What it is"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("If there is time. More can be said afterwards."),
    )
    place = forms.CharField(label=_("Where"), max_length=300, required=False)


class AnswerForm(forms.Form):
    """What was done about an urgent risk."""

    use_required_attribute = False

    answer = forms.CharField(
        label=_("What was done"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say what was done, and when.")},
    )
    answered_for = forms.CharField(
        label=_("Who says so"),
        max_length=200,
        required=False,
        help_text=_("Name and post at the landlord, if it is not you."),
    )
