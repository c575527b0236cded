"""A check from its plan to evidence, on a phone and on a desk; an urgent risk with one press."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from accessible import check as look
from accessible import unfold
from hands import WIDTHS, Assessment, Site, Visitors
from playwright.sync_api import Page, expect

THEME = "wao-housing-2005/1.5/5"
CLAIM = "Every home is let clean and dry."


def planned(page: Page, here: Assessment) -> None:
    """A visit planned from the list, and its cases set."""
    page.goto(f"{here.url}checks/")
    page.get_by_role("link", name="Plan the first").click()
    page.get_by_label("Theme").select_option(THEME)
    page.wait_for_url(re.compile("theme="))
    page.get_by_label("Template").select_option("empty-home-visit")
    page.wait_for_url(re.compile("template=empty-home-visit"))
    page.get_by_label("Claim to be tested").fill(CLAIM)
    look(page)
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_text("C1 is planned.")).to_be_visible()
    page.get_by_role("link", name="Draw a sample").click()
    page.get_by_label("Frame", exact=True).fill("Homes ready to let")
    page.get_by_label("References").fill("\n".join(f"H{n}" for n in range(1, 13)))
    page.get_by_label("Cases to draw").last.fill("3")
    page.get_by_role("button", name="Set the cases").click()
    expect(page.get_by_text("3 cases: Homes ready to let")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_a_check_from_plan_to_evidence(
    visit: Visitors, site: Site, width: int, tmp_path: Path
) -> None:
    here = site.spare()
    page = visit.open("anwen", width=width)
    planned(page, here)
    page.get_by_role("link", name=re.compile("^1")).first.click()
    clean = page.locator("#i-clean")
    clean.get_by_text("Yes (confirms)").click()
    expect(clean.locator("[data-saved]")).to_contain_text("Saved")
    clean.get_by_label("Note").fill("Spotless, also behind the cooker.")
    clean.get_by_label("Note").blur()
    expect(clean.locator("[data-saved]")).to_contain_text("Saved")
    unfold(page)
    look(page, dark=True)
    picture = tmp_path / "ceiling.jpg"
    picture.write_bytes(b"\xff\xd8\xff\xe0 a picture")
    page.get_by_label("Files").set_input_files(picture)
    page.get_by_label("What they show").fill("Ceiling")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Kept as E1.")).to_be_visible()
    expect(page.locator("#i-clean textarea")).to_have_value("Spotless, also behind the cooker.")
    page.get_by_role("link", name=re.compile("Case 2")).click()
    dry = page.locator("#i-dry")
    # By keyboard alone.
    dry.get_by_role("radio", name="Yes (confirms)").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(dry.get_by_role("radio", name="No (contradicts)")).to_be_checked()
    expect(dry.locator("[data-saved]")).to_contain_text("Saved")
    page.get_by_role("link", name=re.compile("^C1")).first.click()
    expect(page.get_by_text("1 of 1").first).to_be_visible()
    page.get_by_label("Mixed").check()
    page.get_by_label("In words").fill("Clean, but not dry.")
    page.get_by_label("Done on").fill("2026-01-15")
    page.get_by_label("In words").blur()
    expect(page.locator("#outcome [data-saved]")).to_contain_text("Saved")
    page.reload()
    page.get_by_role("button", name="The check is done").click()
    page.get_by_role("link", name="Use it as evidence").click()
    look(page)
    page.get_by_label("Shows otherwise").first.check()
    page.get_by_role("button", name="Save as evidence").click()
    expect(page.get_by_text("C1 is evidence now: E2.")).to_be_visible()
    page.goto(here.theme(THEME))
    expect(page.get_by_role("heading", name="Reality checks of this theme")).to_be_attached()
    page.goto(f"{here.url}checks/")
    look(page)


def test_what_is_answered_without_a_connection_is_sent_when_it_is_back(
    visit: Visitors, site: Site
) -> None:
    here = site.spare()
    visit.watch.expect("ERR_INTERNET_DISCONNECTED", "Failed to fetch", "Failed to load")
    page = visit.open("anwen", width=390)
    planned(page, here)
    page.get_by_role("link", name=re.compile("^1")).first.click()
    page.context.set_offline(True)
    secure = page.locator("#i-secure")
    secure.get_by_text("No (contradicts)").click()
    secure.get_by_label("Note").fill("The back door does not lock.")
    secure.get_by_label("Note").blur()
    expect(secure.locator("[data-saved]")).to_contain_text("kept in this browser")
    page.context.set_offline(False)
    expect(secure.locator("[data-saved]")).to_contain_text("Saved", timeout=20_000)
    page.reload()
    expect(page.locator("#i-secure textarea")).to_have_value("The back door does not lock.")
    expect(page.locator("#i-secure").get_by_role("radio", name="No (contradicts)")).to_be_checked()


def test_an_urgent_risk_is_raised_with_one_press_and_named_loudly_without_a_contact(
    visit: Visitors, site: Site
) -> None:
    here = site.spare()
    page = visit.open("anwen", width=390)
    page.goto(f"{here.url}risks/")
    expect(page.get_by_role("alert").first).to_contain_text("No contact is set")
    unfold(page)
    look(page, dark=True)
    page.get_by_role("button", name="Gas or carbon monoxide").click()
    expect(page.get_by_text("Nobody was told.")).to_be_visible()
    page.get_by_role("link", name="Name somebody").click()
    look(page)
    page.get_by_label("Name").fill("Rhys Parry")
    page.get_by_label("E-mail address").fill("rhys@example.org")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Gas or carbon monoxide").click()
    page.get_by_role("button", name="Tell the contact now").click()
    expect(page.get_by_text("Told: Rhys Parry")).to_be_visible()
    page.get_by_label("What was done").fill("Capped at noon.")
    page.get_by_role("button", name="Keep the answer").click()
    expect(page.get_by_text("The answer is kept.")).to_be_visible()
    look(page, dark=True)


def test_names_are_kept_on_a_page_of_their_own(visit: Visitors, site: Site) -> None:
    here = site.spare()
    page = visit.open("anwen")
    planned(page, here)
    page.get_by_role("link", name="Names, for those who did the check").click()
    page.get_by_label("Name").fill("Gwenllian Unigryw")
    page.get_by_role("button", name="Keep the name").click()
    expect(page.get_by_role("rowheader", name="Gwenllian Unigryw")).to_be_visible()
    look(page, dark=True)
    page.get_by_role("button", name="Forget Gwenllian Unigryw").click()
    expect(page.get_by_text("Forgotten.")).to_be_visible()
