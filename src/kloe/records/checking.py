"""What is looked at over a whole load: references, columns not confirmed, too many rejects.

What every row has to keep stands in :mod:`kloe.records.expressions`.
"""

from __future__ import annotations

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.records.layouts import layouts
from kloe.records.mapping import RecordMapping
from kloe.records.staging import Stage
from kloe.records.store import RecordSet


def unsure(mapping: RecordMapping) -> list[Message]:
    """Columns the proposal was not certain of and nobody has confirmed."""
    return [
        _(
            "%(file)s:%(line)d: nobody has confirmed %(columns)s of %(table)s yet.",
            file=mapping.file,
            line=source.line,
            columns=", ".join(source.unsure),
            table=source.table,
        )
        for source in mapping.sources
        if source.unsure and not source.confirmed
    ]


def references(stage: Stage, before: RecordSet | None) -> list[Message]:
    """What points to rows that are not there: a warning, since extracts are made at other times."""
    found = []
    for staged in stage.tables.values():
        for column in staged.layout.columns:
            if column.of is None or column.name not in staged.given:
                continue
            target = layouts()[column.of]
            if column.of in stage.tables:
                targets = stage.tables[column.of].parts
            elif before is not None and column.of in before.tables:
                targets = list(before.paths(column.of))
            else:
                continue
            lost = stage.points_nowhere(staged, column.name, targets, target.key[0])
            if lost:
                found.append(
                    _(
                        "%(table)s.%(column)s: %(n)s rows point to rows of %(of)s that are not"
                        " there.",
                        table=staged.layout.table,
                        column=column.name,
                        n=f"{lost:,}",
                        of=column.of,
                    )
                )
    return found


def refusal(stage: Stage, most_rejects: int) -> InvalidInput | None:
    """Why a load is refused of which too much is rejected: such an extract or mapping is wrong."""
    for staged in stage.tables.values():
        if staged.rejects * 100 <= most_rejects * staged.read:
            continue
        worst = next(f for f in staged.findings() if not f.kept)
        return InvalidInput(
            _(
                "%(rejects)s of %(rows)s rows of %(table)s are rejected, most of them as in"
                " %(file)s:%(line)d, %(column)s “%(value)s”: %(reason)s",
                rejects=f"{staged.rejects:,}",
                rows=f"{staged.read:,}",
                table=staged.layout.table,
                file=worst.file,
                line=worst.line,
                column=worst.column,
                value=worst.value,
                reason=worst.words,
            ),
            _("At most %(n)d in a hundred may be.", n=most_rejects),
            _(
                "Correct the mapping or the extract (“kloe records check” lists every reason), or"
                " allow more with --most-rejects."
            ),
        )
    return None
