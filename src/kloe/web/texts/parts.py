"""The parts of a report that people write: its summary, its context, and what is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.urls import reverse

from kloe.assessment.snapshot_texts import CONTEXT, SUMMARY
from kloe.core.errors import NotFound
from kloe.core.messages import Message, Text, _
from kloe.web.judgements.subjects import KLOE, MAIN_QUESTION, OVERALL, Subject, subjects_of
from kloe.web.library.store import Pinned

_TITLES: dict[str, Message] = {SUMMARY: _("Summary"), CONTEXT: _("Context")}


@dataclass(frozen=True)
class Part:
    """A part of the report with a text of its own."""

    id: str
    label: str
    title: Message | Text
    themes: tuple[str, ...]
    #: What is judged; None of the summary and the context.
    subject: Subject | None = None

    @property
    def name(self) -> str:
        """Number and title, as people speak of it."""
        return f"{self.label} {self.title}".strip()

    @property
    def depth(self) -> int:
        """How far in it stands in the outline."""
        if self.subject is None or self.subject.kind == OVERALL:
            return 0
        return 1 if self.subject.kind in {KLOE, MAIN_QUESTION} else 2

    def url(self, assessment: UUID) -> str:
        """The page on which it is written."""
        return reverse("text", args=[assessment, self.id])


@lru_cache(maxsize=64)
def parts_of(pinned: Pinned) -> Mapping[str, Part]:
    """Every part there is under these editions, in the order of the report."""
    every = tuple(t.id for t in pinned.themes())
    found = {key: Part(key, "", title, every) for key, title in _TITLES.items()}
    subjects = subjects_of(pinned)
    for overall in (s for s in subjects.values() if s.kind == OVERALL):
        found[overall.id] = _part(overall)
        found |= {
            s.id: _part(s)
            for s in subjects.values()
            if s.kind != OVERALL and s.judgement == overall.judgement
        }
    return found


def _part(subject: Subject) -> Part:
    return Part(subject.id, subject.label, subject.title, subject.themes, subject)


def part_of(pinned: Pinned, identifier: str) -> Part:
    """The part of this identifier.

    :raises NotFound: where the report has none such.
    """
    found = parts_of(pinned).get(identifier)
    if found is None:
        raise NotFound(
            _("The report has no part called “%(id)s”.", id=identifier[:120]),
            _("Texts are written for the summary, the context and what is judged."),
            _("Choose one from the list of texts."),
        )
    return found
