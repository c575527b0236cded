"""How ``kloe frameworks show`` shows a KLOE: both sides of each criterion, or as a mapping."""

from __future__ import annotations

import sys
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kloe.core.messages import _
from kloe.frameworks.model import Criterion, Descriptor, Framework, Kloe, Theme


def print_themes(
    framework: Framework, kloe: Kloe, themes: tuple[Theme, ...], *, only: str | None, whole: bool
) -> None:
    """Print a KLOE's themes, or one theme, or one criterion of it."""
    console = Console(file=sys.stdout, highlight=False)
    console.print(f"[bold]{kloe.label}  {escape(str(kloe.title))}[/bold]")
    console.print(f"{framework.publisher}, {framework.edition} ({framework.status})")
    scale = framework.scales[kloe.judgement]
    grades = ", ".join(str(g.label) for g in scale.grades)
    console.print(f"{scale.question} {escape(grades)}")
    if whole:
        console.print(f"\n{escape(str(kloe.about))}")
    mains = {m.id: m for m in kloe.main_questions}
    shown: str | None = None
    for theme in themes:
        main = mains.get(theme.main_question or "")
        if main is not None and main.id != shown:
            console.print(f"\n[bold]{escape(str(main.title))}[/bold]")
            shown = main.id
        console.print(f"\n[bold]{theme.number}  {escape(str(theme.title))}[/bold] ({theme.strand})")
        if only is None:
            for question in theme.questions:
                console.print(f"  {question.key}  {escape(str(question.text))}")
        _criteria(console, framework, kloe, [c for c in theme.criteria if only in {None, c.id}])
        if not whole:
            _beyond(console, theme, only)


def _criteria(
    console: Console, framework: Framework, kloe: Kloe, criteria: list[Criterion]
) -> None:
    scale = framework.scales[kloe.judgement]
    sides = {side: scale.describing(side) for side in ("upper", "lower")}
    table = Table(box=box.HORIZONTALS, show_lines=True, expand=True)
    table.add_column(str(_("Criterion")), ratio=2, overflow="fold")
    for side, grade in sides.items():
        table.add_column(escape(str(grade.label)) if grade else side, ratio=4, overflow="fold")
    for criterion in criteria:
        served = " ".join(q.rpartition("/")[2] for q in criterion.questions)
        table.add_row(
            f"[bold]{escape(str(criterion.title))}[/bold]\n{criterion.key}\n{served}",
            "\n".join(map(_descriptor, criterion.upper)),
            "\n".join(map(_descriptor, criterion.lower)),
        )
    console.print(table)


def _descriptor(descriptor: Descriptor) -> str:
    notes = [descriptor.polarity, descriptor.nature, *descriptor.sources]
    if descriptor.decisive:
        notes.append(str(_("decided by %(kind)s", kind=descriptor.decisive)))
    notes += [name.upper() if len(name) <= 4 else name for name in descriptor.instruments]
    return f"{escape(str(descriptor.text))}\n[dim]{escape(', '.join(notes))}[/dim]"


def _beyond(console: Console, theme: Theme, only: str | None) -> None:
    """Detailed questions, evidence and checks of one theme, or of one criterion in it."""
    parts = (
        (
            _("Detailed questions"),
            []
            if only
            else [f"{d.question.rpartition('/')[2]}  {d.text}" for d in theme.detailed_questions],
        ),
        (
            _("Suggested evidence"),
            [
                f"{e.kind}: {e.text}"
                for e in theme.suggested_evidence
                if only is None or only in e.criteria
            ],
        ),
        (
            _("Suggested reality checks"),
            [
                f"{c.kind}, {c.how_many}: “{c.claim}” {c.sample}"
                for c in theme.suggested_checks
                if only is None or only in c.criteria
            ],
        ),
    )
    for heading, lines in parts:
        if lines:
            console.print(f"\n[bold]{heading}[/bold]")
            for line in lines:
                console.print(f"  • {escape(line)}")


def as_dict(
    framework: Framework, kloe: Kloe, themes: tuple[Theme, ...], only: str | None
) -> dict[str, Any]:
    """The same as a mapping: for ``--format json``."""
    return {
        "framework": framework.id,
        "edition": str(framework.edition),
        "status": str(framework.status),
        "digest": framework.digest,
        "kloe": kloe.number,
        "also_numbered": list(kloe.also_numbered),
        "title": str(kloe.title),
        "judgement": kloe.judgement,
        "about": str(kloe.about),
        "covers": [str(c) for c in kloe.covers],
        "main_questions": [
            {"id": m.id, "title": str(m.title), "text": str(m.text), "themes": list(m.themes)}
            for m in kloe.main_questions
        ],
        "themes": [_theme_dict(t, only) for t in themes],
    }


def _theme_dict(theme: Theme, only: str | None) -> dict[str, Any]:
    return {
        "id": theme.id,
        "number": theme.number,
        "title": str(theme.title),
        "strand": theme.strand,
        "main_question": theme.main_question,
        "questions": [
            {"id": q.id, "text": str(q.text), "source": list(q.sources)} for q in theme.questions
        ],
        "detailed_questions": [
            {"question": d.question, "text": str(d.text)} for d in theme.detailed_questions
        ],
        "criteria": [_criterion_dict(c) for c in theme.criteria if only in {None, c.id}],
        "evidence": [
            {"kind": e.kind, "text": str(e.text), "criteria": list(e.criteria)}
            for e in theme.suggested_evidence
        ],
        "reality_checks": [
            {
                "kind": c.kind,
                "claim": str(c.claim),
                "how_many": c.how_many,
                "sample": str(c.sample),
                "criteria": list(c.criteria),
            }
            for c in theme.suggested_checks
        ],
    }


def _criterion_dict(criterion: Criterion) -> dict[str, Any]:
    return {
        "id": criterion.id,
        "title": str(criterion.title),
        "form": criterion.form,
        "questions": list(criterion.questions),
        "common": criterion.common,
        "weighs": criterion.weighs,
        "descriptors": [
            {
                "id": d.id,
                "side": d.side,
                "text": str(d.text),
                "source": list(d.sources),
                "polarity": d.polarity,
                "nature": d.nature,
                "decisive": d.decisive,
                "instruments": list(d.instruments),
            }
            for d in criterion.descriptors
        ],
    }
