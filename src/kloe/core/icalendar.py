"""Calendar files (RFC 5545): events with a time, a place and a way back. Pure text, no network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MEDIA_TYPE = "text/calendar; charset=utf-8"
#: Octets in a line before it is folded.
LINE = 75


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a calendar.

    :param uid: the same whenever the entry is written, so that a calendar replaces it.
    :param sequence: grows with each change.
    """

    uid: str
    start: datetime
    minutes: int
    title: str
    text: str = ""
    place: str = ""
    url: str = ""
    sequence: int = 0
    changed: datetime | None = None


def _escaped(text: str) -> str:
    plain = "".join(c for c in text.replace("\r\n", "\n") if c == "\n" or ord(c) >= 32)
    for mark, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(mark, written)
    return plain


def _folded(line: str) -> str:
    """A line of more than 75 octets continued on the next, between characters."""
    parts: list[bytes] = []
    here = b""
    for character in line:
        octets = character.encode()
        if len(here) + len(octets) > (LINE if not parts else LINE - 1):
            parts.append(here)
            here = b""
        here += octets
    parts.append(here)
    return "\r\n ".join(p.decode() for p in parts)


def _stamp(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def calendar(events: Iterable[Event], *, name: str, now: datetime) -> str:
    """The events as a calendar file.

    :param now: when it is written.
    """
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//kloe//kloe//EN", "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH", f"X-WR-CALNAME:{_escaped(name)}",
    ]  # fmt: skip
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_escaped(event.uid)}",
            f"DTSTAMP:{_stamp(event.changed or now)}",
            f"SEQUENCE:{event.sequence}",
            f"DTSTART:{_stamp(event.start)}",
            f"DTEND:{_stamp(event.start + timedelta(minutes=event.minutes))}",
            f"SUMMARY:{_escaped(event.title)}",
        ]
        for key, value in (("DESCRIPTION", event.text), ("LOCATION", event.place)):
            if value:
                lines.append(f"{key}:{_escaped(value)}")
        if event.url:
            lines.append(f"URL:{event.url}")
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)
