"""Forms of extracts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kloe.records.suggesting import Place
from kloe.web.evidence.uploads import Intake, Upload
from kloe.web.records import queries
from kloe.web.records.models import RecordDraft


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _as_at() -> forms.DateField:
    return forms.DateField(
        label=gettext_lazy("Day of the extract"),
        widget=_day(),
        help_text=gettext_lazy("The day the records are true of, such as the end of the year."),
        error_messages={
            "required": gettext_lazy("Give the day the records are true of."),
            "invalid": gettext_lazy("Write a date as 31/03/2026."),
        },
    )


def _without_personal() -> forms.BooleanField:
    return forms.BooleanField(
        label=gettext_lazy("Leave out every column that tells about a person"),
        required=False,
        help_text=gettext_lazy(
            "Year of birth, ethnicity, disability and the like. Without them no indicator can "
            "be broken down by group."
        ),
    )


class _Dated(forms.Form):
    use_required_attribute = False

    def clean_as_at(self) -> Any:
        day = self.cleaned_data["as_at"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("That day has not come yet."))
        if day.year < 1980:
            raise forms.ValidationError(_("That is too long ago: write the year in full."))
        return day


class SendForm(_Dated):
    """Files of an extract, and the day they are of."""

    #: Only carries the faults of files: what was chosen comes by the intake.
    upload = forms.Field(label=gettext_lazy("Files"), required=False)
    as_at = _as_at()
    without_personal = _without_personal()
    #: Made with the page: the same form sent twice sends nothing twice.
    draft_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, intake: Intake | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.intake = intake or Intake()

    @property
    def uploads(self) -> list[Upload]:
        """The files that came in."""
        return self.intake.uploads

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for name, why in self.intake.refused:
            self.add_error("upload", f"{name}: {why}")
        if not self.uploads and not self.intake.refused:
            self.add_error("upload", _("Choose one file or several."))
        return said


class CheckForm(_Dated):
    """Of which day the extract is, and what of it is taken."""

    as_at = _as_at()
    without_personal = _without_personal()
    most_rejects = forms.IntegerField(
        label=gettext_lazy("Rejected rows allowed, of a hundred of a table"),
        min_value=0,
        max_value=100,
        help_text=gettext_lazy("Where more are rejected, the mapping or extract is wrong."),
    )


def table_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The tables by group, as choices of a form."""
    return [
        (group.name, [(one.table, str(one.title)) for one in group.layouts])
        for group in queries.layouts_by_group()
    ]


class TableForm(forms.Form):
    """Which table the files of a part become."""

    use_required_attribute = False

    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    table = forms.ChoiceField(
        label=gettext_lazy("Table"),
        choices=table_choices,
        error_messages={"required": gettext_lazy("Choose a table.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "table_%s")
        super().__init__(*args, **kwargs)


class FurtherForm(TableForm):
    """A further table, and the files it is made of."""

    place = forms.TypedChoiceField(label=gettext_lazy("Files"), coerce=int)

    field_order = ("base_version", "place", "table")

    def __init__(self, *args: Any, places: Sequence[Place], **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "further_%s")
        super().__init__(*args, **kwargs)
        choices = [(n, _place_words(p)) for n, p in enumerate(places)]
        self.fields["place"].choices = choices  # type: ignore[attr-defined]
        tables = [("", _("– choose –")), *table_choices()]
        self.fields["table"].choices = tables  # type: ignore[attr-defined]


def _place_words(place: Place) -> str:
    named = ", ".join(place.files[:3]) + (" …" if len(place.files) > 3 else "")
    return f"{named} ({place.sheet})" if place.sheet else named


class EarlierForm(forms.Form):
    """The mapping of an extract that was loaded before."""

    use_required_attribute = False

    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    earlier = forms.ModelChoiceField(
        label=gettext_lazy("Earlier mapping"),
        queryset=RecordDraft.objects.none(),
        error_messages={
            "required": gettext_lazy("Choose one."),
            "invalid_choice": gettext_lazy("It is not kept any more: choose another."),
        },
    )

    def __init__(self, *args: Any, found: Sequence[RecordDraft], **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "earlier_%s")
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[RecordDraft]", self.fields["earlier"])
        field.queryset = RecordDraft.objects.filter(pk__in=[one.pk for one in found])
        field.empty_label = None
        field.choices = [(one.pk, earlier_words(one)) for one in found]


def earlier_words(one: RecordDraft) -> str:
    """An extract by its day, its files and its tables."""
    names = [str(f["name"]) for f in one.files]
    named = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    day = date_format(timezone.localtime(one.created_at), "j F Y, H:i")
    tables = len(one.loaded.get("tables", ()))
    words = ngettext("%(n)d table", "%(n)d tables", tables) % {"n": tables}
    return f"{day}: {named} ({words})"


class MappingForm(forms.Form):
    """Another mapping, as a file."""

    use_required_attribute = False

    #: Only carries the faults of the file: it comes by the intake.
    mapping = forms.Field(label=gettext_lazy("Mapping"), required=False)
    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
