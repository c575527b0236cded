"""Holding a measure's SQL to the portable subset, and to what the engine around it needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlglot import exp

from kloe.core.messages import _
from kloe.measures.portable.notes import Notes
from kloe.measures.portable.queries import Queries
from kloe.measures.portable.values import Family, Problem, Relation, Value, of_sql
from kloe.records.layouts import ADDED, Layout

#: What each kind of measure returns after landlord, period and case.
RETURNS: Mapping[str, tuple[str, ...]] = {
    "ratio": ("numerator", "denominator"),
    "count": ("numerator", "denominator"),
    "gap": ("numerator", "denominator"),
    "representation": ("numerator", "denominator"),
    "adequacy": ("numerator", "denominator"),
    "distribution": ("value",),
}
#: Columns a kind needs besides.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "gap": ("characteristic", "grp"),
    "representation": ("characteristic", "grp"),
    "adequacy": ("stratum",),
}
_HEAD = {"landlord": Family.TEXT, "period_id": Family.INTEGER, "case_ref": Family.TEXT}


def relation_of(layout: Layout) -> Relation:
    """A table of the records as queries see it."""
    columns = {name: of_sql(type_) for name, type_ in layout.types.items()}
    return Relation(columns, frozenset(layout.key), frozenset(layout.key))


def problems(
    tree: exp.Expr,
    layouts: Mapping[str, Layout | Mapping[str, str]],
    *,
    settings: Mapping[str, Any] | None = None,
    kind: str | None = None,
    exclusions: Collection[str] | None = None,
) -> list[Problem]:
    """What of a measure's SQL is outside the portable subset; empty where nothing is.

    :param tree: as :func:`kloe.measures.portable.parse` gives it.
    :param layouts: each table's layout, or its columns with their SQL types.
    :param settings: values of the measure's settings; without them any name is taken.
    :param kind: of the measure; without it either numerator and denominator or a value is taken.
    :param exclusions: keys of the measure's exclusions; without them any is taken.
    """
    notes = Notes()
    tables = {
        name: relation_of(one)
        if isinstance(one, Layout)
        else Relation({k: of_sql(v) for k, v in {**ADDED, **one}.items()})
        for name, one in layouts.items()
    }
    returned = Queries(notes, tables, settings).read(tree)
    _returned(notes, tree, dict(returned.columns), kind)
    if exclusions is not None:
        _excluded(notes, tree, exclusions)
    return notes.all()


def _returned(notes: Notes, tree: exp.Expr, columns: dict[str, Value], kind: str | None) -> None:
    names = list(columns)
    kinds = [RETURNS[kind]] if kind else [RETURNS["ratio"], RETURNS["distribution"]]
    if not any(tuple(names[: 3 + len(one)]) == (*_HEAD, *one) for one in kinds):
        notes.tell(
            tree,
            _("The measure returns %(names)s.", names=", ".join(names) or "–"),
            _("It returns first: %(wanted)s.",
              wanted=" / ".join(", ".join((*_HEAD, *one)) for one in kinds)),
            _("Further columns follow: excluded, references, columns of its own."),
        )  # fmt: skip
    for name in GROUPS.get(kind or "", ()):
        if name not in columns:
            notes.tell(tree, _("The measure does not return “%(name)s”.", name=name),
                       _("A measure of kind “%(kind)s” does.", kind=kind))  # fmt: skip
    wanted = {
        **{name: (family,) for name, family in _HEAD.items()},
        **dict.fromkeys(("numerator", "denominator", "value"), (Family.INTEGER, Family.DECIMAL)),
        "excluded": (Family.TEXT,),
    }
    for name, families in wanted.items():
        value = columns.get(name)
        if value is not None and value.family not in (*families, Family.ANY, Family.NULL):
            notes.tell(
                tree, _("“%(name)s” is %(is)s.", name=name, **{"is": value.sql}),
                _("It is: %(all)s.", all=", ".join(str(f) for f in families)),
            )  # fmt: skip


def _excluded(notes: Notes, tree: exp.Expr, allowed: Collection[str]) -> None:
    """Texts that the column ``excluded`` may hold, where they are written out in the SQL."""
    for alias in tree.find_all(exp.Alias):
        if alias.alias != "excluded":
            continue
        inner = alias.this
        results: list[exp.Expr] = [inner]
        if isinstance(inner, exp.Case):
            results = [one.args["true"] for one in inner.args["ifs"]]
            results.append(inner.args.get("default") or exp.Null())
        for one in results:
            if isinstance(one, exp.Literal) and one.is_string and one.name not in allowed:
                notes.tell(
                    alias, _("“%(key)s” is no exclusion of the measure.", key=one.name),
                    _("It has: %(all)s.", all=", ".join(allowed) or "–"),
                    _("Lay it down under “exclusions” in measure.yaml."),
                )  # fmt: skip
