"""Forms of the plan. What is typed comes back with its messages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kloe.assessment.plan import LED_BY, LEVELS, MADE_BY
from kloe.web.plans.acting import Step

UNSAID: tuple[tuple[str, Any], ...] = (("", gettext_lazy("Nobody has said")),)
YES_NO = (("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")))
TRUTH = {"yes": True, "no": False}


def day(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    """A field for a day."""
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=help_text,
        error_messages={"invalid": gettext_lazy("Write a date as 31/03/2026.")},
    )


def money(label: Any, help_text: Any = "") -> forms.DecimalField:
    """A field for pounds."""
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=2,
        help_text=help_text,
        error_messages={"invalid": gettext_lazy("Write pounds as 12500 or 12500.50.")},
    )


def _long(label: Any, rows: int = 3, *, help_text: Any = "", required: bool = False) -> Any:
    return forms.CharField(
        label=label,
        required=required,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=help_text,
    )


def _choices(words: Mapping[str, Any], none: Any = None) -> list[tuple[str, Any]]:
    found = [(key, str(label)) for key, label in words.items()]
    return found if none is None else [("", none), *found]


def _said(label: Any, help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[*UNSAID, *YES_NO],
        required=False,
        widget=forms.RadioSelect,
        help_text=help_text,
    )


class _Based(forms.Form):
    use_required_attribute = False
    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)


class RecommendationForm(_Based):
    """What, why, for whom, how much, by when, and by whom it was made."""

    what = _long(
        gettext_lazy("What should be done"),
        help_text=gettext_lazy("Specific, and so that one can tell when it is done."),
        required=True,
    )
    why = _long(gettext_lazy("Why"))
    benefit = _long(gettext_lazy("What service users gain by it"), 2)
    impact = forms.ChoiceField(label=gettext_lazy("Impact"), required=False)
    cost = forms.ChoiceField(label=gettext_lazy("Cost"), required=False)
    due_on = day(gettext_lazy("By when"))
    origin = forms.ChoiceField(label=gettext_lazy("Made by"))
    source = forms.CharField(
        label=gettext_lazy("Where it stands"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Document and part of it, where it was made elsewhere."),
    )
    made_on = day(gettext_lazy("Made on"), required=True)
    findings = forms.MultipleChoiceField(
        label=gettext_lazy("Findings it rests on"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("The one it bears where it was made; without it, one is given."),
    )

    def __init__(self, *args: Any, findings: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        for name in ("impact", "cost"):
            fields[name].choices = _choices(LEVELS, _("Not said"))
        fields["origin"].choices = _choices(MADE_BY)
        if findings:
            fields["findings"].choices = findings
        else:
            del fields["findings"]

    def values(self) -> dict[str, Any]:
        """What goes to the action."""
        return {k: v for k, v in self.cleaned_data.items() if k not in ("id", "base_version")}


class DecideForm(forms.Form):
    """Accepted or not, and why."""

    use_required_attribute = False
    accepted = forms.ChoiceField(
        label=gettext_lazy("Is it accepted?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    reason = _long(
        gettext_lazy("Reason"),
        2,
        help_text=gettext_lazy("A refusal needs one; it stands beside the recommendation."),
    )


class ActionForm(_Based):
    """Everything an action says of itself."""

    title = forms.CharField(
        label=gettext_lazy("What is to be done"),
        max_length=300,
        help_text=gettext_lazy("In a sentence."),
        error_messages={"required": gettext_lazy("Write what is to be done.")},
    )
    detail = _long(gettext_lazy("More about it"))
    origin = forms.ChoiceField(label=gettext_lazy("What led to it"))
    recommendation: Any = forms.ModelChoiceField(
        label=gettext_lazy("Recommendation"), queryset=None, required=False
    )
    source = forms.CharField(
        label=gettext_lazy("Where that stands"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Complaint, survey, meeting: its reference and date."),
    )
    owner: Any = forms.ModelChoiceField(
        label=gettext_lazy("Who answers for it"), queryset=None, required=False
    )
    owner_name = forms.CharField(
        label=gettext_lazy("Or somebody without an account"), required=False, max_length=200
    )
    outcome = _long(
        gettext_lazy("What service users will notice"),
        2,
        help_text=gettext_lazy("The outcome, not the work."),
    )
    outcome_groups = _long(
        gettext_lazy("Groups for whom it matters most"),
        2,
        help_text=gettext_lazy(
            "One a line, such as: disabled tenants. The outcome is then shown for each."
        ),
    )
    measure = _long(gettext_lazy("How one can tell that it worked"), 2)
    indicator = forms.CharField(
        label=gettext_lazy("Indicator"),
        required=False,
        max_length=100,
        help_text=gettext_lazy(
            "A measure of kloe, such as repairs/first-visit, whose figure is then shown here; or "
            "your own reference of an indicator."
        ),
    )
    target = forms.CharField(label=gettext_lazy("Target"), required=False, max_length=300)
    agreed = _said(gettext_lazy("Is it agreed?"))
    agreed_with = forms.CharField(
        label=gettext_lazy("Agreed with"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Whoever has to do it, pay for it or live with it."),
    )
    realistic = _said(
        gettext_lazy("Is it realistic?"),
        gettext_lazy("Whether people, money and time are there: a statement, by whoever knows."),
    )
    realistic_why = forms.CharField(label=gettext_lazy("Because"), required=False, max_length=500)
    resources = _long(gettext_lazy("People and means"), 2)
    needs_money = _said(gettext_lazy("Does it need money?"))
    budget = money(gettext_lazy("Budget in pounds"))
    spend = money(gettext_lazy("Spent so far in pounds"))
    made_on = day(gettext_lazy("Set on"))
    start_on = day(gettext_lazy("Starts on"))
    due_on = day(gettext_lazy("Done by"))
    reason = forms.CharField(
        label=gettext_lazy("Why the day moves"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Asked for when the day it is due moves to a later one."),
    )
    milestones = _long(
        gettext_lazy("Milestones"),
        4,
        help_text=gettext_lazy(
            "One a line, its day first: 2026-06-30 Contract signed. Add “done 2026-06-28” at the "
            "end when it is reached."
        ),
    )
    risk = forms.ChoiceField(label=gettext_lazy("Risk"), required=False)
    risk_note = _long(gettext_lazy("What might go wrong, and what then"), 2)
    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Your own; without it, one is given."),
    )

    def __init__(self, *args: Any, recommendations: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["origin"].choices = _choices(LED_BY)
        fields["risk"].choices = _choices(LEVELS, _("Not said"))
        fields["recommendation"].queryset = recommendations
        fields["owner"].queryset = people
        fields["recommendation"].label_from_instance = lambda r: f"{r.reference} {r.what[:90]}"
        for name, none in (("recommendation", _("None")), ("owner", _("Nobody yet"))):
            fields[name].empty_label = none

    def clean_milestones(self) -> list[Step]:
        try:
            return steps(self.cleaned_data["milestones"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("agreed", "realistic", "needs_money"):
            cleaned[name] = TRUTH.get(cleaned.get(name, ""))
        if cleaned.get("owner") and cleaned.get("owner_name"):
            self.add_error("owner_name", _("Name one person: either with an account, or without."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What goes to the action."""
        left = ("id", "base_version", "milestones", "reason")
        return {k: v for k, v in self.cleaned_data.items() if k not in left}


def steps(text: str) -> list[Step]:
    """Milestones from lines as ``2026-06-30 Contract signed (done 2026-06-28)``.

    :raises ValueError: naming the line whose day is none.
    """
    found = []
    for line in text.splitlines():
        if words := line.strip():
            found.append(_step(words))
    return found


def _step(line: str) -> Step:
    def read(given: str) -> date:
        try:
            return date.fromisoformat(given)
        except ValueError:
            raise ValueError(
                _("“%(given)s” is no day. Write it as 2026-06-30.") % {"given": given}
            ) from None

    due = done = None
    if match := re.match(r"(\d{4}-\d{1,2}-\d{1,2})[\s:,]+(.+)$", line):
        due, line = read(match[1]), match[2]
    if match := re.match(r"(.+?)[\s,;(]+done (\d{4}-\d{1,2}-\d{1,2})\)?$", line):
        line, done = match[1], read(match[2])
    return Step(line.strip(), due, done)


def steps_text(found: Sequence[Step]) -> str:
    """Milestones as lines, the way :func:`steps` reads them."""
    lines = []
    for one in found:
        start = f"{one.due_on.isoformat()} " if one.due_on else ""
        end = f" (done {one.done_on.isoformat()})" if one.done_on else ""
        lines.append(f"{start}{one.text}{end}")
    return "\n".join(lines)


class MoveForm(forms.Form):
    """A step to another state."""

    use_required_attribute = False
    to = forms.CharField(max_length=20)
    done_on = day(gettext_lazy("Done on"))
    spend = money(gettext_lazy("Spent in all, in pounds"))
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=1000)


class TellForm(forms.Form):
    """How it goes."""

    use_required_attribute = False
    text = _long(gettext_lazy("How it goes"), 2, required=True)
    spend = money(gettext_lazy("Spent so far in pounds"))
