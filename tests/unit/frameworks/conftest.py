"""A small framework of two KLOEs, in a folder of its own, that a test may spoil."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kloe.frameworks.compile import load_source
from kloe.frameworks.source import Fault, FrameworkFaults

FRAMEWORK = """\
id: small-2005
title: A small framework
publisher: Nobody
edition: First
published: "2005-11"
status: Invented
jurisdiction: wales
language: en
url_note: Made up for tests.
leading: true
kloes: ["1.1", "2.10"]
scales:
  - judgement: service
    question: How good is it?
    grades:
      - key: excellent
        label: Excellent
        describes: upper
      - key: good
        label: Good
      - key: fair
        label: Fair
        describes: lower
      - key: poor
        label: Poor
  - judgement: prospects
    question: Will it get better?
    grades:
      - key: strong
        label: Strong
        describes: upper
      - key: weak
        label: Weak
        describes: lower
"""

RULES = """\
about: Ours.
levels:
  paired: {upper: 4, between: 3, lower: 2, worse: 1}
  upper only: {met: 4, in part: 3, not met: 2}
  lower only: {so: 2, in part: 3, not so: 3}
judgements:
  service:
    theme:
      least_coverage: 0.5
      steps:
        - grade: excellent
          needs:
            - {share_at_least: 0.75, level: 4, of: [paired, upper only]}
            - {none_at: 1}
        - grade: good
          needs:
            - {share_at_least: 0.5, level: 3}
        - grade: fair
          needs:
            - {share_at_most: 0.25, level: 1}
        - grade: poor
    apart:
      - strand: value for money
        sides: [cost, quality]
        least_coverage: 0.5
        reason: Both count.
    kloe: &grades
      least_coverage: 0.5
      steps:
        - grade: excellent
          needs:
            - {share_at_least: 0.6, grade: excellent}
            - {none_below: good}
        - grade: good
          needs:
            - {share_at_least: 0.6, grade: good}
        - grade: fair
          needs:
            - {share_at_least: 0.6, grade: fair}
        - grade: poor
    overall: *grades
  prospects:
    theme:
      least_coverage: 0.5
      steps:
        - grade: strong
          needs:
            - {share_under: "1/3", level: 2}
        - grade: weak
    main_question: &prospects
      least_coverage: 1
      steps:
        - grade: strong
          needs:
            - {none_below: strong}
        - grade: weak
    overall: *prospects
    weaknesses:
      - id: not-known
        when: {known: false}
        at: weak
        reason: Not known.
        source: Ours.
limits:
  - id: safety
    when: {theme: "1.1/1", below: fair}
    caps: {kloe: "1.1"}
    at: fair
    reason: Safety first.
    source: A law.
    refs: ["1.1/1/E1"]
  - id: safety-placed
    when: {criterion: "1.1/1/first-aspect", at_or_below_level: 1}
    caps: {theme: "1.1/1"}
    at: poor
    reason: Safety first.
    source: A law.
"""

INSTRUMENTS = """\
- id: dda
  name: Disability Discrimination Act 1995
  abbreviation: DDA
  kind: law
  was: A law.
  refs: ["1.1/1/E1"]
  replaced_by:
    - jurisdiction: great-britain
      from: "2010-10-01"
      by: Equality Act 2010
      note: Section 20.
- id: census
  name: Census
  abbreviation: null
  kind: term
  was: A count.
  refs: []
  replaced_by: []
  still: true
"""

FAULTS = """\
- id: two-names
  refs: ["1.1"]
  fault: It has two names.
  treatment: The first is used.
"""


def theme(number: str, strand: str, *, weighs: bool = False) -> str:
    """A theme with a paired, an upper-only and a lower-only criterion."""

    def side(name: str) -> str:
        return f"\n        weighs: {name}" if weighs else ""

    return f"""\
  - id: "{number}"
    title: Theme {number}
    strand: {strand}
    questions:
      - id: Q1
        source: ["{number}/Q1"]
        text: How well is it done?
    criteria:
      - id: first-aspect
        title: First aspect of {number}
        questions: [Q1]
        common: first-aspect{side("cost")}
        upper:
          - source: ["{number}/E1"]
            polarity: strength
            nature: practice
            decisive: tenant voice
            instruments: [dda]
            text: Does the first thing well.
        lower:
          - source: ["{number}/S1"]
            polarity: fault
            nature: practice
            text: Does not do the first thing.
      - id: second-aspect
        title: Second aspect of {number}
        questions: [Q1]{side("quality")}
        upper:
          - source: ["{number}/E2"]
            polarity: strength
            nature: outcome
            text: Achieves the second thing.
      - id: third-aspect
        title: Third aspect of {number}
        questions: [Q1]{side("quality")}
        lower:
          - source: ["{number}/S2"]
            polarity: possible
            nature: policy
            text: May have the third fault.
    detailed_questions:
      - {{question: Q1, text: "First of {number}?"}}
      - {{question: Q1, text: "Second of {number}?"}}
      - {{question: Q1, text: "Third of {number}?", common: third}}
    evidence:
      - {{kind: document, text: "Paper of {number}.", criteria: [first-aspect]}}
      - {{kind: data, text: "Figures of {number}."}}
      - {{kind: observation, text: "Sight of {number}."}}
    reality_checks:
      - kind: visit
        claim: One in {number}.
        how_many: 3
        sample: Any.
        criteria: [first-aspect]
      - kind: interview
        claim: Two in {number}.
        how_many: 3
        sample: Any.
        criteria: [first-aspect]
      - kind: file check
        claim: Three in {number}.
        how_many: 3
        sample: Any.
        criteria: [third-aspect]
"""


def kloe(number: str, judgement: str, themes: str, extra: str = "") -> str:
    """A KLOE file around themes."""
    return f"""\
id: "{number}"
title: KLOE {number}
{extra}judgement: {judgement}
about: What it is about.
covers:
  - something

themes:
{themes}"""


MAIN = """\
also_numbered: ["2.11"]
main_questions:
  - id: M1
    title: Is it better?
    text: Has it got better?
    themes: ["2.10/1"]
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The folder of a small framework without faults."""
    folder = tmp_path / "small-2005"
    folder.mkdir()
    service = theme("1.1/1", "service") + theme("1.1/2", "value for money", weighs=True)
    improvement = theme("2.10/1", "improvement").replace(", common: third", "")
    files = {
        "framework": FRAMEWORK,
        "rules": RULES,
        "instruments": INSTRUMENTS,
        "faults": FAULTS,
        "1.1": kloe("1.1", "service", service.replace(", common: third", "")),
        "2.10": kloe("2.10", "prospects", improvement, MAIN),
    }
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def faults_of(source: Path) -> Callable[..., list[Fault]]:
    """Change one file of the small framework and give the faults found."""

    def change(file: str, old: str, new: str, *, count: int = 1) -> list[Fault]:
        path = source / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, count), encoding="utf-8")
        with pytest.raises(FrameworkFaults) as caught:
            load_source(source)
        return list(caught.value.faults)

    return change
