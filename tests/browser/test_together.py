"""Two people at the same rating: both versions are shown, and nobody's words are lost."""

from __future__ import annotations

import json
import re

from hands import SAVED, THEME, Assessment, Site, Visitors, criterion, said
from playwright.sync_api import Locator, Page, expect

KEY = "account-set-up"
SUBJECT = f"{THEME}/{KEY}"
QUESTION = f"{THEME}/Q1"
THEIRS = "Every account of May was open in time."
MINE = "Seventeen accounts of May were late."
FIRST = re.compile("^Somebody else saved this while you were writing.$")


def rate(page: Page, position: str, reason: str) -> Locator:
    """Place and give a reason in one and the same moment, so that they are one save."""
    card = criterion(page, KEY)
    radio = card.get_by_role("radio", name=position, exact=True)
    radio.evaluate(
        """(radio, reason) => {
            radio.form.elements.reason.value = reason;
            radio.checked = true;
            radio.form.elements.reason.dispatchEvent(new Event("change", { bubbles: true }));
        }""",
        reason,
    )
    expect(page.locator("html:not([data-unsaved]), .conflict").first).to_be_attached()
    return card


def values(made: Assessment, subject: str = SUBJECT) -> list[tuple[int, str, str]]:
    found = [(version, json.loads(v)) for version, v in made.revisions(subject)]
    return [(n, v.get("position", ""), v.get("reason", v.get("text"))) for n, v in found]


def meet(visit: Visitors, site: Site) -> tuple[Assessment, Page, Page, Locator]:
    """Anwen saves first, Bryn, who saw the page before, second."""
    visit.watch.expect("409")
    made = site.spare()
    anwen, bryn = visit.open("anwen", made.theme()), visit.open("bryn", made.theme())
    said(anwen, rate(anwen, "Upper", THEIRS), SAVED)
    card = rate(bryn, "Lower", MINE)
    said(bryn, card, FIRST)
    both = card.locator(".conflict")
    expect(both.get_by_role("heading")).to_be_focused()
    for words in ("Anwen Tudor", "Upper", "was open in time", "Yours", "Lower", "were late"):
        expect(both).to_contain_text(words)
    assert values(made)[-1][1:] == ("upper", THEIRS)
    return made, anwen, bryn, card


def test_mine_stands(visit: Visitors, site: Site) -> None:
    made, anwen, bryn, card = meet(visit, site)
    before = len(values(made))
    card.get_by_role("button", name="Save mine over it").click()
    said(bryn, card, SAVED)
    expect(card.locator(".conflict")).to_have_count(0)
    expect(card).to_be_focused()
    latest = (before + 1, "lower", MINE)
    assert values(made)[before:] == [latest]
    # Anwen has not seen it yet, and now it is she who chooses.
    hers = rate(anwen, "Between", "Most accounts of May were open in time.")
    said(anwen, hers, FIRST)
    expect(hers.locator(".conflict")).to_contain_text("Bryn Ellis")
    assert values(made)[-1] == latest


def test_theirs_stands(visit: Visitors, site: Site) -> None:
    made, _anwen, bryn, card = meet(visit, site)
    before = len(values(made))
    card.get_by_role("button", name="Let theirs stand").click()
    expect(card.get_by_role("radio", name="Upper")).to_be_checked()
    expect(card.get_by_label("Reason")).to_have_value(THEIRS)
    expect(card.locator(".conflict")).to_have_count(0)
    said(bryn, card, SAVED)
    assert len(values(made)) == before
    # What is written from here is the next version.
    said(bryn, rate(bryn, "Between", "Every account but one."), SAVED)
    assert values(made)[-1][1:] == ("between", "Every account but one.")
    # Nothing of what was let go comes back with the page.
    bryn.reload()
    card = criterion(bryn, KEY)
    expect(card.get_by_label("Reason")).to_have_value("Every account but one.")
    expect(card.locator("[data-saved]")).to_contain_text("Saved")


def test_a_third_version_while_choosing(visit: Visitors, site: Site) -> None:
    made, anwen, bryn, card = meet(visit, site)
    said(anwen, rate(anwen, "Between", "All but three, she says now."), SAVED)
    third = values(made)[-1]
    card.get_by_role("button", name="Save mine over it").click()
    expect(card.locator(".conflict")).to_contain_text("All but three, she says now.")
    assert values(made)[-1] == third
    card.get_by_role("button", name="Save mine over it").click()
    said(bryn, card, SAVED)
    assert values(made)[-2:] == [third, (third[0] + 1, "lower", MINE)]


def test_writing_a_third_version_is_not_interrupted(visit: Visitors, site: Site) -> None:
    made, _anwen, bryn, card = meet(visit, site)
    field = card.get_by_label("Reason")
    field.press_sequentially(" All of them in the valley, where nobody was in post.", delay=40)
    bryn.wait_for_timeout(1200)
    expect(field).to_be_focused()
    assert values(made)[-1][1:] == ("upper", THEIRS)
    card.get_by_role("button", name="Save mine over it").click()
    said(bryn, card, SAVED)
    assert values(made)[-1][2].endswith("nobody was in post.")


def test_undo_is_no_way_around(visit: Visitors, site: Site) -> None:
    visit.watch.expect("409")
    made = site.spare()
    anwen = visit.open("anwen", made.theme())
    said(anwen, rate(anwen, "Upper", "First."), SAVED)
    bryn = visit.open("bryn", made.theme())
    said(bryn, rate(bryn, "Lower", "Second."), SAVED)
    latest = values(made)[-1]
    card = criterion(anwen, KEY)
    card.get_by_role("button", name="Undo").click()
    said(anwen, card, FIRST)
    expect(card.locator(".conflict")).to_contain_text("Second.")
    assert values(made)[-1] == latest


def test_the_same_answer(visit: Visitors, site: Site) -> None:
    visit.watch.expect("409")
    made = site.spare()
    anwen, bryn = visit.open("anwen", made.theme()), visit.open("bryn", made.theme())
    for page, words in ((anwen, "Yes, since 2019."), (bryn, "Not in the valley.")):
        page.locator("#q-Q1 textarea").first.fill(words)
        page.locator("h1").click()
    asked = bryn.locator("#q-Q1")
    said(bryn, asked, FIRST)
    for words in ("Yes, since 2019.", "Not in the valley."):
        expect(asked.locator(".conflict")).to_contain_text(words)
    # A third version, from the two.
    asked.locator("textarea").first.fill("Yes, since 2019, but not in the valley.")
    asked.get_by_role("button", name="Save mine over it").click()
    said(bryn, asked, SAVED)
    assert values(made, QUESTION) == [
        (1, "", "Yes, since 2019."),
        (2, "", "Yes, since 2019, but not in the valley."),
    ]


def test_the_same_words_need_no_choice(visit: Visitors, site: Site) -> None:
    made = site.spare()
    anwen, bryn = visit.open("anwen", made.theme()), visit.open("bryn", made.theme())
    for page in (anwen, bryn):
        page.locator("#q-Q1 textarea").first.fill("Yes, since 2019.")
        page.locator("h1").click()
        said(page, page.locator("#q-Q1"), SAVED)
    assert len(values(made, QUESTION)) == 1


def test_the_same_judgement(visit: Visitors, site: Site) -> None:
    visit.watch.expect("409")
    made = site.spare()
    anwen, cadi = visit.open("anwen", made.theme()), visit.open("cadi", made.theme())
    for page, grade, words in ((anwen, "Good", "Sound."), (cadi, "Satisfactory", "Weak.")):
        judging = page.locator("#judgement")
        judging.get_by_label(grade).check()
        judging.get_by_label("Reasons").fill(words)
        judging.get_by_role("button", name="Save the provisional judgement").click()
    for words in ("Anwen Tudor", "Good", "Sound.", "Satisfactory", "Weak."):
        expect(cadi.locator("main")).to_contain_text(words)
    assert len(made.site.rows(
        "select 1 from judgements_judgement where assessment_id = ?", made.pk.replace("-", "")
    )) == 1  # fmt: skip
    cadi.get_by_role("button", name="Save mine over it").click()
    expect(cadi.locator("#judgement .verdict").first).to_contain_text("Satisfactory")
