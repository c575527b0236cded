"""Command: kloe demo."""

from __future__ import annotations

from typing import Annotated

import typer

from kloe.cli.acting import begin
from kloe.cli.common import DataOption, data_dir
from kloe.cli.waiting import Bar
from kloe.core.messages import Message, _


def _say(sentence: Message) -> None:
    typer.echo(str(sentence))


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def demo(
        ctx: typer.Context,
        serve: Annotated[
            bool, typer.Option("--serve/--no-serve", help="Start the server and open the page.")
        ] = True,
        port: Annotated[
            int, typer.Option("--port", "-p", help="Port to listen on; 0 takes a free one.")
        ] = 8000,
        browser: Annotated[
            bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")
        ] = True,
        data: DataOption = None,
    ) -> None:
        """Show kloe at work: an invented landlord, assessed, with its report.

        Makes the landlord, its self-assessment over all ten KLOEs and its records in the data
        directory, computes the indicators that are evidence there, writes the report to
        reports/demo.pdf, starts the server and opens the page. The other indicators are computed
        in the background while the server runs. An inspectorate is invented too, with an
        inspection in each stage; the sealed package of one that is published lies at
        packages/demo.zip.
        Repeating it is safe: what is there stays as you left it, and the report is made anew.

        Example: `kloe demo --no-serve --data trial`
        """
        root = data_dir(ctx)
        begin(root)
        from kloe.web.demonstration import build
        from kloe.web.reporting import actions

        with Bar() as bar:
            made = build.build(progress=bar)
            report = actions.make(made.assessment, format="pdf", progress=bar)
        path = root / "reports" / "demo.pdf"
        actions.write_whole(path, report)
        _say(
            _("%(name)s, an invented landlord, with its self-assessment.", name=made.organisation)
            if made.new
            else _("%(name)s was here already, and is as you left it.", name=made.organisation)
        )
        _say(_("Report: %(path)s (%(size)d KB)", path=path, size=len(report) // 1024))
        if package := build.package(made.organisation):
            sealed = root / "packages" / "demo.zip"
            actions.write_whole(sealed, package.read_bytes())
            _say(_("Sealed package of a published inspection: %(path)s", path=sealed))
        if waiting := build.indicators_waiting(made.assessment):
            _say(
                _(
                    "%(n)d indicators are computed from its records; %(more)d more follow in the"
                    " background while the server runs.",
                    n=waiting[0],
                    more=waiting[1],
                )
            )
        _say(
            _(
                "Sign in as %(email)s with the password %(password)s.",
                email=made.people["mair"].email,
                password=build.PASSWORD,
            )
        )
        if not serve:
            _say(_("“kloe demo” without --no-serve starts the server."))
            return
        from django.db import connections

        from kloe.web.serving import supervisor

        connections.close_all()

        def ready(address: str) -> None:
            page = f"{address.rstrip('/')}/assessments/{made.assessment.pk}/"
            _say(_("The overview: %(page)s", page=page))
            if browser:
                supervisor.open_page(page)

        supervisor.serve(root, port=port, say=_say, when_ready=ready)
