"""Commands: kloe assessments."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kloe.assessment.permissions import Permission
from kloe.assessment.vocabulary import INSPECTION_KINDS, LABELS, InspectionStage
from kloe.cli import assessments_moving
from kloe.cli.acting import AsOption, AssessmentArgument, acting_as, begin, find_assessment
from kloe.cli.common import DataOption, Format, FormatOption, data_dir, print_rows, say
from kloe.core.errors import InvalidInput, NotFound, PermissionRefused
from kloe.core.messages import _

if TYPE_CHECKING:
    from kloe.web.organisations.models import Organisation

app = typer.Typer(
    no_args_is_help=True,
    help="Open assessments, see how far they are, move them from one kloe to another.",
    rich_markup_mode="markdown",
)

SHOW = (
    "theme", "title", "in_scope", "lead", "due", "placed", "criteria", "evidenced",
    "triangulated", "contradicted", "grade", "stage",
)  # fmt: skip
LIST = ("id", "title", "organisation", "kind", "from", "to", "placed", "criteria", "dataset")


def _day(given: str, option: str) -> date:
    try:
        return datetime.strptime(given, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise InvalidInput(
            _("%(option)s is given as “%(given)s”.", option=option, given=given),
            _("A day is written like 2026-03-31."),
            _("Write it so."),
        ) from None


def _organisation(name: str, dataset: str, landlord: str, data: Any) -> tuple[Organisation, str]:
    """The organisation meant, made from the dataset if it is not here yet; and its code."""
    from kloe.web.organisations import actions
    from kloe.web.organisations.models import Organisation

    if not (dataset and landlord):
        if not name:
            raise InvalidInput(
                _("It is not said whose assessment this is."),
                _("Give --organisation NAME, or --dataset and --landlord."),
                _("“kloe benchmarks landlords DATASET” lists the landlords of a dataset."),
            )
        return _named(name), ""
    from kloe.measures.dataset import open_dataset

    found = open_dataset(data, dataset).landlord(landlord)
    if name:
        return _named(name), found.code
    known = Organisation.objects.filter(landlord_code=found.code).first()
    if known is None:
        # Made with its first member, before anybody said under which code it publishes.
        known = Organisation.objects.filter(landlord_code="", name__iexact=found.name).first()
        if known is not None:
            actions.update(organisation=known, values={"landlord_code": found.code}, by=None)
    if known is None:
        known = actions.create(
            by=None,
            name=found.name,
            kind=Organisation.Kind.COUNCIL
            if "LA" in found.type.upper().split()
            else Organisation.Kind.ASSOCIATION,
            jurisdiction=Organisation.Jurisdiction.ENGLAND,
            homes=max((n for _population, n in found.homes), default=None),
            landlord_code=found.code,
        )
    return known, found.code


def _named(name: str) -> Organisation:
    from kloe.web.organisations import queries

    try:
        return queries.by_name(name)
    except NotFound as error:
        raise NotFound(
            error.given,
            error.allowed,
            _("“kloe users add EMAIL --organisation NAME” makes one with its first member."),
        ) from None


def _check_about(inspecting: bool, *, about: str, again: str, dataset: str) -> None:
    """:raises InvalidInput: unless options of inspections come with inspections alone."""
    if inspecting == bool(about or again) and not (inspecting and dataset):
        return
    if inspecting and dataset:
        raise InvalidInput(
            _("--dataset is given for an inspection."),
            _("Published results are set beside it once it is open."),
            _("Leave it out."),
        )
    raise InvalidInput(
        _("It is not said which landlord is inspected.")
        if inspecting
        else _("--about and --again are of inspections."),
        _("An inspection is about a landlord: --about NAME; a re-inspection says --again too."),
        _("For example: --kind inspection --about 'Tai Enghraifft'"),
    )


def _inspection(about: str, again: str, values: dict[str, Any]) -> Any:
    from kloe.web.inspections import actions

    by, inspecting = values["by"], values["organisation"]
    earlier = (
        find_assessment(again, by=by, permission=Permission.ASSESSMENT_VIEW) if again else None
    )
    name = about or (earlier.landlord.name if earlier else "")
    known = actions.nameable(by, inspecting).filter(name__iexact=name.strip()).first()
    if known is None and inspecting.name.casefold() == name.strip().casefold():
        known = inspecting
    return actions.create(landlord=known or name, again=earlier, **values)


@app.command()
def create(
    ctx: typer.Context,
    organisation: Annotated[
        str, typer.Option("--organisation", help="Name of an organisation that is here already.")
    ] = "",
    dataset: Annotated[
        str, typer.Option("--dataset", help="Published dataset to set beside it.")
    ] = "",
    landlord: Annotated[
        str, typer.Option("--landlord", metavar="CODE", help="Code or name in the dataset.")
    ] = "",
    framework: Annotated[
        list[str] | None,
        typer.Option("--framework", help="Edition to use, the leading one first; else all."),
    ] = None,
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            help="self-assessment or service review; inspection, re-inspection or mock-inspection.",
        ),
    ] = "self-assessment",
    about: Annotated[
        str,
        typer.Option(
            "--about", metavar="NAME", help="Of an inspection: the landlord inspected, by name."
        ),
    ] = "",
    again: Annotated[
        str,
        typer.Option(
            "--again",
            metavar="ASSESSMENT",
            help="Of a re-inspection: the inspection it looks at again.",
        ),
    ] = "",
    title: Annotated[str, typer.Option("--title", help="Else made of kind and period.")] = "",
    start: Annotated[str, typer.Option("--from", metavar="DAY", help="First day.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="DAY", help="Last day.")] = "",
    lead: Annotated[str, typer.Option("--lead", metavar="EMAIL", help="Who leads it.")] = "",
    acting: AsOption = "",
    data: DataOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Open an assessment, with everything in scope.

    An inspection belongs to the inspecting organisation (--organisation); the landlord it is
    about (--about) is one that is here already, or is entered by name.

    Without --from and --to the period is that of the dataset, else the last financial year
    (April to March).

    Example: `kloe assessments create --dataset tsm-2024-25 --landlord 45UC`
    """
    root = data_dir(ctx)
    begin(root)
    from django.db import transaction

    from kloe.frameworks import library
    from kloe.measures.benchmarks import find_dataset
    from kloe.web.access import organisations_where
    from kloe.web.assessments import actions
    from kloe.web.assessments.warnings import warnings_for
    from kloe.web.indicators import actions as indicators

    by = acting_as(acting)
    if bool(dataset) != bool(landlord):
        raise InvalidInput(
            _("Only one of --dataset and --landlord is given."),
            _("A landlord's results are found by both."),
            _("Give both, or neither."),
        )
    if start or end:
        if not (start and end):
            raise InvalidInput(
                _("Only one of --from and --to is given."), _("A period has both."), ""
            )
        first, last = _day(start, "--from"), _day(end, "--to")
    elif dataset:
        period = find_dataset(root, dataset).period
        first, last = period.start, period.end
    else:
        today = date.today()  # noqa: DTZ011 - the financial year of the place where it runs
        year = today.year if today.month > 3 else today.year - 1
        first, last = date(year - 1, 4, 1), date(year, 3, 31)
    frameworks = framework or sorted(library.available(), key=lambda f: not library.load(f).leading)
    for name in frameworks:
        library.load(name)
    # All or nothing: what is refused leaves no organisation behind.
    with transaction.atomic():
        inspecting = kind in {k.value for k in INSPECTION_KINDS}
        _check_about(inspecting, about=about, again=again, dataset=dataset)
        whose, code = _organisation(organisation, dataset, landlord, root)
        if (
            by is not None
            and not organisations_where(by, Permission.ASSESSMENT_CREATE)
            .filter(pk=whose.pk)
            .exists()
        ):
            raise PermissionRefused(
                _("%(who)s may not open assessments for %(whose)s.", who=by, whose=whose),
                _("Leads and administrators of the organisation may."),
                _("Act as one of them, or as the data directory's owner."),
            )
        values: dict[str, Any] = {
            "organisation": whose,
            "frameworks": frameworks,
            "kind": kind,
            "title": title or f"{kind.capitalize()} {first.year}/{last.year % 100:02d}",
            "period_start": first,
            "period_end": last,
            "lead": acting_as(lead),
            "by": by,
        }
        made = _inspection(about, again, values) if inspecting else actions.create(**values)
        if dataset:
            n = indicators.set_beside(assessment=made, dataset=dataset, landlord=code, by=by)
    if dataset:
        say(_("%(n)d published results stand beside it.", n=n))
    for warning in warnings_for(made):
        say(warning)
    if format is Format.TABLE:
        print_rows(("id", "title", "organisation"), [(made.pk, made.title, made.landlord.name)])
        return
    columns = ("id", "title", "organisation", "from", "to")
    row = (made.pk, made.title, made.landlord.name, made.period_start, made.period_end)
    print_rows(columns, [row], format)


@app.command("list")
def list_(
    ctx: typer.Context,
    acting: AsOption = "",
    data: DataOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """List the assessments, newest first.

    Example: `kloe assessments list --format csv`
    """
    begin(data_dir(ctx))
    from kloe.web.access import visible_assessments
    from kloe.web.assessments.models import Assessment
    from kloe.web.assessments.queries import progress_by_theme, sum_of
    from kloe.web.library import store

    by = acting_as(acting)
    found = (
        visible_assessments(by)
        if by
        else Assessment.objects.select_related("organisation", "subject")
    )
    rows = []
    for a in found.order_by("-created_at"):
        total = sum_of(progress_by_theme(a, store.pinned(a)).values())
        rows.append(
            (
                a.pk,
                a.title,
                a.landlord.name,
                a.kind,
                a.period_start,
                a.period_end,
                total.placed,
                total.base,
                a.dataset,
            )
        )
    empty = _("No assessments yet. “kloe assessments create” opens one.")
    if format is Format.TABLE:
        # The rest is for programs; a terminal is eighty characters wide.
        short = (
            (id, title, whose, f"{placed} of {base}")
            for id, title, whose, _kind, _from, _to, placed, base, _dataset in rows
        )
        print_rows(("id", "title", "organisation", "placed"), short, empty=empty)
        return
    print_rows(LIST, rows, format)


@app.command()
def show(
    ctx: typer.Context,
    assessment: AssessmentArgument = "",
    acting: AsOption = "",
    data: DataOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Show the themes of an assessment: scope, lead, how far they are, the grade that stands.

    Example: `kloe assessments show "Self-assessment 2025/26" --format json`
    """
    begin(data_dir(ctx))
    from kloe.web.assessments.queries import progress_by_theme, works_of
    from kloe.web.inspections.models import Inspection
    from kloe.web.judgements.standing import grades
    from kloe.web.library import store

    found = find_assessment(assessment, by=acting_as(acting), permission=Permission.ASSESSMENT_VIEW)
    pinned = store.pinned(found)
    progress = progress_by_theme(found, pinned)
    given = grades(found, pinned)
    rows = []
    for work in works_of(found):
        theme, done = pinned.theme(work.theme), progress[work.theme]
        grade = given.get(work.theme)
        rows.append(
            (
                theme.number,
                theme.title,
                work.in_scope,
                work.lead or "",
                work.due or "",
                done.placed,
                done.base,
                done.evidenced,
                done.triangulated,
                done.contradicted,
                grade[0].label if grade else "",
                grade[1] if grade else "",
            )
        )
    say(f"{found.landlord.name}: {found.title} ({found.pk})")
    if stage := Inspection.objects.filter(assessment=found).values_list("stage", flat=True).first():
        say(_("Stage: %(stage)s", stage=str(LABELS[InspectionStage(stage)])))
    if format is Format.TABLE:
        # The rest is for programs; a terminal is eighty characters wide.
        short = (
            (
                f"{row[0]} {row[1]}" if row[2] else f"{row[0]} {row[1]} ({_('out of scope')})",
                f"{row[5]} of {row[6]}",
                _(
                    "%(shown)d evidenced, %(both)d triangulated, %(against)d contradicted",
                    shown=row[7],
                    both=row[8],
                    against=row[9],
                ),
                f"{row[10]}\n{row[11]}".rstrip(),
            )
            for row in rows
        )
        print_rows(("theme", "placed", "evidence", "grade"), short)
        return
    print_rows(SHOW, rows, format)


assessments_moving.register(app)
