"""What a site sets in the environment, read as what it has to be, and refused in words."""

from __future__ import annotations

import os
from collections.abc import Collection
from importlib.util import find_spec
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kloe.core.errors import EnvironmentFault
from kloe.core.messages import Message, _

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})


def _wrong(name: str, given: str, allowed: Message) -> EnvironmentFault:
    return EnvironmentFault(
        _("%(name)s is “%(given)s”.", name=name, given=given[:80]),
        allowed,
        _("Correct it where it is set, or leave it out."),
    )


def flag(name: str, *, default: bool = False) -> bool:
    """:raises EnvironmentFault: for what is neither on nor off."""
    given = os.environ.get(name, "1" if default else "").strip().lower()
    if given not in _TRUE | _FALSE:
        raise _wrong(name, given, _("1 or 0."))
    return given in _TRUE


def number(name: str, default: str, *, least: int = 0, most: int = 1_000_000) -> int:
    """A whole number.

    :raises EnvironmentFault: for what is none, or out of its bounds.
    """
    given = os.environ.get(name, default).strip()
    if not (
        given.isascii() and given.isdigit() and len(given) < 10 and least <= int(given) <= most
    ):
        raise _wrong(
            name, given, _("A whole number from %(least)d to %(most)d.", least=least, most=most)
        )
    return int(given)


def choice(name: str, default: str, *, of: Collection[str]) -> str:
    """:raises EnvironmentFault: for what is none of these."""
    given = os.environ.get(name, default).strip()
    if given not in of:
        raise _wrong(name, given, _("One of: %(allowed)s.", allowed=", ".join(of)))
    return given


def time_zone(name: str, default: str) -> str:
    """:raises EnvironmentFault: for a time zone this machine does not know."""
    given = os.environ.get(name, default).strip()
    try:
        ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _wrong(name, given, _("A time zone such as Europe/London.")) from None
    return given


def backend(name: str, default: str) -> str:
    """A class by its path.

    :raises EnvironmentFault: where there is no such module.
    """
    given = os.environ.get(name, default).strip()
    module = given.rpartition(".")[0]
    try:
        known = bool(module) and find_spec(module) is not None
    except (ImportError, ValueError):
        known = False
    if not known:
        raise _wrong(name, given, _("The path of a class, such as %(name)s.", name=default))
    return given


def postgresql(name: str) -> dict[str, Any] | None:
    """Django's words for the database an address names; none where nothing is set.

    :raises EnvironmentFault: for an address that is none of a PostgreSQL database.
    """
    given = os.environ.get(name, "").strip()
    if not given:
        return None
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    allowed = _("An address such as postgresql://person:password@host:5432/name.")
    scheme = given.partition("://")[0]
    # What is said again holds no password.
    said = given.rpartition("@")[2] if scheme in {"postgres", "postgresql"} else scheme
    try:
        parts = conninfo_to_dict(given) if scheme in {"postgres", "postgresql"} else {}
    except ProgrammingError:
        parts = {}
    if not parts.get("dbname"):
        raise _wrong(name, said, allowed)
    words = {key.upper(): parts.pop(key, "") or "" for key in ("user", "password", "host", "port")}
    return {"NAME": parts.pop("dbname"), **words, "OPTIONS": parts}
