"""Command: kloe report."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kloe.assessment.permissions import Permission
from kloe.cli.acting import AsOption, AssessmentArgument, acting_as, begin, find_assessment
from kloe.cli.common import DataOption, data_dir, say
from kloe.cli.waiting import Bar
from kloe.core.errors import InvalidInput
from kloe.core.messages import _


class ReportFormat(StrEnum):
    """What a report can be written as."""

    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"
    JSON = "json"


class View(StrEnum):
    """How much of it."""

    FULL = "full"
    BOARD = "board"
    TENANTS = "tenants"
    LARGE = "large"
    TENANTS_LARGE = "tenants-large"


class Order(StrEnum):
    """How the service themes stand."""

    KLOE = "kloe"
    STRAND = "strand"


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def report(
        ctx: typer.Context,
        assessment: AssessmentArgument = "",
        format: Annotated[
            ReportFormat, typer.Option("--format", help="What to write.")
        ] = ReportFormat.PDF,
        view: Annotated[
            View,
            typer.Option(
                "--view",
                help="All of it, one page for the board, two for tenants in plain words, or the "
                "first and the last of these in large print.",
            ),
        ] = View.FULL,
        order: Annotated[
            Order, typer.Option("--order", help="Service themes by KLOE or by strand.")
        ] = Order.KLOE,
        output: Annotated[
            Path | None,
            typer.Option(
                "--output", "-o", metavar="FILE", help="Where to; else into the data directory."
            ),
        ] = None,
        acting: AsOption = "",
        data: DataOption = None,
    ) -> None:
        """Write the report of an assessment: PDF, Word, HTML or JSON.

        Example: `kloe report --format pdf --view board --output board.pdf`
        """
        root = data_dir(ctx)
        begin(root)
        from kloe.web.reporting import actions

        by = acting_as(acting)
        found = find_assessment(assessment, by=by, permission=Permission.REPORT)
        if output is not None and output.is_dir():
            raise InvalidInput(
                _("%(path)s is a folder.", path=output),
                _("--output names a file."),
                _("Add a file name, such as report.pdf."),
            )
        with Bar() as bar:
            made = actions.make(
                found, format=format.value, view=view.value, order=order.value, progress=bar
            )
        if output is None:
            kept = actions.keep(
                assessment=found,
                data=made,
                format=format.value,
                view=view.value,
                order=order.value,
                by=by,
            )
            path = root / "reports" / str(found.pk) / kept["name"]
        elif str(output) == "-":
            sys.stdout.buffer.write(made)
            return
        else:
            path = output
            actions.write_whole(path, made)
        say(_("%(path)s (%(size)d KB)", path=path, size=max(1, len(made) // 1024)))
