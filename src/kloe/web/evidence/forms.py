"""Forms of evidence: the filters of the list, adding, changing, deleting, and what it shows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kloe.assessment.vocabulary import (
    Confidentiality,
    Direction,
    EvidenceKind,
    Origin,
    choices,
)
from kloe.core.errors import InvalidInput
from kloe.frameworks.model import Criterion, Descriptor
from kloe.web.evidence import checks
from kloe.web.evidence.catalogue import Wanted
from kloe.web.evidence.checks import Details
from kloe.web.evidence.models import EvidenceItem
from kloe.web.evidence.queries import direction_field
from kloe.web.evidence.uploads import Intake, Upload

FORMS = {
    EvidenceItem.Form.FILE.value: gettext_lazy("File"),
    EvidenceItem.Form.LINK.value: gettext_lazy("Link"),
    EvidenceItem.Form.NOTE.value: gettext_lazy("Note"),
}
RESULT = (EvidenceItem.Form.RESULT.value, gettext_lazy("Result"))
EXISTING = "existing"


def _select(words: Any, first: Any) -> list[tuple[str, Any]]:
    return [("", first), *choices(words)]


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class FilterForm(forms.Form):
    """The filters of the list, as they stand in its address."""

    use_required_attribute = False

    q = forms.CharField(label=gettext_lazy("Words or number"), required=False, max_length=200)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    origin = forms.ChoiceField(label=gettext_lazy("Origin"), required=False)
    form = forms.ChoiceField(label=gettext_lazy("Form"), required=False)
    confidentiality = forms.ChoiceField(label=gettext_lazy("Confidentiality"), required=False)
    theme = forms.ChoiceField(label=gettext_lazy("Speaks to"), required=False)
    used = forms.ChoiceField(
        label=gettext_lazy("Used"),
        required=False,
        choices=[
            ("", gettext_lazy("Used or not")),
            ("yes", gettext_lazy("Used")),
            ("no", gettext_lazy("Not used yet")),
        ],
    )
    when = forms.ChoiceField(
        label=gettext_lazy("Period"),
        required=False,
        choices=[
            ("", gettext_lazy("Any period")),
            ("inside", gettext_lazy("In the period assessed")),
            ("outside", gettext_lazy("Outside the period assessed")),
            ("unstated", gettext_lazy("Not stated")),
        ],
    )
    start = forms.DateField(label=gettext_lazy("From"), required=False, widget=_day())
    end = forms.DateField(label=gettext_lazy("To"), required=False, widget=_day())

    def __init__(self, *args: Any, themes: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._options("kind", _select(EvidenceKind, _("Any kind")))
        self._options("origin", _select(Origin, _("Any origin")))
        self._options("form", [("", _("Any form")), *FORMS.items(), RESULT])
        self._options("confidentiality", _select(Confidentiality, _("Any")))
        self._options("theme", [("", _("Any theme")), *themes])

    def _options(self, name: str, options: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = options

    def wanted(self, *, criterion: str = "", deleted: bool = False, sort: str = "") -> Wanted:
        """What is asked for; what cannot be understood asks for nothing and is said so."""
        self.is_valid()
        said = self.cleaned_data
        return Wanted(
            words=said.get("q", ""),
            **{
                name: said.get(name) or ""
                for name in ("kind", "origin", "form", "confidentiality", "when", "used", "theme")
            },
            start=said.get("start"),
            end=said.get("end"),
            criterion=criterion,
            deleted=deleted,
            sort=sort or "-number",
        )


class DetailsForm(forms.Form):
    """What is said about an item, whatever its form."""

    use_required_attribute = False

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=checks.MAX_TITLE,
        help_text=gettext_lazy("What it is, in a few words: “Repairs policy 2024”."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        help_text=gettext_lazy("What sort of thing it is."),
        error_messages={"required": gettext_lazy("Choose the kind of evidence.")},
    )
    origin = forms.ChoiceField(
        label=gettext_lazy("Origin"),
        help_text=gettext_lazy("Who it comes from."),
        error_messages={"required": gettext_lazy("Choose whom it comes from.")},
    )
    period_start = forms.DateField(
        label=gettext_lazy("True from"),
        required=False,
        widget=_day(),
        help_text=gettext_lazy("The time it speaks for, not the day it was added."),
        error_messages={"invalid": gettext_lazy("Write a date as 31/12/2025.")},
    )
    period_end = forms.DateField(
        label=gettext_lazy("True until"),
        required=False,
        widget=_day(),
        error_messages={"invalid": gettext_lazy("Write a date as 31/12/2025.")},
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        required=False,
        max_length=checks.MAX_SOURCE,
        help_text=gettext_lazy("Where it can be found, or who said it."),
    )
    confidentiality = forms.ChoiceField(
        label=gettext_lazy("Confidentiality"),
        initial=Confidentiality.INTERNAL.value,
        help_text=gettext_lazy("Restricted: readers see number and kind only."),
    )
    text = forms.CharField(
        label=gettext_lazy("What it says"),
        required=False,
        max_length=checks.MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, options in (
            ("kind", _select(EvidenceKind, _("Choose a kind"))),
            ("origin", _select(Origin, _("Choose an origin"))),
            ("confidentiality", choices(Confidentiality)),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = options

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        start, end = said.get("period_start"), said.get("period_end")
        if start and end and end < start:
            self.add_error("period_end", _("The last day must not come before the first."))
        return said

    def details(self, title: str = "") -> Details:
        """The values of a valid form. ``title`` where the form has none of its own."""
        said = self.cleaned_data
        return Details(
            title=title or said["title"],
            **{
                name: said[name]
                for name in (
                    "kind",
                    "origin",
                    "period_start",
                    "period_end",
                    "source",
                    "confidentiality",
                    "text",
                )
            },
        )

    def _check_address(self, name: str = "url") -> None:
        given = self.cleaned_data.get(name, "")
        if not given:
            self.add_error(name, _("Give the address."))
            return
        try:
            self.cleaned_data[name] = checks.web_address(given)
        except InvalidInput as error:
            self.add_error(name, str(error))


def _where() -> forms.CharField:
    """The place in the evidence that a link names."""
    return forms.CharField(
        label=gettext_lazy("Where in it"),
        required=False,
        max_length=checks.MAX_LOCATOR,
        help_text=gettext_lazy("Page, row, minute."),
    )


def _how() -> forms.CharField:
    """What a link says besides."""
    return forms.CharField(
        label=gettext_lazy("How it shows it"), required=False, max_length=checks.MAX_NOTE
    )


class AddForm(DetailsForm):
    """A file or several, a link, or a note. What belongs to the other forms is not looked at."""

    #: Not named "form": a control of that name hides a form's own property in the browser.
    what = forms.ChoiceField(
        label=gettext_lazy("What is it?"),
        choices=list(FORMS.items()),
        widget=forms.RadioSelect,
        initial=EvidenceItem.Form.FILE.value,
        error_messages={"required": gettext_lazy("Choose file, link or note.")},
    )
    url = forms.CharField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=checks.MAX_URL,
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
    )
    #: Only carries the faults of files: what was chosen comes by the intake.
    upload = forms.Field(label=gettext_lazy("Files"), required=False)
    #: Made with the page: the same form sent twice adds nothing twice.
    item_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    locator = _where()
    note = _how()

    #: Whether one of the descriptors may be passed over.
    may_pass = False

    def __init__(
        self,
        *args: Any,
        intake: Intake | None = None,
        descriptors: Iterable[Descriptor] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.intake = intake or Intake()
        self.descriptors = list(descriptors)
        self.fields["title"].required = False
        self.fields["title"].help_text = _(
            "What it is, in a few words. Of a file, its name is used where this is empty."
        )
        for descriptor in self.descriptors:
            self.fields[direction_field(descriptor)] = forms.ChoiceField(
                label=_("What it shows"),
                required=not self.may_pass,
                choices=[
                    *([("", _("Says nothing of it"))] if self.may_pass else []),
                    *choices(Direction),
                ],
                widget=forms.RadioSelect,
                error_messages={"required": _("Say what it shows of the statement.")},
            )

    @property
    def uploads(self) -> list[Upload]:
        return self.intake.uploads

    def directions(self) -> dict[str, str]:
        """What is said of which descriptor, by identifier, where something is said."""
        said = {d.id: self.cleaned_data.get(direction_field(d), "") for d in self.descriptors}
        return {descriptor: direction for descriptor, direction in said.items() if direction}

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        self._check_form(said.get("what", ""))
        return said

    def _check_form(self, form: str) -> None:
        if form == EvidenceItem.Form.FILE:
            self._check_files()
        elif form == EvidenceItem.Form.LINK:
            self._check_title()
            self._check_address()
        elif form == EvidenceItem.Form.NOTE:
            self._check_title()
            if not self.cleaned_data.get("text", "").strip() and "text" not in self.errors:
                self.add_error("text", _("Write what was seen, heard or found."))

    def _check_title(self) -> None:
        if not self.cleaned_data.get("title") and "title" not in self.errors:
            self.add_error("title", _("Say in a few words what it is."))

    def _check_files(self) -> None:
        for name, why in self.intake.refused:
            self.add_error("upload", f"{name}: {why}")
        if not self.uploads and not self.intake.refused:
            self.add_error("upload", _("Choose one file or several."))

    def titled(self) -> list[tuple[Upload, str]]:
        """Each file with its title: the one given, or the file's name."""
        given = self.cleaned_data.get("title", "")
        titled = []
        for upload in self.uploads:
            stem = PurePath(upload.name).stem[: checks.MAX_TITLE]
            if given and len(self.uploads) > 1:
                title = f"{given}: {stem}"[: checks.MAX_TITLE]
            else:
                title = given or stem
            titled.append((upload, title))
        return titled


class CriterionForm(AddForm):
    """Evidence for one criterion: items that are there already, or something new."""

    may_pass = True

    what = forms.ChoiceField(
        label=gettext_lazy("What is it?"),
        choices=[(EXISTING, gettext_lazy("Already here")), *FORMS.items()],
        widget=forms.RadioSelect,
        initial=EXISTING,
        error_messages={"required": gettext_lazy("Choose what to add.")},
    )
    items = forms.Field(label=gettext_lazy("Evidence"), required=False)
    q = forms.CharField(
        label=gettext_lazy("Find evidence"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def __init__(
        self, *args: Any, criterion: Criterion, chosen: Iterable[UUID] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, descriptors=criterion.descriptors, **kwargs)
        self.criterion = criterion
        self.chosen = list(chosen)
        if self.data.get("what") == EXISTING:
            # Nothing is said about an item that is there already.
            for name in ("kind", "origin", "confidentiality"):
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if not self.directions():
            self.add_error(
                direction_field(self.descriptors[0]),
                _("Say what it shows, of one statement at least."),
            )
        return said

    def _check_form(self, form: str) -> None:
        if form == EXISTING:
            if not self.chosen:
                self.add_error("items", _("Choose one item or several."))
            return
        super()._check_form(form)


class EditForm(DetailsForm):
    """Changing what is said about an item."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=checks.MAX_URL,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )
    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, item: EvidenceItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        if item.form != EvidenceItem.Form.LINK:
            del self.fields["url"]
        if item.form == EvidenceItem.Form.NOTE:
            self.fields["text"].required = True
            self.fields["text"].label = _("Note")
            self.fields["text"].error_messages["required"] = _(
                "Write what was seen, heard or found."
            )

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if "url" in self.fields:
            self._check_address()
        return said


class DeleteForm(forms.Form):
    """Deleting needs a reason."""

    use_required_attribute = False

    reason = forms.CharField(
        label=gettext_lazy("Why should it go?"),
        max_length=checks.MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The reason stays where the evidence stood."),
        error_messages={"required": gettext_lazy("Say in a few words why it should go.")},
    )


class LinkForm(forms.Form):
    """What an item says of one descriptor."""

    use_required_attribute = False

    direction = forms.ChoiceField(
        label=gettext_lazy("What it says of the statement"), widget=forms.RadioSelect
    )
    locator = _where()
    note = _how()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["direction"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices(Direction)


def added_words(items: list[EvidenceItem]) -> str:
    """What is said after adding: ``E12 added``."""
    numbers = ", ".join(f"E{item.number}" for item in items)
    return ngettext("%(numbers)s is added.", "%(numbers)s are added.", len(items)) % {
        "numbers": numbers
    }
