"""Two editions beside each other: what one has that the other has not, and what changed.

Things are matched by identifier without the framework's own; a criterion that finds none is
matched by its common key, within the theme that answers to its own where one does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kloe.frameworks.model import Criterion, Framework, Kloe, Theme

ADDED, REMOVED, CHANGED, SAME = "added", "removed", "changed", "same"
COLUMNS = ("change", "kind", "before", "after", "matched_by", "text_before", "text_after")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing in either edition or both. ``matched_by`` is identifier, overlap or common."""

    change: str
    kind: str
    before: str | None
    after: str | None
    matched_by: str
    text_before: str
    text_after: str

    def row(self) -> tuple[str, ...]:
        return (
            self.change,
            self.kind,
            self.before or "",
            self.after or "",
            self.matched_by,
            self.text_before,
            self.text_after,
        )


@dataclass(frozen=True, slots=True)
class _Thing:
    kind: str
    id: str
    short: str
    theme: str
    text: str
    common: str = ""


def compare(before: Framework, after: Framework) -> list[Change]:
    """Every KLOE, theme, question and criterion of either edition, with what became of it."""
    themes = _answering(before, after)
    old, new = list(_things(before)), list(_things(after))
    pairs = _match(old, new, themes)
    matched = {after_id for after_id, _how in pairs.values()}
    by_id = {thing.id: thing for thing in new}
    found = []
    for thing in old:
        if thing.id not in pairs:
            found.append(Change(REMOVED, thing.kind, thing.id, None, "", thing.text, ""))
            continue
        other_id, how = pairs[thing.id]
        other = by_id[other_id]
        change = SAME if thing.text == other.text else CHANGED
        found.append(Change(change, thing.kind, thing.id, other_id, how, thing.text, other.text))
    found += [
        Change(ADDED, thing.kind, None, thing.id, "", "", thing.text)
        for thing in new
        if thing.id not in matched
    ]
    return found


def counts(changes: list[Change]) -> Mapping[str, Counter[str]]:
    """How many of each kind were added, removed, changed or stayed the same."""
    table: dict[str, Counter[str]] = {}
    for change in changes:
        table.setdefault(change.kind, Counter())[change.change] += 1
    return table


def crosswalk(before: Framework, after: Framework) -> list[tuple[Criterion, Criterion]]:
    """Criteria of one framework with those of the other that answer to them."""
    return [
        (before.criterion(c.before), after.criterion(c.after))
        for c in compare(before, after)
        if c.kind == "criterion" and c.before is not None and c.after is not None
    ]


def _answering(before: Framework, after: Framework) -> dict[str, str]:
    """Themes of the one edition to those of the other, by the overlaps either declares."""
    found = {o.theme: o.other for o in before.overlaps if o.other.startswith(f"{after.id}/")}
    found |= {o.other: o.theme for o in after.overlaps if o.other.startswith(f"{before.id}/")}
    return found


def _match(
    old: list[_Thing], new: list[_Thing], themes: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    pairs: dict[str, tuple[str, str]] = {}
    taken: set[str] = set()

    def pair(thing: _Thing, other: _Thing | None, how: str) -> None:
        if other is not None and thing.id not in pairs and other.id not in taken:
            pairs[thing.id] = (other.id, how)
            taken.add(other.id)

    by_short = {(t.kind, t.short): t for t in new}
    for thing in old:
        pair(thing, by_short.get((thing.kind, thing.short)), "identifier")
    by_theme = {(t.kind, t.theme, t.short.rpartition("/")[2]): t for t in new}
    for thing in old:
        there = themes.get(thing.theme)
        if there is None:
            continue
        last = "" if thing.kind == "theme" else thing.short.rpartition("/")[2]
        if thing.kind == "theme":
            pair(thing, next((t for t in new if t.id == there), None), "overlap")
        else:
            pair(thing, by_theme.get((thing.kind, there, last)), "overlap")
    for anywhere in (False, True):
        by_common: dict[tuple[str, str], _Thing] = {}
        for t in new:
            if t.common and t.id not in taken:
                by_common.setdefault(("" if anywhere else t.theme, t.common), t)
        for thing in old:
            if thing.common:
                there = "" if anywhere else themes.get(thing.theme, "?")
                pair(thing, by_common.get((there, thing.common)), "common")
    return pairs


def _things(framework: Framework) -> Iterator[_Thing]:
    start = len(framework.id) + 1
    for kloe in framework.kloes:
        yield _Thing("kloe", kloe.id, kloe.number, "", _kloe_text(kloe))
        for theme in kloe.themes:
            yield _Thing("theme", theme.id, theme.number, theme.id, _theme_text(theme))
            for question in theme.questions:
                yield _Thing(
                    "question", question.id, question.id[start:], theme.id, str(question.text)
                )
            for criterion in theme.criteria:
                yield _Thing(
                    "criterion",
                    criterion.id,
                    criterion.id[start:],
                    theme.id,
                    _criterion_text(criterion),
                    criterion.common or "",
                )


def _kloe_text(kloe: Kloe) -> str:
    return f"{kloe.title} ({kloe.judgement})"


def _theme_text(theme: Theme) -> str:
    return f"{theme.title} ({theme.strand})"


def _criterion_text(criterion: Criterion) -> str:
    """Title and both sides, each descriptor with its polarity: a change in any is a change."""
    lines = [str(criterion.title)]
    lines += [f"{d.side}: {d.text} ({d.polarity}, {d.nature})" for d in criterion.descriptors]
    return "\n".join(lines)
