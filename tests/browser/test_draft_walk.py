"""A draft before the landlord in a browser: read, challenged, answered by people in roles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from accessible import check, unfold
from hands import HEIGHTS, Site, Visitors, served, visiting
from playwright.sync_api import Browser, Page, expect


@pytest.fixture(scope="module")
def before_the_landlord(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("challenging") / "data"
    with served(folder, "ground_to_challenge.py") as found:
        yield found


@pytest.fixture
def visit(
    browser: Browser, before_the_landlord: Site, known: dict[str, Any], tmp_path: Path
) -> Iterator[Visitors]:
    with visiting(browser, before_the_landlord, known) as visitors:
        yield visitors


def here(site: Site, path: str) -> str:
    path = path.format(**site.made)
    return f"{site.address}/assessments/{site.made['assessment']}/inspection{path}"


def look(page: Page, address: str) -> None:
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.goto(address)
        unfold(page)
        check(page, dark=width == 1280)


@pytest.mark.parametrize(
    ("who", "paths"),
    [
        ("heledd", ("", "/draft", "/draft/issue", "/draft/extend", "/challenges",
                    "/challenges/{sent}", "/challenges/{sent}/answer", "/draft/1/changes")),
        ("mair", ("", "/draft", "/draft/1/chapters/{chapter}", "/challenges",
                  "/challenges/{waiting}", "/challenges/{waiting}/edit",
                  "/challenges/write/{paragraph}")),
        ("tegid", ("/draft/1/chapters/1", "/challenges/{sent}")),
    ],
)  # fmt: skip
def test_pages_of_a_draft_are_accessible_and_fit(
    visit: Visitors, before_the_landlord: Site, who: str, paths: tuple[str, ...]
) -> None:
    page = visit.open(who)
    for path in paths:
        look(page, here(before_the_landlord, path))


def test_both_sides_of_a_challenge(
    visit: Visitors, before_the_landlord: Site, tmp_path: Path
) -> None:
    site = before_the_landlord
    register = tmp_path / "register.txt"
    register.write_text("Letters sent: 9")
    # The landlord's contributor reads the draft and challenges a paragraph with a file.
    theirs = visit.open("nia", here(site, "/draft/1/chapters/{chapter}"))
    theirs.locator(f"#p-{site.made['paragraph']}").get_by_role("link", name="Challenge").click()
    theirs.get_by_label("A fact is missing").check()
    theirs.get_by_label("What is so").fill("Letters are written by a program since May.")
    theirs.get_by_label("Files").set_input_files(register)
    visit.watch.expect("422")
    theirs.get_by_role("button", name="Write it down").click()
    expect(theirs.get_by_text("Give the day").first).to_be_visible()
    theirs.get_by_label("Since when it exists, or when it was done").fill("2026-03-01")
    theirs.get_by_role("button", name="Write it down").click()
    expect(theirs.get_by_text("Counts for how good the service is")).to_be_visible()
    expect(theirs.get_by_text("It is sent by the landlord's lead.")).to_be_visible()
    # Its lead sends it.
    lead = visit.open("mair", theirs.url)
    lead.get_by_role("button", name="Send it").click()
    expect(lead.get_by_text("1 challenge is sent.")).to_be_visible()
    # The inspectors answer; of two at once one sees both answers.
    ours = visit.open("heledd", here(site, "/challenges"))
    ours.get_by_role("link", name="CH2").first.click()
    ours.get_by_role("link", name="Answer", exact=True).click()
    other = visit.open("iolo", ours.url)
    ours.get_by_label("Accepted", exact=True).check()
    ours.get_by_label("In words").fill("The paragraph says so now.")
    ours.get_by_role("button", name="Save the answer").click()
    expect(ours.get_by_text("The landlord does not know it yet.")).to_be_visible()
    visit.watch.expect("409")
    other.get_by_label("Rejected").check()
    other.get_by_label("Why not, or not wholly").select_option("judgement, not fact")
    other.get_by_role("button", name="Save the answer").click()
    expect(other.get_by_text("The paragraph says so now.")).to_be_visible()
    expect(other.get_by_label("Rejected")).to_be_checked()
    # The landlord reads it once it is told.
    theirs.reload()
    expect(theirs.get_by_text("Not answered yet.")).to_be_visible()
    ours.goto(here(site, "/challenges"))
    ours.get_by_role("button", name="Tell the landlord 1 answer").click()
    theirs.reload()
    expect(theirs.get_by_text("The paragraph says so now.")).to_be_visible()
