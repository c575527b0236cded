"""Publishing in a browser: made for real, read by anybody, corrected, withdrawn; what axe asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from accessible import check, unfold
from hands import HEIGHTS, Site, Visitors, served, visiting
from playwright.sync_api import Browser, Page, expect

from kloe.reports import verifying


@pytest.fixture(scope="module")
def publishing(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("publishing") / "data", "ground_to_publish.py") as found:
        yield found


@pytest.fixture
def visit(browser: Browser, publishing: Site) -> Iterator[Visitors]:
    with visiting(browser, publishing, {}) as visitors:
        yield visitors


def looked_at(page: Page) -> None:
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        unfold(page)
        check(page, dark=width == 390)


def test_a_report_is_published_read_corrected_and_withdrawn(
    visit: Visitors, publishing: Site, tmp_path: Path
) -> None:
    here = f"{publishing.address}/assessments/{publishing.made['now']}/publication"
    landlord, lead = visit.open("menna", f"{here}/response"), visit.open("lowri", here)
    looked_at(landlord)
    landlord.get_by_label("The board's words").fill("Our board accepts the report.")
    landlord.get_by_role("button", name="Save the response").click()
    looked_at(lead)
    lead.get_by_label("Anybody: a public page without signing in").check()
    lead.get_by_role("button", name="Publish the report").click()
    expect(lead.get_by_role("link", name="What was published")).to_be_visible(timeout=120_000)
    lead.goto(here)
    looked_at(lead)

    slug = lead.locator("a[href*='/published/']").first.get_attribute("href")
    assert slug is not None
    context = visit.context()
    anybody = context.new_page()
    anybody.goto(slug)
    looked_at(anybody)
    assert context.cookies() == []
    expect(anybody.locator("main")).to_contain_text("Our board accepts the report.")
    fingerprint = anybody.locator(".command").inner_text().split()[-1]
    package = tmp_path / "package.zip"
    package.write_bytes(context.request.get(f"{slug}1/package.zip").body())
    assert verifying.verify(package, key=fingerprint).whole
    for name in ("report.pdf", "large-print.pdf", "summary-for-tenants.pdf"):
        file = tmp_path / name
        file.write_bytes(context.request.get(f"{slug}1/{name}").body())
        with pikepdf.open(file) as pdf, pdf.open_metadata() as meta:
            assert meta.get("pdfuaid:part") == "1", name
    anybody.get_by_role("link", name="Read the report").click()
    expect(anybody.locator("main")).to_contain_text("Sixty homes stood empty")
    # Where it is served no script runs, so none can look at it: looked at is the file.
    page = tmp_path / "report.html"
    page.write_bytes(context.request.get(f"{slug}1/report.html").body())
    anybody.goto(page.as_uri())
    assert faults_of(anybody) == []

    lead.goto(f"{here}/correct")
    looked_at(lead)
    lead.get_by_label("What the report says wrongly").fill("Sixty homes")
    lead.get_by_label("What it should say").fill("Sixteen homes")
    lead.get_by_label("Why").fill("A slip of the pen.")
    lead.get_by_role("button", name="Publish the correction").click()
    expect(lead.get_by_role("link", name="What was published")).to_be_visible(timeout=120_000)
    fresh = visit.context().new_page()
    fresh.goto(slug)
    looked_at(fresh)
    expect(fresh.locator("main")).to_contain_text("This is version 2.")
    fresh.goto(f"{slug}2/report.html")
    expect(fresh.locator("main")).to_contain_text("Sixteen homes stood empty")

    lead.goto(here)
    lead.get_by_label("Why it is withdrawn").fill("A tenant could be recognised.")
    lead.get_by_role("button", name="Withdraw the public page").click()
    visit.watch.expect("410")
    gone = visit.context().new_page()
    answer = gone.goto(slug)
    assert answer is not None
    assert answer.status == 410
    looked_at(gone)


def faults_of(page: Any) -> list[str]:
    from accessible import faults

    return faults(page)
