"""Moderation in a browser: moderator, lead and landlord, by mouse and by key; what axe asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from accessible import check, unfold
from hands import HEIGHTS, Site, Visitors, served, visiting
from playwright.sync_api import Browser, Page, expect

THEME, LIMITED = "wao-housing-2005/1.2/3", "wao-housing-2005/1.2/2"
OTHER = "wao-housing-2005/1.2/4"


@pytest.fixture(scope="module")
def moderated(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("moderated") / "data", "ground_to_moderate.py") as found:
        yield found


@pytest.fixture
def visit(
    browser: Browser, moderated: Site, known: dict[str, Any], tmp_path: Path
) -> Iterator[Visitors]:
    with visiting(browser, moderated, known) as visitors:
        yield visitors


def here(site: Site, path: str) -> str:
    return f"{site.address}/assessments/{site.made['now']}/{path.format(**site.made)}"


PAGES = (
    ("idris", "moderation/"),
    ("idris", f"moderation/of/{THEME}"),
    ("idris", f"moderation/of/{LIMITED}"),
    ("idris", "moderation/not-applicable"),
    ("lowri", f"moderation/of/{OTHER}"),
    ("lowri", f"themes/{OTHER}"),
    ("lowri", "inspection/emerging-findings"),
    ("lowri", "inspection/emerging-findings/new"),
    ("lowri", "inspection/emerging-findings/{prepared}"),
    ("lowri", "inspection/emerging-findings/{prepared}/edit"),
    ("menna", "inspection/emerging-findings"),
    ("menna", "inspection/emerging-findings/{given}"),
)


def test_pages_are_accessible_and_fit(visit: Visitors, moderated: Site) -> None:
    pages: dict[str, Any] = {}
    for person, path in PAGES:
        page = pages.setdefault(person, visit.open(person))
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            answer = page.goto(here(moderated, path))
            assert answer is not None
            assert answer.status == 200, path
            unfold(page)
            check(page, dark=width == 1280)


def test_a_grade_is_questioned_answered_and_agreed(visit: Visitors, moderated: Site) -> None:
    address = here(moderated, f"moderation/of/{THEME}")
    moderator, lead = visit.open("idris", address), visit.open("lowri", address)
    moderator.get_by_label("Question", exact=True).fill("What of the letters on arrears?")
    moderator.get_by_role("button", name="Ask").click()
    expect(moderator.locator(".entry-asked")).to_contain_text("What of the letters")
    lead.reload()
    expect(lead.locator("header .tag")).to_have_text("Question open")
    lead.get_by_label("Answer to the moderator").fill("They are being rewritten.")
    lead.get_by_role("button", name="Answer").click()
    lead.get_by_text("Change the proposal").first.click()
    proposal = lead.locator("form[action*='/propose/']")
    proposal.get_by_label("Good").check()
    proposal.get_by_label("Why you change the grade").fill("A third of the letters threaten.")
    proposal.get_by_role("button", name="Save the proposal").click()
    # What the moderator has open is older than what was written since.
    visit.watch.expect("409")
    moderator.get_by_label("Words to it").fill("Good enough.")
    moderator.get_by_role("button", name="Agree the grade").click()
    expect(moderator.get_by_role("heading", name="Somebody wrote here first")).to_be_visible()
    expect(moderator.locator(".entry-changed")).to_contain_text("A third of the letters threaten.")
    expect(moderator.get_by_label("Words", exact=True)).to_have_value("Good enough.")
    moderator.get_by_role("button", name="Send it all the same").click()
    expect(moderator.locator("header .tag")).to_have_text("Agreed")
    rows = moderated.rows(
        "select act from moderation_entry where assessment_id = ? and subject = ? order by number",
        moderated.made["now"].replace("-", ""),
        THEME,
    )
    assert [r[0] for r in rows] == ["proposed", "asked", "answered", "changed", "agreed"]


def test_a_limit_is_overridden_with_a_reason(visit: Visitors, moderated: Site) -> None:
    page = visit.open("idris", here(moderated, f"moderation/of/{LIMITED}"))
    expect(page.get_by_text("A limit above holds it lower")).to_be_visible()
    page.get_by_text("Override this limit").click()
    page.get_by_label("Reason").fill("Put right in May, as the minutes show.")
    page.get_by_role("button", name="Override the limit").click()
    expect(page.get_by_text("Overridden by Idris Wyn")).to_be_visible()
    page.get_by_role("button", name="Agree the grade").click()
    expect(page.locator("header .tag")).to_have_text("Agreed")


def arrived(page: Page, theme: str) -> None:
    """At a theme's page, with its keys listened to."""
    expect(page.locator("h1")).to_contain_text(theme)
    page.wait_for_load_state("domcontentloaded")


def test_one_steps_by_key_and_not_while_typing(visit: Visitors, moderated: Site) -> None:
    page = visit.open("idris", here(moderated, "moderation/?sort=subject"))
    page.get_by_role("link", name="1.2/3").click()
    arrived(page, "1.2/3")
    page.keyboard.press("j")
    arrived(page, "1.2/4")
    page.get_by_label("Question", exact=True).fill("k")
    page.keyboard.press("k")
    expect(page.locator("h1")).to_contain_text("1.2/4")
    page.locator("h1").click()
    page.keyboard.press("k")
    expect(page.locator("h1")).to_contain_text("1.2/3")


def test_emerging_findings_are_given_and_read_on_paper(visit: Visitors, moderated: Site) -> None:
    page = visit.open("lowri", here(moderated, "inspection/emerging-findings/{prepared}"))
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="It was told: give it").click()
    expect(page.get_by_role("button", name="It was told: give it")).to_have_count(0)
    reader = visit.open("menna", here(moderated, "inspection/emerging-findings/{prepared}"))
    expect(reader.get_by_text("They were glad, and asked for the letters.")).to_be_visible()
    reader.emulate_media(media="print")
    expect(reader.locator(".bar")).to_be_hidden()
    expect(reader.get_by_role("heading", level=1)).to_be_visible()
