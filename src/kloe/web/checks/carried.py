"""What a device wrote down without a network, as it is sent: read strictly, write by write."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from kloe.assessment.checks.merging import moment
from kloe.core.errors import InvalidInput, KloeError
from kloe.core.messages import Message, _

#: How many writes one request carries, and how many bytes.
MOST_WRITES = 50
MOST_BYTES = 4 << 20
#: What can be written on a device, with the words each carries.
KINDS: Mapping[str, tuple[str, ...]] = {
    "risk": ("kind", "text", "place"),
    "entry": ("answer", "note"),
    "missing": ("reason",),
    "seen": ("role", "group", "count"),
    "visit": ("began_at", "ended_at"),
    "outcome": ("result", "conclusion", "notes", "done_on"),
    "done": (),
}


class TooMuch(InvalidInput):
    """More came in one request than it may carry; the device sends it in smaller parts."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One write of a device."""

    id: UUID
    kind: str
    assessment: UUID
    #: None for an urgent risk that was found outside any check.
    check: UUID | None
    values: Mapping[str, str]
    base: int = 0
    item: str = ""
    #: The case by its place in the sample; 0 for the check as a whole.
    place: int = 0
    made_at: datetime | None = None
    located: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A write that cannot be read, and why."""

    id: str
    error: KloeError


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request brought."""

    sent_at: datetime | None
    writes: tuple[Sent | Unreadable, ...]


#: What is no character by itself.
_HALF = re.compile("[\ud800-\udfff]")


def time_of(given: object) -> datetime | None:
    """A time with its zone as a device said it; none where it said none that can be kept."""
    if not isinstance(given, str) or not 10 <= len(given) <= 40:
        return None
    try:
        when = parse_datetime(given)
    except ValueError:
        return None
    if when is None or not 1900 < when.year < 3000:
        return None
    return timezone.make_aware(when) if timezone.is_naive(when) else when


def put_right(made: datetime | None, sent_at: object) -> datetime | None:
    """When something was made, by a device that says what its clock shows as it sends it."""
    return moment(made, time_of(sent_at), timezone.now()).at


def _unfit(what: Message, remedy: Message | None = None) -> InvalidInput:
    return InvalidInput(
        what,
        _("A device sends what its page made, unchanged."),
        remedy or _("Open “On this phone” again while there is a network, then send again."),
    )


def read(body: bytes) -> Batch:
    """The writes of a request.

    :raises TooMuch: for more than a request may carry.
    :raises InvalidInput: for a body that is no batch at all; a single write that cannot be read
        is told of by itself.
    """
    if len(body) > MOST_BYTES:
        raise TooMuch(
            _("%(n)d bytes were sent at once.", n=len(body)),
            _("At most %(most)d.", most=MOST_BYTES),
            _("Send fewer changes at once."),
        )
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or not isinstance(given.get("writes"), list):
        raise _unfit(_("What was sent cannot be read."))
    writes = given["writes"]
    if len(writes) > MOST_WRITES:
        raise TooMuch(
            _("%(n)d changes were sent at once.", n=len(writes)),
            _("At most %(most)d.", most=MOST_WRITES),
            _("Send fewer changes at once."),
        )
    return Batch(time_of(given.get("sent_at")), tuple(_one(write) for write in writes))


def _one(given: object) -> Sent | Unreadable:
    if not isinstance(given, dict):
        return Unreadable("", _unfit(_("A change cannot be read.")))
    try:
        return _sent(given)
    except KloeError as error:
        return Unreadable(str(given.get("id", ""))[:40], error)


def _sent(given: dict[str, Any]) -> Sent:
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise _unfit(_("“%(kind)s” is nothing a device writes down.", kind=str(kind)[:40]))
    check = given.get("check") or None
    if check is None and kind != "risk":
        raise _unfit(_("A change does not say which check it belongs to."))
    values = given.get("values")
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        raise _unfit(_("The words of a change cannot be read."))
    if any("\x00" in v for v in values.values()):
        raise InvalidInput(
            _("The text holds a character that cannot be stored (NUL)."),
            "",
            _("Type it again rather than pasting it."),
        )
    return Sent(
        id=_uuid(given.get("id")),
        kind=kind,
        assessment=_uuid(given.get("assessment")),
        check=None if check is None else _uuid(check),
        values={name: _characters(values.get(name, "")) for name in KINDS[kind]},
        base=_whole(given.get("base", 0)),
        item=_short(given.get("item"), 80),
        place=_whole(given.get("place", 0)),
        made_at=time_of(given.get("made_at")),
        located=_short(given.get("located"), 60),
    )


def _uuid(given: object) -> UUID:
    try:
        return UUID(str(given))
    except ValueError:
        raise _unfit(_("An identifier of a change cannot be read.")) from None


def _whole(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < 2**31:
        raise _unfit(_("A number of a change cannot be read."))
    return given


def _short(given: object, most: int) -> str:
    return _characters(given.replace("\x00", ""))[:most] if isinstance(given, str) else ""


def _characters(given: str) -> str:
    """Half a character, as a page leaves that cuts an emoji in two, is shown as one that is lost:
    no database keeps it, and the words around it are worth keeping.
    """
    return _HALF.sub("\ufffd", given)
