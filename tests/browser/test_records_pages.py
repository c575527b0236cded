"""An extract from the files to the records and back, in a browser, on a desk and on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from accessible import check, unfold
from hands import WIDTHS, Site, Visitors
from playwright.sync_api import Page, expect

LONG = 60_000
CHANGE = re.compile(r"Change ?: homes\.csv")
HOMES = "property_ref,property_type,bedrooms,build_year\n" + "".join(
    f"P{n},{('house', 'flat', 'bungalow')[n % 3]},{n % 4 + 1},{1950 + n}\n" for n in range(1, 61)
)
TENANCIES = "tenancy_ref,property_ref,tenure,start_on,end_on\n" + "".join(
    f"T{n},P{n},{'Zz' if n == 4 else 'SEC'},20{10 + n % 15}-0{n % 9 + 1}-10,\n"
    for n in range(1, 61)
)


def files(folder: Path) -> list[Path]:
    found = []
    for name, words in (("homes", HOMES), ("tenancies", TENANCIES), ("notes", "a,b\n1,2\n")):
        found.append(folder / f"{name}.csv")
        found[-1].write_text(words)
    return found


def organisation(site: Site) -> str:
    return f"{site.address}/organisations/{site.made['without_records']}/"


def looked_at(page: Page) -> None:
    """Everything unfolded, in both colours; then the page as it came, without traces of it."""
    unfold(page)
    check(page, dark=True)
    page.reload()


def sent(page: Page, home: str, folder: Path) -> None:
    """The files sent, and what becomes what proposed."""
    page.goto(f"{home}records/")
    page.get_by_role("link", name="Bring in an extract").click()
    looked_at(page)
    page.get_by_label("Files").set_input_files(files(folder))
    page.get_by_label("Day of the extract").fill("2026-03-31")
    page.get_by_role("button", name="Send the files").click()
    expect(page.get_by_role("heading", name="What becomes what")).to_be_visible(timeout=LONG)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_from_files_to_records_and_back(
    visit: Visitors, site: Site, width: int, tmp_path: Path
) -> None:
    home = organisation(site)
    page = visit.open("anwen", home, width)
    page.get_by_role("link", name="Records", exact=True).click()
    looked_at(page)

    sent(page, home, tmp_path)
    expect(page.get_by_text("notes.csv: None of the tables looks like it.")).to_be_visible()
    looked_at(page)

    page.get_by_role("link", name="Change : tenancies.csv").or_(
        page.get_by_role("link", name="Change: tenancies.csv")
    ).click()
    looked_at(page)
    unfold(page)
    page.get_by_label("Zz: tenure").select_option("starter")
    page.get_by_label("end_on comes from").select_option("")
    page.get_by_label("Everything unsure here is right").check()
    page.get_by_role("button", name="Save the mapping").click()
    expect(page.get_by_text("The mapping is saved.")).to_be_visible()

    page.get_by_role("button", name="Check the extract").click()
    found = page.get_by_role("heading", name="What the check found")
    expect(found).to_be_visible(timeout=LONG)
    looked_at(page)
    page.get_by_role("button", name="Load the records").click()
    expect(page.get_by_text("The records are loaded.")).to_be_visible(timeout=LONG)
    looked_at(page)

    page.get_by_role("link", name="What can be computed").click()
    expect(page.get_by_text("indicators can be computed")).to_be_visible()
    looked_at(page)
    page.goto(f"{home}records/")
    expect(page.get_by_text("in use", exact=True)).to_be_visible()
    looked_at(page)

    page.get_by_role("link", name="Undo the last load").click()
    looked_at(page)
    page.get_by_role("button", name="Undo the load").click()
    expect(page.get_by_text("The last load is undone.")).to_be_visible()
    expect(page.get_by_text("Nothing is loaded yet")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_files_become_other_tables_and_are_read_as_before(
    visit: Visitors, site: Site, width: int, tmp_path: Path
) -> None:
    home = organisation(site)
    page = visit.open("anwen", home, width)
    sent(page, home, tmp_path)
    page.get_by_role("link", name=CHANGE).click()
    page.get_by_text("Another table, or none").click()
    looked_at(page)
    page.get_by_text("Another table, or none").click()
    page.get_by_label("Table", exact=True).select_option("asset_inspection")
    page.get_by_role("button", name="Make it this table").click()
    expect(page.get_by_role("link", name=CHANGE)).to_be_visible(timeout=LONG)
    expect(page.locator(".record-source a[href$='layouts/asset_inspection']")).to_be_visible()
    # It was the right one: leave the wrong part out, and add it again as a further table.
    page.get_by_role("link", name=CHANGE).click()
    page.get_by_text("Another table, or none").click()
    page.get_by_role("button", name="Leave this part out").click()
    expect(page.get_by_text("This part is left out of the mapping.")).to_be_visible()
    further = page.get_by_role("region", name="A further table")
    further.get_by_label("Files").select_option("homes.csv")
    further.get_by_label("Table").select_option("property")
    further.get_by_role("button", name="Add the table").click()
    expect(page.locator(".record-source a[href$='layouts/property']")).to_be_visible(timeout=LONG)
    looked_at(page)
    page.get_by_label("Rejected rows allowed").fill("100")
    page.get_by_role("button", name="Check the extract").click()
    expect(page.get_by_role("heading", name="What the check found")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Load the records").click()
    expect(page.get_by_text("The records are loaded.")).to_be_visible(timeout=LONG)

    sent(page, home, tmp_path)
    expect(page.get_by_text("Files with the same columns were loaded before.")).to_be_visible()
    looked_at(page)
    page.get_by_role("button", name="Use the mapping used then").click()
    expect(page.get_by_text("The files are read as then.")).to_be_visible()
    looked_at(page)
    page.get_by_role("link", name="Discard").click()
    page.get_by_role("button", name="Discard").click()
    page.goto(f"{home}records/undo")
    page.get_by_role("button", name="Undo the load").click()
    expect(page.get_by_text("The last load is undone.")).to_be_visible()


def test_an_extract_is_discarded_without_scripts(
    visit: Visitors, site: Site, tmp_path: Path
) -> None:
    home = organisation(site)
    page = visit.open("anwen", f"{home}records/add", java_script_enabled=False)
    page.get_by_label("Files").set_input_files(files(tmp_path)[:1])
    page.get_by_label("Day of the extract").fill("2026-03-31")
    page.get_by_role("button", name="Send the files").click()
    again = page.get_by_role("link", name="Look again")
    # Other work may come first: the demonstration's documents are read by the same worker.
    for _ in range(300):
        if not again.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_role("heading", name="What becomes what")).to_be_visible()
    page.get_by_role("link", name="Discard").click()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("The extract is discarded")).to_be_visible()
