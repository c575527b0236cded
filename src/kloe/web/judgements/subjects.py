"""What a judgement is made of in an assessment: themes, KLOEs, main questions, the overall ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.urls import reverse

from kloe.assessment.grading import leader_of
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import Message, Text, _
from kloe.frameworks.model import Framework, Grade, Kloe, MainQuestion, Scale, Theme
from kloe.frameworks.words import JUDGEMENTS
from kloe.web.assessments.models import Assessment
from kloe.web.library.store import Pinned

THEME, KLOE, MAIN_QUESTION, OVERALL = "theme", "kloe", "main question", "overall"
KINDS: dict[str, Message] = {
    OVERALL: _("Overall"),
    KLOE: _("KLOE"),
    MAIN_QUESTION: _("Main question"),
    THEME: _("Theme"),
}
SERVICE, PROSPECTS = JUDGEMENTS


@dataclass(frozen=True)
class Subject:
    """Something that is given a grade, on the scale it is given on.

    ``framework`` is the edition whose scale and rules are used; ``themes`` are the identifiers
    of the themes it rests on; ``kloe`` is the KLOE it belongs to, none for the overall ones.
    """

    id: str
    kind: str
    label: str
    title: Text
    judgement: str
    scale: Scale
    framework: Framework
    themes: tuple[str, ...]
    kloe: Kloe | None = None
    theme: Theme | None = None
    main_question: MainQuestion | None = None

    @property
    def name(self) -> str:
        """Number and title, as people speak of it."""
        return f"{self.label} {self.title}".strip()

    @property
    def slug(self) -> str:
        """Its identifier as an HTML id."""
        return self.id.replace("/", "-").replace(".", "-")

    @property
    def kind_name(self) -> Message:
        return KINDS[self.kind]

    def url(self, assessment: UUID) -> str:
        """The page on which it is judged."""
        if self.kind == THEME:
            return reverse("theme", args=[assessment, self.id]) + "#judgement"
        if self.kind == OVERALL:
            return reverse("overall-judgement", args=[assessment, self.id])
        url = reverse("kloe-judgement", args=[assessment, self.kloe.id if self.kloe else ""])
        return f"{url}#{self.slug}" if self.kind == MAIN_QUESTION else url

    def grade(self, key: str) -> Grade:
        """The grade of this key on its scale.

        :raises InvalidInput: where the scale has none.
        """
        for grade in self.scale.grades:
            if grade.key == key:
                return grade
        raise InvalidInput(
            _("“%(grade)s” is no grade of this scale.", grade=key[:40]),
            _("Its grades: %(all)s.", all=", ".join(g.key for g in self.scale.grades)),
            _("Load the page again and choose one of these."),
        )


@lru_cache(maxsize=64)
def subjects_of(pinned: Pinned) -> Mapping[str, Subject]:
    """Everything that is judged under these editions: the overall ones first, then by KLOE.

    A KLOE without rules of its own is left out: its grade is the judgement it serves.
    """
    found: dict[str, Subject] = {}
    for judgement in JUDGEMENTS:
        serving = [k for k in pinned.kloes() if k.judgement == judgement]
        if serving:
            leader = leader_of(pinned.frameworks, pinned.leading.id, judgement)
            scale = leader.scales[judgement]
            found[judgement] = Subject(
                judgement,
                OVERALL,
                "",
                scale.question,
                judgement,
                scale,
                leader,
                tuple(t.id for k in serving for t in k.themes),
            )
    for framework in pinned.frameworks:
        for kloe in framework.kloes:
            found.update((s.id, s) for s in _of_kloe(framework, kloe))
    return found


def _of_kloe(framework: Framework, kloe: Kloe) -> list[Subject]:
    scale = framework.scales[kloe.judgement]
    found = []
    if framework.rules.judgements[kloe.judgement].kloe is not None:
        themes = tuple(t.id for t in kloe.themes)
        found.append(
            Subject(
                kloe.id,
                KLOE,
                kloe.label,
                kloe.title,
                kloe.judgement,
                scale,
                framework,
                themes,
                kloe,
            )
        )
    for question in kloe.main_questions:
        found.append(
            Subject(
                question.id,
                MAIN_QUESTION,
                "",
                question.title,
                kloe.judgement,
                scale,
                framework,
                question.themes,
                kloe,
                main_question=question,
            )
        )
    for theme in kloe.themes:
        found.append(
            Subject(
                theme.id,
                THEME,
                theme.number,
                theme.title,
                kloe.judgement,
                scale,
                framework,
                (theme.id,),
                kloe,
                theme=theme,
            )
        )
    return found


def subject_of(pinned: Pinned, identifier: str) -> Subject:
    """The subject of this identifier.

    :raises NotFound: where nothing of it is judged in this assessment.
    """
    found = subjects_of(pinned).get(identifier)
    if found is None:
        raise NotFound(
            _("Nothing called “%(id)s” is judged in this assessment.", id=identifier[:120]),
            _("Judged are themes, KLOEs, main questions, and the overall judgements."),
            _("Choose one from the list of judgements."),
        )
    return found


def themes_in_scope(assessment: Assessment) -> frozenset[str]:
    """Identifiers of the themes in scope: one query."""
    return frozenset(
        assessment.themes.filter(in_scope=True).order_by().values_list("theme", flat=True)
    )


def check_in_scope(subject: Subject, in_scope: Collection[str]) -> None:
    """Refuse what is left out of the assessment.

    :raises InvalidInput: where nothing that the subject rests on is in scope.
    """
    if not any(theme in in_scope for theme in subject.themes):
        raise InvalidInput(
            _("“%(name)s” is left out of this assessment.", name=subject.name),
            _("Judgements and findings are made on what is in scope."),
            _("Take it into the scope first."),
        )
