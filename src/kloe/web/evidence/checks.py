"""What an item of evidence must be, whoever makes it: a page, a command, an import."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from kloe.assessment.vocabulary import Confidentiality, Direction, EvidenceKind, Origin
from kloe.core.errors import InvalidInput
from kloe.core.given import one_of, within
from kloe.core.messages import _
from kloe.core.periods import Period

MAX_TITLE, MAX_SOURCE, MAX_TEXT, MAX_URL, MAX_LOCATOR, MAX_NOTE, MAX_REASON = (
    300, 300, 100_000, 1000, 500, 500, 500,
)  # fmt: skip
SCHEMES = ("http", "https")


def web_address(given: str) -> str:
    """An address that is safe to offer as a link.

    :raises InvalidInput: unless it is ``http`` or ``https`` with a host.
    """
    url = within(given, MAX_URL, _("address"))
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(c.isspace() or ord(c) < 32 or c in '<>"' for c in url):
        raise InvalidInput(
            _("“%(url)s” is no address that can be linked to.", url=url[:80]),
            _("An address begins with https:// or http://, and has no spaces."),
            _("Copy it from the browser's address bar."),
        )
    return url


def direction(given: str) -> str:
    """:raises InvalidInput: unless it is a direction."""
    return one_of(given, Direction, _("direction"))


@dataclass(frozen=True, slots=True)
class Details:
    """What is said about an item, whatever its form. Checks itself."""

    title: str
    kind: str = EvidenceKind.DOCUMENT.value
    origin: str = Origin.LANDLORD.value
    period_start: date | None = None
    period_end: date | None = None
    source: str = ""
    confidentiality: str = Confidentiality.INTERNAL.value
    text: str = ""

    def __post_init__(self) -> None:
        title = within(" ".join(self.title.split()), MAX_TITLE, _("title"))
        if not title:
            raise InvalidInput(
                _("The evidence has no title."),
                _("It is known by its number and title."),
                _("Say in a few words what it is."),
            )
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "source", within(self.source, MAX_SOURCE, _("source")))
        object.__setattr__(self, "text", within(self.text, MAX_TEXT, _("text")))
        one_of(self.kind, EvidenceKind, _("kind of evidence"))
        one_of(self.origin, Origin, _("origin of evidence"))
        one_of(self.confidentiality, Confidentiality, _("confidentiality"))
        if self.period_start and self.period_end:
            Period(self.period_start, self.period_end)

    def as_dict(self) -> dict[str, Any]:
        """The values by field of the model."""
        return asdict(self)
