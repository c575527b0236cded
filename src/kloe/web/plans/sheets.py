"""The plan as a workbook: its columns, and writing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from kloe.assessment.plan import LED_BY, LEVELS, MADE_BY, OUTCOMES, STATUSES
from kloe.core import tables
from kloe.core.messages import Message, _
from kloe.web.organisations.models import Organisation
from kloe.web.plans.acting import Step
from kloe.web.plans.forms import steps_text
from kloe.web.plans.models import Action, Recommendation

YES, NO = _("yes"), _("no")


@dataclass(frozen=True)
class Column:
    """One column of a sheet: its heading, what it holds, and its fixed words if it has any."""

    key: str
    name: Message
    kind: str = "text"
    words: Mapping[str, Message] | None = None
    required: bool = False
    width: int = 16
    #: Written out, and not read in: it follows from other things.
    told: bool = False


ACTIONS: tuple[Column, ...] = (
    Column("reference", _("Reference")),
    Column("title", _("Action"), required=True, width=50),
    Column("detail", _("More about it"), width=40),
    Column("origin", _("Led by"), "word", LED_BY),
    Column("source", _("Where that stands"), width=30),
    Column("recommendation", _("Recommendation")),
    Column("owner", _("Who answers"), width=26),
    Column("agreed", _("Agreed"), "truth"),
    Column("agreed_with", _("Agreed with"), width=26),
    Column("realistic", _("Realistic"), "truth"),
    Column("realistic_why", _("Realistic because"), width=26),
    Column("measure", _("Measured by"), width=30),
    Column("indicator", _("Indicator"), width=26),
    Column("target", _("Target")),
    Column("resources", _("People and means"), width=26),
    Column("needs_money", _("Needs money"), "truth"),
    Column("budget", _("Budget"), "money"),
    Column("spend", _("Spent"), "money"),
    Column("made_on", _("Set on"), "day"),
    Column("start_on", _("Starts on"), "day"),
    Column("due_on", _("Due on"), "day"),
    Column("done_on", _("Done on"), "day"),
    Column("status", _("Status"), "word", STATUSES),
    Column("reason", _("Why moved, late or dropped"), width=30),
    Column("risk", _("Risk"), "word", LEVELS),
    Column("risk_note", _("What might go wrong"), width=30),
    Column("outcome", _("Outcome for service users"), width=40),
    Column("outcome_groups", _("Groups for whom it matters"), width=26),
    Column("milestones", _("Milestones"), width=40),
    Column("first_due_on", _("First promised for"), "day", told=True),
    Column("outcome_state", _("Outcome shown"), "word", OUTCOMES, told=True),
    Column("smart", _("SMART, of 5"), "number", told=True),
)
RECOMMENDATIONS: tuple[Column, ...] = (
    Column("reference", _("Reference")),
    Column("what", _("Recommendation"), required=True, width=50),
    Column("why", _("Why"), width=40),
    Column("benefit", _("Benefit to service users"), width=40),
    Column("origin", _("Made by"), "word", MADE_BY),
    Column("source", _("Where it stands"), width=30),
    Column("made_on", _("Made on"), "day"),
    Column("due_on", _("By when"), "day"),
    Column("impact", _("Impact"), "word", LEVELS),
    Column("cost", _("Cost"), "word", LEVELS),
    Column("accepted", _("Accepted"), "truth"),
    Column("decision", _("Reason of the decision"), width=30),
    Column("implemented_on", _("Carried out on"), "day"),
)
SHEETS: tuple[tuple[str, Message, tuple[Column, ...]], ...] = (
    ("actions", _("Actions"), ACTIONS),
    ("recommendations", _("Recommendations"), RECOMMENDATIONS),
)


def action_row(row: Action) -> dict[str, Any]:
    """An action by column. Needs owner, recommendation and milestones fetched with it."""
    steps = [Step(m.text, m.due_on, m.done_on) for m in row.milestones.all()]
    found = {c.key: getattr(row, c.key, None) for c in ACTIONS}
    return found | {
        "recommendation": row.recommendation.reference if row.recommendation else "",
        "owner": row.owner.email if row.owner else row.owner_name,
        "milestones": steps_text(steps),
        "reason": "",
    }


def recommendation_row(row: Recommendation) -> dict[str, Any]:
    """A recommendation by column."""
    return {c.key: getattr(row, c.key) for c in RECOMMENDATIONS}


def rows_of(organisation: Organisation) -> dict[str, list[dict[str, Any]]]:
    """The whole plan by sheet, in a fixed number of queries."""
    actions = (
        Action.objects.filter(organisation=organisation)
        .select_related("owner", "recommendation")
        .prefetch_related("milestones")
        .order_by("made_on", "reference")
    )
    recommendations = Recommendation.objects.filter(organisation=organisation)
    return {
        "actions": [action_row(a) for a in actions],
        "recommendations": [recommendation_row(r) for r in recommendations],
    }


def said(column: Column, value: Any) -> Any:
    """A value as a cell shows it."""
    if value is None or value == "":
        return ""
    if column.words is not None:
        return str(column.words.get(value, value))
    if isinstance(value, bool):
        return str(YES if value else NO)
    return value


def workbook(organisation: Organisation) -> bytes:
    """The plan as an Excel workbook, which the import reads again."""
    rows = rows_of(organisation)
    out = BytesIO()
    title = str(_("Improvement plan"))
    with tables.workbook(out, title=title, company=organisation.name) as book:
        forms = {"day": book.form("yyyy-mm-dd"), "money": book.form("#,##0.00")}
        for key, name, columns in SHEETS:
            headings = [(str(c.name), c.width) for c in columns]
            sheet = book.sheet(str(name), headings, len(rows[key]), frozen=2)
            for n, column in enumerate(columns):
                if column.kind in forms:
                    sheet.set_column(n, n, column.width, forms[column.kind])
            for at, row in enumerate(rows[key], 1):
                _write(sheet, at, columns, row, {"text": book.text, **forms})
    return out.getvalue()


def _write(
    sheet: Any, at: int, columns: Sequence[Column], row: Mapping[str, Any], forms: Any
) -> None:
    for n, column in enumerate(columns):
        value = said(column, row[column.key])
        if value == "":
            continue
        if isinstance(value, date):
            sheet.write_datetime(at, n, value, forms["day"])
        elif isinstance(value, Decimal | int):
            sheet.write_number(at, n, value, forms.get(column.kind, forms["text"]))
        else:
            sheet.write_string(at, n, str(value), forms["text"])


def names(columns: Iterable[Column]) -> str:
    """The headings of columns, for a message."""
    return ", ".join(str(c.name) for c in columns)
