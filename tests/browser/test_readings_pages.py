"""Two people rate a theme for themselves, each in a browser of their own, then agree."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from accessible import check, unfold
from ground_to_read import CLOSED, OPEN
from hands import HEIGHTS, Site, Visitors
from playwright.sync_api import Page, expect


@pytest.fixture(scope="module")
def read(site: Site) -> dict[str, Any]:
    """An inspection in the server's database; its people sign in like the others."""
    ground = Path(__file__).with_name("ground_to_read.py")
    done = subprocess.run(
        [sys.executable, str(ground), str(site.data)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    site.made["people"].update(made["people"])
    return made


def at(site: Site, read: dict[str, Any], path: str) -> str:
    return f"{site.address}/assessments/{read['assessment']}/{path}"


def look(page: Page) -> None:
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        check(page)


def place(page: Page, key: str, n: int, why: str) -> None:
    """Place the n-th criterion by the keyboard alone, and write why."""
    card = page.locator("[data-criterion]").nth(n)
    card.focus()
    page.keyboard.press(key)
    page.keyboard.press("r")
    page.keyboard.type(why)
    page.keyboard.press("Escape")
    expect(card.locator("[data-saved]")).to_contain_text("Saved")


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("chief", "readings/"),
        ("chief", "readings/second"),
        ("chief", f"readings/theme/{CLOSED}"),
        ("first", f"readings/theme/{OPEN}"),
        ("other", f"readings/theme/{OPEN}"),
        ("first", f"themes/{OPEN}"),
        ("first", "mine"),
    ],
)
def test_pages_of_readings(
    visit: Visitors, site: Site, read: dict[str, Any], who: str, path: str
) -> None:
    page = visit.open(who, at(site, read, path))
    unfold(page)
    look(page)


def test_two_rate_unseen_and_then_agree(visit: Visitors, site: Site, read: dict[str, Any]) -> None:
    theme, reading = at(site, read, f"themes/{CLOSED}"), at(site, read, f"readings/theme/{CLOSED}")
    first, other = visit.open("first", theme), visit.open("other", theme, width=390)
    place(first, "4", 0, "What the first one saw.")
    place(first, "3", 1, "The same to both.")
    # On a phone the ladder is tapped.
    card = other.locator("[data-criterion]").first
    card.get_by_role("radio", name="Lower").check()
    expect(card.locator("[data-saved]")).to_contain_text("Saved")
    again = other.locator("[data-criterion]").nth(1)
    again.get_by_role("radio", name="Between").check()
    expect(again.locator("[data-saved]")).to_contain_text("Saved")
    for page in (first, other):
        page.reload()
    expect(other.locator("body")).not_to_contain_text("What the first one saw.")
    expect(
        other.locator("[data-criterion]").first.get_by_role("radio", name="Lower")
    ).to_be_checked()
    expect(
        first.locator("[data-criterion]").first.get_by_role("radio", name="Upper")
    ).to_be_checked()
    between = first.locator("[data-criterion]").nth(1).get_by_role("radio", name="Between")
    expect(between).to_be_checked()
    for page in (first, other):
        page.goto(reading)
        look(page)
        page.get_by_role("button", name="I am done with this theme").click()
    expect(other.get_by_role("heading", name="Accuracy and timing")).to_be_visible()
    expect(other.locator("body")).to_contain_text("What the first one saw.")
    expect(other.get_by_role("radio")).to_have_count(0)
    first.goto(reading)
    first.get_by_role("button", name="Agree 1 placing all gave alike").click()
    expect(first.locator("#messages")).to_contain_text("1 rating is agreed.")
    # The rest is agreed one by one, by the keys of the theme page.
    place(first, "3", 0, "Agreed after the second visit.")
    other.goto(reading)
    dissent = other.locator(".side-by-side").first.locator("details.dissenting")
    dissent.locator("summary").click()
    dissent.get_by_label("The placing you would give").select_option("lower")
    dissent.get_by_label("Why").fill("Two of the files say otherwise.")
    dissent.get_by_role("button", name="Record my dissent").click()
    expect(other.locator(".dissent")).to_contain_text("Two of the files say otherwise.")
    look(other)
    first.goto(theme)
    expect(first.locator("[data-criterion]").first).to_contain_text(
        "Two of the files say otherwise."
    )
