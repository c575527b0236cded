"""Every fault of a framework's source is found, and says file, line and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kloe.core.errors import InvalidInput, NotFound
from kloe.frameworks.compile import load_source
from kloe.frameworks.loader import sources
from kloe.frameworks.source import Fault, FrameworkFaults

FaultsOf = Callable[..., list[Fault]]


def line_of(folder: Path, file: str, text: str) -> int:
    """The line in which a text first stands."""
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)


def test_small_framework_has_no_faults(source: Path) -> None:
    mapping, translations = load_source(source)
    assert mapping["id"] == "small-2005"
    assert [k["id"] for k in mapping["kloes"]] == ["1.1", "2.10"]
    assert translations == {}


# ruff: noqa: E501
# file, what is changed, into what, text in the line at fault, part of the message, of the remedy
CASES = {
    "duplicate key": (
        "1.1.yaml", "title: KLOE 1.1\n", "title: KLOE 1.1\ntitle: Again\n",
        "title: Again", "“title” stands here a second time", "Join the two",
    ),
    "unknown key": (
        "1.1.yaml", "    strand: service\n", "    strand: service\n    colour: red\n",
        "colour: red", "“colour” is not known", "spelling",
    ),
    "missing key": (
        "1.1.yaml", "            nature: practice\n", "",
        "source: [\"1.1/1/E1\"]", "“nature” is missing in a descriptor", "Add “nature:”",
    ),
    "identifier without quotes": (
        "2.10.yaml", 'id: "2.10"', "id: 2.10",
        "id: 2.10", "2.10 without quotes, which YAML reads as a number", 'Put quotes around it: "2.10"',
    ),
    "key without quotes": (
        "framework.yaml", "title: A small framework\n", "title: A small framework\n2.10: x\n",
        "2.10: x", "The key 2.10 is no string", "Put quotes",
    ),
    "empty text": (
        "1.1.yaml", "about: What it is about.", 'about: " "',
        "about:", "“about” is empty", "Write the text",
    ),
    "list for a text": (
        "1.1.yaml", "about: What it is about.", "about: [what]",
        "about:", "“about” is a list", "framework-format.md",
    ),
    "unknown strand": (
        "1.1.yaml", "strand: service", "strand: services",
        "strand: services", "“strand” is “services”", "Use one of these words",
    ),
    "unknown evidence kind": (
        "1.1.yaml", "kind: document", "kind: paper",
        "kind: paper", "“kind” is “paper”", "Use one of these words",
    ),
    "unknown check kind": (
        "1.1.yaml", "kind: visit", "kind: raid",
        "kind: raid", "“kind” is “raid”", "Use one of these words",
    ),
    "unknown polarity": (
        "1.1.yaml", "polarity: strength", "polarity: positive",
        "polarity: positive", "“polarity” is “positive”", "Use one of these words",
    ),
    "unknown nature": (
        "1.1.yaml", "nature: outcome", "nature: result",
        "nature: result", "“nature” is “result”", "Use one of these words",
    ),
    "unknown decisive kind": (
        "1.1.yaml", "decisive: tenant voice", "decisive: tenants",
        "decisive: tenants", "“decisive” is “tenants”", "Use one of these words",
    ),
    "no slug": (
        "1.1.yaml", "id: second-aspect", "id: Second_Aspect",
        "id: Second_Aspect", "“id” is “Second_Aspect”", "Correct the identifier",
    ),
    "no whole number": (
        "1.1.yaml", "how_many: 3", "how_many: some",
        "how_many: some", "“how_many” is “some”", "Correct the value",
    ),
    "too few": (
        "1.1.yaml", '      - {kind: data, text: "Figures of 1.1/1."}\n', "",
        "    evidence:", "“evidence” has 2 entries", "Add what is missing",
    ),
    "criterion without descriptor": (
        "1.1.yaml",
        "        upper:\n          - source: [\"1.1/1/E2\"]\n            polarity: strength\n"
        "            nature: outcome\n            text: Achieves the second thing.\n",
        "",
        "id: second-aspect", "“second-aspect” has no descriptor", "take the criterion out",
    ),
    "criterion twice": (
        "1.1.yaml", "id: second-aspect", "id: first-aspect",
        "id: first-aspect", "“first-aspect” stands here a second time", "Rename",
    ),
    "common twice in a theme": (
        "1.1.yaml", "        title: Second aspect of 1.1/1\n",
        "        title: Second aspect of 1.1/1\n        common: first-aspect\n",
        "common: first-aspect", "common key “first-aspect” stands here a second time", "Rename",
    ),
    "criterion called like evidence": (
        "1.1.yaml", "id: second-aspect", "id: e1",
        "id: e1", "called “e1”", "Name it after its aspect",
    ),
    "unknown question": (
        "1.1.yaml", "questions: [Q1]", "questions: [Q7]",
        "questions: [Q7]", "no question “Q7”", "published question of this theme",
    ),
    "detailed question serves unknown": (
        "1.1.yaml", "- {question: Q1, text: \"First", "- {question: Q9, text: \"First",
        "question: Q9", "no question “Q9”", "published question of this theme",
    ),
    "unknown criterion": (
        "1.1.yaml", "criteria: [third-aspect]", "criteria: [fourth-aspect]",
        "criteria: [fourth-aspect]", "no criterion “fourth-aspect”", "Name a criterion of this theme",
    ),
    "unknown instrument": (
        "1.1.yaml", "instruments: [dda]", "instruments: [dda, cre]",
        "instruments: [dda, cre]", "no instrument “cre”", "Add it to instruments.yaml",
    ),
    "reference of another theme": (
        "1.1.yaml", 'source: ["1.1/1/E2"]', 'source: ["1.1/2/E2"]',
        'source: ["1.1/2/E2"]', "“1.1/2/E2” stands in the theme “1.1/1”", "Correct the reference",
    ),
    "reference of the other column": (
        "1.1.yaml", 'source: ["1.1/1/E2"]', 'source: ["1.1/1/S2"]',
        'source: ["1.1/1/S2"]', "“1.1/1/S2” stands in the theme “1.1/1”", "Correct the reference",
    ),
    "no reference at all": (
        "1.1.yaml", 'source: ["1.1/1/E2"]', "source: []",
        "source: []", "“source” has 0 entries", "Name the published statement",
    ),
    "malformed reference": (
        "1.1.yaml", 'source: ["1.1/1/E2"]', 'source: ["1.1/1/X2"]',
        'source: ["1.1/1/X2"]', "“source” is “1.1/1/X2”", "Correct the identifier",
    ),
    "theme out of order": (
        "1.1.yaml", '- id: "1.1/2"', '- id: "1.1/3"',
        '- id: "1.1/3"', "stands as number 2", "Correct the identifier, or the order",
    ),
    "value for money one-sided": (
        "1.1.yaml", "weighs: cost", "weighs: quality",
        "    criteria:", "weighs cost", "“weighs: cost”",
    ),
    "weighs nothing": (
        "1.1.yaml", "\n        weighs: cost", "",
        "id: first-aspect", "“first-aspect” does not say what it weighs", "“weighs: cost”",
    ),
    "weighs elsewhere": (
        "1.1.yaml", "        common: first-aspect\n", "        common: first-aspect\n        weighs: cost\n",
        "weighs: cost", "theme of the strand “service”", "Take it out",
    ),
    "same common, other text": (
        "1.1.yaml", '"Third of 1.1/2?"', '"Third of 1.1/2?", common: third',
        None, None, None,
    ),
    "unknown judgement": (
        "1.1.yaml", "judgement: service", "judgement: quality",
        "judgement: quality", "“judgement” is “quality”", "Use one of these words",
    ),
    "main question names no theme": (
        "2.10.yaml", 'themes: ["2.10/1"]', 'themes: ["2.10/4"]',
        'themes: ["2.10/4"]', "no theme “2.10/4”", "Correct the reference",
    ),
    "wrong file name": (
        "1.1.yaml", 'id: "1.1"\n', 'id: "1.2"\n',
        'id: "1.2"', "listed as 1.1 and holds KLOE 1.2", "Rename the file",
    ),
    "unknown reference of an instrument": (
        "instruments.yaml", 'refs: ["1.1/1/E1"]', 'refs: ["1.1/1/E9"]',
        'refs: ["1.1/1/E9"]', "Nothing here restates “1.1/1/E9”", "Correct the reference",
    ),
    "instrument neither in place nor replaced": (
        "instruments.yaml", "  still: true\n", "",
        "id: census", "either still in place or replaced", "Correct one of the two",
    ),
    "unknown reference of a fault": (
        "faults.yaml", 'refs: ["1.1"]', 'refs: ["9.9"]',
        'refs: ["9.9"]', "Nothing here restates “9.9”", "Correct the reference",
    ),
    "highest grade not described": (
        "framework.yaml", "        describes: upper\n      - key: good", "      - key: good",
        "grades:", "highest grade is not described", "describes: upper",
    ),
    "unknown KLOE file": (
        "framework.yaml", '["1.1", "2.10"]', '["2.10"]',
        None, None, None,
    ),
    "overlap with nothing": (
        "framework.yaml", "leading: true\n",
        "leading: true\noverlaps:\n  - {theme: \"1.1/1\", other: none-2005/1.1/1, extent: partly, note: n}\n",
        "none-2005", "no framework beside this one", "Correct the reference",
    ),
    "overlap of no theme": (
        "framework.yaml", "leading: true\n",
        "leading: true\noverlaps:\n  - {theme: \"7.7/1\", other: small-2005/1.1/1, extent: partly, note: n}\n",
        "7.7/1", "no theme “7.7/1”", "Correct the reference",
    ),
    "grade outside the scale": (
        "rules.yaml", "        - grade: good\n", "        - grade: splendid\n",
        "grade: splendid", "no grade “splendid”", "Use one of these",
    ),
    "needed grade outside the scale": (
        "rules.yaml", "{none_below: good}", "{none_below: splendid}",
        "none_below: splendid", "no grade “splendid”", "Use one of these",
    ),
    "steps incomplete": (
        "rules.yaml", "        - grade: good\n          needs:\n            - {share_at_least: 0.5, level: 3}\n", "",
        "steps:", "One step for each grade", "Put the steps in order",
    ),
    "last step needs something": (
        "rules.yaml", "        - grade: poor\n    apart", "        - grade: poor\n          needs: [{none_at: 1}]\n    apart",
        "grade: poor", "needs", "Add or take out its needs",
    ),
    "need of two kinds": (
        "rules.yaml", "{none_at: 1}", "{none_at: 1, share_at_least: 0.5, level: 3}",
        "none_at: 1, share", "A need says: share_at_least, none_at", "Split it",
    ),
    "need over grades on placings": (
        "rules.yaml", "{share_at_least: 0.5, level: 3}", "{share_at_least: 0.5, grade: good}",
        "grade: good}", "The need has the keys", "Correct its keys",
    ),
    "level that does not exist": (
        "rules.yaml", "{share_at_least: 0.5, level: 3}", "{share_at_least: 0.5, level: 5}",
        "level: 5", "There is no level 5", "Correct the level",
    ),
    "share over one": (
        "rules.yaml", "share_at_least: 0.75", "share_at_least: 75",
        "share_at_least: 75", "“share_at_least” is “75”", "Correct the value",
    ),
    "better counts for less": (
        "rules.yaml", "between: 3, lower: 2", "between: 2, lower: 3",
        "paired:", "may not fall", "a better placing may never count for less",
    ),
    "position without level": (
        "rules.yaml", "upper: 4, between: 3", "upper: 4",
        "paired:", "“paired” has levels for", "Give each position its level",
    ),
    "unknown form": (
        "rules.yaml", "  upper only: {", "  upper: {",
        "  upper: {", "“upper” is not known", "spelling",
    ),
    "no rules for a judgement": (
        "rules.yaml", "  prospects:\n", "  prospect:\n",
        "  prospect:", "“prospect” is not known", "spelling",
    ),
    "value for money not apart": (
        "rules.yaml", "strand: value for money", "strand: access",
        "  service:", "Value for money is not graded apart", "cost and quality",
    ),
    "ladder missing": (
        "rules.yaml", "    main_question: &prospects", "    kloe: &prospects",
        "  prospects:", "no ladder “main_question”", "Add the ladder",
    ),
    "weakness set off by the better answer": (
        "rules.yaml", "when: {known: false}", "when: {known: true}",
        "known: true", "set off by “known: true”", "Turn the answer round",
    ),
    "weakness set off by nothing": (
        "rules.yaml", "when: {known: false}", "when: {}",
        "when: {}", "set off by nothing", "Complete it",
    ),
    "limit of no criterion": (
        "rules.yaml", "1.1/1/first-aspect", "1.1/1/ninth-aspect",
        "ninth-aspect", "no criterion “1.1/1/ninth-aspect”", "kloe frameworks show",
    ),
    "limit at no grade": (
        "rules.yaml", "    at: poor\n", "    at: dreadful\n",
        "at: dreadful", "no grade “dreadful”", "Use one of these",
    ),
    "limit below no grade": (
        "rules.yaml", "below: fair", "below: dreadful",
        "below: dreadful", "no grade “dreadful”", "Use one of these",
    ),
    "limit twice": (
        "rules.yaml", "id: safety-placed", "id: safety",
        "id: safety", "limit “safety” stands here a second time", "Rename",
    ),
    "limit without level": (
        "rules.yaml", ", at_or_below_level: 1", "",
        "when: {criterion", "set off by criterion", "Correct “when” or “caps”",
    ),
    "limit on itself": (
        "rules.yaml", 'caps: {kloe: "1.1"}', 'caps: {theme: "1.1/1"}',
        "id: safety", "would cap “1.1/1”", "Let a theme cap its KLOE",
    ),
}  # fmt: skip
WITH_LINE = {name: case for name, case in CASES.items() if case[3] is not None}


@pytest.mark.parametrize("name", WITH_LINE)
def test_fault_names_file_line_and_remedy(name: str, source: Path, faults_of: FaultsOf) -> None:
    file, old, new, at, given, remedy = WITH_LINE[name]
    assert at is not None
    assert given is not None
    found = faults_of(file, old, new)
    matching = [f for f in found if given in f"{f.given} {f.allowed}"]
    assert matching, [str(f) for f in found]
    fault = matching[0]
    assert fault.file == f"small-2005/{file}"
    lines = (source / file).read_text(encoding="utf-8").splitlines()
    assert at.strip() in lines[fault.line - 1], f"line {fault.line}: {lines[fault.line - 1]}"
    assert str(remedy) in str(fault.remedy)
    assert isinstance(fault.as_error(), InvalidInput)
    assert str(fault).startswith(f"small-2005/{file}:{fault.line}: ")


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [("1.1.yaml", 'id: "2.10"', 1), ("rules.yaml", "limits:", None)],
)
def test_lines_are_exact(
    file: str, text: str, line: int | None, source: Path, faults_of: FaultsOf
) -> None:
    """A misspelt key is reported in its own line, wherever it stands."""
    if file == "1.1.yaml":
        found = faults_of(file, 'id: "1.1"', text)
        assert (found[0].line, found[0].file) == (line, "small-2005/1.1.yaml")
    else:
        expected = line_of(source, file, text)
        found = faults_of(file, text, "limit:")
        unknown = next(f for f in found if "not known" in str(f))
        assert unknown.line == expected


def test_same_common_key_means_same_text(source: Path, faults_of: FaultsOf) -> None:
    path = source / "1.1.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace('text: "Third of 1.1/1?"', 'text: "Third of 1.1/1?", common: third')
    path.write_text(text, encoding="utf-8")
    found = faults_of("1.1.yaml", '"Third of 1.1/2?"', '"Third of 1.1/2?", common: third')
    assert len(found) == 1
    assert "“common: third” has another text in small-2005/1.1.yaml:" in str(found[0])
    assert found[0].line == line_of(source, "1.1.yaml", "Third of 1.1/2?")


def test_file_that_belongs_to_nothing(source: Path, faults_of: FaultsOf) -> None:
    found = faults_of("framework.yaml", '["1.1", "2.10"]', '["2.10"]')
    assert any(f.file == "small-2005/1.1.yaml" and "belongs to nothing" in str(f) for f in found)


def test_missing_file(source: Path) -> None:
    (source / "faults.yaml").unlink()
    with pytest.raises(FrameworkFaults, match=r"faults\.yaml:1: The file cannot be read"):
        load_source(source)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "This is no YAML"),
        ("", "The file is empty"),
        ("- a\n- b: 'x\n", "This is no YAML"),
        ("just words", "is a single value"),
    ],
)
def test_broken_files(source: Path, text: str, said: str) -> None:
    (source / "faults.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FrameworkFaults, match=said) as caught:
        load_source(source)
    assert all(f.file == "small-2005/faults.yaml" for f in caught.value.faults)


def test_no_utf8(source: Path) -> None:
    (source / "faults.yaml").write_bytes(b"- id: caf\xe9\n")
    with pytest.raises(FrameworkFaults, match="UTF-8"):
        load_source(source)


def test_all_faults_are_collected(source: Path) -> None:
    path = source / "1.1.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("polarity: strength", "polarity: positive")
    text = text.replace("strand: service", "strand: services")
    path.write_text(text, encoding="utf-8")
    rules = source / "rules.yaml"
    rules.write_text(rules.read_text().replace("at: poor", "at: bad"), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_source(source)
    assert isinstance(caught.value, FrameworkFaults)
    assert len(caught.value.faults) == 6
    message = str(caught.value)
    assert message.startswith("6 faults in the framework's source:")
    assert message.count("small-2005/1.1.yaml:") == 5
    assert "small-2005/rules.yaml:" in message


def test_sources_found(source: Path) -> None:
    assert sources(source) == (source,)
    assert sources(source.parent) == (source,)
    with pytest.raises(NotFound, match=r"framework\.yaml"):
        sources(source.parent.parent / "nowhere")


class TestTranslations:
    """Texts in another language lie in sidecars, keyed by identifier."""

    def test_read_by_identifier(self, source: Path) -> None:
        (source / "1.1.cy.yaml").write_text(
            '"1.1/1/first-aspect": Agwedd gyntaf\n"1.1/1/first-aspect/upper-1": Yn gwneud y peth.\n'
        )
        _mapping, translations = load_source(source)
        assert translations == {
            "cy": {
                "1.1/1/first-aspect": "Agwedd gyntaf",
                "1.1/1/first-aspect/upper-1": "Yn gwneud y peth.",
            }
        }

    def test_unknown_identifier(self, source: Path) -> None:
        (source / "1.1.cy.yaml").write_text('"1.1/1": Thema\n"1.1/1/ninth-aspect": Dim\n')
        with pytest.raises(FrameworkFaults) as caught:
            load_source(source)
        (fault,) = caught.value.faults
        assert (fault.file, fault.line) == ("small-2005/1.1.cy.yaml", 2)
        assert "no text “1.1/1/ninth-aspect”" in str(fault)

    def test_translated_twice(self, source: Path) -> None:
        (source / "1.1.cy.yaml").write_text('"1.1/1": Thema\n')
        (source / "2.10.cy.yaml").write_text('"1.1/1": Thema\n')
        with pytest.raises(FrameworkFaults, match="in two files"):
            load_source(source)

    def test_sidecar_of_nothing(self, source: Path) -> None:
        (source / "9.9.cy.yaml").write_text('"1.1/1": Thema\n')
        with pytest.raises(FrameworkFaults, match="belongs to nothing"):
            load_source(source)
