"""The framework editions at hand: which there are, and each as one immutable object.

Compiled forms lie in the package. An assessment keeps the compiled bytes of the editions it
pins, and gets them back here by :func:`load_compiled`, even when the package has moved on.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from kloe.core.digest import sha256_hex
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import _
from kloe.frameworks.build import Builder
from kloe.frameworks.model import Framework

CONTENT = Path(__file__).resolve().parent.parent / "content" / "frameworks"
FORMAT = "kloe-framework/1"
TEXTS_FORMAT = "kloe-framework-texts/1"

_loaded: dict[tuple[str, ...], Framework] = {}


def available() -> tuple[str, ...]:
    """Identifiers of the editions in the package."""
    return tuple(sorted(p.stem for p in CONTENT.glob("*.json") if "." not in p.stem))


def compiled_path(framework_id: str) -> Path:
    """Where the compiled form of an edition of the package lies."""
    return CONTENT / f"{framework_id}.json"


def compiled(framework_id: str) -> bytes:
    """The compiled form of an edition of the package: what an assessment stores when it pins it.

    :raises NotFound: where the package has no such edition.
    """
    if framework_id not in available():
        raise NotFound(
            _("There is no framework “%(id)s”.", id=framework_id),
            _("There are: %(all)s.", all=", ".join(available())),
            _("“kloe frameworks list” shows them with their KLOEs."),
        )
    return compiled_path(framework_id).read_bytes()


def translations(framework_id: str) -> tuple[bytes, ...]:
    """The compiled translations of an edition of the package, by language."""
    return tuple(p.read_bytes() for p in sorted(CONTENT.glob(f"{framework_id}.*.json")))


@lru_cache(maxsize=32)
def load(framework_id: str) -> Framework:
    """An edition of the package, with its translations.

    :raises NotFound: where the package has no such edition.
    """
    return load_compiled(compiled(framework_id), translations(framework_id))


def load_all() -> tuple[Framework, ...]:
    """Every edition of the package."""
    return tuple(load(id) for id in available())


def load_compiled(data: bytes, texts: Sequence[bytes] = ()) -> Framework:
    """The edition of these compiled bytes, with translations given as bytes too.

    The same bytes give the same object for as long as the process lives.

    :raises InvalidInput: where the bytes are no compiled framework, or a translation is of
        another.
    """
    digest = sha256_hex(data)
    key = (digest, *(sha256_hex(t) for t in texts))
    found = _loaded.get(key)
    if found is None:
        raw = _parse(data, FORMAT)
        by_language: dict[str, dict[str, str]] = {}
        digests: dict[str, str] = {}
        for part, part_digest in zip(texts, key[1:], strict=True):
            translation = _parse(part, TEXTS_FORMAT)
            if translation["framework"] != raw["id"]:
                raise InvalidInput(
                    _(
                        "A translation of %(other)s was given for %(id)s.",
                        other=translation["framework"],
                        id=raw["id"],
                    )
                )
            by_language[translation["language"]] = translation["texts"]
            digests[translation["language"]] = part_digest
        built = _build(raw, by_language, digest, digests)
        found = _loaded.setdefault(key, built)
    return found


def _build(
    raw: dict[str, Any],
    by_language: dict[str, dict[str, str]],
    digest: str,
    digests: dict[str, str],
) -> Framework:
    # Thousands of small objects that all stay: collecting garbage among them is lost time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return Builder(raw, by_language).framework(digest, digests)
    except (KeyError, TypeError, AttributeError, StopIteration) as error:
        raise _no_framework() from error
    finally:
        if collecting:
            gc.enable()


def _parse(data: bytes, format: str) -> dict[str, Any]:
    try:
        raw = json.loads(data)
    except ValueError as error:
        raise _no_framework() from error
    if not isinstance(raw, dict) or raw.get("format") != format:
        raise _no_framework(raw.get("format") if isinstance(raw, dict) else None)
    return raw


def _no_framework(format: object = None) -> InvalidInput:
    return InvalidInput(
        _(
            "This is no compiled framework that can be read here (format: %(format)s).",
            format=format,
        ),
        _("The format read here is %(format)s.", format=FORMAT),
        _("Make it from its YAML with “kloe frameworks compile”."),
    )
