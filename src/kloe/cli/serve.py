"""Command: kloe serve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kloe.cli.common import DataOption, data_dir
from kloe.core.messages import Message


def _say(sentence: Message) -> None:
    typer.echo(str(sentence))


def serve(
    ctx: typer.Context,
    port: Annotated[
        int, typer.Option("--port", "-p", help="Port to listen on; 0 takes a free one.")
    ] = 8000,
    host: Annotated[
        str,
        typer.Option(
            "--host",
            help="Address to listen on. 0.0.0.0 lets other machines in: give a certificate too.",
        ),
    ] = "localhost",
    cert: Annotated[
        Path | None,
        typer.Option(
            "--cert", metavar="FILE", help="Certificate (PEM) for HTTPS, as phones ask for."
        ),
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="Key (PEM) of the certificate.")
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="Processes that answer requests.")
    ] = 2,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Run the worker for reports and imports.")
    ] = True,
    web: Annotated[
        bool,
        typer.Option("--web/--no-web", help="Run the web server; without it, the worker alone."),
    ] = True,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the first page in the browser.")
    ] = False,
    access_log: Annotated[
        bool, typer.Option("--access-log", help="Print a line for each request.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Start the web server and the worker, and watch both.

    The database is made or brought up to date first. The address is printed when pages can be
    asked for; Ctrl-C stops everything. A child process that dies is started again.

    On your own machine: **kloe serve --open**. For others, phones among them:
    **kloe serve --host 0.0.0.0 --cert cert.pem --key key.pem**.
    """
    from kloe.web.serving import supervisor

    supervisor.serve(
        data_dir(ctx),
        host=host,
        port=port,
        cert=cert,
        key=key,
        workers=workers,
        web=web,
        worker=worker,
        open_browser=open_browser,
        access_log=access_log,
        say=_say,
    )


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve")(serve)
