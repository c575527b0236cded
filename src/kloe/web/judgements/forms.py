"""Forms of findings and judgements. What is typed comes back with its messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from kloe.assessment.plan import LEVELS
from kloe.assessment.strength import STRENGTHS
from kloe.assessment.vocabulary import FindingKind, choices
from kloe.web.judgements.models import Factor, Weakness
from kloe.web.judgements.subjects import Subject

MAX_REASONS = 20_000
MAX_FINDING = 20_000
MAX_WEAKNESS = 5_000
PRIORITIES = (("high", _("High")), ("medium", _("Medium")), ("low", _("Low")))
UNSAID = ("", _("Nobody has said"))
ANSWERS = (("yes", _("Yes")), ("in part", _("In part")), ("no", _("No")), ("", _("Not said")))
FACTOR_KINDS = (("driver", _("Driver")), ("barrier", _("Barrier")))

REASONS: dict[str, tuple[Any, Any, Any]] = {
    "provisional": (
        _("Provisional grade"),
        _("Reasons"),
        _("What weighs most, for and against, and why it comes to this grade."),
    ),
    "proposed": (
        _("Grade proposed"),
        _("Reasons"),
        _(
            "They stand in the report once agreed. Where the grade departs from the suggestion, "
            "say why."
        ),
    ),
    "agreed": (
        _("Agreed grade"),
        _("Reasons"),
        _("They stand in the report. Where the grade departs from the suggestion, say why."),
    ),
    "dissent": (
        _("The grade you would give"),
        _("Your reasons"),
        _("Recorded with your name beside the judgement; it does not change the grade."),
    ),
}


class JudgeForm(forms.Form):
    """A grade with its reasons."""

    grade = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": _("Choose a grade.")}
    )
    reasons = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=MAX_REASONS,
        error_messages={"required": _("Write the reasons: a grade does not stand without them.")},
    )
    #: Of a proposal that stands already.
    why = forms.CharField(
        label=_("Why you change the grade"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=10_000,
        required=False,
        help_text=_("Stands in the discussion; needed where the grade changes."),
    )
    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(
        self, *args: Any, subject: Subject, stage: str, again: bool = False, **kwargs: Any
    ) -> None:
        kwargs["auto_id"] = f"{subject.slug}-{stage}-%s"
        super().__init__(*args, **kwargs)
        self.subject, self.stage = subject, stage
        if stage != "proposed" or not again:
            del self.fields["why"]
        grade, reasons, hint = REASONS[stage]
        field = self.fields["grade"]
        field.label = grade
        field.choices = [(g.key, str(g.label)) for g in subject.scale.grades]  # type: ignore[attr-defined]
        self.fields["reasons"].label = reasons
        self.fields["reasons"].help_text = hint

    @property
    def grades(self) -> list[dict[str, Any]]:
        """The grades to choose from, as the template draws them."""
        chosen = self["grade"].value()
        return [
            {
                "grade": grade,
                "id": f"{self['grade'].auto_id}_{n}",
                "checked": grade.key == chosen,
            }
            for n, grade in enumerate(self.subject.scale.grades)
        ]


class FindingForm(forms.Form):
    """A strength, an area for improvement, or positive practice."""

    kind = forms.ChoiceField(label=_("Kind"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("Finding"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=MAX_FINDING,
        help_text=_("One finding in a sentence or two, as it should stand in the report."),
        error_messages={"required": _("Write what was found.")},
    )
    draft = forms.CharField(
        label=_("Text for the report"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=MAX_FINDING,
        required=False,
        help_text=_(
            "At more length, in Markdown: it stands under the finding, or is taken over "
            "into the text of the theme."
        ),
    )
    recommendation = forms.CharField(
        label=_("Recommendation"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=MAX_FINDING,
        required=False,
        help_text=_("What should be done: specific, and so that one can tell when it is done."),
    )
    priority = forms.ChoiceField(
        label=_("Priority"), choices=PRIORITIES, widget=forms.RadioSelect, required=False
    )
    benefit = forms.CharField(
        label=_("Benefit to service users"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=MAX_FINDING,
        required=False,
        help_text=_("What they will notice when it is done."),
    )
    impact = forms.ChoiceField(label=_("Impact"), widget=forms.RadioSelect, required=False)
    cost = forms.ChoiceField(label=_("Cost"), widget=forms.RadioSelect, required=False)
    due_on = forms.DateField(
        label=_("By when"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        required=False,
        error_messages={"invalid": _("Write a date as 31/03/2026.")},
    )
    criteria = forms.MultipleChoiceField(
        label=_("Criteria it rests on"), widget=forms.CheckboxSelectMultiple, required=False
    )
    evidence = forms.TypedMultipleChoiceField(
        label=_("Evidence it rests on"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        coerce=UUID,
    )
    strength = forms.ChoiceField(
        label=_("Strength of the evidence"), widget=forms.RadioSelect, required=False
    )
    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(
        self,
        *args: Any,
        criteria: Sequence[tuple[str, str]],
        evidence: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        kwargs["auto_id"] = "finding-%s"
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = choices(FindingKind)  # type: ignore[attr-defined]
        for name, words in (("impact", LEVELS), ("cost", LEVELS), ("strength", STRENGTHS)):
            said = [UNSAID, *((key, str(label)) for key, label in words.items())]
            self.fields[name].choices = said  # type: ignore[attr-defined]
        self.fields["criteria"].choices = criteria  # type: ignore[attr-defined]
        self.fields["evidence"].choices = evidence  # type: ignore[attr-defined]
        if not evidence:
            self.fields["evidence"].help_text = _("No evidence is linked in this theme yet.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") == FindingKind.IMPROVEMENT and not cleaned.get("priority"):
            self.add_error("priority", _("Say how much it matters: high, medium or low."))
        if cleaned.get("due_on"):
            cleaned["due_on"] = cleaned["due_on"].isoformat()
        elif "due_on" in cleaned:
            cleaned["due_on"] = ""
        return cleaned

    @property
    def only_improvement(self) -> list[Any]:
        """The fields of a recommendation."""
        return [
            self[name]
            for name in ("recommendation", "priority", "benefit", "impact", "cost", "due_on")
        ]


class WeaknessForm(forms.ModelForm):
    """A weakness, and what becomes of it."""

    class Meta:
        model = Weakness
        fields = ["text", "serious", "known", "planned", "capacity", "note"]
        labels = {
            "text": _("Weakness"),
            "serious": _("It is serious"),
            "known": _("Did they know it?"),
            "planned": _("Is it in their plan?"),
            "capacity": _("Have they the capacity?"),
            "note": _("Note"),
        }
        widgets = {
            "text": forms.Textarea(attrs={"rows": 2}),
            "note": forms.Textarea(attrs={"rows": 1}),
            **dict.fromkeys(("known", "planned", "capacity"), forms.RadioSelect),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        kwargs.setdefault("auto_id", f"w-{instance.pk if instance else 'new'}-%s")
        super().__init__(*args, **kwargs)
        for name in ("known", "planned", "capacity"):
            label = self.fields[name].label
            self.fields[name] = forms.ChoiceField(
                label=label, choices=ANSWERS, widget=forms.RadioSelect, required=False
            )
        self.fields["text"].max_length = MAX_WEAKNESS  # type: ignore[attr-defined]
        self.fields["text"].error_messages["required"] = _("Write the weakness.")

    @property
    def answers(self) -> list[Any]:
        return [self[name] for name in ("known", "planned", "capacity")]


class FactorForm(forms.ModelForm):
    """What drives improvement, or stands in its way."""

    class Meta:
        model = Factor
        fields = ["kind", "text"]
        labels = {"kind": _("Kind"), "text": _("In words")}
        widgets = {"kind": forms.HiddenInput, "text": forms.Textarea(attrs={"rows": 1})}

    def __init__(self, *args: Any, kind: str = "", **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        # The kind may come from an address or a form: as it is, it would break the pattern.
        new = kind if kind in dict(FACTOR_KINDS) else "new"
        kwargs.setdefault("auto_id", f"f-{instance.pk if instance else new}-%s")
        super().__init__(*args, **kwargs)
        if kind:
            self.initial["kind"] = kind
        self.fields["text"].error_messages["required"] = _("Write it first.")


def ids(values: Iterable[Any]) -> list[str]:
    """Identifiers as a form holds them."""
    return [str(v) for v in values]
