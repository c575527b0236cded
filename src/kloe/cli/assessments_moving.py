"""Commands: kloe assessments export and import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kloe.assessment.permissions import Permission
from kloe.cli.acting import AsOption, AssessmentArgument, acting_as, begin, find_assessment
from kloe.cli.common import DataOption, Format, FormatOption, data_dir, print_rows, say
from kloe.cli.waiting import Bar
from kloe.core.messages import _


def export(
    ctx: typer.Context,
    assessment: AssessmentArgument = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE.zip",
            help="Where to write the file; else into this folder, named after the assessment.",
            show_default=False,
        ),
    ] = None,
    acting: AsOption = "",
    data: DataOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Write a whole assessment into one file, to bring it into another kloe.

    Everything that belongs to it goes along: ratings, evidence with its files, checks, findings,
    judgements, history, the framework editions it holds on to. Names of people who were
    interviewed do not. The same assessment always has the same digest.

    Example: `kloe assessments export "Self-assessment 2025/26" --output porth-arian.zip`
    """
    begin(data_dir(ctx))
    from django.utils.text import slugify

    from kloe.web.moving import packing
    from kloe.web.moving.form import FILES

    by = acting_as(acting)
    found = find_assessment(assessment, by=by, permission=Permission.ASSESSMENT_MANAGE)
    path = output or Path(f"{slugify(f'{found.landlord.name} {found.title}') or found.pk}.zip")
    with Bar() as bar:
        manifest = packing.export(assessment=found, output=path.expanduser(), by=by, progress=bar)
    files = sum(one.path.startswith(FILES) for one in manifest.files)
    if format is Format.TABLE:
        say(_("%(title)s is in %(path)s, with %(n)d files.", title=found.title, path=path, n=files))
        print_rows(("digest",), [(manifest.digest,)])
    else:
        entries = len(manifest.files)
        row = (found.pk, found.title, manifest.owner, manifest.digest, entries, files, path)
        print_rows(("id", "title", "organisation", "digest", "entries", "files", "path"), [row],
                   format)  # fmt: skip
    if manifest.left_out:
        say(_("The landlord's improvement plan is not in it: it is the landlord's."))
    say(_("It holds what is restricted, too: keep it as safe as the assessment itself."))


def import_(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE.zip", help="A file made by kloe assessments export.")
    ],
    check: Annotated[
        bool,
        typer.Option("--check", help="Prove the file, say what it holds, bring in nothing."),
    ] = False,
    acting: AsOption = "",
    data: DataOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Bring in an assessment from a file: all of it, or nothing.

    People are found by e-mail address; those who are not here get an account nobody can sign in
    to, until **kloe users activate** opens it. Nobody becomes a member of an organisation.

    Ends with 4 if the file was changed, with 3 if it is no assessment or of a later kloe, with 7
    if the assessment is here already.

    Example: `kloe assessments import porth-arian.zip --data other-kloe`
    """
    begin(data_dir(ctx))
    from kloe.web.moving import arriving, unpacking
    from kloe.web.moving.form import summary

    path, by = file.expanduser(), acting_as(acting)
    if check:
        with Bar() as bar, unpacking.opened(path, bar) as package:
            package.prove(bar)
            told = summary(package.manifest)
        print_rows(tuple(told), [tuple(told.values())], format)
        return
    with Bar() as bar:
        done = arriving.bring_in(path, by=by, progress=bar)
    one = done.assessment
    for note in done.notes:
        say(note)
    if done.people:
        say(
            _(
                "%(n)d people were not here: their accounts are closed until “kloe users activate” "
                "opens them.",
                n=len(done.people),
            )
        )
    columns = ("id", "title", "organisation", "digest")
    row = (one.pk, one.title, one.organisation.name, done.digest)
    if format is Format.TABLE:
        say(_("%(title)s of %(whose)s is here.", title=one.title, whose=one.landlord.name))
        print_rows(("id", "rows"), [(one.pk, sum(done.rows.values()))])
        return
    print_rows((*columns, "rows", "people"), [(*row, sum(done.rows.values()), done.people)], format)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("export")(export)
    app.command("import")(import_)
