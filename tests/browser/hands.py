"""What a browser test does again and again: the server, the people, and what went wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect

HERE = Path(__file__).resolve().parent
WIDTHS = {"desktop": 1280, "phone": 390}
HEIGHTS = {1280: 900, 390: 844}
#: A theme of five criteria, all with two sides, and one question.
THEME = "wao-housing-2005/1.2/3"


@dataclass
class Site:
    """The server, and what stands in its database."""

    address: str
    data: Path
    made: dict[str, Any]

    @property
    def demonstration(self) -> str:
        """The address of the demonstration's overview."""
        return f"{self.address}/assessments/{self.made['demonstration']}/"

    def spare(self) -> Assessment:
        """An assessment that no other test writes in."""
        return Assessment(self, self.made["spares"].pop())

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database holds, read beside the server."""
        path = f"file:{self.data / 'kloe.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(path, uri=True, timeout=20)) as db:
            return db.execute(sql, values).fetchall()


@dataclass
class Assessment:
    """One assessment, by address and in the database."""

    site: Site
    pk: str

    @property
    def url(self) -> str:
        return f"{self.site.address}/assessments/{self.pk}/"

    def theme(self, theme: str = THEME) -> str:
        return f"{self.url}themes/{theme}"

    def revisions(self, subject: str) -> list[tuple[Any, ...]]:
        """Version and values of everything ever saved of a criterion or question."""
        return self.site.rows(
            'select version, "values" from assessments_revision'
            " where assessment_id = ? and subject = ? order by version",
            UUID(self.pk).hex,
            subject,
        )


@contextmanager
def served(data: Path, ground: str, *given: str) -> Iterator[Site]:
    """``kloe serve`` with its worker, on what a ground made: a file of this folder, run first."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("KLOE_", "DJANGO_"))}
    made = subprocess.run(
        [sys.executable, str(HERE / ground), str(data), *given],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    log = data.with_name("server.log")
    with log.open("w") as errors:
        command = [sys.executable, "-c", "from kloe.cli.main import run; run()"]
        server = subprocess.Popen(
            [*command, "serve", "--port", "0", "--data", str(data)],
            env=env,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert server.stdout is not None
    told = server.stdout.readline()
    drain = threading.Thread(target=server.stdout.read)
    drain.start()
    try:
        address = next((word for word in told.split() if "://" in word), "")
        assert address, f"kloe serve said “{told}”.\n{log.read_text()}"
        yield Site(address, data, json.loads(made.stdout.splitlines()[-1]))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
        drain.join()
        server.stdout.close()


@dataclass
class Watch:
    """What a person would not see but must not happen: errors in the console, lost requests."""

    faults: list[str] = field(default_factory=list)
    expected: list[re.Pattern[str]] = field(default_factory=list)

    def expect(self, *patterns: str) -> None:
        """Faults this test brings about on purpose."""
        self.expected += [re.compile(p) for p in patterns]

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda e: self.faults.append(f"error: {e.error}"))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def _console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            where = message.location["url"]
            # A PDF names no icon, so the browser asks for the usual one.
            if not where.endswith("/favicon.ico"):
                self.faults.append(f"console {message.type}: {message.text} ({where})")

    def _failed(self, request: Request) -> None:
        # A page that is left, or a file that is saved rather than shown.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400 and not response.url.endswith("/favicon.ico"):
            self.faults.append(
                f"answered {response.status}: {response.request.method} {response.url}"
            )

    def unexpected(self) -> list[str]:
        return [f for f in self.faults if not any(p.search(f) for p in self.expected)]


class Visitors:
    """Opens browsers for people, signed in, at a width; looks after what they meet."""

    def __init__(self, browser: Browser, site: Site, states: dict[str, Any]) -> None:
        self.browser, self.site, self.states = browser, site, states
        self.watch = Watch()
        self.contexts: list[BrowserContext] = []

    def context(self, person: str | None = None, width: int = 1280, **more: Any) -> BrowserContext:
        """A browser of its own: signed in without asking where ``person`` is given."""
        if person:
            more["storage_state"] = self._state(person)
        context = self.browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            has_touch=width < 600,
            reduced_motion="reduce",
            locale="en-GB",
            **more,
        )
        context.set_default_timeout(15_000)
        self.watch.over(context)
        self.contexts.append(context)
        return context

    def open(
        self, person: str | None = None, url: str = "", width: int = 1280, **more: Any
    ) -> Page:
        """A page, at ``url`` if one is given."""
        page = self.context(person, width, **more).new_page()
        if url:
            page.goto(url)
        return page

    def _state(self, person: str) -> Any:
        """Cookies of a person who signed in, kept for the tests that follow."""
        if person not in self.states:
            with self.browser.new_context() as context:
                page = context.new_page()
                sign_in(page, self.site, person)
                self.states[person] = context.storage_state()
        return self.states[person]

    def pages(self) -> list[Page]:
        return [page for context in self.contexts for page in context.pages]


@contextmanager
def visiting(browser: Browser, site: Site, states: dict[str, Any]) -> Iterator[Visitors]:
    """Visitors of a server, for one test. Whatever goes wrong unseen fails it.

    :param states: cookies by person, kept for the tests that follow.
    """
    visitors = Visitors(browser, site, states)
    yield visitors
    for context in visitors.contexts:
        context.close()
    assert not visitors.watch.unexpected(), "\n".join(visitors.watch.unexpected())


def sign_in(page: Page, site: Site, person: str) -> None:
    """By the form, as people do."""
    page.goto(f"{site.address}/accounts/login/")
    page.get_by_label("E-mail address").fill(site.made["people"][person])
    page.get_by_label("Password", exact=True).fill(site.made["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator(".menu.who")).to_be_attached()


def criterion(page: Page, key: str) -> Locator:
    """A criterion's card on the theme page."""
    return page.locator(f"#c-{key}")


def rung(card: Locator, position: str) -> Locator:
    """The rung of a criterion's ladder that says ``position``."""
    radio = card.page.get_by_role("radio", name=position, exact=True)
    return card.locator(".ladder label").filter(has=radio)


def all_saved(page: Page) -> None:
    """Everything typed on the page has arrived."""
    expect(page.locator("html:not([data-unsaved])")).to_be_attached()


def said(page: Page, card: Locator, words: str | re.Pattern[str]) -> None:
    """Something was said of a save: to see beside it, and to hear."""
    expect(card.locator("[data-saved]").first).to_have_text(words)
    expect(page.locator("#live")).to_have_text(words)


SAVED = re.compile(r"^Saved \d\d:\d\d$")


def tab_to(page: Page, target: Locator, *, back: bool = False, most: int = 400) -> None:
    """Press Tab until ``target`` has the focus."""
    handle = target.element_handle()
    assert handle is not None
    for _ in range(most):
        if handle.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{target} is not reached by {most} presses of Tab")


def overflow(page: Page) -> int:
    """How far the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
