"""Commands: kloe package and kloe verify."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kloe.cli.acting import AsOption, AssessmentArgument
from kloe.cli.common import DataOption, data_dir, print_rows, say
from kloe.cli.waiting import Bar
from kloe.core.errors import VerificationFailed
from kloe.core.messages import Message, _


class Shape(StrEnum):
    """How what was found is printed."""

    TABLE = "table"
    JSON = "json"


class Edition(StrEnum):
    """Which package of a published report."""

    PUBLIC = "public"
    RESTRICTED = "restricted"


def verify(
    package: Annotated[
        Path, typer.Argument(metavar="PACKAGE", help="A sealed package of a published report.")
    ],
    key: Annotated[
        str,
        typer.Option(
            "--key",
            metavar="FINGERPRINT",
            help="Fingerprint of the key it has to be signed by, from the report's public page.",
            show_default=False,
        ),
    ] = "",
    format: Annotated[
        Shape, typer.Option("--format", help="A table to read, or json to pass on.")
    ] = Shape.TABLE,
    data: DataOption = None,
) -> None:
    """Prove that nothing in a sealed package was changed. Needs no database and no account.

    Ends with 0 if every byte is as it was sealed; with 4 if anything was changed, is missing,
    was added, or is signed by another key than **--key**; with 3 if the file is no package.

    Without **--key** it says by which key it was signed: compare the fingerprint with the one
    on the public page, for anybody can sign a package of their own.

    Example: `kloe verify package.zip --key 5f9d…`
    """
    from kloe.reports import verifying

    with Bar() as bar:
        proof = verifying.verify(package.expanduser(), key=key, progress=bar)
    if format is Shape.JSON:
        typer.echo(json.dumps(proof.as_dict(), ensure_ascii=False, indent=2))
    else:
        _told(proof, bool(key))
    if not proof.whole:
        raise _altered(package, proof)


def _told(proof: object, by_key: bool) -> None:
    from kloe.reports.verifying import Proof

    assert isinstance(proof, Proof)
    if proof.problems:
        print_rows(
            ("what", "file", "found"),
            [(p.kind, p.path or "–", p.words) for p in proof.problems],
        )
        return
    manifest = proof.manifest
    assert manifest is not None
    about = {k: str(v) for k, v in manifest.about.items() if isinstance(v, str | int)}
    rows = (
        (_("Report"), f"{about.get('landlord', '')}: {about.get('title', '')}"),
        (_("Version"), about.get("number", "")),
        (_("Edition"), manifest.edition),
        (_("Made by"), manifest.made_by),
        (_("Made at"), manifest.made_at),
        (_("With"), f"kloe {manifest.version}"),
        (_("Files"), _("%(n)d, %(size)s bytes", n=len(manifest.files), size=f"{manifest.total:,}")),
        (_("Signed by"), manifest.fingerprint),
    )
    print_rows(("about", "package"), [(str(k), _printable(str(v))) for k, v in rows])
    typer.echo(str(_("Every byte of %(path)s is as it was sealed.", path=proof.path)))
    if not by_key:
        say(_("Compare the fingerprint with the one that was published, or give it with --key."))


def _printable(text: str) -> str:
    """Words of a file nobody trusts, without what would move the cursor."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _altered(package: Path, proof: object) -> VerificationFailed:
    from kloe.reports.verifying import Proof

    assert isinstance(proof, Proof)
    files = list(dict.fromkeys(p.path for p in proof.problems if p.path))
    named: Message | str = ", ".join(files[:5]) + (" …" if len(files) > 5 else "")
    return VerificationFailed(
        _("%(path)s is not as it was sealed: %(files)s.", path=package, files=named)
        if files
        else _("%(path)s is not as it was sealed.", path=package),
        _("Every byte of a package is covered by its signature."),
        _("Get it again from whoever published the report; do not rely on this one."),
    )


def package(
    ctx: typer.Context,
    assessment: AssessmentArgument = "",
    edition: Annotated[
        Edition,
        typer.Option("--edition", help="For anybody, or for those who see restricted evidence."),
    ] = Edition.PUBLIC,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.zip", help="Where to write it."),
    ] = None,
    number: Annotated[
        int | None,
        typer.Option(
            "--version", metavar="N", help="An earlier version.", show_default="the latest"
        ),
    ] = None,
    as_: AsOption = "",
    data: DataOption = None,
) -> None:
    """Write the sealed package of a published report to a file.

    It is the very file that was made when the report was published: the restricted edition
    holds ratings by person and sources, the public edition nothing that is not public.

    Example: `kloe package "Inspection 2026" --edition public --output package.zip`
    """
    from kloe.assessment.permissions import Permission
    from kloe.cli.acting import acting_as, begin, find_assessment

    begin(data_dir(ctx))
    by = acting_as(as_)
    needed = (
        Permission.EVIDENCE_RESTRICTED if edition is Edition.RESTRICTED else Permission.DRAFT_VIEW
    )
    found = find_assessment(assessment, by=by, permission=needed)
    from kloe.web.publication.packing import copy_package

    target = output or Path(f"{edition.value}-package.zip")
    row = copy_package(
        found, edition=edition.value, number=number, output=target.expanduser(), by=by
    )
    say(
        _(
            "Version %(n)d, %(edition)s edition, is in %(path)s. It is signed by %(key)s.",
            n=row.number,
            edition=edition.value,
            path=target,
            key=row.fingerprint,
        )
    )


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(verify)
    app.command()(package)
