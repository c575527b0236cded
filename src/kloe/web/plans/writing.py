"""What every action of a plan needs: checked values, a reference, one row once, a trace."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models

from kloe.core.errors import Conflict, InvalidInput
from kloe.core.messages import Message, _
from kloe.web.accounts.models import User
from kloe.web.audit.actions import record
from kloe.web.organisations.models import Organisation
from kloe.web.plans.models import Action, Recommendation

M = TypeVar("M", Action, Recommendation)


class FieldFault(InvalidInput):
    """Something wrong with one field, named so that a form shows it there."""

    def __init__(
        self,
        field: str,
        given: Message | str,
        allowed: Message | str = "",
        remedy: Message | str = "",
    ) -> None:
        super().__init__(given, allowed, remedy)
        self.field = field


class ChangedMeanwhile(Conflict):
    """Somebody saved a row first; ``current`` is what they saved."""

    def __init__(self, current: Any) -> None:
        super().__init__(
            _("Somebody else changed %(ref)s while you were writing.", ref=current.reference),
            _("Nothing was overwritten."),
            _("Compare the two, and save again what should stand."),
        )
        self.current = current


def plain(value: Any) -> Any:
    """A value as an audit event keeps it."""
    if isinstance(value, models.Model):
        return str(getattr(value, "reference", "") or value)
    if isinstance(value, date | Decimal | UUID):
        return str(value)
    return value


def trace(
    organisation: Organisation | UUID,
    by: User | None,
    verb: str,
    kind: str,
    row: Any,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    request_id: str = "",
) -> None:
    """An audit event of a plan."""
    pk = organisation if isinstance(organisation, UUID) else organisation.pk
    reference = getattr(row, "reference", "")

    def told(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if values is None:
            return None
        return {"name": reference} | {k: plain(v) for k, v in values.items()}

    record(
        by=by,
        verb=verb,
        subject_kind=kind,
        subject_id=getattr(row, "pk", row),
        organisation_id=pk,
        before=told(before),
        after=told(after),
        request_id=request_id,
    )


def next_reference(organisation: Organisation, model: type[M], letter: str) -> str:
    """The next of R1, R2, ... or A1, A2, ...; call while nobody else writes to the organisation."""
    taken = model._default_manager.filter(
        organisation=organisation, reference__startswith=letter
    ).values_list("reference", flat=True)
    numbers = (int(m[1]) for r in taken if (m := re.fullmatch(rf"{letter}(\d{{1,9}})", r)))
    return f"{letter}{max(numbers, default=0) + 1}"


def lock(organisation: Organisation) -> None:
    """Nobody else gives out references of this organisation until the transaction ends."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)


def checked(row: M) -> M:
    """The row, if its values are allowed.

    :raises FieldFault: naming the first field that is wrong.
    """
    for name, value in vars(row).items():
        if isinstance(value, str) and "\x00" in value:
            raise FieldFault(
                name, _("It holds a character that cannot be stored (NUL)."), "", _("Type it anew.")
            )
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        field, words = next(iter(error.message_dict.items()))
        raise FieldFault(field, " ".join(words)) from None
    return row


def reference_free(row: M, reference: str) -> None:
    """:raises FieldFault: where another row of the organisation bears the reference."""
    same = type(row)._default_manager.filter(organisation=row.organisation_id, reference=reference)
    if same.exclude(pk=row.pk).exists():
        raise FieldFault(
            "reference",
            _("The reference %(ref)s is taken.", ref=reference),
            _("Each has its own reference."),
            _("Give another, or leave it empty: one is made."),
        )


def changed(row: M, values: Mapping[str, Any]) -> dict[str, Any]:
    """What of ``values`` differs from the row, with what stands there now."""
    return {k: getattr(row, k) for k, v in values.items() if getattr(row, k) != v}


def known_fields(values: Mapping[str, Any], allowed: frozenset[str]) -> dict[str, Any]:
    """The values that may be set from outside; texts without their margins."""
    return {k: v.strip() if isinstance(v, str) else v for k, v in values.items() if k in allowed}


def today_or_before(day: date, today: date, field: str) -> None:
    """:raises FieldFault: for a day that has not come yet."""
    if day > today:
        raise FieldFault(
            field,
            _("%(day)s has not come yet.", day=day.isoformat()),
            _("What happened lies on a day until today, %(today)s.", today=today.isoformat()),
            _("Correct the day."),
        )
