"""The key of pseudonyms: whoever has it can tell which reference a pseudonym stands for."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from kloe.core.digest import sha256_hex
from kloe.core.errors import InvalidInput
from kloe.core.messages import _

NAME = "records.key"
_BLOCK = 64


def pseudonym_key(data: Path) -> bytes:
    """The key of a data directory, made at first use; only its owner may read it."""
    path = data / NAME
    beside = path.with_name(f".{NAME}.{os.getpid()}")
    if not path.exists():
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            # Whoever comes first has made it; a link never replaces.
            os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError as error:
        key = b""
        cause: ValueError | None = error
    else:
        cause = None
    if len(key) < 16:
        raise InvalidInput(
            _("The key %(path)s is damaged.", path=path),
            _("It holds 64 hexadecimal digits."),
            _("Put it back from a backup: another key gives other pseudonyms."),
        ) from cause
    return key


def fingerprint(key: bytes) -> str:
    """Which key was used, without telling it."""
    return sha256_hex(b"kloe-records-key" + key)[:16]


def variables(key: bytes) -> dict[str, str]:
    """The two halves of HMAC-SHA256 as hexadecimal digits, to be set as variables of the engine."""
    padded = key.ljust(_BLOCK, b"\0")
    return {
        "kloe_inner": bytes(b ^ 0x36 for b in padded).hex(),
        "kloe_outer": bytes(b ^ 0x5C for b in padded).hex(),
    }
