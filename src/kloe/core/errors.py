"""Errors a person can act on: what was given, what is allowed, what to do.

Each class has an exit code, so that a script can tell them apart. The codes are
documented in ``docs/reference/exit-codes.md``; a test holds the two together.
"""

from __future__ import annotations

from typing import ClassVar

from kloe.core.messages import Message

Part = str | Message


class KloeError(Exception):
    """Something a person has to put right.

    :param given: what was found or asked for.
    :param allowed: what would have been right, where that can be said.
    :param remedy: what to do now.
    """

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "error"

    def __init__(self, given: Part, allowed: Part = "", remedy: Part = "") -> None:
        self.given = given
        self.allowed = allowed
        self.remedy = remedy
        super().__init__(given, allowed, remedy)

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.given, self.allowed, self.remedy) if part)

    def as_dict(self) -> dict[str, str | int]:
        """The one shape of an error in JSON."""
        return {
            "error": self.code,
            "exit_code": self.exit_code,
            "given": str(self.given),
            "allowed": str(self.allowed),
            "remedy": str(self.remedy),
        }


class UsageError(KloeError):
    """A command was called with words it does not take."""

    exit_code = 2
    code = "usage"


class InvalidInput(KloeError):
    """A file, value or record is not what it has to be."""

    exit_code = 3
    code = "invalid-input"


class VerificationFailed(KloeError):
    """Something is not what its digest or signature says it is."""

    exit_code = 4
    code = "changed"


class NotFound(KloeError):
    """No such thing, or none that the person may see."""

    exit_code = 5
    code = "not-found"


class PermissionRefused(KloeError):
    """The person may see the thing but not do this to it."""

    exit_code = 6
    code = "not-permitted"


class Conflict(KloeError):
    """Somebody else changed the thing first, or its state does not allow the step."""

    exit_code = 7
    code = "conflict"


class EnvironmentFault(KloeError):
    """The machine lacks something: a port, a program, space, a directory that can be written."""

    exit_code = 8
    code = "environment"


class Cancelled(KloeError):
    """A person or signal stopped the work."""

    exit_code = 130
    code = "cancelled"
