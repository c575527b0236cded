"""What no browser of ours would send: values, names and bodies for every route."""

from __future__ import annotations

import os
from datetime import date
from typing import Any
from uuid import uuid4

SCRIPT = "<script>alert(1)</script>"
BREAKOUT = '"><img src=x onerror=alert(1)>'
#: What must never stand in a page as it was sent.
LIVE = (SCRIPT, "<img src=x", "onerror=alert(1)>")
NUL = "a\x00b"
LONG = "x" * 100_000

#: Values for any field.
VALUES: dict[str, str] = {
    "empty": "",
    "space": " \t\n",
    "NUL": NUL,
    "control": "\x01\x07\x0b\x1b[31m\x7f\x85\u2028",
    "right to left": "\u202egnp.exe\u2066\u200f שלום",
    "no characters": "\ufffe\uffff\U0010ffff\ufdd0",
    "script": SCRIPT + BREAKOUT,
    "SQL": "x' OR 1=1; DROP TABLE accounts_user; --",
    "pattern": "%_\\*?[",
    "template": "{{ 7*7 }}{% load x %}%(name)s%s%d{0.__class__}",
    "not a number": "NaN",
    "endless": "-Infinity",
    "negative": "-1",
    "exponent": "1e9",
    "huge": "9" * 40,
    "too many digits": "9" * 5_000,
    "no date": "0000-00-00",
    "no month": "9999-99-99",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "dunder": "__class__",
    "minus": "-",
    "climbing": "../../etc/passwd%2e%2e%2f",
    "other framework": "hi-cross-cutting-2005/30/1",
    "identifier": "00000000-0000-4000-8000-000000000000",
    "long": LONG,
    "long word by word": "é " * 20_000,
    "line ends": "a\r\nSet-Cookie: x=1\r\n\r\nb",
    "elsewhere": "//evil.example/\\x",
}
#: Everything with everything takes minutes: KLOE_HOSTILE=all asks for it.
ALL = os.environ.get("KLOE_HOSTILE") == "all"
#: Those that have the best chance to break something, for each field and name by itself.
WORST = tuple(VALUES) if ALL else ("NUL", "too many digits", "last day", "long", "template")
#: Query strings that are no UTF-8, no pairs, or both.
BROKEN = (
    "q=%ff%fe&page=%ed%a0%80",
    "q=%c0%af&sort=%u0041",
    "%00=%00&&&===&;",
    "q=%",
    "page=1&page=2&q=a&q=b&kind=x&kind=y&sort=title&sort=__class__",
    "q[]=1&page[x]=2&kind[$ne]=",
    "&".join(f"a{n}=1" for n in range(5_000)),
)
#: What stands where a framework's identifier is expected.
NAMES = (
    "x",
    "..",
    "wao-housing-2005/",
    "wao-housing-2005/..",
    "wao-housing-2005/1.2/3/../../x",
    "wao-housing-2005/1.2/3/%2e%2e%2fx",
    "wao-housing-2005%2f1.2%2fnone",
    "hi-cross-cutting-2005/30/none",
    VALUES["control"],
    VALUES["right to left"],
    VALUES["SQL"],
    VALUES["template"],
    "9" * 5_000,
    "wao-housing-2005/1.2/3/account-set-up\x00",
    "wao-housing-2005/1.2/3/" + "x" * 5_000,
    "wao-housing-2005/1.2/3/" + SCRIPT,
    "__class__/__init__",
    "service|provisional",
    "{0}",
)


def bodies(arguments: dict[str, list[Any]], org: Any, lead: Any) -> dict[str, dict[str, Any]]:
    """A body each writing route would take, by name of the route."""
    rating = {"position": "upper", "reason": "Seen.", "base_version": "0"}
    known = {
        "kind": "audit", "date": "2025-09-01", "source": "Audit", "text": "Fine.",
        "url": "https://example.org/", "tone": "neutral", "themes": ["wao-housing-2005/1.2/3"],
    }  # fmt: skip
    details = {
        "title": "A note", "kind": "document", "origin": "landlord", "source": "Here",
        "period_start": "2025-04-01", "period_end": "2026-03-31", "confidentiality": "internal",
        "text": "Words.",
    }  # fmt: skip
    new = details | {"what": "note", "url": "https://example.org/x", "item_id": str(uuid4())}
    new |= {"locator": "p. 1", "note": "So", "held": "x:y:z", "q": "words", "next": "/"}
    criterion = arguments["rate"][1]
    finding = {
        "kind": "area for improvement", "text": "Late.", "recommendation": "Be early.",
        "priority": "high", "criteria": [criterion], "evidence": [], "base_version": "1",
        "next": "/",
    }  # fmt: skip
    judged = {"grade": "good", "reasons": "On balance.", "base_version": "0"}
    weakness = {
        "text": "Late.", "serious": "on", "known": "yes", "planned": "no", "capacity": "in part",
        "note": "So.", "base_version": "1",
    }  # fmt: skip
    factor = {"kind": "driver", "text": "A plan.", "base_version": "1"}
    created = {
        "organisation": str(org.pk), "kind": "self-assessment", "title": "New",
        "frameworks": ["wao-housing-2005"], "leading": "wao-housing-2005",
        "period_start": "2025-04-01", "period_end": "2026-03-31", "lead": str(lead.pk),
    }  # fmt: skip
    weights = dict.fromkeys(
        ("worst_quarter", "third_quarter", "known_against", "long_years", "threshold"), "10"
    )
    organisation = {
        "name": "Tai", "kind": "council", "jurisdiction": "wales", "homes": "12",
        "landlord_code": "L1",
    }  # fmt: skip
    found: dict[str, dict[str, Any]] = {
        "scheme": {"scheme": "dark", "next": "/"},
        "set_language": {"language": "en-gb", "next": "/"},
        "profile": {"name": "Me", "shortcuts": "on"},
        "assessment-create": created,
        "assessment-details": {k: created[k] for k in ("title", "lead")}
        | {"period_start": "2025-04-01", "period_end": "2026-03-31"},
        "assessment-finish": {"final": "yes"},
        "organisation-edit": organisation,
        "member-add": {"email": "new@example.org", "name": "New", "role": "reader"},
        "member": {"role": "assessor"},
        "scope-set": {
            "in": ["wao-housing-2005/1.2/3"],
            "reason_all": "Later.",
            "reason:wao-housing-2005/1.2/1": "Done lately.",
        },
        "scope-accept": weights | {"accept": "yes"},
        "theme-assign": {"lead": str(lead.pk), "due": "2026-01-01"},
        "context-save": {"baseline": "Low.", "stock": "Old.", "area": "Wide.", "base_version": "0"},
        "known-add": known,
        "known-edit": known,
        "rate": rating,
        "rate-undo": {"base_version": "0"},
        "answer": {"text": "Well.", "base_version": "0"},
        "answer-cites": {"cites": [], "base_version": "0"},
        "criterion-comment": {"kind": "unclear", "text": "What?"},
        "evidence-add": new
        | {
            "descriptor": f"{criterion}/upper-1",
            "direction-upper-1": "shows this",
        },
        "evidence-edit": details | {"base_version": "1", "next": "/"},
        "evidence-delete": {"reason": "Wrong."},
        "evidence-link": {"direction": "shows this", "locator": "p. 2", "note": "x", "next": "/"},
        "evidence-unlink": {"next": "/"},
        "evidence-for": new
        | {"items": [], "direction-upper-1": "shows this", "search": ""}
        | {"direction-lower-1": "shows otherwise"},
        "indicators-set": {"dataset": "tsm-2024-25", "landlord": "45UC"},
        "judgement-provisional": judged,
        "judgement-decide": judged,
        "judgement-dissent": judged | {"grade": "poor"},
        "finding-add": finding,
        "finding-edit": finding,
        "finding-remove": {"next": "/"},
        "finding-move": {"to": "down"},
        "main-question-answer": {"text": "Yes.", "base_version": "0", "next": "/"},
        "weakness-add": weakness,
        "weakness-take": {"next": "/"},
        "weakness-edit": weakness,
        "factor-add": factor,
        "factor-edit": factor,
        "records-undo": {"version": "none"},
        "records-add": {"as_at": "2026-03-31", "without_personal": "on", "held": "x:y:z"}
        | {"draft_id": str(uuid4())},
        "records-mapping-upload": {"base_version": "0"},
        "records-source": {
            "base_version": "1",
            "right_all": "on",
            "from_tenancy_ref": "ref",
            "from_property_ref": "home",
        },
        "records-check": {"as_at": "2026-03-31", "without_personal": "on", "most_rejects": "10"},
        "records-load": {"base_version": "1"},
        "report-make": {"format": "pdf", "view": "full", "order": "kloe"},
    }
    for body in found.values():
        if "base_version" in body:
            body |= {"write_id": str(uuid4()), "client_at": "2026-01-01T10:00:00Z"}
    found["evidence-for"].pop("search")
    return found


#: A day no calendar of the program may stumble over.
LAST = date(9999, 12, 31)
