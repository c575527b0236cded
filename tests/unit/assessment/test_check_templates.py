"""Templates of checks: what the package brings, and every fault of one that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kloe.assessment.checks import templates, words
from kloe.assessment.checks.templates import TemplateFaults
from kloe.core.errors import NotFound
from kloe.frameworks import library

#: Kinds of checks that inspectors ask for, and templates that serve them.
WANTED = {
    "interview": {"interview-staff", "interview-leaders", "interview-partners"},
    "focus group": {"focus-group-tenants"},
    "observation": {"observation-meeting", "call-centre-listening"},
    "document review": {"document-review-plans", "website-leaflet-review"},
    "file check": {"file-check-rents", "file-check-lettings", "file-check-repairs-safety"},
    "case tracer": {"case-tracer"},
    "show-me walkthrough": {"show-me-system"},
    "visit": {
        "empty-home-visit", "office-reception-visit", "recent-repair-visit", "new-tenant-visit",
    },
    "walkabout": {"estate-walkabout"},
    "mystery shop": {
        "mystery-shop-telephone", "mystery-shop-written", "mystery-shop-languages",
    },
}  # fmt: skip


def test_every_kind_has_its_templates() -> None:
    kinds: dict[str, set[str]] = {}
    for t in templates.shipped():
        kinds.setdefault(t.kind, set()).add(t.id)
    assert set(kinds) == set(WANTED) == set(words.KIND_LABELS)
    for kind, wanted in WANTED.items():
        assert wanted <= kinds[kind], kind


def test_items_name_criteria_that_exist_and_leave_none_out() -> None:
    """Every criterion of every edition is tested by some item, and no item tests another."""
    known = {c.id for f in library.load_all() for c in f.criteria()}
    tested = {c for t in templates.shipped() for c in t.criteria}
    assert tested == known


def test_every_theme_has_a_choice_of_templates() -> None:
    for framework in library.load_all():
        for theme in framework.themes():
            serving = [t.id for t in templates.shipped() if theme.id in t.themes]
            assert len(serving) >= 2, theme.id


def test_items_say_what_to_look_at_and_what_would_speak_for_and_against() -> None:
    for t in templates.shipped():
        assert len(t.items) >= 6, t.id
        for item in t.items:
            texts = (item.ask, item.look, item.confirms, item.contradicts)
            assert len(set(texts)) == 4, (t.id, item.id)
            assert len(item.look) >= 20, (t.id, item.id)
            assert item.ask.endswith(("?", ".")), (t.id, item.id)


def test_a_template_is_the_same_after_its_mapping() -> None:
    for t in templates.shipped():
        again = templates.from_mapping(t.as_dict())
        assert again == t
        assert again.digest == t.digest


def test_a_template_nobody_wrote_is_said_so() -> None:
    with pytest.raises(NotFound, match="empty-home-visit"):
        templates.template("nothing-of-the-sort")


GOOD = """\
format: kloe-check/1
id: trial
version: 1
kind: visit
title: A trial
about: What it is for.
claim: All is well.
evidence: observation
origin: inspector
sample: Three at random.
cases: 3
minutes: 30
before:
  - Take a torch
items:
  - id: first
    ask: Is it so?
    look: The thing itself.
    confirms: It is.
    contradicts: It is not.
    criteria:
      - wao-housing-2005/1.2/3/account-set-up
after:
  - Write it up
"""
# what is changed, into what, text in the line at fault, part of the message, of the remedy
FAULTS = {
    "unknown key": ("minutes: 30", "minutes: 30\ncolour: red", "colour", "not known", "spelling"),
    "duplicate key": (
        "title: A trial", "title: A trial\ntitle: Again", "title: Again", "second time", "Join",
    ),
    "missing key": ("    look: The thing itself.\n", "", "id: first", "“look” is missing", "Add"),
    "unknown criterion": (
        "account-set-up", "account-setup", "account-setup", "no criterion", "frameworks show",
    ),
    "short criterion": (
        "wao-housing-2005/1.2/3/account-set-up", '"1.2/3/account-set-up"', "1.2/3/account",
        "1.2/3/account-set-up", "identifier",
    ),
    "criterion twice": (
        "account-set-up\n", "account-set-up\n      - wao-housing-2005/1.2/3/account-set-up\n",
        "- wao-housing-2005", "named twice", "Take one out",
    ),
    "no criterion": (
        "    criteria:\n      - wao-housing-2005/1.2/3/account-set-up\n", "    criteria: []\n",
        "criteria: []", "0 entries", "Name the criteria",
    ),
    "unknown kind": ("kind: visit", "kind: stroll", "kind: stroll", "stroll", "one of these"),
    "unknown format": ("kloe-check/1", "kloe-check/9", "format", "kloe-check/9", "one of these"),
    "no number": ("cases: 3", "cases: many", "cases: many", "many", "Correct"),
    "empty text": ("claim: All is well.", 'claim: ""', "claim", "empty", "Write"),
    "another name": ("id: trial", "id: other", "id: other", "lies in", "Rename"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_names_file_line_and_remedy(tmp_path: Path, name: str) -> None:
    old, new, line, message, remedy = FAULTS[name]
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    path = tmp_path / "trial.yaml"
    path.write_text(text)
    with pytest.raises(TemplateFaults) as raised:
        templates.load_folder(tmp_path)
    (fault,) = raised.value.faults
    numbers = [n for n, one in enumerate(text.splitlines(), 1) if line in one]
    assert fault.file == "trial.yaml"
    assert fault.line in numbers
    assert message in str(fault)
    assert remedy in str(fault)


def test_the_good_one_is_good_and_an_item_twice_is_not(tmp_path: Path) -> None:
    path = tmp_path / "trial.yaml"
    path.write_text(GOOD)
    (read,) = templates.load_folder(tmp_path)
    assert read.items[0].per == "check"
    item = GOOD[GOOD.index("  - id: first") : GOOD.index("after:")]
    path.write_text(GOOD.replace("after:", f"{item}after:"))
    with pytest.raises(TemplateFaults, match="“first” stands here a second time"):
        templates.load_folder(tmp_path)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "trial.yaml").write_text(GOOD.replace("kind: visit", "kind: stroll"))
    other = GOOD.replace("id: trial", "id: second").replace("account-set-up", "nothing")
    (tmp_path / "second.yaml").write_text(other)
    with pytest.raises(TemplateFaults) as raised:
        templates.load_folder(tmp_path)
    assert [f.file for f in raised.value.faults] == ["second.yaml", "trial.yaml"]


def test_what_an_organisation_writes_is_held_to_the_same() -> None:
    said: dict[str, Any] = templates.template("estate-walkabout").as_dict()
    said["items"] = [{**said["items"][0], "criteria": ["wao-housing-2005/1.4/5/nothing"]}]
    with pytest.raises(TemplateFaults, match="no criterion"):
        templates.from_mapping(said)
