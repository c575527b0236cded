"""A real server on the demonstration, a real browser, and nothing gone wrong unseen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hands import Site, Visitors, served, visiting
from playwright.sync_api import Browser, expect, sync_playwright

HERE = Path(__file__).resolve().parent
SPARES = 48
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Any:
    """Keep a picture of every page that was open when a test failed."""
    report = yield
    visitors = getattr(item, "funcargs", {}).get("visit")
    if report.when == "call" and report.failed and isinstance(visitors, Visitors):
        folder = item.funcargs["tmp_path"]
        for n, page in enumerate(visitors.pages()):
            path = folder / f"page-{n}.png"
            try:
                page.screenshot(path=path, full_page=True, timeout=5000)
            except Exception as error:  # the report of the failure must not fail
                report.sections.append(("no picture", str(error)))
            else:
                report.sections.append((f"picture of {page.url}", str(path)))
        report.sections.append(("went wrong unseen", "\n".join(visitors.watch.unexpected())))
    return report


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("browser tests drive Chromium: install it with “apt-get install chromium”")
    return found


@pytest.fixture(scope="session")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """``kloe serve`` with its worker, on a demonstration of its own."""
    data = tmp_path_factory.mktemp("served") / "data"
    with served(data, "ground_to_browse.py", str(SPARES)) as found:
        yield found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def states() -> dict[str, Any]:
    """Cookies by person, so that not every test signs in by the form."""
    return {}


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    """Cookies by person on a server that a module has to itself."""
    return {}


@pytest.fixture
def visit(
    browser: Browser, site: Site, states: dict[str, Any], tmp_path: Path
) -> Iterator[Visitors]:
    """Opens pages for people. Whatever goes wrong unseen fails the test."""
    with visiting(browser, site, states) as visitors:
        yield visitors
