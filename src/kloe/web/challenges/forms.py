"""Forms about drafts, challenges and answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kloe.assessment.challenges import LABELS, ChallengeKind, Ground, Outcome
from kloe.assessment.vocabulary import EvidenceKind, choices
from kloe.web.assessments.forms import DateInput


def _options(words: Any) -> list[tuple[str, Any]]:
    return [(word.value, LABELS[word]) for word in words]


class IssueForm(forms.Form):
    """Issuing a draft."""

    deadline = forms.DateField(
        label=_("Challenges until"),
        widget=DateInput(),
        help_text=_("The last day. Public holidays are not known here: add a day for each."),
    )
    note = forms.CharField(
        label=_("Words to the landlord"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("They stand in the mail and above the draft."),
    )
    base = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ExtendForm(forms.Form):
    """More time for the landlord."""

    deadline = forms.DateField(label=_("Challenges until"), widget=DateInput())
    reason = forms.CharField(
        label=_("Reason"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The landlord's people read it."),
    )
    base = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ChallengeForm(forms.Form):
    """A challenge, and evidence for it; the files are read beside the form."""

    paragraph = forms.IntegerField(
        label=_("Paragraph"),
        min_value=1,
        help_text=_("Its number stands before it in the draft."),
    )
    kind = forms.ChoiceField(
        label=_("What is wrong"), choices=_options(ChallengeKind), widget=forms.RadioSelect
    )
    quote = forms.CharField(
        label=_("What the paragraph says"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The words you mean, where it is not the whole paragraph."),
    )
    claim = forms.CharField(
        label=_("What is so"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )
    url = forms.CharField(
        label=_("Or a link"),
        required=False,
        max_length=1000,
        help_text=_("https:// or http://, as the browser shows it."),
    )
    title = forms.CharField(
        label=_("What it is"),
        required=False,
        max_length=300,
        help_text=_("In a few words; otherwise the name of the file."),
    )
    evidence_kind = forms.ChoiceField(
        label=_("Kind of evidence"),
        choices=choices(EvidenceKind),
        required=False,
        initial=EvidenceKind.DOCUMENT.value,
    )
    when = forms.DateField(
        label=_("Since when it exists, or when it was done"),
        required=False,
        widget=DateInput(),
    )
    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    row = forms.UUIDField(widget=forms.HiddenInput, required=False)
    #: The version of the draft that was read when this was written.
    draft = forms.IntegerField(widget=forms.HiddenInput)

    #: Whether files came with it.
    with_files = False

    def clean(self) -> dict[str, Any]:
        """Evidence has a date."""
        said: dict[str, Any] = super().clean() or {}
        if (
            (self.with_files or said.get("url"))
            and not said.get("when")
            and "when" not in self.errors
        ):
            self.add_error(
                "when",
                _(
                    "Evidence has a date: what existed when the inspectors looked counts for the "
                    "service, what was done since for the prospects. Give the day."
                ),
            )
        return said


class AnswerForm(forms.Form):
    """An answer to a challenge."""

    outcome = forms.ChoiceField(
        label=_("Answer"), choices=_options(Outcome), widget=forms.RadioSelect
    )
    ground = forms.ChoiceField(
        label=_("Why not, or not wholly"),
        required=False,
        choices=[("", _("Nothing to say against it")), *_options(Ground)],
    )
    reason = forms.CharField(
        label=_("In words"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The landlord reads it, and with the report everybody."),
    )
    new_text = forms.CharField(
        label=_("The paragraph as it will read"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Leave it where it stays. The text itself is changed where it is written."),
    )
    moves = forms.MultipleChoiceField(
        label=_("Grades that it moves"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They go back to moderation, and a new draft is issued afterwards."),
    )
    base_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, subjects: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["moves"].choices = subjects
