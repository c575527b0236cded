"""Writing a text of the report in a browser: by keyboard, beside another writer, without script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from accessible import check, unfold
from hands import HEIGHTS, SAVED, Site, Visitors, served, tab_to, visiting
from playwright.sync_api import Browser, Page, expect

KLOE = "wao-housing-2005/1.2"
THEME = f"{KLOE}/3"


@pytest.fixture(scope="module")
def drafting(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("drafting") / "data", "ground_to_write.py") as found:
        yield found


@pytest.fixture
def visit(
    browser: Browser, drafting: Site, known: dict[str, Any], tmp_path: Path
) -> Iterator[Visitors]:
    with visiting(browser, drafting, known) as visitors:
        yield visitors


def here(site: Site, path: str = "") -> str:
    return f"{site.address}/assessments/{site.made['assessment']}/texts/{path}"


@pytest.mark.parametrize("path", ["", f"of/{THEME}", f"of/{KLOE}/2", "of/summary"])
def test_pages_are_accessible_and_fit(visit: Visitors, drafting: Site, path: str) -> None:
    page = visit.open("lowri")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.goto(here(drafting, path))
        unfold(page)
        check(page, dark=width == 1280)


def saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_have_text(SAVED)


def test_a_text_is_written_by_keyboard(visit: Visitors, drafting: Site) -> None:
    page = visit.open("lowri", here(drafting, f"of/{THEME}"))
    field = page.get_by_label("Text", exact=True)
    # The toolbar is one stop; arrows go through it.
    tab_to(page, page.get_by_role("button", name="Heading", exact=True))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Subheading")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    page.keyboard.type("Rents")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("Letters are ")
    page.keyboard.press("Control+b")
    page.keyboard.type("plain")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.type(" and early")
    assert field.input_value() == "# Rents\n\nLetters are **plain** and early"
    tab_to(page, page.get_by_role("button", name="Insert [F1]"))
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    page.keyboard.type(".")
    expect(field).to_have_value("# Rents\n\nLetters are **plain** and early [F1].")
    saved(page)
    report = page.locator(".as-report")
    expect(report.get_by_role("heading", name="Rents")).to_be_visible()
    expect(report.locator("strong", has_text="plain")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Undo the last save"))
    before = field.input_value()
    page.keyboard.press("Enter")
    expect(field).not_to_have_value(before)
    saved(page)


def test_figures_and_evidence_are_found_by_words(visit: Visitors, drafting: Site) -> None:
    page = visit.open("lowri", here(drafting, "of/summary"))
    page.get_by_label("Look for findings, figures, evidence").fill("rent letters")
    page.get_by_role("button", name="Look", exact=True).click()
    page.get_by_role("button", name="Insert [E1]").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value(re.compile(r"\[E1\]$"))
    saved(page)


def test_of_two_writers_nobody_loses_a_word(visit: Visitors, drafting: Site) -> None:
    visit.watch.expect("409")
    address = here(drafting, f"of/{KLOE}/4")
    one, other = visit.open("lowri", address), visit.open("owain", address)
    one.get_by_label("Text", exact=True).fill("What Lowri wrote.")
    saved(one)
    field = other.get_by_label("Text", exact=True)
    field.fill("What Owain wrote.")
    conflict = other.get_by_role("group", name="Two versions")
    expect(conflict).to_contain_text("What Lowri wrote.")
    expect(conflict).to_contain_text("What Owain wrote.")
    check(other, dark=False)
    expect(field).to_have_value("What Owain wrote.")
    other.get_by_role("button", name="Let theirs stand").click()
    expect(field).to_have_value("What Lowri wrote.")
    field.fill("What both wrote.")
    saved(other)


def test_without_script_it_is_a_field_that_is_sent(visit: Visitors, drafting: Site) -> None:
    page = visit.open("lowri", here(drafting, f"of/{KLOE}/5"), java_script_enabled=False)
    expect(page.locator("[data-tools]")).to_be_hidden()
    field = page.get_by_label("Text", exact=True)
    field.fill("# Debt\n\nAdvice is *near*.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("it is not saved yet")).to_be_visible()
    expect(page.locator(".as-report em")).to_have_text("near")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".as-report").get_by_role("heading", name="Debt")).to_be_visible()
    page.get_by_role("button", name="Undo the last save").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value("")


def test_an_observer_reads_and_writes_nothing(visit: Visitors, drafting: Site) -> None:
    page = visit.open("tegid", here(drafting, f"of/{KLOE}/2"))
    expect(page.get_by_role("heading", name="Who is reached")).to_be_visible()
    expect(page.locator("textarea")).to_have_count(0)
    check(page, dark=False)
