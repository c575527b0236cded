"""What was typed survives a lost connection, a lost answer and an ended session; once each."""

from __future__ import annotations

import json
import re

from hands import (
    SAVED,
    THEME,
    Assessment,
    Site,
    Visitors,
    all_saved,
    criterion,
    rung,
    said,
    sign_in,
)
from playwright.sync_api import BrowserContext, Page, Route, expect

KEY = "account-information"
SUBJECT = f"{THEME}/{KEY}"
OFFLINE = re.compile("^No connection. What you typed is kept in this browser")
OUT = re.compile("^Signed out. What you typed is kept in this browser")


def write(page: Page, words: str) -> None:
    """Type a reason and go elsewhere with the focus."""
    card = criterion(page, KEY)
    card.get_by_label("Reason").fill(words)
    card.locator("h3").click()


def reasons(made: Assessment) -> list[str]:
    return [json.loads(v)["reason"] for _n, v in made.revisions(SUBJECT)]


def end_session(context: BrowserContext) -> None:
    context.clear_cookies(name="sessionid")


def without_connection(visit: Visitors) -> None:
    visit.watch.expect("ERR_INTERNET_DISCONNECTED")


def test_connection_lost_and_page_closed(visit: Visitors, site: Site) -> None:
    without_connection(visit)
    made = site.spare()
    page = visit.open("anwen", made.theme())
    page.context.set_offline(True)
    write(page, "The statement of March was wrong in 12 of 40 cases.")
    said(page, criterion(page, KEY), OFFLINE)
    page.close()
    page.context.set_offline(False)
    page = page.context.new_page()
    page.goto(made.theme())
    expect(criterion(page, KEY).get_by_label("Reason")).to_have_value(re.compile("12 of 40"))
    # The page that was closed may have sent it with its last breath; then it says who saved it.
    said(page, criterion(page, KEY), re.compile("^Saved "))
    page.reload()
    expect(criterion(page, KEY).get_by_label("Reason")).to_have_value(re.compile("12 of 40"))
    expect(criterion(page, KEY).locator("[data-saved]")).to_contain_text("Saved")
    assert reasons(made) == ["The statement of March was wrong in 12 of 40 cases."]


def test_connection_comes_back(visit: Visitors, site: Site) -> None:
    without_connection(visit)
    made = site.spare()
    page = visit.open("anwen", made.theme())
    page.context.set_offline(True)
    write(page, "Wrong in 12 of 40 cases.")
    rung(criterion(page, "account-set-up"), "Between").click()
    said(page, criterion(page, KEY), OFFLINE)
    said(page, criterion(page, "account-set-up"), OFFLINE)
    page.context.set_offline(False)
    for key in (KEY, "account-set-up"):
        expect(criterion(page, key).locator("[data-saved]")).to_have_text(SAVED)
    assert reasons(made) == ["Wrong in 12 of 40 cases."]
    assert len(made.revisions(f"{THEME}/account-set-up")) == 1


def test_somebody_else_saved_meanwhile(visit: Visitors, site: Site) -> None:
    without_connection(visit)
    visit.watch.expect("409")
    made = site.spare()
    page = visit.open("anwen", made.theme())
    page.context.set_offline(True)
    write(page, "Wrong in 12 of 40 cases.")
    said(page, criterion(page, KEY), OFFLINE)
    page.close()
    other = visit.open("bryn", made.theme())
    write(other, "Right in 28 of 40 cases.")
    said(other, criterion(other, KEY), SAVED)
    page.context.set_offline(False)
    page = page.context.new_page()
    page.goto(made.theme())
    both = criterion(page, KEY).locator(".conflict")
    expect(both).to_contain_text("Wrong in 12 of 40 cases.")
    expect(both).to_contain_text("Right in 28 of 40 cases.")
    assert reasons(made) == ["Right in 28 of 40 cases."]


def lose_one_answer(page: Page) -> None:
    """The next save arrives, but its answer does not come back."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/rate/**", lose, times=1)


def test_answer_lost(visit: Visitors, site: Site) -> None:
    visit.watch.expect("ERR_CONNECTION_RESET")
    made = site.spare()
    page = visit.open("anwen", made.theme())
    lose_one_answer(page)
    write(page, "Wrong in 12 of 40 cases.")
    said(page, criterion(page, KEY), OFFLINE)
    # It is tried again by itself, and found to have arrived.
    said(page, criterion(page, KEY), SAVED)
    assert reasons(made) == ["Wrong in 12 of 40 cases."]


def test_answer_lost_and_more_typed(visit: Visitors, site: Site) -> None:
    visit.watch.expect("ERR_CONNECTION_RESET")
    made = site.spare()
    page = visit.open("anwen", made.theme())
    lose_one_answer(page)
    write(page, "Wrong in 12 of 40 cases.")
    said(page, criterion(page, KEY), OFFLINE)
    write(page, "Wrong in 12 of 40 cases, all of them in arrears.")
    said(page, criterion(page, KEY), SAVED)
    # Nobody is told that somebody else was first: it was the same person.
    expect(page.locator(".conflict")).to_have_count(0)
    write(page, "Wrong in 13 of 40 cases, all of them in arrears.")
    expect(criterion(page, KEY).locator("[data-saved]")).to_have_text(SAVED)
    all_saved(page)
    assert reasons(made) == [
        "Wrong in 12 of 40 cases.",
        "Wrong in 12 of 40 cases, all of them in arrears.",
        "Wrong in 13 of 40 cases, all of them in arrears.",
    ]


def test_answer_lost_page_closed_and_more_typed(visit: Visitors, site: Site) -> None:
    visit.watch.expect("ERR_CONNECTION_RESET", "ERR_INTERNET_DISCONNECTED")
    made = site.spare()
    page = visit.open("anwen", made.theme())
    lose_one_answer(page)
    write(page, "Wrong in 12 of 40 cases.")
    said(page, criterion(page, KEY), OFFLINE)
    page.context.set_offline(True)
    write(page, "Wrong in 12 of 40 cases, all of them in arrears.")
    page.close()
    page.context.set_offline(False)
    page = page.context.new_page()
    page.goto(made.theme())
    said(page, criterion(page, KEY), SAVED)
    all_saved(page)
    expect(page.locator(".conflict")).to_have_count(0)
    assert reasons(made) == [
        "Wrong in 12 of 40 cases.",
        "Wrong in 12 of 40 cases, all of them in arrears.",
    ]


def test_session_ended(visit: Visitors, site: Site) -> None:
    visit.watch.expect("401")
    made = site.spare()
    page = visit.open("anwen", made.theme())
    end_session(page.context)
    write(page, "The statement of March was wrong in 12 of 40 cases.")
    said(page, criterion(page, KEY), OUT)
    notice = page.locator("#signed-out")
    expect(notice).to_be_visible()
    with page.expect_popup() as opened:
        notice.get_by_role("link").click()
    sign_in(opened.value, site, "anwen")
    opened.value.close()
    page.bring_to_front()
    page.evaluate("dispatchEvent(new Event('focus'))")
    said(page, criterion(page, KEY), SAVED)
    expect(notice).to_be_hidden()
    assert reasons(made) == ["The statement of March was wrong in 12 of 40 cases."]


def test_session_ended_before_a_long_form_is_sent(visit: Visitors, site: Site) -> None:
    made = site.spare()
    page = visit.open("anwen", made.theme())
    judging = page.locator("#judgement")
    judging.get_by_label("Good").check()
    judging.get_by_label("Reasons").fill("Sound, with one weakness in the records.")
    page.wait_for_timeout(400)
    end_session(page.context)
    judging.get_by_role("button", name="Save the provisional judgement").click()
    page.get_by_label("E-mail address").fill(site.made["people"]["anwen"])
    page.get_by_label("Password", exact=True).fill(site.made["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    judging = page.locator("#judgement")
    expect(judging.get_by_text("Brought back from this browser.")).to_be_visible()
    expect(judging.get_by_label("Good")).to_be_checked()
    expect(judging.get_by_label("Reasons")).to_have_value(re.compile("one weakness"))
    judging.get_by_role("button", name="Save the provisional judgement").click()
    expect(page.locator("#judgement .suggested")).to_be_visible()


def test_panel_asked_for_after_the_session_ended(visit: Visitors, site: Site) -> None:
    visit.watch.expect("401")
    page = visit.open("anwen", site.spare().theme())
    end_session(page.context)
    criterion(page, KEY).get_by_role("link", name="Add evidence").click()
    expect(page.locator("#signed-out")).to_be_visible()
    expect(criterion(page, KEY)).to_be_visible()


def test_nothing_is_lost_by_leaving_at_once(visit: Visitors, site: Site) -> None:
    made = site.spare()
    page = visit.open("anwen", made.theme())
    criterion(page, KEY).get_by_label("Reason").fill("Typed and left.")
    page.goto(made.url)
    page.goto(made.theme())
    expect(criterion(page, KEY).get_by_label("Reason")).to_have_value("Typed and left.")
    expect(criterion(page, KEY).locator("[data-saved]")).to_contain_text("Saved")
    assert reasons(made) == ["Typed and left."]


def test_typing_goes_on_while_a_save_is_under_way(visit: Visitors, site: Site) -> None:
    made = site.spare()
    page = visit.open("anwen", made.theme())
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/rate/**", hold, times=1)
    write(page, "Half a")
    expect(criterion(page, KEY).locator("[data-saved]")).to_have_text("Saving …")
    criterion(page, KEY).get_by_label("Reason").fill("Half a sentence, and the rest.")
    held[0].continue_()
    said(page, criterion(page, KEY), SAVED)
    all_saved(page)
    assert reasons(made) == ["Half a", "Half a sentence, and the rest."]


def test_a_placing_made_before_scripts_run(visit: Visitors, site: Site) -> None:
    made = site.spare()
    page = visit.open("anwen")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/save.js*", hold)
    page.goto(made.theme(), wait_until="commit")
    radio = criterion(page, KEY).get_by_role("radio", name="Upper", exact=True)
    radio.check()
    held[0].continue_()
    said(page, criterion(page, KEY), SAVED)
    page.unroute("**/save.js*")
    page.reload()
    expect(radio).to_be_checked()


def test_a_placing_made_while_an_undo_is_under_way(visit: Visitors, site: Site) -> None:
    made = site.spare()
    page = visit.open("anwen", made.theme())
    card = criterion(page, KEY)

    def marked(position: str) -> None:
        expect(card.get_by_role("radio", name=position, exact=True)).to_be_checked()

    card.focus()
    for key, position in (("4", "Upper"), ("3", "Between")):
        page.keyboard.press(key)
        marked(position)
        all_saved(page)
    # Pressed twice it goes there and back, and neither clashes with the other.
    page.keyboard.press("u")
    page.keyboard.press("u")
    all_saved(page)
    marked("Between")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/undo/**", hold, times=1)
    with page.expect_request("**/undo/**"):
        page.keyboard.press("u")
    page.keyboard.press("2")
    page.wait_for_timeout(400)
    held[0].continue_()
    all_saved(page)
    marked("Lower")
    expect(card.locator(".conflict")).to_have_count(0)
    page.reload()
    marked("Lower")
    # And from there back to what the undo went back to.
    page.locator(f"#c-{KEY}").focus()
    page.keyboard.press("u")
    marked("Upper")


def test_going_back_to_the_page(visit: Visitors, site: Site) -> None:
    """The page is as it was left, and nobody is told that somebody else was first."""
    made = site.spare()
    page = visit.open("anwen", made.theme())
    write(page, "Wrong in 12 of 40 cases.")
    all_saved(page)
    for words in ("Wrong in 13 of 40 cases.", "Wrong in 14 of 40 cases."):
        page.goto(made.url)
        page.go_back()
        write(page, words)
        all_saved(page)
        expect(page.locator(".conflict")).to_have_count(0)
        page.reload()
        expect(criterion(page, KEY).get_by_label("Reason")).to_have_value(words)
    assert len(reasons(made)) == 3


def test_nobody_writes_under_the_name_of_another(visit: Visitors, site: Site) -> None:
    """A shared machine: Anwen's session ends, Bryn signs in, and her page is still open."""
    visit.watch.expect("401")
    made = site.spare()
    page = visit.open("anwen", made.theme())
    end_session(page.context)
    write(page, "Wrong in 12 of 40 cases.")
    said(page, criterion(page, KEY), OUT)
    other = page.context.new_page()
    sign_in(other, site, "bryn")
    page.evaluate("dispatchEvent(new Event('focus'))")
    said(page, criterion(page, KEY), OUT)
    other.goto(made.theme())
    expect(criterion(other, KEY).get_by_label("Reason")).to_be_empty()
    assert reasons(made) == []
    # It waits for her.
    sign_out(other)
    sign_in(other, site, "anwen")
    page.evaluate("dispatchEvent(new Event('focus'))")
    said(page, criterion(page, KEY), SAVED)
    assert reasons(made) == ["Wrong in 12 of 40 cases."]


def sign_out(page: Page) -> None:
    page.locator(".menu.who > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(
        page.get_by_role("link", name="Sign in").or_(page.locator("[name=login]")).first
    ).to_be_attached()


def test_forms_left_open_while_signing_in_again(visit: Visitors, site: Site) -> None:
    """Signing in elsewhere gives every form a new token; those that are open go on working."""
    visit.watch.expect("401")
    made = site.spare()
    page = visit.open("anwen", made.theme())
    card = criterion(page, KEY)
    card.get_by_role("link", name="Add evidence").click()
    panel = card.locator(".evidence-panel")
    panel.get_by_label("Note", exact=True).check()
    panel.get_by_label("Title").fill("Talk with three wardens")
    panel.get_by_label("Kind").select_option("Testimony")
    panel.get_by_label("Origin").select_option("Landlord")
    panel.get_by_label("What it says").fill("All three said so.")
    panel.locator(".statement-choice").first.get_by_label("Shows this", exact=True).check()
    end_session(page.context)
    panel.get_by_role("button", name="Add evidence").click()
    expect(page.locator("#signed-out")).to_be_visible()
    expect(panel.get_by_label("Title")).to_have_value("Talk with three wardens")
    other = page.context.new_page()
    sign_in(other, site, "anwen")
    panel.get_by_role("button", name="Add evidence").click()
    expect(card.locator(".linked")).to_contain_text("E1 added: shows this.")
    expect(page.locator("#signed-out")).to_be_hidden()
    judging = page.locator("#judgement")
    judging.get_by_label("Good").check()
    judging.get_by_label("Reasons").fill("Sound.")
    judging.get_by_role("button", name="Save the provisional judgement").click()
    expect(page.locator("#judgement .suggested")).to_be_visible()
