"""The templates as a page: ``python -m kloe.assessment.checks.reference`` writes it.

Which is docs/reference/checks.md; a test compares the page with the templates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from kloe.assessment.checks.templates import FORMAT, ITEM, TEMPLATE, Item, Template, shipped
from kloe.assessment.checks.words import KIND_LABELS
from kloe.core.pages import write_pages
from kloe.frameworks import library

INTRODUCTION = """\
# Templates of reality checks

Written from the templates by `python -m kloe.assessment.checks.reference`; do not edit.

A template is a checklist and interview guide. It comes with kloe as a file of
`src/kloe/content/checks/`, and an organisation may hold versions of its own, which then stand for
it ([how to](../how-to/reality-checks.md)). Every criterion of every edition is tested by some item.
"""
KEYS = {
    "format": "`kloe-check/1`",
    "id": "lower-case words joined by hyphens; the file is called so",
    "version": "a whole number, raised with every change",
    "kind": "one of the kinds below",
    "title": "what it is called",
    "about": "what it is for, and when it is worth doing",
    "claim": "a claim it commonly tests, to begin from",
    "evidence": "the kind of evidence that its result is",
    "origin": "whom that evidence comes from",
    "sample": "how to choose cases",
    "cases": "how many are usual",
    "minutes": "how long it takes",
    "before": "what to prepare, a list",
    "opening": "what to say at the beginning (may be left out)",
    "items": "the checklist",
    "closing": "what to say at the end (may be left out)",
    "after": "what to do afterwards, a list",
}
ITEM_KEYS = {
    "id": "lower-case words joined by hyphens, once in the template",
    "per": "`case`: answered for each case of the sample; `check` (or left out): once",
    "section": "a heading above it (may be left out)",
    "ask": "what to find out",
    "look": "what to look at",
    "confirms": "what would confirm the claim",
    "contradicts": "what would contradict it",
    "criteria": "the criteria it tests, by full identifier",
}
assert set(KEYS) == {*TEMPLATE.must, *TEMPLATE.may}
assert set(ITEM_KEYS) == {*ITEM.must, *ITEM.may}


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _format() -> Iterator[str]:
    yield "## The format\n"
    yield (
        f"YAML, read strictly: a key that is unknown or stands twice, a text without words or a"
        f" criterion that does not exist is refused with file, line and what to do. `{FORMAT}`.\n"
    )
    yield from _table(("key", "holds"), [(f"`{k}`", v) for k, v in KEYS.items()])
    yield "An item of `items`:\n"
    yield from _table(("key", "holds"), [(f"`{k}`", v) for k, v in ITEM_KEYS.items()])


def _kinds() -> Iterator[str]:
    yield "## Kinds\n"
    counts = Counter(t.kind for t in shipped())
    rows = [(f"`{kind}`", str(said), str(counts[kind])) for kind, said in KIND_LABELS.items()]
    yield from _table(("kind", "in words", "templates"), rows)


def _themes(things: Template | Item) -> str:
    """The themes a template or item serves, by number, those of cross-cutting editions last."""
    names = {t.id: t.number for f in library.load_all() for t in f.themes()}
    found = {c.rpartition("/")[0] for c in things.criteria}
    return ", ".join(sorted((names[t] for t in found), key=_place))


def _place(number: str) -> tuple[float, ...]:
    kloe, _slash, ordinal = number.partition("/")
    whole, _dot, part = kloe.partition(".")
    return (float(whole), float(part or 0), float(ordinal))


def _template(template: Template) -> Iterator[str]:
    yield f"### {template.title}\n"
    said = str(KIND_LABELS[template.kind])
    yield f"`{template.id}`, {said.lower()}, {template.minutes} minutes. {template.about}\n"
    yield f"**Claim.** {template.claim} **Cases.** {template.sample}\n"
    yield f"**Themes.** {_themes(template)}.\n"
    rows = [
        (item.ask, item.look, item.confirms, item.contradicts, "each case" if item.per_case else "")
        for item in template.items
    ]
    yield from _table(("to find out", "look at", "confirms", "contradicts", "answered for"), rows)


def markdown() -> str:
    """The page."""
    parts = [INTRODUCTION, *_format(), *_kinds(), "## Templates\n"]
    for template in shipped():
        parts += _template(template)
    return "\n".join(parts).rstrip("\n") + "\n"


def pages() -> dict[str, str]:
    """The page by its path below docs/reference."""
    return {"checks.md": markdown()}


if __name__ == "__main__":
    write_pages("kloe.assessment.checks.reference", pages)
