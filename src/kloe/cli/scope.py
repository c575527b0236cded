"""Command: kloe scope."""

from __future__ import annotations

from typing import Annotated

import typer

from kloe.assessment.permissions import Permission
from kloe.cli.acting import AsOption, AssessmentArgument, acting_as, begin, find_assessment
from kloe.cli.common import DataOption, Format, FormatOption, data_dir, print_rows, say
from kloe.core.errors import InvalidInput
from kloe.core.messages import _

COLUMNS = ("rank", "theme", "title", "points", "proposed", "reasons")


def _weights(given: list[str]) -> dict[str, str]:
    found = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign:
            raise InvalidInput(
                _("--weight is given as “%(given)s”.", given=one),
                _("A weight is written like worst_quarter=40."),
                _("“kloe scope --weights” lists them with their values."),
            )
        found[name.strip()] = value.strip()
    return found


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def scope(
        ctx: typer.Context,
        assessment: AssessmentArgument = "",
        weight: Annotated[
            list[str] | None,
            typer.Option("--weight", metavar="NAME=POINTS", help="Another weight; repeatable."),
        ] = None,
        weights: Annotated[
            bool, typer.Option("--weights", help="List the weights and what they do.")
        ] = False,
        accept: Annotated[
            bool, typer.Option("--accept", help="Fill the assessment's scope from the proposal.")
        ] = False,
        acting: AsOption = "",
        data: DataOption = None,
        format: FormatOption = Format.TABLE,
    ) -> None:
        """Propose which themes to look at, ranked, each with its reasons.

        It proposes; people decide. The proposal rests on published results among peers, on what
        is known from elsewhere, on the ratings so far and on when an area was last assessed.

        Example: `kloe scope --weight worst_quarter=40 --format csv`
        """
        begin(data_dir(ctx))
        from dataclasses import asdict

        from kloe.assessment.scope_weights import NAMES, WORDS, Weights
        from kloe.web.indicators import actions, scoping
        from kloe.web.library import store

        by = acting_as(acting)
        found = find_assessment(
            assessment,
            by=by,
            permission=Permission.SCOPE_SET if accept else Permission.ASSESSMENT_VIEW,
        )
        chosen = Weights.from_mapping({**found.scope_weights, **_weights(weight or [])})
        if weights:
            listed = [(n, v, NAMES[n], WORDS[n]) for n, v in asdict(chosen).items()]
            print_rows(("name", "value", "what", "meaning"), listed, format)
            return
        made = scoping.propose(found, chosen)
        pinned = store.pinned(found)
        say(f"{found.organisation.name}: {found.title} ({found.pk})")
        rows = [
            (
                p.rank,
                pinned.theme(p.theme).number,
                p.title,
                p.score,
                p.proposed,
                " ".join(str(r.words) for r in p.reasons),
            )
            for p in made.themes
        ]
        if format is Format.TABLE:
            # Reasons need the room: a terminal is eighty characters wide.
            short = (
                (
                    rank,
                    f"{number}\n{title}",
                    f"{points.normalize():f}\n{_('proposed') if proposed else ''}".rstrip(),
                    reasons,
                )
                for rank, number, title, points, proposed, reasons in rows
            )
            print_rows(("rank", "theme", "points", "reasons"), short)
        else:
            print_rows(COLUMNS, rows, format)
        if accept:
            actions.set_weights(assessment=found, weights=chosen.to_json(), by=by)
            n = actions.accept_proposal(
                assessment=found,
                proposed={p.theme: (p.proposed, str(p.words)) for p in made.themes},
                by=by,
            )
            say(_("Scope filled: %(n)d themes changed.", n=n))
