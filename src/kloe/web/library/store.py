"""Framework editions at hand: those the package brings, and those assessments have pinned.

An edition is unpacked once for each digest and process; a page pays nothing for it.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from kloe.core.errors import NotFound
from kloe.core.messages import _
from kloe.frameworks import library
from kloe.frameworks.model import Criterion, Framework, Kloe, Theme
from kloe.web.library.models import FrameworkEdition

if TYPE_CHECKING:
    from kloe.web.assessments.models import Assessment


MANY = 4096


@lru_cache(maxsize=64)
def edition(digest: str) -> Framework:
    """The edition with this digest, from the database.

    :raises NotFound: if no assessment ever pinned it.
    """
    return library.load_compiled(compiled(digest))


def compiled(digest: str) -> bytes:
    """The compiled bytes of the edition with this digest, from the database.

    :raises NotFound: if no assessment ever pinned it.
    """
    row = FrameworkEdition.objects.filter(pk=digest).values_list("compiled", flat=True).first()
    if row is None:
        raise NotFound(
            _("The framework edition %(digest)s is not in this database.", digest=digest[:12]),
            "",
            _("Put back a backup that holds it."),
        )
    return gzip.decompress(bytes(row))


def keep(data: bytes) -> FrameworkEdition:
    """Keep an edition that comes from another installation, by its compiled bytes.

    :raises InvalidInput: where they are no compiled framework.
    """
    framework = library.load_compiled(data)
    return _kept(framework, data)


def pin(framework_id: str) -> FrameworkEdition:
    """The current edition of a framework, kept in the database from now on."""
    framework = library.load(framework_id)
    found = FrameworkEdition.objects.filter(pk=framework.digest).first()
    return found or _kept(framework, library.compiled(framework_id))


def _kept(framework: Framework, data: bytes) -> FrameworkEdition:
    found, _made = FrameworkEdition.objects.get_or_create(
        digest=framework.digest,
        defaults={
            "framework": framework.id,
            "title": str(framework.title),
            "edition": str(framework.edition),
            "compiled": gzip.compress(data, mtime=0),
        },
    )
    return found


class Pinned:
    """The editions an assessment holds, looked up as one."""

    def __init__(self, frameworks: Sequence[Framework], leading: str) -> None:
        self.frameworks = tuple(frameworks)
        self.by_id = {f.id: f for f in frameworks}
        self.leading = self.by_id.get(leading) or self.frameworks[0]

    def framework_of(self, identifier: str) -> Framework:
        """The edition an identifier of a KLOE, theme, criterion or question belongs to."""
        name = identifier.split("/", 1)[0]
        if name not in self.by_id:
            raise NotFound(
                _("This assessment does not use the framework %(id)s.", id=name),
                _("It uses %(ids)s.", ids=", ".join(self.by_id)),
            )
        return self.by_id[name]

    def kloe(self, identifier: str) -> Kloe:
        return self.framework_of(identifier).kloe(identifier)

    def theme(self, identifier: str) -> Theme:
        return self.framework_of(identifier).theme(identifier)

    def criterion(self, identifier: str) -> Criterion:
        return self.framework_of(identifier).criterion(identifier)

    def kloes(self) -> list[Kloe]:
        return [k for f in self.frameworks for k in f.kloes]

    def themes(self) -> list[Theme]:
        return [t for k in self.kloes() for t in k.themes]


@lru_cache(maxsize=64)
def _pinned(digests: tuple[str, ...], leading: str) -> Pinned:
    return Pinned([edition(d) for d in digests], leading)


#: What each assessment pinned; it never changes afterwards.
_digests: dict[UUID, tuple[str, ...]] = {}


def pinned(assessment: Assessment) -> Pinned:
    """The editions of an assessment: one small query for each process, then memory."""
    digests = _digests.get(assessment.pk)
    if digests is None:
        digests = tuple(assessment.editions.values_list("edition_id", flat=True))
        if digests:
            if len(_digests) > MANY:
                _digests.clear()
            _digests[assessment.pk] = digests
    return _pinned(digests, assessment.leading)
