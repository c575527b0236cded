"""From signing in to the report without a mouse, on a wide screen and on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hands import (
    SAVED,
    THEME,
    WIDTHS,
    Assessment,
    Site,
    Visitors,
    all_saved,
    criterion,
    said,
    tab_to,
)
from playwright.sync_api import Locator, Page, expect

widths = pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
FIRST = "rent-setting-explained"
KEYS = (
    ("4", "Upper"),
    ("3", "Between"),
    ("2", "Lower"),
    ("1", "Worse"),
    ("7", "Conflicting"),
    ("8", "Cannot tell"),
    ("9", "Not applicable"),
)


def press(target: Locator, key: str = "Enter") -> None:
    """Go to something by Tab and press a key on it."""
    tab_to(target.page, target)
    target.page.keyboard.press(key)


def write(target: Locator, words: str) -> None:
    """Go to a field by Tab and type."""
    tab_to(target.page, target)
    target.page.keyboard.type(words)


def choose(field: Locator, option: str) -> None:
    """Go to a list by Tab and choose by the arrow keys."""
    tab_to(field.page, field)
    labels = field.locator("option").all_inner_texts()
    at = field.evaluate("e => e.selectedIndex")
    for _ in range(labels.index(option) - at):
        field.page.keyboard.press("ArrowDown")
    expect(field.locator("option:checked")).to_have_text(option)


def mark(group: Locator, label: str) -> None:
    """Go to a group of radio buttons by Tab and to one of them by the arrow keys."""
    page = group.page
    checked = group.locator("input:checked")
    tab_to(page, checked.first if checked.count() else group.locator("input").first)
    wanted = group.get_by_label(label, exact=True)
    if not checked.count():
        page.keyboard.press("Space")
    for _ in range(group.locator("input").count()):
        if wanted.is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrow keys do not lead to “{label}”")


@widths
def test_whole_path(visit: Visitors, site: Site, width: int, tmp_path: Path) -> None:
    page = visit.open(url=f"{site.address}/accounts/login/", width=width)
    # From here on, since a browser told as the key goes down may open a window of its own.
    page.on("filechooser", lambda _chooser: None)
    write(page.get_by_label("E-mail address"), site.made["people"]["anwen"])
    write(page.get_by_label("Password", exact=True), site.made["password"])
    page.keyboard.press("Enter")
    press(page.get_by_role("link", name="New assessment"))
    create(page, width)
    leave_out(page)
    press(page.get_by_role("navigation", name="Assessment").get_by_role("link", name="Overview"))
    press(page.locator(".map").get_by_role("link", name="Rent and service charge accounting"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Rent and service charge")
    assert page.url.endswith(THEME)
    place(page)
    add_evidence(page, tmp_path)
    answer(page)
    write_a_finding(page)
    judge(page)
    make_report(page)


def create(page: Page, width: int) -> None:
    write(page.get_by_label("Title"), f"By keyboard at {width}")
    press(page.get_by_label("Housing Key Lines of Enquiry").first, "Space")
    write(page.get_by_label("Period from"), "01012025")
    write(page.get_by_label("Period to"), "12122025")
    press(page.get_by_role("button", name="Create"))
    expect(page.get_by_role("heading", level=1, name="Scope")).to_be_visible()


def leave_out(page: Page) -> None:
    row = page.locator("tr", has=page.get_by_label("1.2/5 Debt advice"))
    press(row.get_by_role("checkbox"), "Space")
    write(row.get_by_label("Reason for leaving out"), "The county advises.")
    page.keyboard.press("Enter")
    expect(page.locator("tr.out")).to_have_count(1)


def place(page: Page) -> None:
    cards = page.locator("[data-criterion]")
    first = criterion(page, FIRST)
    # The list of keys opens and closes, and the page takes no key meanwhile.
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    # The first criterion is at hand; every position has its key. None leaves without a reason.
    page.keyboard.press("r")
    page.keyboard.type("Rents are set by the county, not by us.")
    page.keyboard.press("Escape")
    for key, position in KEYS:
        page.keyboard.press(key)
        expect(first.get_by_role("radio", name=position, exact=True)).to_be_checked()
    all_saved(page)
    said(page, first, SAVED)
    # What is taken back need not be saved yet to be undone.
    page.keyboard.press("0")
    page.keyboard.press("u")
    expect(first.get_by_role("radio", name="Not applicable")).to_be_checked()
    # To the last and back, placing and giving reasons on the way.
    for n in range(1, 5):
        page.keyboard.press("j")
        expect(cards.nth(n)).to_be_focused()
        page.keyboard.press("4")
        expect(cards.nth(n).get_by_role("radio", name="Upper")).to_be_checked()
        page.keyboard.press("r")
        expect(cards.nth(n).get_by_label("Reason")).to_be_focused()
        page.keyboard.type(f"Reason {n}: 4 of 4, all rejected in June.")
        page.keyboard.press("Escape")
        expect(cards.nth(n)).to_be_focused()
        said(page, cards.nth(n), SAVED)
    page.keyboard.press("j")
    expect(cards.nth(4)).to_be_focused()
    for _ in range(6):
        page.keyboard.press("k")
    expect(first).to_be_focused()
    page.keyboard.press("3")
    expect(page.locator("#so-far")).to_contain_text("5 of 5 criteria placed")
    # Within a ladder the arrow keys work as in any group of radio buttons.
    tab_to(page, first.get_by_role("radio", name="Between"))
    page.keyboard.press("ArrowLeft")
    expect(first.get_by_role("radio", name="Upper")).to_be_checked()
    said(page, first, SAVED)


def test_the_keyboard_stays_where_something_is_drawn_anew(visit: Visitors, site: Site) -> None:
    made = site.spare()
    page = visit.open("anwen", f"{made.url}scope")
    lead = page.get_by_label("Lead of 1.2/3")
    tab_to(page, lead)
    page.keyboard.press("ArrowDown")
    expect(page.locator("form.assign", has=lead)).to_contain_text("Saved")
    expect(lead).to_be_focused()
    page.goto(made.theme())
    card = criterion(page, FIRST)
    page.keyboard.press("e")
    expect(card.get_by_role("heading", level=4)).to_be_focused()
    press(card.get_by_role("button", name="Close"))
    expect(card.get_by_role("link", name="Add evidence")).to_be_focused()


def add_evidence(page: Page, folder: Path) -> None:
    card = criterion(page, FIRST)
    panel = card.locator(".evidence-panel")

    def opened(what: str) -> None:
        page.keyboard.press("e")
        expect(panel.get_by_role("heading", level=4)).to_be_focused()
        mark(panel.locator(".choice-tabs"), what)

    def details(title: str, kind: str) -> None:
        if title:
            write(panel.get_by_label("Title"), title)
        choose(panel.get_by_label("Kind"), kind)
        choose(panel.get_by_label("Origin"), "Landlord")

    def added(side: int, direction: str, words: str) -> None:
        mark(panel.locator(".statement-choice").nth(side), direction)
        press(panel.get_by_role("button", name="Add evidence"))
        expect(card.locator(".linked")).to_contain_text(words)
        expect(card.get_by_role("link", name="Add evidence")).to_be_focused()

    opened("Note")
    details("Talk with three wardens", "Testimony")
    write(panel.get_by_label("What it says"), "All three could say: 1, 2 and 3 apply.")
    added(0, "Shows this", "E1 added: shows this.")
    opened("Link")
    write(panel.get_by_label("Address"), "https://tai-prawf.example/rents")
    details("Rents explained", "Document")
    added(1, "Shows otherwise", "E2 added: shows otherwise.")
    opened("File")
    file = folder / "letter.txt"
    file.write_text("Your rent from April: £104.20.")
    tab_to(page, panel.get_by_label("Files"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(file)
    details("", "Document")
    added(0, "Context", "E3 added: context.")
    # What was typed into the panel placed nothing.
    expect(card.get_by_role("radio", name="Upper")).to_be_checked()


def answer(page: Page) -> None:
    asked = page.locator("#q-Q1")
    field = asked.locator("textarea").first
    tab_to(page, field, back=True)
    page.keyboard.type("Tenants know how their rent is set; see 1 and 2.")
    page.keyboard.press("Tab")
    said(page, asked, SAVED)
    press(asked.get_by_role("link", name="Cite evidence").first)
    press(page.get_by_label("Talk with three wardens"), "Space")
    press(page.get_by_role("button", name="Save"))
    expect(page.locator("#q-Q1 .chip")).to_contain_text("Talk with three wardens")


def write_a_finding(page: Page) -> None:
    press(page.get_by_role("link", name="Add : Strengths"))
    form = page.locator(".finding-form")
    expect(form.locator("textarea[name=text]")).to_be_focused()
    page.keyboard.type("Every new tenant is told how the rent is set.")
    press(form.get_by_label("Explaining how rents"), "Space")
    press(form.get_by_role("button", name="Add the finding"))
    expect(page.locator("#findings")).to_contain_text("Every new tenant is told")


def judge(page: Page) -> None:
    judging = page.locator("#judgement")
    expect(judging.locator(".suggested")).to_have_count(0)
    mark(judging.locator("fieldset").first, "Good")
    write(judging.get_by_label("Reasons").first, "Sound, with one weakness.")
    press(judging.get_by_role("button", name="Save the provisional judgement"))
    expect(judging.locator(".suggested")).to_contain_text("Why not lower")
    press(judging.get_by_role("button", name="Agree the judgement"))
    expect(judging.locator(".verdict").first).to_contain_text("Agreed")


def make_report(page: Page) -> None:
    press(page.get_by_role("navigation", name="Assessment").get_by_role("link", name="Report"))
    mark(page.get_by_role("group", name="As"), "HTML, one page to read in the browser")
    press(page.get_by_role("button", name="Make the report"))
    made = page.locator("#job-actions .button.primary")
    made.wait_for(timeout=90_000)
    press(made)
    expect(page.get_by_role("heading", level=1).first).to_be_visible()


@pytest.fixture
def without_keys(visit: Visitors, site: Site) -> Assessment:
    """An assessment, and a person who has switched the keys off in their profile."""
    page = visit.open("cadi", f"{site.address}/accounts/profile")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    return site.spare()


def test_keys_that_are_switched_off_do_nothing(
    visit: Visitors, site: Site, without_keys: Assessment
) -> None:
    page = visit.open("cadi", without_keys.theme())
    first = criterion(page, FIRST)
    expect(page.locator("[data-show-keys]")).to_be_hidden()
    for key in "4321789jkr?e":
        page.keyboard.press(key)
    # With the focus on the ladder, as somebody who dictates might have it.
    tab_to(page, first.locator(".ladder input").first)
    for key in "4321789jknpr?eu0":
        page.keyboard.press(key)
    expect(first.locator(".ladder input").first).to_be_focused()
    expect(page.locator(".ladder input:checked")).to_have_count(0)
    expect(page.locator(".evidence-panel")).to_have_count(0)
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator("#live")).to_be_empty()
    # Radio buttons, Tab and Escape work as everywhere.
    page.keyboard.press("Space")
    expect(first.get_by_role("radio", name="Upper")).to_be_checked()
    said(page, first, SAVED)
    assert len(without_keys.revisions(f"{THEME}/{FIRST}")) == 1


def test_keys_leave_commands_of_the_browser_alone(visit: Visitors, site: Site) -> None:
    made = site.spare()
    page = visit.open("anwen", made.theme())
    for key in ("Control+4", "Alt+3", "Control+Shift+u", "Control+e"):
        page.keyboard.press(key)
    expect(page.locator(".ladder input:checked")).to_have_count(0)
    expect(page.locator(".evidence-panel")).to_have_count(0)
    page.keyboard.press("4")
    said(page, criterion(page, FIRST), re.compile("Saved"))
