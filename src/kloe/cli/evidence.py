"""Commands: kloe evidence."""

from __future__ import annotations

from typing import Annotated

import typer

from kloe.assessment.permissions import Permission
from kloe.cli.acting import AsOption, acting_as, begin, find_assessment
from kloe.cli.common import DataOption, Format, FormatOption, data_dir, print_rows, say
from kloe.cli.waiting import Bar
from kloe.core.errors import InvalidInput
from kloe.core.messages import _

app = typer.Typer(
    no_args_is_help=True,
    help="Search the text of evidence, and have it read.",
    rich_markup_mode="markdown",
)

COLUMNS = ("evidence", "title", "place", "words", "item")
AssessmentOption = Annotated[
    str,
    typer.Option(
        "--assessment",
        metavar="ID",
        help="Identifier, the beginning of one, or a title; without it the newest assessment.",
        show_default=False,
    ),
]


@app.command()
def search(
    ctx: typer.Context,
    words: Annotated[
        str,
        typer.Argument(help="Words a page must have; “in quotes” in this order, -without, begin*."),
    ],
    assessment: AssessmentOption = "",
    most: Annotated[
        int, typer.Option("--most", min=1, max=1000, help="How many pages at most.")
    ] = 20,
    acting: AsOption = "",
    data: DataOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Find pages of evidence, the best first, as far as you may see them.

    Example: `kloe evidence search "gas safety" --assessment "Self-assessment 2026"`
    """
    from kloe.assessment.documents.asking import asked, snippet

    begin(data_dir(ctx))
    by = acting_as(acting)
    chosen = find_assessment(assessment, by=by, permission=Permission.ASSESSMENT_VIEW)
    from kloe.web.access import fetch_assessment
    from kloe.web.documents import search as searching

    wanted = asked(words)
    if not wanted:
        raise InvalidInput(
            _("“%(words)s” has no word to look for.", words=words),
            _("A search names at least one word that a page should have."),
            _("Write one, such as kloe evidence search repairs."),
        )
    if by is None:
        documents = searching.visible([], [chosen.pk])
    else:
        access = fetch_assessment(by, chosen.pk, Permission.ASSESSMENT_VIEW)
        documents = searching.visible([access])
    found = searching.search(wanted, documents, [chosen.pk], count=most)
    rows = [
        (
            f"E{hit.item.number}",
            hit.item.title,
            hit.where,
            "".join(p.text for p in snippet(hit.text, wanted.wanted, around=160)),
            str(hit.item.pk),
        )
        for hit in found.hits
    ]
    print_rows(COLUMNS, rows, format, empty=_("No evidence has these words."))
    if found.total > len(rows):
        say(_("%(n)d of %(total)d pages.", n=len(rows), total=found.total))


@app.command()
def index(
    ctx: typer.Context,
    assessment: Annotated[
        str, typer.Option("--assessment", metavar="ID", help="Only this one; else all.")
    ] = "",
    again: Annotated[
        bool, typer.Option("--again", help="Read every file anew, not only what waits.")
    ] = False,
    acting: AsOption = "",
    data: DataOption = None,
) -> None:
    """Read what waits, and build the index and the passages on offer anew.

    Example: `kloe evidence index --again`
    """
    begin(data_dir(ctx))
    by = acting_as(acting)
    from kloe.web.assessments.models import Assessment
    from kloe.web.documents import indexing

    if assessment or by is not None:
        chosen = [find_assessment(assessment, by=by, permission=Permission.ASSESSMENT_MANAGE)]
    else:
        chosen = list(Assessment.objects.order_by("created_at"))
    with Bar() as bar:
        told = indexing.rebuild(chosen, by=by, again=again, progress=bar)
    say(
        _(
            "Documents read: %(read)d, of which without text: %(failed)d. Pages in the index: "
            "%(pages)d.",
            read=told.read,
            failed=told.failed,
            pages=told.pages,
        )
    )
