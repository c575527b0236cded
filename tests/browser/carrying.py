"""A phone that goes out of reach: a browser with a disk of its own, which can be killed."""

from __future__ import annotations

import os
import re
import signal
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from hands import Site, Watch, sign_in
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

#: What a browser says of a network that is not there.
OFFLINE = ("ERR_INTERNET_DISCONNECTED", "Failed to fetch", "Failed to load resource")
#: Latitude and longitude in the photographs below.
PLACE = (51.4816, -3.1791)


class Phone:
    """One device, with its profile on the disk."""

    def __init__(self, browser: Browser, site: Site, profile: Path, args: list[str]) -> None:
        self.browser, self.site, self.profile, self.args = browser, site, profile, args
        self.watch = Watch()
        self.watch.expect(*OFFLINE)
        self.context = self._start()

    def _start(self) -> BrowserContext:
        context = self.browser.browser_type.launch_persistent_context(
            self.profile,
            executable_path="/usr/bin/chromium",
            args=self.args,
            viewport={"width": 390, "height": 844},
            has_touch=True,
            reduced_motion="reduce",
            locale="en-GB",
            accept_downloads=True,
            geolocation={"latitude": 51.5, "longitude": -3.2, "accuracy": 9},
        )
        context.set_default_timeout(15_000)
        self.watch.over(context)
        return context

    @property
    def page(self) -> Page:
        return self.context.pages[-1]

    def go(self, address: str) -> Page:
        self.page.goto(f"{self.site.address}{address}")
        return self.page

    def sign_in(self, person: str = "anwen") -> None:
        sign_in(self.page, self.site, person)

    def take(self, check: str) -> Page:
        """Take a check along, and wait until all is there that works without a network."""
        self.go(f"/assessments/{self.site.made['assessment']}/checks/{check}/")
        self.page.get_by_role("link", name="Take with you").click()
        expect(self.page.get_by_role("heading", name="Claim").or_(
            self.page.get_by_text("Every home is let clean")).first).to_be_visible()  # fmt: skip
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.page.wait_for_function(
            "caches.keys().then(all => Promise.all(all.map(n => caches.open(n)"
            ".then(c => c.keys()))).then(k => k.flat().length > 10))"
        )
        return self.page

    def offline(self, out: bool = True) -> None:
        self.context.set_offline(out)

    def kill(self) -> None:
        """As a phone does that needs the memory, without a word; started again out of reach."""
        for pid in self._processes():
            os.kill(pid, signal.SIGKILL)
        until(lambda: not self._processes())
        with suppress(Error):  # the browser is gone, which is what was wanted
            self.context.close()
        (self.profile / "SingletonLock").unlink(missing_ok=True)
        self.context = self._start()
        self.offline()

    def back(self) -> None:
        """There is a network again; a browser that was killed may have lost who was signed in."""
        self.offline(False)
        self.watch.expect("answered 40[13]", "status of 40[13]")
        self.page.goto(f"{self.site.address}/pocket/")
        ended = self.page.get_by_text("Your session has ended.")
        expect(ended.or_(self.page.get_by_text("Everything is sent.")).first).to_be_visible()
        if ended.is_visible():
            self.sign_in()
            self.page.goto(f"{self.site.address}/pocket/")

    def _processes(self) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    line = (entry / "cmdline").read_bytes().decode(errors="replace")
                except OSError:
                    continue
                if f"--user-data-dir={self.profile}" in line:
                    found.append(int(entry.name))
        return found

    def answer(self, item: str, words: str, note: str = "") -> None:
        """Answer an item of the checklist that is open."""
        card = self.page.locator(f"#i-{item}")
        card.get_by_text(words, exact=True).click()
        if note:
            card.locator("textarea").fill(note)
            card.locator("textarea").blur()
        # With a network it may have been sent before anybody looks.
        expect(card.locator("[data-saved]")).to_have_text(
            re.compile(r"this phone|^Sent \d\d:\d\d$")
        )

    def sent(self) -> None:
        """Everything has arrived."""
        expect(self.page.locator("[data-waiting]")).to_have_text("", timeout=20_000)

    def entries(self, check: str) -> dict[tuple[str, int], tuple[str, str, int]]:
        """What the server has: answer, note and version by item and case."""
        rows = self.site.rows(
            "select e.item, coalesce(c.place, 0), e.answer, e.note, e.version"
            " from checks_checkentry e left join checks_checkcase c on c.id = e.case_id"
            " where e.check_of_id = ?",
            check.replace("-", ""),
        )
        return {
            (item, place): (answer, note, version) for item, place, answer, note, version in rows
        }

    def one(self, sql: str, check: str) -> Any:
        return self.site.rows(sql, check.replace("-", ""))


def until(true: Callable[[], bool], most: float = 40) -> None:
    end = time.monotonic() + most
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def jpeg_with_place(page: Page, size: int = 2600) -> bytes:
    """A photograph as a phone takes it: large, and telling where."""
    made = page.evaluate(
        """async size => {
            const canvas = new OffscreenCanvas(size, 60);
            canvas.getContext("2d").fillRect(0, 0, 30, 30);
            const blob = await canvas.convertToBlob({type: "image/jpeg"});
            return [...new Uint8Array(await blob.arrayBuffer())];
        }""",
        size,
    )
    plain = bytes(made)
    return plain[:2] + _exif() + plain[2:]


def _rational(value: float) -> bytes:
    degrees = int(value)
    minutes = int((value - degrees) * 60)
    seconds = round(((value - degrees) * 60 - minutes) * 60 * 1000)
    return struct.pack(">IIIIII", degrees, 1, minutes, 1, seconds, 1000)


def _exif() -> bytes:
    """An Exif segment with a directory of places and nothing else."""
    head = b"MM\x00\x2a" + struct.pack(">I", 8)
    first = struct.pack(">H", 1) + struct.pack(">HHII", 0x8825, 4, 1, 26) + struct.pack(">I", 0)
    at = 26 + 2 + 12 * 4 + 4
    lat, lon = abs(PLACE[0]), abs(PLACE[1])
    places = struct.pack(">H", 4)
    places += struct.pack(">HHI4s", 1, 2, 2, b"N\0\0\0")
    places += struct.pack(">HHII", 2, 5, 3, at)
    places += struct.pack(">HHI4s", 3, 2, 2, b"W\0\0\0")
    places += struct.pack(">HHII", 4, 5, 3, at + 24)
    places += struct.pack(">I", 0)
    tiff = head + first + places + _rational(lat) + _rational(lon)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
