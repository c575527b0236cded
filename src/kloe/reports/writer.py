"""What every part of a report looks up: findings by theme, recommendations by number, counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kloe.assessment.positions import Position
from kloe.assessment.snapshot import (
    EvidenceItem,
    Finding,
    Indicator,
    Kloe,
    Scale,
    Snapshot,
    Theme,
)
from kloe.assessment.vocabulary import INSPECTION_KINDS, LABELS, FindingKind
from kloe.core.messages import Message, _
from kloe.reports.blocks import Span
from kloe.reports.phrases import clean, joined, said, texts

_LABELS: dict[str, Message] = {word.value: text for word, text in LABELS.items()}
_URGENCY = {"high": 0, "medium": 1, "low": 2, "": 3}


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What should be done, and the areas for improvement it answers (the same words once)."""

    number: int
    text: str
    priority: str
    findings: tuple[Finding, ...]
    why: str = ""
    benefit: str = ""
    impact: str = ""
    cost: str = ""
    #: A day as 2026-11-30, or empty.
    due_on: str = ""
    #: What the improvement plan calls it.
    reference: str = ""

    @property
    def detailed(self) -> bool:
        """Whether more is said of it than what should be done."""
        return any((self.why, self.benefit, self.impact, self.cost, self.due_on))

    @property
    def name(self) -> str:
        """R1, R2, ...: how people speak of it."""
        return f"R{self.number}"


@dataclass(frozen=True, slots=True)
class Counts:
    """How far an assessment, or a part of it, is."""

    criteria: int = 0
    base: int = 0
    placed: int = 0
    evidenced: int = 0
    triangulated: int = 0
    contradicted: int = 0
    one_kind: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            *(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__)
        )


class Writer:
    """A snapshot with its look-ups; parts of the document are functions over it."""

    def __init__(self, snapshot: Snapshot, order: str = "kloe", links: bool = True) -> None:
        self.snapshot = snapshot
        self.order = order
        #: Whether references lead to the appendices; a view without them has none.
        self.links = links
        #: Whether somebody else inspected the organisation.
        self.inspected = snapshot.assessment.kind in INSPECTION_KINDS
        self.kloes = {k.id: k for k in snapshot.kloes}
        self.themes = {t.id: t for t in snapshot.themes()}
        self.kloe_of = {t.id: k for k in snapshot.kloes for t in k.themes}
        self.criteria = {c.id: c for c in snapshot.criteria()}
        self._findings: dict[tuple[str, str], list[Finding]] = defaultdict(list)
        for finding in snapshot.findings:
            theme = self.themes.get(finding.theme)
            if theme is None or theme.in_scope:
                self._findings[finding.theme, finding.kind].append(finding)
        self._indicators: dict[str, list[Indicator]] = defaultdict(list)
        for indicator in snapshot.indicators:
            for theme_id in indicator.themes:
                self._indicators[theme_id].append(indicator)
        self.texts = {t.subject: t.text for t in snapshot.texts}
        self.evidence_by_number = {e.number: e for e in snapshot.evidence}
        self._numbered = {f.number for fs in self._findings.values() for f in fs if f.number}
        self.place = {t.id: i for i, t in enumerate(snapshot.themes())}
        self.recommendations = self._recommend()
        self._answering = {f.id: r for r in self.recommendations for f in r.findings}

    def findings(self, kind: FindingKind, theme: str | None = None) -> list[Finding]:
        """Findings of a kind, of one theme or in order of themes."""
        if theme is not None:
            return self._findings.get((theme, kind.value), [])
        found = [f for (_t, k), fs in self._findings.items() if k == kind.value for f in fs]
        return sorted(found, key=lambda f: self.place.get(f.theme, len(self.place)))

    def indicators(self, theme: str) -> list[Indicator]:
        """Indicators that speak to a theme."""
        return self._indicators.get(theme, [])

    def _recommend(self) -> tuple[Recommendation, ...]:
        """Recommendations by urgency, then in order of themes; the same words are one.

        Those of the improvement plan speak for the findings they answer.
        """
        improvements = self.findings(FindingKind.IMPROVEMENT)
        known = {f.id: f for f in improvements}
        found: list[Recommendation] = []
        answered: set[str] = set()
        for row in self.snapshot.recommended:
            mine = tuple(known[f] for f in row.findings if f in known and f not in answered)
            if mine:
                answered.update(f.id for f in mine)
                found.append(
                    Recommendation(
                        0, row.what, _most_urgent(mine), mine, row.why, row.benefit, row.impact,
                        row.cost, row.due_on, row.reference,
                    )
                )  # fmt: skip
        by_words: dict[str, list[Finding]] = {}
        for finding in improvements:
            words = " ".join(texts(finding.recommendation))
            if words and finding.id not in answered:
                by_words.setdefault(words.casefold(), []).append(finding)
        for those in by_words.values():
            more = {
                name: next((v for f in those if (v := getattr(f, name))), "")
                for name in ("benefit", "impact", "cost", "due_on")
            }
            text = those[0].recommendation
            found.append(Recommendation(0, text, _most_urgent(those), tuple(those), **more))
        found.sort(
            key=lambda r: (
                _URGENCY.get(r.priority, 3),
                self.place.get(r.findings[0].theme, len(self.place)),
            )
        )
        return tuple(replace(r, number=i) for i, r in enumerate(found, 1))

    def recommendation(self, finding: Finding) -> Recommendation | None:
        """What answers an area for improvement."""
        return self._answering.get(finding.id)

    def counts(self, theme: Theme) -> Counts:
        """How far one theme is."""
        applying = [c for c in theme.criteria if c.position != Position.NOT_APPLICABLE]
        telling = [(c, [x for x in c.evidence if x.direction != "context"]) for c in applying]
        return Counts(
            criteria=len(theme.criteria),
            base=theme.base,
            placed=theme.placed,
            evidenced=sum(bool(links) for _c, links in telling),
            triangulated=sum(c.triangulation.enough for c in applying),
            contradicted=sum(c.contradicted for c in applying),
            one_kind=sum(len(c.triangulation.kinds) == 1 for c in applying),
        )

    def total(self, themes: list[Theme] | None = None) -> Counts:
        """How far these themes are; without an argument all in scope."""
        chosen = self.scoped() if themes is None else themes
        return sum((self.counts(t) for t in chosen), Counts())

    def scoped(self, judgement: str | None = None) -> list[Theme]:
        """The themes in scope, of one judgement or all."""
        return [
            t for k in self.snapshot.kloes if judgement in {None, k.judgement} for t in k.scoped
        ]

    def kloes_for(self, judgement: str) -> list[Kloe]:
        """The KLOEs that serve a judgement and have a theme in scope."""
        return [k for k in self.snapshot.kloes if k.judgement == judgement and k.scoped]

    def scale_of(self, kloe: Kloe) -> Scale | None:
        return self.snapshot.scale(kloe.framework, kloe.judgement)

    def cite(self, numbers: tuple[int, ...]) -> list[Span]:
        """Evidence by number, each leading to the list: E3, E14."""
        return joined(self.evidence_number(self.snapshot.item(n)) for n in numbers)

    def evidence_number(self, item: EvidenceItem) -> Span:
        """E14, leading to its place in the list."""
        return Span(f"E{item.number}", "strong", f"#e-{item.number}" if self.links else "")

    def finding_number(self, number: int) -> Span | None:
        """F3, leading to the finding; None where it is not told of."""
        if number not in self._numbered:
            return None
        return Span(f"F{number}", "strong", f"#f-{number}" if self.links else "")

    def evidence_title(self, item: EvidenceItem) -> str:
        """What it is called; of a restricted item only its kind."""
        if item.restricted:
            return str(_("restricted (%(kind)s)", kind=said(label(item.kind)).lower()))
        return clean(item.title)

    def theme_name(self, theme_id: str) -> str:
        """A theme by number and title."""
        theme = self.themes.get(theme_id)
        return f"{theme.number} {clean(said(theme.title))}" if theme else ""

    def theme_link(self, theme_id: str) -> Span:
        """A theme's number and title, leading to where it is told."""
        theme = self.themes.get(theme_id)
        target = f"#{anchor(theme_id)}" if self.links and theme and theme.in_scope else ""
        return Span(self.theme_name(theme_id), "", target)


def _most_urgent(findings: Sequence[Finding]) -> str:
    return min((f.priority for f in findings), key=lambda p: _URGENCY.get(p, 3))


def anchor(identifier: str) -> str:
    """An identifier as an anchor: letters, digits, dots and hyphens."""
    return "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "-" for c in identifier)


def label(word: str) -> Message | str:
    """The label of a fixed word, or the word itself."""
    return _LABELS.get(word, word)
