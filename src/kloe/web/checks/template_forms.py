"""A template as a form: its head, and a form for each item."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kloe.assessment.checks.templates import CASE, CHECK, FORMAT, Template
from kloe.assessment.checks.words import KIND_LABELS
from kloe.assessment.vocabulary import EvidenceKind, Origin, choices

#: Empty items offered after those there are.
SPARE = 2
MOST_ITEMS = 80
HEAD = (
    "title", "kind", "about", "claim", "evidence", "origin", "sample", "cases", "minutes",
    "opening", "closing",
)  # fmt: skip


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class TemplateForm(forms.Form):
    """The head of a template."""

    use_required_attribute = False

    title = forms.CharField(label=_("Title"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=list(KIND_LABELS.items()))
    about = forms.CharField(label=_("What it is for"), widget=_area(3), max_length=4000)
    claim = forms.CharField(label=_("A claim it commonly tests"), widget=_area(2), max_length=2000)
    evidence = forms.ChoiceField(label=_("Kind of evidence it gives"))
    origin = forms.ChoiceField(label=_("Whom that comes from"))
    sample = forms.CharField(label=_("How to choose cases"), widget=_area(2), max_length=2000)
    cases = forms.IntegerField(label=_("Usual number of cases"), min_value=1, max_value=200)
    minutes = forms.IntegerField(label=_("Minutes it takes"), min_value=5, max_value=1440)
    before = forms.CharField(
        label=_("Before"), widget=_area(4), max_length=6000, help_text=_("One thing in a line.")
    )
    opening = forms.CharField(
        label=_("What to say at the beginning"), widget=_area(3), required=False, max_length=4000
    )
    closing = forms.CharField(
        label=_("What to say at the end"), widget=_area(2), required=False, max_length=4000
    )
    after = forms.CharField(
        label=_("Afterwards"), widget=_area(4), max_length=6000, help_text=_("One thing in a line.")
    )
    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, kinds in (("evidence", EvidenceKind), ("origin", Origin)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices(kinds)


class ItemForm(forms.Form):
    """One item of the checklist; empty, it is left out."""

    use_required_attribute = False

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)
    section = forms.CharField(label=_("Section"), required=False, max_length=200)
    ask = forms.CharField(label=_("What to find out"), widget=_area(2), required=False)
    look = forms.CharField(label=_("What to look at"), widget=_area(2), required=False)
    confirms = forms.CharField(label=_("What would confirm"), widget=_area(2), required=False)
    contradicts = forms.CharField(label=_("What would contradict"), widget=_area(2), required=False)
    per = forms.ChoiceField(
        label=_("Answered"),
        choices=[(CHECK, _("once, for the whole check")), (CASE, _("for each case"))],
        initial=CHECK,
    )
    criteria = forms.CharField(
        label=_("Criteria it tests"),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        required=False,
        help_text=_("Full identifiers, one in a line."),
    )

    @property
    def empty(self) -> bool:
        """Nothing is written in it: an item offered, or one that is taken out."""
        said = self.cleaned_data
        return not any(said.get(f) for f in ("ask", "look", "confirms", "contradicts"))


def initial_of(template: Template) -> dict[str, Any]:
    """A template's head as the form shows it."""
    said = {name: getattr(template, name) for name in HEAD}
    return said | {"before": "\n".join(template.before), "after": "\n".join(template.after)}


def items_of(posted: QueryDict | None, template: Template) -> list[ItemForm]:
    """The forms of the items: as they were sent, or as they stand with some to spare."""
    if posted is not None:
        try:
            count = min(max(int(posted.get("count", "0")), 0), MOST_ITEMS)
        except ValueError:
            count = 0
        return [ItemForm(posted, prefix=f"item-{n}") for n in range(count)]
    made = [
        ItemForm(
            prefix=f"item-{n}",
            initial={
                "key": i.id, "section": i.section, "ask": i.ask, "look": i.look,
                "confirms": i.confirms, "contradicts": i.contradicts, "per": i.per,
                "criteria": "\n".join(i.criteria),
            },
        )
        for n, i in enumerate(template.items)
    ]  # fmt: skip
    more = min(SPARE, MOST_ITEMS - len(made))
    return made + [ItemForm(prefix=f"item-{len(made) + n}") for n in range(more)]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _key(ask: str, taken: set[str]) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", ask.lower()).strip("-").split("-")[:4]
    base = "-".join(words)[:40].strip("-") or "item"
    key, n = base, 2
    while key in taken:
        key, n = f"{base}-{n}", n + 1
    return key


def content_of(form: TemplateForm, items: Sequence[ItemForm]) -> dict[str, Any]:
    """The template that valid forms describe, as its file would have it."""
    said = form.cleaned_data
    content: dict[str, Any] = {"format": FORMAT}
    content |= {name: said[name] for name in HEAD if said[name] not in ("", None)}
    content |= {"before": _lines(said["before"]), "after": _lines(said["after"])}
    full = [i for i in items if not i.empty]
    taken = {i.cleaned_data["key"] for i in full if i.cleaned_data["key"]}
    content["items"] = []
    for item in full:
        one = item.cleaned_data
        key = one["key"] or _key(one["ask"], taken)
        taken.add(key)
        row = {"id": key, "per": one["per"]}
        row |= {
            name: one[name]
            for name in ("section", "ask", "look", "confirms", "contradicts")
            if one[name]
        }
        content["items"].append(row | {"criteria": _lines(one["criteria"])})
    return content
