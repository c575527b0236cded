"""Digests: one canonical form of a value, so that the same value always has the same digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHUNK = 1 << 20


def canonical_json(value: Any, default: Callable[[Any], Any] | None = None) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces; the form every digest is taken over."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=default
    ).encode()


def sha256_hex(data: bytes) -> str:
    """SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def value_digest(value: Any) -> str:
    """Digest of a JSON-able value in its canonical form."""
    return sha256_hex(canonical_json(value))


def file_digest(path: Path) -> str:
    """Digest of a file's bytes, read in pieces."""
    h = hashlib.sha256()
    with path.open("rb") as f:
        while chunk := f.read(CHUNK):
            h.update(chunk)
    return h.hexdigest()
