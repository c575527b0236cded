"""The library as rows and as a workbook, for those who work on it elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from kloe.core import tables
from kloe.core.messages import _
from kloe.frameworks.model import Criterion, Descriptor, Framework, Kloe, Theme

COLUMNS = (
    "framework",
    "kloe",
    "theme",
    "kind",
    "criterion",
    "grade",
    "polarity",
    "source",
    "text",
)
Row = tuple[str, ...]


def rows(frameworks: Iterable[Framework], kloes: Iterable[str] = ()) -> Iterator[Row]:
    """One row for each published question and each descriptor, in published order.

    :param kloes: identifiers of KLOEs to keep to; none means all.
    """
    wanted = frozenset(kloes)
    for framework in frameworks:
        for kloe in framework.kloes:
            if not wanted or kloe.id in wanted:
                yield from _rows(framework, kloe)


def _rows(framework: Framework, kloe: Kloe) -> Iterator[Row]:
    grades = {side: grade_described(framework, kloe, side) for side in ("upper", "lower")}
    for theme in kloe.themes:
        head = (framework.id, kloe.number, theme.number)
        for question in theme.questions:
            sources = " ".join(question.sources)
            yield (*head, "question", "", "", "", sources, str(question.text))
        for criterion in theme.criteria:
            for descriptor in criterion.descriptors:
                yield (
                    *head,
                    "descriptor",
                    criterion.key,
                    grades[descriptor.side],
                    descriptor.polarity,
                    " ".join(descriptor.sources),
                    str(descriptor.text),
                )


def grade_described(framework: Framework, kloe: Kloe, side: str) -> str:
    """Key of the grade that a column describes in this KLOE."""
    grade = framework.scales[kloe.judgement].describing(side)
    return grade.key if grade else ""


def _themes(frameworks: Iterable[Framework]) -> Iterator[tuple[Framework, Kloe, Theme]]:
    for framework in frameworks:
        for kloe in framework.kloes:
            for theme in kloe.themes:
                yield framework, kloe, theme


def _joined(descriptors: Iterable[Descriptor]) -> str:
    return "\n".join(str(d.text) for d in descriptors)


def _keys(ids: Iterable[str]) -> str:
    return " ".join(id.rpartition("/")[2] for id in ids)


def _criterion_row(criterion: Criterion) -> tuple[str, ...]:
    return (
        criterion.key,
        str(criterion.title),
        criterion.form,
        _keys(criterion.questions),
        criterion.common or "",
        criterion.weighs or "",
        _joined(criterion.upper),
        _joined(criterion.lower),
        " ".join(criterion.sources),
    )


def sheets(frameworks: Iterable[Framework]) -> list[tuple[str, tuple[str, ...], list[Row]]]:
    """The sheets of the workbook: name, columns, rows."""
    given = tuple(frameworks)
    where = ("framework", "kloe", "theme")
    heads = [((f.id, k.number, t.number), k, t) for f, k, t in _themes(given)]
    return [
        (
            str(_("Themes")),
            (*where, "kloe title", "theme title", "strand", "questions", "criteria"),
            [
                (
                    *head,
                    str(k.title),
                    str(t.title),
                    t.strand,
                    str(len(t.questions)),
                    str(len(t.criteria)),
                )
                for head, k, t in heads
            ],
        ),
        (
            str(_("Criteria")),
            (
                *where,
                "criterion",
                "title",
                "form",
                "questions",
                "common",
                "weighs",
                "upper",
                "lower",
                "source",
            ),
            [(*head, *_criterion_row(c)) for head, _k, t in heads for c in t.criteria],
        ),
        (str(_("Questions and descriptors")), COLUMNS, list(rows(given))),
        (
            str(_("Detailed questions")),
            (*where, "question", "text"),
            [
                (*head, _keys([d.question]), str(d.text))
                for head, _k, t in heads
                for d in t.detailed_questions
            ],
        ),
        (
            str(_("Suggested evidence")),
            (*where, "kind", "text", "criteria"),
            [
                (*head, e.kind, str(e.text), _keys(e.criteria))
                for head, _k, t in heads
                for e in t.suggested_evidence
            ],
        ),
        (
            str(_("Reality checks")),
            (*where, "kind", "claim", "how many", "sample", "criteria"),
            [
                (*head, c.kind, str(c.claim), str(c.how_many), str(c.sample), _keys(c.criteria))
                for head, _k, t in heads
                for c in t.suggested_checks
            ],
        ),
        (
            str(_("Instruments")),
            (
                "framework",
                "instrument",
                "name",
                "kind",
                "was",
                "jurisdiction",
                "from",
                "by",
                "note",
                "refs",
            ),
            [row for f in given for row in _instrument_rows(f)],
        ),
        (
            str(_("Known faults")),
            ("framework", "fault", "what is wrong", "treatment", "refs"),
            [
                (f.id, x.id, str(x.fault), str(x.treatment), " ".join(x.refs))
                for f in given
                for x in f.faults
            ],
        ),
    ]


def _instrument_rows(framework: Framework) -> Iterator[Row]:
    for i in framework.instruments.values():
        head = (framework.id, i.id, str(i.name), i.kind, str(i.was))
        refs = " ".join(i.refs)
        for r in i.replaced_by:
            note = str(r.note) if r.note else ""
            yield (*head, r.jurisdiction, r.from_, str(r.by), note, refs)
        if not i.replaced_by:
            yield (*head, "", "", str(_("still in place")), "", refs)


# Columns that hold sentences are wide and wrapped; all others fit what they hold.
_WIDE = {
    "text",
    "upper",
    "lower",
    "claim",
    "sample",
    "was",
    "note",
    "what is wrong",
    "treatment",
    "by",
}
_TITLES = {"title", "kloe title", "theme title", "name", "source", "refs", "criterion"}


def workbook(frameworks: Iterable[Framework], target: Path | BinaryIO) -> None:
    """Write the library as a workbook: a sheet each for themes, criteria, texts and the rest."""
    given = tuple(frameworks)
    digests = "\n".join(f"{f.id} {f.digest}" for f in given)
    with tables.workbook(target, title=str(_("Key Lines of Enquiry")), comments=digests) as book:
        for name, columns, lines in sheets(given):
            frozen = 3 if columns[:3] == ("framework", "kloe", "theme") else 1
            sheet = book.sheet(name, [(c, _width(c)) for c in columns], len(lines), frozen=frozen)
            for n, line in enumerate(lines, 1):
                for m, cell in enumerate(line):
                    sheet.write_string(n, m, cell)


def _width(column: str) -> int:
    return 60 if column in _WIDE else 28 if column in _TITLES else 12
