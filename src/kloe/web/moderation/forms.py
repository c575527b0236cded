"""Forms of moderation. What is typed comes back with its messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from kloe.frameworks.model import Theme
from kloe.web.assessments.forms import DateInput
from kloe.web.judgements.models import Finding
from kloe.web.moderation.models import Feedback
from kloe.web.moderation.telling import MAX_PEOPLE, MAX_SAID, Told


@dataclass(frozen=True)
class Choice:
    """A finding that may be told, with its fields."""

    finding: Finding
    chosen: Any
    words: Any


@dataclass(frozen=True)
class Chapter:
    """The findings of a theme that may be told."""

    theme: Theme
    choices: list[Choice]
    reaction: Any

    @property
    def some(self) -> bool:
        """Whether one of them is chosen."""
        return any(c.chosen.value() for c in self.choices)


class FeedbackForm(forms.Form):
    """Emerging findings: when, by whom, to whom; what was said of which, and how it was taken."""

    held_on = forms.DateField(label=_("Day"), widget=DateInput())
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    spoke = forms.CharField(
        label=_("Who spoke"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=MAX_PEOPLE,
        help_text=_("Names and roles, as they may be read by everybody who was there."),
        error_messages={"required": _("Write who spoke.")},
    )
    heard = forms.CharField(
        label=_("Who heard"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=MAX_PEOPLE,
        error_messages={"required": _("Write who heard.")},
    )
    reaction = forms.CharField(
        label=_("How they took it as a whole"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=MAX_SAID,
        required=False,
    )
    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(
        self,
        *args: Any,
        findings: Sequence[Finding],
        themes: Mapping[str, Theme],
        feedback: Feedback | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs["auto_id"] = "feedback-%s"
        super().__init__(*args, **kwargs)
        self.findings = [f for f in findings if f.theme in themes]
        self.themes = themes
        self.names = {f.theme: n for n, f in enumerate(self.findings)}
        if feedback is not None:
            names = ("held_on", "place", "spoke", "heard", "reaction")
            self.initial.update({name: getattr(feedback, name) for name in names})
            self.initial["base_version"] = feedback.version
        said: Iterable[Mapping[str, Any]] = feedback.said if feedback else ()
        words = {p["finding"]: p["text"] for entry in said for p in entry["points"]}
        taken = {entry["theme"]: entry["reaction"] for entry in said}
        for finding in self.findings:
            pk = str(finding.pk)
            self.fields[f"f-{pk}"] = forms.BooleanField(
                required=False, label=finding.text, initial=pk in words
            )
            self.fields[f"t-{pk}"] = forms.CharField(
                required=False,
                label=_("In the words it was told"),
                widget=forms.Textarea(attrs={"rows": 2}),
                max_length=MAX_SAID,
                initial=words.get(pk, finding.text),
            )
        for theme, n in self.names.items():
            self.fields[f"r-{n}"] = forms.CharField(
                required=False,
                label=_("How they took it"),
                widget=forms.Textarea(attrs={"rows": 2}),
                max_length=MAX_SAID,
                initial=taken.get(theme, ""),
            )

    @property
    def chapters(self) -> list[Chapter]:
        """The findings by theme, with their fields."""
        found: dict[str, list[Choice]] = {}
        for finding in self.findings:
            one = Choice(finding, self[f"f-{finding.pk}"], self[f"t-{finding.pk}"])
            found.setdefault(finding.theme, []).append(one)
        return [
            Chapter(self.themes[theme], choices, self[f"r-{self.names[theme]}"])
            for theme, choices in found.items()
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for finding in self.findings:
            if cleaned.get(f"f-{finding.pk}") and not cleaned.get(f"t-{finding.pk}", "").strip():
                self.add_error(f"t-{finding.pk}", _("Write what was told, or leave it out."))
        return cleaned

    def told(self) -> Told:
        """What was written."""
        given = self.cleaned_data
        points: dict[UUID, str] = {
            f.pk: given[f"t-{f.pk}"] for f in self.findings if given.get(f"f-{f.pk}")
        }
        return Told(
            held_on=given["held_on"],
            place=given["place"],
            spoke=given["spoke"],
            heard=given["heard"],
            reaction=given["reaction"],
            points=points,
            reactions={theme: given[f"r-{n}"] for theme, n in self.names.items()},
        )
