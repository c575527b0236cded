"""The measures as pages: ``python -m kloe.measures.reference`` writes docs/reference/measures*.

One page lists them all; one for each area says how each is counted and which cases decide it. A
test compares the pages with the measures, so that what people read is what runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kloe.core.pages import write_pages
from kloe.measures.cases import Case, load_cases
from kloe.measures.catalogue import Catalogue, Source
from kloe.measures.definitions import Kind, Measure, Target, Unit
from kloe.records.layouts import layouts

_FROM = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)\s+AS\b")
#: Of the page of each area.
TITLES = {
    "rents": "Rents, arrears and advice",
    "lettings": "Applications, lettings and empty homes",
    "tenancies": "Tenancies",
    "neighbourhoods": "Antisocial behaviour and estates",
    "repairs": "Repairs",
    "safety": "Safety of homes and buildings",
    "homes": "Condition of homes, works and adaptations",
    "access": "Access to services and customer care",
    "complaints": "Complaints",
    "involvement": "Involvement of residents",
    "diversity": "Diversity",
    "money": "Costs and value for money",
    "improvement": "Plans and their results",
    "integrity": "Whether an extract can be believed",
}
UNITS = {
    Unit.PERCENT: "per cent",
    Unit.PER_THOUSAND: "per thousand",
    Unit.RATIO: "ratio",
    Unit.COUNT: "count",
    Unit.DAYS: "days",
    Unit.WORKING_DAYS: "working days",
    Unit.HOURS: "hours",
    Unit.YEARS: "years",
    Unit.MONEY: "pounds",
    Unit.MONEY_PER: "pounds each",
    Unit.POINTS: "points",
}
INTRODUCTION = """\
# Measures

Written from the measures by `python -m kloe.measures.reference`; do not edit.

What `kloe measures run` computes from a landlord's [records](layouts.md): {n} measures, each with
its definition, its SQL in the [portable subset](portable-sql.md) and the cases that decide it. How
they are written is said in [the format](measure-format.md). `kloe measures show ID` prints one,
`kloe measures explain ID` its SQL as it runs.
"""


def _cell(words: object) -> str:
    return " ".join(str(words).split()).replace("|", "\\|")


def _kloes(measure: Measure) -> str:
    """The numbers of the themes a measure speaks to, each once."""
    themes = {"/".join(one.ref.split("/")[1:3]) for one in measure.criteria}
    return ", ".join(sorted(themes))


def _target(target: Target | None) -> str:
    if target is None:
        return ""
    if target.value is not None:
        return f"{target.value:f} ({target.basis})"
    if target.low is not None or target.high is not None:
        return f"{target.low} to {target.high} ({target.basis})"
    return str(target.basis)


def index(sources: Iterable[Source]) -> str:
    """The page that lists them all."""
    by_area: dict[str, list[Source]] = {}
    found = list(sources)
    for source in found:
        by_area.setdefault(source.id.split("/")[0], []).append(source)
    lines = [INTRODUCTION.format(n=len(found))]
    for area, title in TITLES.items():
        lines += [
            f"## {title}",
            "",
            f"How each is counted: [{area}](measures/{area}.md).",
            "",
            "| measure | what it says | unit | speaks to |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| `{s.id}` | {_cell(s.measure.title)} | {UNITS[s.measure.unit]}"
            f" | {_kloes(s.measure)} |"
            for s in by_area.get(area, [])
        ]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _group(group: Mapping[str, Any]) -> str:
    names = [str(v) for k, v in group.items() if k not in ("numerator", "denominator", "n")]
    return f"{' '.join(names)}: {group['numerator']} of {group['denominator']}"


def _expected(case: Case, measure: Measure) -> str:
    expect: Mapping[str, Any] = case.expect
    if measure.kind is Kind.DISTRIBUTION:
        values = expect.get("values") or {}
        said = ", ".join(f"{count} × {value}" for value, count in values.items())
        words = said or "no values"
    elif "numerator" not in expect:
        words = "; ".join(_group(one) for one in expect.get("groups") or [])
    elif measure.kind is Kind.COUNT:
        words = f"{expect['numerator']}"
    else:
        words = f"{expect['numerator']} of {expect['denominator']}"
    left = expect.get("excluded") or {}
    if left:
        words += "; left out: " + ", ".join(f"{n} {key}" for key, n in left.items())
    faults = expect.get("faults") or []
    if faults:
        words += "; at fault: " + ", ".join(str(one) for one in faults)
    return words


def _tables(names: Iterable[str]) -> str:
    return ", ".join(f"[{name}](../layouts.md#{name})" for name in names)


def _about(source: Source) -> Iterator[str]:
    measure = source.measure
    yield f"## {measure.title}"
    yield ""
    yield f"`{source.id}`, version {measure.version}. {measure.matters}"
    yield ""
    if measure.kind is Kind.DISTRIBUTION:
        yield f"- **Value**: {measure.value}"
    else:
        yield f"- **Numerator**: {measure.numerator}"
        if measure.denominator.by_language:
            yield f"- **Denominator**: {measure.denominator}"
    for words in measure.exclusions.values():
        yield f"- **Left out**: {words}"
    for setting in measure.settings.values():
        yield f"- **Setting** `{setting.name}`: {setting.words}. {setting.value} ({setting.basis})"
    if target := _target(measure.target):
        yield f"- **Target**: {target}"
    for published in measure.published:
        yield f"- **Published as** {published.code} ({published.source}): {published.how}"
    for note in measure.not_like_for_like:
        yield f"- **Not like for like**: {note}"
    for placing in measure.criteria:
        yield f"- **Speaks to** `{placing.ref}` ({placing.bearing}): {placing.how}"
    read = sorted(set(_FROM.findall(measure.sql)) & set(layouts()))
    if measure.tests:
        yield f"- **Stands beside** every measure that reads {_tables(measure.tests)}"
    yield f"- **Reads**: {_tables(read)}"
    yield ""
    yield "| case | comes to |"
    yield "|---|---|"
    for case in load_cases(source.cases, measure).cases:
        yield f"| {_cell(case.name)} | {_cell(_expected(case, measure))} |"
    yield ""


def page(area: str, sources: Iterable[Source]) -> str:
    """The page of one area."""
    lines = [
        f"# {TITLES[area]}",
        "",
        "Written from the measures by `python -m kloe.measures.reference`; do not edit."
        " All measures: [index](../measures.md).",
        "",
    ]
    for source in sources:
        if source.id.startswith(f"{area}/"):
            lines += _about(source)
    return "\n".join(lines).rstrip() + "\n"


def pages(catalogue: Catalogue | None = None) -> dict[str, str]:
    """Every page by its path below docs/reference."""
    sources = list((catalogue or Catalogue()).sources.values())
    found = {"measures.md": index(sources)}
    return found | {f"measures/{area}.md": page(area, sources) for area in TITLES}


if __name__ == "__main__":
    write_pages("kloe.measures.reference", pages)
