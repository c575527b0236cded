"""Editions of the report and a re-inspection, as people see them in the browser."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from accessible import check, faults, unfold, wider
from hands import HEIGHTS, Site, Visitors, served
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A small kloe of its own: an inspection and its re-inspection."""
    with served(tmp_path_factory.mktemp("compared") / "data", "ground_to_compare.py") as found:
        yield found


@pytest.fixture(scope="module")
def states() -> dict[str, Any]:
    """Cookies of this kloe alone."""
    return {}


def at(site: Site, path: str) -> str:
    return f"{site.address}/assessments/{site.made['second']}/{path}"


@pytest.mark.parametrize(
    "path",
    [
        "inspection/comparison",
        "inspection/comparison?level=criterion&kloe=1.2&sort=change",
        "inspection/comparison?change=not+comparable",
        "report/tenants?check=1",
    ],
)
def test_pages(visit: Visitors, site: Site, path: str) -> None:
    page = visit.open("again", at(site, path))
    unfold(page)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        check(page, dark=width == 1280)
    page.set_viewport_size({"width": 320, "height": 640})
    assert not wider(page), wider(page)


def test_from_a_count_to_what_is_counted(visit: Visitors, site: Site) -> None:
    page = visit.open("again", at(site, "inspection"))
    page.get_by_role("link", name="Comparison").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Criterion"))
    link = row.get_by_role("link").nth(0)
    n = int(link.inner_text())
    link.click()
    found = page.get_by_role("table", name="Then and now").get_by_role("row")
    expect(found).to_have_count(n + 1)
    expect(found.nth(1)).to_contain_text("Better")


def test_the_summary_is_saved_as_it_is_written(visit: Visitors, site: Site) -> None:
    page = visit.open("again", at(site, "report/tenants"))
    part = page.locator("#part-means")
    expect(part.locator(".summary-reads")).to_contain_text("filled in")
    part.get_by_role("textbox").fill("You will get a letter. It says what changes for you.")
    part.get_by_role("textbox").press("Tab")
    expect(part.locator("[data-saved]")).to_contain_text("Saved")
    reads = part.locator(".summary-reads")
    expect(reads).to_contain_text("11 words of about")
    expect(reads).not_to_contain_text("filled in")
    page.reload()
    expect(part.get_by_role("textbox")).to_have_value(
        "You will get a letter. It says what changes for you."
    )
    page.get_by_role("link", name="Does it fit two pages?").click()
    expect(page.get_by_text("It takes two pages.")).to_be_visible()


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The large editions as web pages."""
    sys.path.insert(0, str(ROOT / "unit" / "reports"))
    from report_snapshots import snapshot_of

    from kloe.frameworks.library import load_all
    from kloe.reports.document import build
    from kloe.reports.render import render

    frameworks = sorted(load_all(), key=lambda f: not f.leading)[:1]
    small = snapshot_of(frameworks, evidence=30, only=frozenset({"1.2", "2.10"}))
    folder = tmp_path_factory.mktemp("editions")
    found = {}
    for view in ("large", "tenants", "tenants-large"):
        found[view] = folder / f"{view}.html"
        found[view].write_bytes(render(build(small, view=view), "html"))
    return found


@pytest.mark.parametrize(
    ("view", "least"), [("large", 24.0), ("tenants-large", 24.0), ("tenants", 16.0)]
)
def test_letters_of_an_edition(
    visit: Visitors, editions: dict[str, Path], view: str, least: float
) -> None:
    page = visit.context().new_page()
    page.goto(editions[view].as_uri())
    sizes = page.evaluate(
        """() => {
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            const found = {};
            while (walker.nextNode()) {
                const node = walker.currentNode, e = node.parentElement;
                if (!node.textContent.trim() || e.closest("svg, style")) continue;
                const style = getComputedStyle(e), size = parseFloat(style.fontSize);
                const key = `${size} ${style.fontStyle} ${style.textTransform}`;
                found[key] = found[key] || `${e.tagName}.${e.className}: ${node.textContent}`;
            }
            return found;
        }"""
    )
    assert sizes
    small = {k: v[:80] for k, v in sizes.items() if float(k.split(" ")[0]) < least - 0.1}
    assert not small, small
    assert all(k.split(" ")[1:] == ["normal", "none"] for k in sizes), sizes
    assert not faults(page)
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert not wider(page), wider(page)
