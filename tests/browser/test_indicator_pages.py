"""Indicators from records to evidence: computed, looked at, used, their cases drawn from."""

from __future__ import annotations

from uuid import UUID

import pytest
from accessible import check, unfold
from hands import HEIGHTS, THEME, Assessment, Site, Visitors
from playwright.sync_api import Page, expect

from kloe.records.generator import Wanted, generate
from kloe.records.store import use_version

ACCOUNTS = "rents/accounts-before-start"
TITLE = "New rent accounts set up before the tenancy starts"
CASES = "repairs/target-at-report"


@pytest.fixture(scope="module")
def assessment(site: Site) -> Assessment:
    """An assessment whose organisation has records of 200 homes."""
    found = site.spare()
    sql = "select organisation_id from assessments_assessment where id = ?"
    organisation = UUID(site.rows(sql, UUID(found.pk).hex)[0][0])
    place = site.data / "records" / str(organisation)
    (place / "versions").mkdir(parents=True)
    generate(Wanted(homes=200, years=3, seed=1, workers=1), place / "versions" / "one")
    use_version(place, "one")
    return found


def at_both_widths(page: Page, address: str) -> None:
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.goto(address)
        unfold(page)
        check(page, dark=width == 1280)


def test_from_the_records_to_evidence(visit: Visitors, site: Site, assessment: Assessment) -> None:
    page = visit.open("anwen", f"{assessment.url}analysis/")
    expect(page.get_by_text("No indicator has been computed")).to_be_visible()
    page.get_by_role("button", name="Compute the indicators").click()
    expect(page.get_by_role("link", name="Open the analysis")).to_be_visible(timeout=180_000)
    page.get_by_role("link", name="Open the analysis").click()
    expect(page.get_by_role("heading", name="Indicators", level=1)).to_be_visible()

    # Filtered by the address, from the form.
    page.get_by_label("Words").fill("rent accounts set up")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", name=TITLE, level=1)).to_be_visible()

    # Beside its criterion, one press makes it evidence.
    page.goto(assessment.theme(THEME))
    here = page.locator("#c-account-set-up")
    expect(here.get_by_role("link", name=TITLE, exact=True)).to_be_visible()
    here.get_by_role("button", name=f"Use as evidence: {TITLE}").click()
    expect(here.locator(".chip", has_text="New rent accounts")).to_be_visible()
    expect(here.get_by_role("button", name=f"Use as evidence: {TITLE}")).to_have_count(0)
    links = site.rows(
        "select direction from evidence_evidencelink where assessment_id = ?",
        UUID(assessment.pk).hex,
    )
    assert len(links) == 1


def test_cases_and_samples(visit: Visitors, assessment: Assessment) -> None:
    page = visit.open("anwen", f"{assessment.url}measures/{CASES}")
    page.get_by_role("link", name="Cases at fault").click()
    expect(page.get_by_role("heading", name="Cases at fault", level=1)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    assert download.value.suggested_filename == "invented-repairs-target-at-report-cases.csv"
    page.get_by_label("How many").fill("5")
    page.get_by_role("button", name="Draw a sample").click()
    expect(page.get_by_role("heading", name="A sample of 5 of")).to_be_visible()
    expect(page.locator(".drawn").first.locator("li")).to_have_count(5)
    at_both_widths(page, page.url)


@pytest.mark.parametrize(
    "address",
    [
        "analysis/",
        "analysis/?show=missing",
        f"measures/{ACCOUNTS}",
        "measures/repairs/on-time",
        "measures/rents/arrears-gap",
        f"measures-how/{ACCOUNTS}",
        f"measures-cases/{CASES}",
        f"themes/{THEME}",
    ],
)
def test_pages_are_accessible_and_fit(
    visit: Visitors, assessment: Assessment, address: str
) -> None:
    at_both_widths(visit.open("anwen"), assessment.url + address)
