"""From signing in to the report, with a mouse, on a wide screen and on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hands import (
    SAVED,
    THEME,
    WIDTHS,
    Site,
    Visitors,
    criterion,
    overflow,
    rung,
    said,
    sign_in,
)
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())

#: Criteria of the theme, and where the test places them: four good, one between.
PLACED = {
    "rent-setting-explained": "Upper",
    "account-information": "Between",
    "account-set-up": "Upper",
    "arrears-identified-by-cause": "Between",
    "debts-recorded-separately": "Lower",
}
#: What only somebody who has judged may see.
SUGGESTED = ("What the rules make of it", "Why not higher", "Why not lower", "Suggested")


def test_whole_path(visit: Visitors, site: Site, width: int, tmp_path: Path) -> None:
    visit.watch.expect("422")  # forms that come back
    page = visit.open(width=width)
    sign_in(page, site, "anwen")
    create(page, width)
    leave_out(page)
    open_theme(page)
    place(page)
    add_evidence(page, tmp_path)
    answer(page)
    write_a_finding(page)
    judge(page)
    overview = see_overview(page)
    make_report(page, overview)


def create(page: Page, width: int) -> None:
    page.get_by_role("link", name="New assessment").click()
    page.get_by_label("Title").fill(f"By mouse at {width}")
    page.get_by_label("Housing Key Lines of Enquiry").check()
    page.get_by_label("Period from").fill("2025-04-01")
    page.get_by_label("Period to").fill("2026-03-31")
    page.get_by_label("Lead", exact=False).last.select_option("Anwen Tudor")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1, name="Scope")).to_be_visible()


def leave_out(page: Page) -> None:
    row = page.locator("tr", has=page.get_by_label("1.2/5 Debt advice"))
    row.get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="Save scope").click()
    # Without a reason it does not go.
    expect(page.locator(".error-summary")).to_contain_text("without a reason")
    row.get_by_label("Reason for leaving out").fill("The county advises, not the landlord.")
    page.get_by_role("button", name="Save scope").click()
    expect(page.locator(".error-summary")).to_have_count(0)
    expect(page.locator("tr.out")).to_have_count(1)
    assert overflow(page) <= 0


def open_theme(page: Page) -> None:
    page.get_by_role("navigation", name="Assessment").get_by_role("link", name="Overview").click()
    page.locator(".map").get_by_role("link", name="Rent and service charge accounting").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Rent and service charge")
    assert page.url.endswith(THEME)


def place(page: Page) -> None:
    for key, position in PLACED.items():
        card = criterion(page, key)
        rung(card, position).click()
        said(page, card, SAVED)
        card.get_by_label("Reason").fill(f"Because the sample of March says so: {key}.")
        card.locator("h3").click()
        said(page, card, SAVED)
        expect(card).to_have_class(re.compile(r"\bplaced\b"))
    expect(page.locator("#so-far")).to_contain_text("5 of 5 criteria placed")
    page.reload()
    for key, position in PLACED.items():
        card = criterion(page, key)
        expect(card.get_by_role("radio", name=position, exact=True)).to_be_checked()
        expect(card.get_by_label("Reason")).to_have_value(re.compile(f"says so: {key}"))


def shows(panel: Locator, side: int, direction: str) -> None:
    panel.locator(".statement-choice").nth(side).get_by_label(direction, exact=True).check()


def details(panel: Locator, title: str, kind: str, origin: str) -> None:
    panel.get_by_label("Title").fill(title)
    panel.get_by_label("Kind").select_option(kind)
    panel.get_by_label("Origin").select_option(origin)


def add_evidence(page: Page, folder: Path) -> None:
    card = criterion(page, "rent-setting-explained")

    def panel(what: str) -> Locator:
        card.get_by_role("link", name="Add evidence").click()
        opened = card.locator(".evidence-panel")
        opened.get_by_label(what, exact=True).check()
        return opened

    note = panel("Note")
    details(note, "Talk with three wardens", "Testimony", "Landlord")
    note.get_by_label("What it says").fill("All three could say how the rent is set.")
    # What is missing is said, and what was typed stays.
    note.get_by_role("button", name="Add evidence").click()
    expect(note.locator(".error-summary")).to_be_visible()
    expect(note.get_by_label("Title")).to_have_value("Talk with three wardens")
    shows(note, 0, "Shows this")
    note.get_by_role("button", name="Add evidence").click()
    expect(card.locator(".linked")).to_contain_text("E1 added: shows this.")

    link = panel("Link")
    details(link, "Rents explained, on the web site", "Document", "Landlord")
    link.get_by_label("Address").fill("https://tai-prawf.example/rents")
    shows(link, 1, "Shows otherwise")
    link.get_by_role("button", name="Add evidence").click()
    expect(card.locator(".linked")).to_contain_text("E2 added: shows otherwise.")

    file = folder / "letter.txt"
    file.write_text("Your rent from April: £104.20.")
    upload = panel("File")
    upload.get_by_label("Files").set_input_files(file)
    upload.get_by_label("Kind").select_option("Document")
    upload.get_by_label("Origin").select_option("Landlord")
    shows(upload, 0, "Shows this")
    shows(upload, 1, "Context")
    upload.get_by_role("button", name="Add evidence").click()
    expect(card.locator(".linked")).to_contain_text("E3 added")
    expect(card.locator(".linked .chip")).to_have_count(4)


def answer(page: Page) -> None:
    asked = page.locator("#q-Q1")
    asked.locator("textarea").first.fill("Tenants know how their rent is set.")
    page.locator("h1").click()
    said(page, asked, SAVED)
    asked.get_by_role("link", name="Cite evidence").first.click()
    page.get_by_label("Talk with three wardens").check()
    page.get_by_role("button", name="Save").click()
    asked = page.locator("#q-Q1")
    expect(asked.get_by_role("link", name="E1 Talk with three wardens")).to_be_visible()
    expect(asked.locator("textarea").first).to_have_value("Tenants know how their rent is set.")


def write_a_finding(page: Page) -> None:
    page.get_by_role("link", name="Add : Strengths").click()
    form = page.locator(".finding-form")
    form.get_by_label("Explaining how rents").check()
    form.locator("textarea[name=text]").fill("Every new tenant is told how the rent is set.")
    form.get_by_role("button", name="Add the finding").click()
    expect(page.locator("#findings")).to_contain_text("Every new tenant is told")


def judge(page: Page) -> None:
    judging = page.locator("#judgement")
    held = page.content()
    for words in SUGGESTED:
        assert words not in held, f"“{words}” stands in the page before anybody judged"
    judging.get_by_label("Good").check()
    judging.get_by_label("Reasons").fill("Sound, with one weakness in the records.")
    judging.get_by_role("button", name="Save the provisional judgement").click()
    suggested = page.locator("#judgement .suggested")
    for words in SUGGESTED:
        expect(suggested).to_contain_text(words)
    judging.get_by_label("Good").first.check()
    reasons = judging.get_by_label("Reasons").first
    reasons.fill("We keep it: the records are being put right.")
    judging.get_by_role("button", name="Agree the judgement").click()
    expect(page.locator("#judgement .verdict").first).to_contain_text("Agreed")
    expect(page.locator("#judgement .verdict").first).to_contain_text("Good")


def see_overview(page: Page) -> str:
    page.get_by_role("navigation", name="Assessment").get_by_role("link", name="Overview").click()
    cell = page.locator(".map a", has_text="Rent and service charge accounting")
    expect(cell).to_contain_text("Good")
    expect(cell).to_contain_text("5 of 5")
    expect(page.get_by_text("1 theme is left out.")).to_be_visible()
    assert overflow(page) <= 0
    return page.url


def make_report(page: Page, overview: str) -> None:
    page.get_by_role("navigation", name="Assessment").get_by_role("link", name="Report").click()
    page.get_by_label("PDF, to print and publish").check()
    page.get_by_role("button", name="Make the report").click()
    expect(page.locator("#job")).to_be_visible()
    made = page.locator("#job-actions .button.primary")
    made.wait_for(timeout=90_000)
    with page.expect_response(lambda r: "/report/files/" in r.url) as answered:
        made.click()
    assert answered.value.headers["content-type"] == "application/pdf"
    file = page.context.request.get(answered.value.url)
    assert file.body().startswith(b"%PDF-")
    page.goto(f"{overview}report/")
    expect(page.locator("main .table a")).to_have_count(1)
