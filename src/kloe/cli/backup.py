"""Commands: kloe backup and kloe restore."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from kloe.cli.common import DataOption, data_dir, say
from kloe.cli.waiting import Bar
from kloe.core.messages import Message, _


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"


def _out(sentence: Message) -> None:
    typer.echo(str(sentence))


def backup(
    ctx: typer.Context,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE.zip", help="Where to write the backup.")
    ],
    files_only: Annotated[
        bool,
        typer.Option(
            "--files-only",
            help="Leave out a PostgreSQL database, which pg_dump backs up.",
        ),
    ] = False,
    data: DataOption = None,
) -> None:
    """Back up the whole data directory into one file, while the server runs.

    Database, evidence, results, reports, settings and the secret key, each with its digest. The
    file appears when it is complete. **kloe restore --check FILE** proves it at any time.

    With PostgreSQL (KLOE_DATABASE_URL) run pg_dump first, then **kloe backup --files-only**.
    """
    from kloe.web.backup.make import make

    with Bar() as bar:
        manifest = make(
            data_dir(ctx, create=False),
            output.expanduser(),
            database_url=os.environ.get("KLOE_DATABASE_URL", ""),
            files_only=files_only,
            progress=bar,
        )
    _out(
        _(
            "%(n)d files (%(size)s) are backed up in %(path)s.",
            n=len(manifest.files),
            size=_megabytes(manifest.total),
            path=output,
        )
    )
    if manifest.secret_key:
        say(_("It holds the secret key and all evidence: keep it as safe as the data itself."))
    if files_only and manifest.database != "sqlite":
        say(_("The PostgreSQL database is not in it: keep it together with the file of pg_dump."))


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="A file made by kloe backup.")],
    check: Annotated[
        bool, typer.Option("--check", help="Prove the backup and say what it holds; write nothing.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Replace what is in the data directory; it is kept beside it."
        ),
    ] = False,
    data: DataOption = None,
) -> None:
    """Put a backup back, after every byte of it is proved.

    It goes into a new or empty data directory, or replaces one with **--force**. Ends with 4 if
    the backup was changed, with 3 if the file is no backup, with 7 if the directory is in use.

    Example: `kloe restore kloe-2026-11-21.zip --data trial`
    """
    from kloe.web.backup.archive import verify
    from kloe.web.backup.restore import restore as put_back

    path = file.expanduser()
    if check:
        with Bar() as bar:
            manifest = verify(path, bar)
        _out(
            _(
                "%(path)s is as it was made on %(when)s by kloe %(version)s: %(n)d files "
                "(%(size)s), database %(database)s.",
                path=path,
                when=manifest.made_at,
                version=manifest.version,
                n=len(manifest.files),
                size=_megabytes(manifest.total),
                database=manifest.database,
            )
        )
        return
    target = data_dir(ctx, create=False)
    with Bar() as bar:
        done = put_back(path, target, force=force, progress=bar)
    _out(
        _(
            "%(n)d files of %(when)s are back in %(path)s.",
            n=len(done.manifest.files),
            when=done.manifest.made_at,
            path=target,
        )
    )
    if done.before is not None:
        say(_("What was there before lies in %(path)s; remove it in time.", path=done.before))
    if done.manifest.database != "sqlite":
        say(_("The database was a PostgreSQL: put it back with pg_restore."))
    elif os.environ.get("KLOE_DATABASE_URL"):
        say(_("KLOE_DATABASE_URL names another database; without it kloe uses the one put back."))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)
