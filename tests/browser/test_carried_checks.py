"""Checks on a phone without a network: taken along, carried out, killed, sent once."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from accessible import check as look
from accessible import unfold
from carrying import PLACE, Phone, jpeg_with_place, until
from hands import Site, sign_in
from playwright.sync_api import Browser, Route, expect

CHECKS = 14
HERE = Path(__file__).resolve().parent
ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="module")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A small kloe of its own, whose sessions these tests may end."""
    data = tmp_path_factory.mktemp("carried") / "data"
    env = {k: v for k, v in os.environ.items() if not k.startswith(("KLOE_", "DJANGO_"))}
    ground = subprocess.run(
        [sys.executable, str(HERE / "ground_to_carry.py"), str(data), str(CHECKS)],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ground.returncode == 0, ground.stderr
    command = [sys.executable, "-c", "from kloe.cli.main import run; run()"]
    with data.with_name("server.log").open("w") as errors:
        server = subprocess.Popen(
            [*command, "serve", "--port", "0", "--no-worker", "--data", str(data)],
            env=env, stdout=subprocess.PIPE, stderr=errors, text=True,
        )  # fmt: skip
    assert server.stdout is not None
    told = server.stdout.readline()
    drain = threading.Thread(target=server.stdout.read)
    drain.start()
    try:
        address = next(word for word in told.split() if "://" in word)
        yield Site(address, data, json.loads(ground.stdout.splitlines()[-1]))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
        drain.join()
        server.stdout.close()


@pytest.fixture
def check(site: Site) -> str:
    """A check that no other test writes in."""
    found: str = site.made["checks"].pop()
    return found


@pytest.fixture
def phone(browser: Browser, site: Site, tmp_path: Path) -> Iterator[Phone]:
    made = Phone(browser, site, tmp_path / "profile", ARGS)
    made.sign_in()
    yield made
    made.context.close()
    assert not made.watch.unexpected(), "\n".join(made.watch.unexpected())


def test_a_day_without_a_network_and_a_browser_that_is_killed(
    phone: Phone, site: Site, tmp_path: Path
) -> None:
    check = site.made["checks"][0]
    page = phone.take(check)
    photograph = tmp_path / "ceiling.jpg"
    photograph.write_bytes(jpeg_with_place(page))
    phone.offline()
    # By its address, as from a bookmark.
    phone.go(f"/assessments/{site.made['assessment']}/checks/{check}/cases/1/")
    expect(page.get_by_role("heading", name=re.compile("^Case 1"))).to_be_visible()
    phone.answer("dry", "No (contradicts)", "Mould behind the bath.")
    page.get_by_text("Add photographs").click()
    page.get_by_label("Photographs", exact=True).set_input_files(photograph)
    page.get_by_label("What they show").fill("Bath")
    page.get_by_label("Belongs to").select_option("dry")
    page.get_by_role("button", name="Keep", exact=True).first.click()
    expect(page.locator("[data-said]")).to_contain_text("1 photograph kept on this phone.")
    phone.kill()
    page = phone.go(f"/assessments/{site.made['assessment']}/checks/{check}/cases/1/")
    expect(page.locator("#i-dry textarea")).to_have_value("Mould behind the bath.")
    expect(page.locator("#i-dry").get_by_label("No (contradicts)")).to_be_checked()
    expect(page.locator("#i-dry [data-pictures]")).to_contain_text("1 photograph")
    unfold(page)
    look(page, dark=True)
    page.get_by_role("link", name=re.compile("^Case 2")).click()
    page.get_by_text("This case cannot be looked at").click()
    page.get_by_label("Why not").fill("Nobody at home")
    page.get_by_role("button", name="Keep", exact=True).last.click()
    expect(page.get_by_role("heading", name="Conclusion")).to_be_visible()
    page.get_by_role("button", name="I begin here").click()
    page.get_by_role("button", name="I am finished here").click()
    page.get_by_text("Urgent risk", exact=True).click()
    page.get_by_label("What it is").fill("Smell of gas in the hall")
    page.get_by_role("button", name="Gas or carbon monoxide").click()
    expect(page.locator("#messages")).to_contain_text("Nobody knows yet. Ring Rhys Parry")
    page.get_by_label("Mixed").check()
    page.get_by_label("In words").fill("Clean, but not dry.")
    page.get_by_label("Done on").fill("2026-01-15")
    page.get_by_label("Done on").blur()
    expect(page.locator("[data-lacks]")).to_have_text("")
    page.get_by_role("button", name="The check is done").click()
    expect(page.locator("[data-lacks]")).to_contain_text("as soon as everything of it is sent")
    page.get_by_role("link", name="Unsent").click()
    first = page.locator(".pocket-unsent > li").first
    expect(first).to_contain_text("nobody knows of it yet")
    expect(page.locator("#standing")).to_contain_text(
        "1 urgent risk, 5 changes and 1 photograph wait on this phone."
    )
    look(page, dark=True)
    phone.kill()
    page = phone.go("/pocket/#/unsent")
    expect(page.locator(".pocket-unsent > li")).to_have_count(7)
    phone.back()
    phone.sent()
    expect(page.locator("#standing")).to_contain_text("Everything is sent.")
    assert phone.entries(check) == {("dry", 1): ("no", "Mould behind the bath.", 1)}
    (risk,) = phone.one("select text, raised_at, client_at from checks_urgentrisk"
                        " where check_of_id = ?", check)  # fmt: skip
    assert risk[0] == "Smell of gas in the hall"
    assert risk[2] < risk[1], "raised after it was seen, and both are kept"
    (state,) = phone.one("select state from checks_check where id = ?", check)
    assert state == ("done",)
    assert len(phone.one("select 1 from checks_checkvisit where check_of_id = ?"
                         " and ended_at is not null", check)) == 1  # fmt: skip
    assert phone.one("select place, stands_in from checks_checkcase where check_of_id = ?"
                     " and stands_in", check) == [(4, 1)]  # fmt: skip
    ((digest, item, located),) = phone.one(
        "select v.file_id, f.item, f.located from checks_checkfile f"
        " join evidence_evidenceitem v on v.id = f.evidence_id where f.check_of_id = ?", check
    )  # fmt: skip
    assert (item, located) == ("dry", "")
    kept = stored(site, digest)
    assert b"Exif" not in kept
    assert width_of(kept) == 2000, "made smaller on the phone"
    look(page)


def stored(site: Site, key: Any) -> bytes:
    """The bytes of a photograph as they were kept."""
    (sha256,) = site.rows("select sha256 from evidence_storedfile where id = ?", key)[0]
    (path,) = site.data.glob(f"files/*/**/{sha256}")
    return path.read_bytes()


def width_of(jpeg: bytes) -> int:
    at = 2
    while jpeg[at + 1] not in {0xC0, 0xC1, 0xC2}:
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return int.from_bytes(jpeg[at + 7 : at + 9])


def test_an_ended_session_keeps_everything_and_another_person_gets_none_of_it(
    phone: Phone, site: Site, check: str
) -> None:
    page = phone.take(check)
    phone.watch.expect("401", r"answered 40[13]")
    phone.offline()
    phone.answer("clean", "Yes (confirms)", "Spotless.")
    cookies = phone.context.cookies()
    phone.context.clear_cookies(name="sessionid")
    phone.offline(False)
    expect(page.locator("#standing")).to_contain_text("Your session has ended.")
    expect(page.locator("#standing")).to_contain_text("1 change waits on this phone.")
    assert not phone.entries(check)
    # Another person signs in on this phone: neither sees nor sends it.
    phone.sign_in("bryn")
    page.goto(f"{site.address}/pocket/")
    expect(page.locator("#standing")).to_contain_text("Somebody else's work waits on this phone.")
    expect(page.get_by_text("Nothing yet. Take a check along")).to_be_visible()
    page.goto(f"{site.address}/pocket/#/check/{check}")
    expect(page.locator("#messages")).to_contain_text("This check is not with you.")
    page.goto(f"{site.address}/pocket/#/unsent")
    expect(page.locator(".pocket-unsent > li")).to_have_count(0)
    assert "Spotless" not in page.content()
    assert not phone.entries(check)
    phone.context.clear_cookies()
    assert cookies
    phone.sign_in()
    page.goto(f"{site.address}/pocket/")
    phone.sent()
    until(lambda: phone.entries(check) == {("clean", 0): ("yes", "Spotless.", 1)})


def test_signing_out_says_what_is_unsent_and_takes_the_rest_away(
    phone: Phone, site: Site, check: str
) -> None:
    page = phone.take(check)
    page.route("**/pocket/send", lambda route: route.abort())
    phone.watch.expect("ERR_FAILED", "401")
    phone.answer("clean", "No (contradicts)")
    page.goto(f"{site.address}/organisations/")
    expect(page.locator("#pocket-note")).to_contain_text("1 change waits on this phone.")
    look(page)

    def sign_out(choice: str) -> None:
        page.locator(".menu.who > summary").click()
        page.get_by_role("button", name="Sign out", exact=True).click()
        dialog = page.get_by_role("dialog", name="Not everything is sent")
        expect(dialog).to_contain_text("1 change waits on this phone.")
        dialog.get_by_role("button", name=choice).click()

    sign_out("Stay signed in")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.reload()
    sign_out("Sign out, keep it here")
    expect(page.get_by_label("E-mail address")).to_be_visible()
    phone.offline()
    page.goto(f"{site.address}/pocket/")
    expect(page.locator("#standing")).to_contain_text("Nobody is signed in on this phone.")
    page.goto(f"{site.address}/assessments/{site.made['assessment']}/checks/{check}/")
    expect(page.locator("#messages")).to_contain_text("not with you")
    phone.offline(False)
    page.unroute_all(behavior="ignoreErrors")
    phone.sign_in()
    page.goto(f"{site.address}/pocket/")
    phone.sent()
    until(lambda: phone.entries(check) == {("clean", 0): ("no", "", 1)})


def test_two_people_after_a_day_apart_see_both_versions_and_choose(
    phone: Phone, browser: Browser, site: Site, check: str
) -> None:
    page = phone.take(check)
    phone.offline()
    phone.answer("clean", "Yes (confirms)", "Spotless.")
    phone.answer("dry", "Yes (confirms)", "Dry.")
    phone.answer("secure", "Yes (confirms)")
    with browser.new_context() as context:
        other = context.new_page()
        sign_in(other, site, "bryn")
        other.goto(f"{site.address}/assessments/{site.made['assessment']}/checks/{check}/")
        for item, note in (("clean", "Dust."), ("dry", "Damp.")):
            card = other.locator(f"#i-{item}")
            card.get_by_text("No (contradicts)").click()
            card.locator("textarea").fill(note)
            card.locator("textarea").blur()
            expect(card.locator("[data-saved]")).to_contain_text("Saved")
        until(lambda: phone.entries(check).get(("dry", 0), ("",) * 3)[1] == "Damp.")
        until(lambda: phone.entries(check).get(("clean", 0), ("",) * 3)[1] == "Dust.")
    before = phone.entries(check)
    phone.offline(False)
    clean = page.locator("#i-clean .conflict")
    expect(clean).to_contain_text("Dust.")
    expect(clean).to_contain_text("Spotless.")
    expect(clean).to_contain_text("Bryn Ellis")
    until(lambda: ("secure", 0) in phone.entries(check))
    held = phone.entries(check)
    assert {k: held[k] for k in before} == before, "nothing was overwritten"
    look(page, dark=True)
    expect(page.locator("#standing")).to_contain_text("Something needs you")
    clean.get_by_role("button", name="Theirs stands").click()
    expect(page.locator("#i-clean textarea")).to_have_value("Dust.")
    page.get_by_role("link", name=re.compile("^Unsent")).click()
    row = page.locator(".pocket-unsent > li")
    expect(row).to_have_count(1)
    look(page, dark=True)
    row.get_by_role("button", name="Mine, with both texts").click()
    phone.sent()
    until(lambda: phone.entries(check)[("dry", 0)][2] > before[("dry", 0)][2])
    found = phone.entries(check)
    assert found[("dry", 0)][:2] == ("yes", "Damp.\nDry.")
    assert found[("clean", 0)] == before[("clean", 0)]


def test_an_answer_that_is_lost_makes_it_sent_twice_and_stand_once(
    phone: Phone, check: str
) -> None:
    page = phone.take(check)
    phone.watch.expect("ERR_FAILED")
    lost = []

    def lose(route: Route) -> None:
        route.fetch()
        lost.append(route.request.post_data_json)
        route.abort()

    page.route("**/pocket/send", lose)
    phone.answer("clean", "Partly")
    until(lambda: bool(phone.entries(check)))
    # What is written after it goes after it, from the version it made.
    phone.answer("clean", "No (contradicts)", "Looked again.")
    page.unroute_all(behavior="wait")
    page.evaluate("dispatchEvent(new Event('online'))")
    phone.sent()
    assert phone.entries(check) == {("clean", 0): ("no", "Looked again.", 2)}
    writes = {w["id"] for body in lost for w in body["writes"]}
    assert len(writes) == 1


def test_what_hangs_on_a_poor_line_is_cut_off_and_sent_anew(phone: Phone, check: str) -> None:
    page = phone.take(check)
    hanging: list[Route] = []

    def hang(route: Route) -> None:
        hanging.append(route)

    page.route("**/pocket/send", hang)
    phone.answer("clean", "Partly")
    page.get_by_role("link", name=re.compile("^Unsent")).click()
    until(lambda: bool(hanging) or page.wait_for_timeout(50) is not None)
    send = page.get_by_role("button", name="Send now")
    send.focus()
    # The view is drawn again when the network changes; the finger stays on the same button.
    page.evaluate("dispatchEvent(new Event('kloe:pocket'))")
    page.wait_for_timeout(200)
    expect(send).to_be_focused()
    page.unroute_all(behavior="ignoreErrors")
    page.keyboard.press("Enter")
    phone.sent()
    assert phone.entries(check) == {("clean", 0): ("partly", "", 1)}


def failing(status: int, headers: dict[str, str], route: Route) -> None:
    route.fulfill(status=status, headers=headers)


def test_a_server_in_trouble_is_said_and_nothing_is_lost(phone: Phone, check: str) -> None:
    page = phone.take(check)
    phone.watch.expect("50[03]", "429", "413")
    troubles: list[tuple[int, dict[str, str]]] = [(500, {}), (429, {"Retry-After": "1800"})]
    for status, headers in troubles:
        page.route("**/pocket/send", partial(failing, status, headers))
        phone.answer("clean", "Yes (confirms)" if status == 500 else "No (contradicts)")
        expect(page.locator("#standing")).to_contain_text(f"could not take it ({status})")
        page.unroute_all(behavior="ignoreErrors")
    page.route("**/pocket/send", partial(failing, 413, {}))
    page.get_by_role("link", name=re.compile("^Unsent")).click()
    page.get_by_role("button", name="Send now").click()
    # What the server refuses waits for a person.
    expect(page.locator(".pocket-unsent")).to_contain_text("Too large for the server (413).")
    page.unroute_all(behavior="wait")
    page.get_by_role("button", name="Send now").click()
    phone.sent()
    until(lambda: phone.entries(check)[("clean", 0)][0] == "no")


def test_a_full_phone_says_at_once_that_it_kept_nothing(
    phone: Phone, check: str, tmp_path: Path
) -> None:
    page = phone.go("/pocket/")
    devtools = phone.context.new_cdp_session(page)
    room = {"origin": phone.site.address, "quotaSize": 3 << 20}
    devtools.send("Storage.overrideQuotaForOrigin", room)
    phone.take(check)
    phone.offline()
    large = tmp_path / "film.mp4"
    large.write_bytes(os.urandom(12 << 20))
    page.get_by_text("Add photographs").click()
    page.get_by_label("Or files this phone has").set_input_files(large)
    page.get_by_role("button", name="Keep", exact=True).first.click()
    expect(page.locator("#messages")).to_contain_text(
        "no room left: this was NOT kept", timeout=60_000
    )
    expect(page.locator("[data-waiting]")).to_have_text("")


def test_the_place_a_photograph_tells_leaves_the_phone_only_if_wanted(
    phone: Phone, site: Site, check: str, tmp_path: Path
) -> None:
    page = phone.take(check)
    photograph = tmp_path / "door.jpg"
    photograph.write_bytes(jpeg_with_place(page, 300))

    def send(n: int) -> tuple[bytes, str]:
        page.goto(f"{site.address}/pocket/#/check/{check}")
        page.get_by_text("Add photographs").click()
        page.get_by_label("Photographs", exact=True).set_input_files(photograph)
        page.get_by_role("button", name="Keep", exact=True).first.click()

        def rows() -> list[tuple[Any, ...]]:
            found: list[tuple[Any, ...]] = phone.one(
                "select v.file_id, f.located from checks_checkfile f"
                " join evidence_evidenceitem v on v.id = f.evidence_id"
                " where f.check_of_id = ? order by f.id",
                check,
            )
            return found

        until(lambda: len(rows()) == n)
        return stored(site, rows()[-1][0]), str(rows()[-1][1])

    def choose(label: str) -> None:
        page.goto(f"{site.address}/pocket/#/")
        page.get_by_label(label).click()

    choose("Make photographs smaller")
    original = photograph.read_bytes()
    kept, located = send(1)
    assert len(kept) == len(original), "as large as it was taken"
    assert located == ""
    places = original[original.index(b"MM\x00\x2a") + 26 :][: 2 + 48 + 4 + 48]
    assert places in original
    assert places not in kept
    assert places[54:] not in kept
    choose("Keep the place that photographs tell")
    kept, located = send(2)
    assert kept == original
    lat, lon = (float(x) for x in located.split(","))
    assert (round(lat, 4), round(lon, 4)) == PLACE


def test_a_file_of_last_resort_is_brought_in_elsewhere_once(
    phone: Phone, browser: Browser, site: Site, check: str, tmp_path: Path
) -> None:
    page = phone.take(check)
    photograph = tmp_path / "wall.jpg"
    photograph.write_bytes(jpeg_with_place(page, 200))
    phone.offline()
    phone.answer("clean", "Yes (confirms)", "Fine.")
    page.get_by_text("Add photographs").click()
    page.get_by_label("Photographs", exact=True).set_input_files(photograph)
    page.get_by_role("button", name="Keep", exact=True).first.click()
    expect(page.locator("[data-waiting]")).to_have_text("(2)")
    page.get_by_role("link", name=re.compile("^Unsent")).click()
    page.get_by_text("If nothing else helps").click()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as a file").click()
    file = tmp_path / "unsent.json"
    saving.value.save_as(file)
    assert json.loads(file.read_text())["format"] == "kloe-pocket/1"

    def bring_in(person: str) -> Any:
        context = browser.new_context()
        other = context.new_page()
        sign_in(other, site, person)
        other.goto(f"{site.address}/pocket/#/unsent")
        other.get_by_text("If nothing else helps").click()
        other.get_by_label("Bring a file in").set_input_files(file)
        return context, other

    context, other = bring_in("bryn")
    expect(other.locator("#messages")).to_contain_text("cannot be brought in")
    context.close()
    context, other = bring_in("anwen")
    until(lambda: phone.entries(check) == {("clean", 0): ("yes", "Fine.", 1)})
    until(
        lambda: len(phone.one("select 1 from checks_checkfile where check_of_id = ?", check)) == 1
    )
    context.close()
    phone.offline(False)
    phone.sent()
    assert phone.entries(check) == {("clean", 0): ("yes", "Fine.", 1)}
    assert len(phone.one("select 1 from checks_checkfile where check_of_id = ?", check)) == 1


def test_what_an_open_page_loses_its_network_for_is_kept_too(
    phone: Phone, site: Site, check: str
) -> None:
    """Its risk and its answers, though it was never taken along."""
    page = phone.go(f"/assessments/{site.made['assessment']}/checks/{check}/")
    phone.offline()
    page.locator("#i-secure").get_by_text("No (contradicts)").click()
    expect(page.locator("#i-secure [data-saved]")).to_contain_text("kept in this browser")
    page.get_by_text("Urgent risk", exact=True).click()
    page.get_by_label("What it is").fill("Bare wires")
    page.get_by_role("button", name="Another danger").click()
    expect(page.locator("#messages")).to_contain_text("Nobody knows yet.")
    phone.offline(False)
    until(lambda: phone.one("select text from checks_urgentrisk where check_of_id = ?", check)
          == [("Bare wires",)], 25)  # fmt: skip
    page.goto(f"{site.address}/pocket/")
    phone.sent()
    until(lambda: phone.entries(check) == {("secure", 0): ("no", "", 1)})


def test_places_are_kept_where_the_phone_may_say(phone: Phone, site: Site, check: str) -> None:
    phone.context.grant_permissions(["geolocation"], origin=site.address)
    page = phone.go("/pocket/")
    page.get_by_label("Keep where this phone is").check()
    phone.take(check)
    page.wait_for_timeout(400)
    phone.answer("clean", "Yes (confirms)")
    phone.sent()
    until(lambda: bool(phone.entries(check)))
    assert phone.one("select located from checks_checkentry where check_of_id = ?", check) == [
        ("51.50000,-3.20000 ±9 m",)
    ]


def test_the_pages_are_fit_to_be_used(phone: Phone, site: Site, check: str) -> None:
    page = phone.take(check)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"{site.address}/pocket/#/check/{check}")
        expect(page.get_by_role("heading", name="Conclusion")).to_be_visible()
        unfold(page)
        look(page, dark=True)
        page.goto(f"{site.address}/pocket/#/")
        expect(page.get_by_role("heading", name="Given to you")).to_be_visible()
        look(page, dark=True)
        page.goto(f"{site.address}/pocket/#/unsent")
        expect(page.get_by_role("heading", name="Unsent")).to_be_visible()
        unfold(page)
        look(page, dark=True)
