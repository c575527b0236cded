"""One word for each thing: what the glossary names is not called otherwise."""

from __future__ import annotations

import re

import pytest
from docs_pages import DOCS, README, ROOT, name_of, pages, prose
from docs_words import strings

from kloe.assessment.permissions import Role
from kloe.assessment.positions import LABELS as POSITION_LABELS
from kloe.assessment.vocabulary import AssessmentKind, Direction, EvidenceKind, FindingKind, Origin
from kloe.frameworks import library

GLOSSARY = DOCS / "reference" / "glossary.md"

#: What is not said, and what is said instead. Few, and without false alarms.
INSTEAD = {
    r"indicator sets?": "framework",
    r"(?:question|assessment|framework) templates?": "framework",
    r"KPIs?": "indicator",
    r"(?:good|best) practices?": "positive practice",
    r"action plans?": "improvement plan",
    r"audit logs?": "audit trail",
    r"maturity (?:levels?|models?)": "grade",
    r"RAG(?: ratings?| status)": "grade",
    r"(?:overall|theme|KLOE|criterion) scores?": "grade, or position",
    r"scored": "placed, or graded",
    r"rated (?:green|amber|red)": "placed",
    r"sub-?themes?": "theme",
    r"sub-?criteri(?:on|a)": "criterion",
    r"evidence (?:attachments?|documents?|artefacts?)": "evidence",
    r"data sources? type": "kind",
    r"assessees?|inspectees?": "organisation",
    # The Welsh Housing Quality Standard, and Safety and Quality Standard, are called so.
    r"(?<!housing )(?<!safety and )quality standards?": "criterion",
    r"final ratings?": "judgement",
    r"auto-?grad(?:e|ed|ing)": "suggested grade",
    r"judgments?": "judgement",
    r"organiz(?:e|ed|es|ation|ations|ing)": "organis-",
    r"(?:log|logs|logged|logging) (?:in|out)(?! full)": "sign in, sign out",
    r"log-?ins?": "signing in",
    r"percentages? points? better": "a place among peers",
}
WRONG = {re.compile(rf"\b(?:{pattern})\b", re.I): word for pattern, word in INSTEAD.items()}


def faults(text: str) -> list[str]:
    """What a text says that the glossary says otherwise."""
    found = []
    for pattern, word in WRONG.items():
        for match in pattern.finditer(text):
            # KPI and RAG are acronyms; anything else is meant in any case.
            if match.group().isupper() or not re.match(r"rag|kpi", match.group(), re.I):
                found.append(f"“{match.group()}” (say: {word})")
    return found


def test_words_of_pages_messages_and_help() -> None:
    wrong = {
        f"{path.relative_to(ROOT)}: {text[:60]}": said
        for path, text in strings()
        if (said := faults(text))
    }
    assert not wrong


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_words_of_the_documentation(page: object) -> None:
    text = prose(page)  # type: ignore[arg-type]
    # Names of files, variables and options are what they are.
    assert not faults(re.sub(r"`[^`\n]*`|\]\([^)]*\)", " ", text))


def test_the_check_finds_them() -> None:
    assert faults("Open the indicator set") == ["“indicator set” (say: framework)"]
    assert faults("the best practice of others, scored by KPI")
    assert not faults("Not a tick-box and not a score: positive practice, a line of enquiry")
    assert not faults("drag and drop; anything else is logged in full")


def test_the_glossary_has_every_word_that_can_be_chosen() -> None:
    text = GLOSSARY.read_text(encoding="utf-8").lower()
    for kind in (EvidenceKind, Origin, Direction, FindingKind, Role, AssessmentKind):
        for one in kind:
            assert one.value in text, one
    for label in POSITION_LABELS.values():
        assert str(label).lower() in text, label
    for framework in library.load_all():
        assert framework.id in text
        for theme in framework.themes():
            assert str(theme.strand) in text


def test_the_glossary_names_each_thing_once() -> None:
    named = re.findall(r"^\| \*\*(.+?)\*\* \|", GLOSSARY.read_text(encoding="utf-8"), flags=re.M)
    assert len(named) > 40
    assert len(set(named)) == len(named)


def test_pages_call_the_program_by_its_name() -> None:
    for page in pages():
        assert not re.search(r"\bKloe\b|\bKLOE (?:tool|app|system)\b", prose(page)), name_of(page)
    assert prose(README).startswith("# kloe\n")
