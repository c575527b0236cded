"""The form in which one table of a mapping is changed, and what its answers mean in the YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from kloe.records.editing import Value, change, columns_of
from kloe.records.layouts import Column, Type
from kloe.web.records.mappings import ShownColumn, ShownSource

#: Nothing feeds the column; it stays as the mapping says.
NONE, KEPT = "", "="
REJECT, EMPTY = "reject", "empty"
FORMS = (
    "%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y",
    "%Y%m%d", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S",
    "%m/%d/%Y",
)  # fmt: skip
_LIKE = {
    "%d": "31", "%m": "03", "%Y": "2026", "%y": "26", "%b": "Mar", "%B": "March", "%H": "14",
    "%M": "05", "%S": "09",
}  # fmt: skip


def _example(form: str) -> str:
    for sign, words in _LIKE.items():
        form = form.replace(sign, words)
    return form


@dataclass(frozen=True, slots=True)
class Row:
    """One of our columns in the form, with its fields."""

    column: Column
    shown: ShownColumn | None
    source: Any
    dates: Any
    sign: Any
    right: Any
    codes: tuple[tuple[str, Any], ...]

    @property
    def unsure(self) -> bool:
        """Whether somebody has to look at it."""
        return self.shown is not None and self.shown.unsure


class SourceForm(forms.Form):
    """What feeds each column of one table."""

    use_required_attribute = False

    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    right_all = forms.BooleanField(required=False)

    def __init__(self, *args: Any, source: ShownSource, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source
        self.by_name = {c.column.name: c for c in source.columns}
        self.theirs = list(dict.fromkeys([*source.seen.get("theirs", {}), *source.source.reads]))
        self.fields["right_all"].label = _("Everything unsure here is right")
        for column in source.layout.columns:
            self._add(column, self.by_name.get(column.name))

    def _add(self, column: Column, shown: ShownColumn | None) -> None:
        name = column.name
        options = [(NONE, _("– not taken over –"))]
        current = NONE
        if shown is not None and not shown.map.leave_out:
            one = shown.map
            if len(one.sources) == 1 and not one.less:
                current = one.sources[0]
            else:
                current = KEPT
                options.append((KEPT, _("as it stands: %(words)s") % {"words": shown.source}))
        options += [(t, self._named(t)) for t in self.theirs]
        self.fields[f"from_{name}"] = forms.ChoiceField(
            label=_("Comes from"), choices=options, required=False, initial=current
        )
        if shown is None or shown.map.leave_out:
            return
        if shown.unsure:
            self.fields[f"right_{name}"] = forms.BooleanField(
                label=_("It is right"), required=False
            )
        if column.type in (Type.DATE, Type.DATETIME) and not shown.map.every:
            self._add_dates(name, shown)
        if column.type is Type.MONEY:
            self.fields[f"sign_{name}"] = forms.ChoiceField(
                label=_("Sign"),
                choices=[("none", _("as it is")), ("reverse", _("reversed"))],
                initial=shown.map.sign,
                required=False,
            )
        if column.type is Type.CODE and shown.map.sources:
            for n, (theirs, ours) in enumerate(shown.codes):
                self.fields[f"code_{name}_{n}"] = forms.ChoiceField(
                    label=theirs or _("(empty)"),
                    choices=[
                        (REJECT, _("– reject the row –")),
                        (EMPTY, _("– nothing recorded –")),
                        *((code, str(words)) for code, words in column.codes.items()),
                    ],
                    initial=ours or (theirs if theirs in column.codes else REJECT),
                    required=False,
                )

    def _named(self, theirs: str) -> str:
        samples = self.source.seen.get("theirs", {}).get(theirs, {}).get("samples", ())
        words = ", ".join(samples[:2])[:40]
        return f"{theirs} ({words})" if words else theirs

    def _add_dates(self, name: str, shown: ShownColumn) -> None:
        given = shown.map.dates
        options = [("", _("year-month-day, as 2026-03-31"))]
        current = "" if not given else given[0] if len(given) == 1 else KEPT
        if len(given) > 1:
            options.append((KEPT, _("as it stands: %(words)s") % {"words": ", ".join(given)}))
        known = [*FORMS, *([current] if current not in {"", KEPT, *FORMS} else [])]
        options += [(form, _example(form)) for form in known]
        self.fields[f"dates_{name}"] = forms.ChoiceField(
            label=_("Days are written"), choices=options, required=False, initial=current
        )

    def rows(self) -> list[Row]:
        """The columns: unsure ones first, then those that are fed, then the others."""
        found = [self._row(c) for c in self.source.layout.columns]
        return sorted(found, key=lambda r: (not r.unsure, r.shown is None or r.shown.map.leave_out))

    def _row(self, column: Column) -> Row:
        name = column.name
        shown = self.by_name.get(name)

        def field(kind: str) -> Any:
            key = f"{kind}_{name}"
            return self[key] if key in self.fields else None

        codes = tuple(
            (theirs, self[f"code_{name}_{n}"])
            for n, (theirs, _ours) in enumerate(shown.codes if shown else ())
            if f"code_{name}_{n}" in self.fields
        )
        return Row(
            column, shown, field("from"), field("dates"), field("sign"), field("right"), codes
        )

    def changed(self, mapping: str) -> str:
        """The mapping with what the form says."""
        there = columns_of(mapping, self.source.number)
        columns: dict[str, Value] = {}
        looked: set[str] = set()
        for column in self.source.layout.columns:
            value = self._value(column, there.get(column.name))
            if value is not None:
                columns[column.name] = value
                looked.add(column.name)
            if self.cleaned_data.get(f"right_{column.name}"):
                looked.add(column.name)
        every = self.cleaned_data["right_all"]
        left = [] if every else [n for n in self.source.source.unsure if n not in looked]
        return change(
            mapping, self.source.number, columns=columns, unsure=left, confirmed=bool(every)
        )

    def _value(self, column: Column, there: Value | None) -> Value | None:
        """What is to stand for a column; nothing where that is what stands there."""
        said, name = self.cleaned_data, column.name
        chosen = said.get(f"from_{name}", NONE)
        shown = self.by_name.get(name)
        fed = shown is not None and not shown.map.leave_out
        if chosen == NONE:
            return {"leave_out": True} if fed else None
        if not fed or shown is None:
            return str(chosen)
        before: dict[str, Any] = dict(there) if isinstance(there, Mapping) else {"from": there}
        after = dict(before)
        same = chosen == KEPT or [chosen] == list(shown.map.sources)
        if not same:
            kept = {k: v for k, v in before.items() if k in {"dates", "sign", "numbers"}}
            after = {"from": str(chosen), **kept}
        self._settings(name, shown, after, codes=same)
        return after if after != before else None

    def _settings(
        self, name: str, shown: ShownColumn, after: dict[str, Any], *, codes: bool
    ) -> None:
        said = self.cleaned_data
        dates = said.get(f"dates_{name}")
        if dates is not None and dates != KEPT and (dates,) != (shown.map.dates or ("",)):
            after.pop("dates", None)
            if dates:
                after["dates"] = dates
        sign = said.get(f"sign_{name}")
        if sign and sign != shown.map.sign:
            after.pop("sign", None)
            if sign != "none":
                after["sign"] = sign
        if codes and any(f"code_{name}_{n}" in self.fields for n, _c in enumerate(shown.codes)):
            self._codes(name, shown, after)

    def _codes(self, name: str, shown: ShownColumn, after: dict[str, Any]) -> None:
        own = shown.column.codes
        before = {t: ours or (t if t in own else REJECT) for t, ours in shown.codes}
        answers = {
            theirs: self.cleaned_data.get(f"code_{name}_{n}") or REJECT
            for n, (theirs, _ours) in enumerate(shown.codes)
        }
        if answers == before:
            return
        # Once some are listed, the others of ours no longer stand for themselves.
        rest = {} if shown.map.codes else {code: code for code in own if code not in answers}
        after.pop("codes", None)
        after["codes"] = {t: a for t, a in answers.items() if a != REJECT} | rest
