"""Where scripts are switched off or did not arrive, everything that counts works all the same."""

from __future__ import annotations

from pathlib import Path

from hands import THEME, Assessment, Site, Visitors, criterion, rung, sign_in
from playwright.sync_api import Page, expect

KEY = "account-set-up"


def plain(visit: Visitors, site: Site, person: str, made: Assessment) -> Page:
    """A browser without scripts, signed in by the form, on the theme page."""
    page = visit.open(java_script_enabled=False)
    sign_in(page, site, person)
    page.goto(made.theme())
    return page


def rate(page: Page, position: str, reason: str) -> None:
    card = criterion(page, KEY)
    rung(card, position).click()
    card.get_by_label("Reason").fill(reason)
    card.get_by_role("button", name="Save").click()


def test_rate_answer_add_evidence_and_judge(visit: Visitors, site: Site) -> None:
    visit.watch.expect("422")
    made = site.spare()
    page = plain(visit, site, "anwen", made)

    rate(page, "Between", "Most accounts were open in time.")
    assert page.url.endswith(f"{THEME}#c-{KEY}")
    card = criterion(page, KEY)
    expect(card.get_by_role("radio", name="Between")).to_be_checked()
    expect(card.get_by_label("Reason")).to_have_value("Most accounts were open in time.")
    expect(card.locator("[data-saved]")).to_contain_text("Saved")
    rate(page, "Lower", "Most accounts were late.")
    criterion(page, KEY).get_by_role("button", name="Undo").click()
    expect(criterion(page, KEY).get_by_role("radio", name="Between")).to_be_checked()
    assert len(made.revisions(f"{THEME}/{KEY}")) == 3

    asked = page.locator("#q-Q1")
    asked.locator("textarea").first.fill("Rents are set by the county.")
    asked.get_by_role("button", name="Save").first.click()
    asked = page.locator("#q-Q1")
    expect(asked.locator("textarea").first).to_have_value("Rents are set by the county.")

    criterion(page, KEY).get_by_role("link", name="Add evidence").click()
    page.get_by_label("Note", exact=True).check()
    page.get_by_label("Title").fill("Talk with three wardens")
    page.get_by_label("Kind").select_option("Testimony")
    page.get_by_label("Origin").select_option("Landlord")
    page.get_by_label("What it says").fill("Two of three said so.")
    page.get_by_role("button", name="Add evidence").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Talk with three wardens")
    page.locator(".statement-choice").first.get_by_label("Shows this", exact=True).check()
    page.get_by_role("button", name="Add evidence").click()
    expect(criterion(page, KEY).locator(".linked .chip")).to_contain_text("E1")

    judging = page.locator("#judgement")
    assert "Why not lower" not in page.content()
    judging.get_by_label("Good").check()
    judging.get_by_label("Reasons").fill("Sound, with one weakness.")
    judging.get_by_role("button", name="Save the provisional judgement").click()
    expect(page.locator("#judgement .suggested")).to_be_visible()
    page.locator("#judgement").get_by_role("button", name="Agree the judgement").click()
    expect(page.locator("#judgement .verdict").first).to_contain_text("Agreed")


def test_two_versions(visit: Visitors, site: Site) -> None:
    visit.watch.expect("409")
    made = site.spare()
    anwen, bryn = (plain(visit, site, who, made) for who in ("anwen", "bryn"))
    rate(anwen, "Upper", "Every account was open in time.")
    rate(bryn, "Lower", "Seventeen accounts were late.")
    expect(bryn.get_by_role("heading", level=1)).to_contain_text("Somebody else saved this first")
    for words in ("Anwen Tudor", "Upper", "open in time", "Yours", "Lower", "were late"):
        expect(bryn.locator("main")).to_contain_text(words)
    assert len(made.revisions(f"{THEME}/{KEY}")) == 1
    bryn.get_by_role("link", name="Let theirs stand").click()
    expect(criterion(bryn, KEY).get_by_role("radio", name="Upper")).to_be_checked()
    # Anwen goes on from what she sees; Bryn does not know, and this time his stands.
    rate(anwen, "Between", "All but two.")
    rate(bryn, "Lower", "Seventeen accounts were late.")
    bryn.get_by_role("button", name="Save mine over it").click()
    expect(criterion(bryn, KEY).get_by_role("radio", name="Lower")).to_be_checked()
    assert len(made.revisions(f"{THEME}/{KEY}")) == 3


def test_files_reports_and_menus(visit: Visitors, site: Site, tmp_path: Path) -> None:
    made = site.spare()
    page = plain(visit, site, "anwen", made)
    page.goto(f"{made.url}evidence/add")
    page.get_by_label("File", exact=True).check()
    file = tmp_path / "letter.txt"
    file.write_text("Your rent from April: £104.20.")
    page.get_by_label("Files").set_input_files(file)
    page.get_by_label("Kind").select_option("Document")
    page.get_by_label("Origin").select_option("Landlord")
    page.get_by_role("button", name="Add evidence").click()
    expect(page.locator("main")).to_contain_text("letter")
    page.goto(f"{made.url}scope")
    page.get_by_label("Lead of 1.2/3").select_option("Bryn Ellis")
    page.locator("tr", has=page.get_by_label("Lead of 1.2/3")).get_by_role("button").click()
    expect(page.get_by_label("Lead of 1.2/3").locator("option:checked")).to_have_text("Bryn Ellis")
    page.locator(".menu.who > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
