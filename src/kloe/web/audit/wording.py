"""How the audit trail reads: verbs, subjects and fields in the reader's words."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kloe.core.errors import NotFound
from kloe.web.audit.models import AuditEvent
from kloe.web.library.store import Pinned
from kloe.web.site.wording import WORDS, day, position_label, role_name

#: Verbs with their wording; a verb that is missing here is shown as it is kept.
VERBS: dict[str, str | Promise] = {
    "created assessment": lazy("created the assessment"),
    "changed assessment": lazy("changed the assessment"),
    "saved context": lazy("saved the context"),
    "rated": lazy("rated"),
    "answered": lazy("answered"),
    "cited evidence": lazy("cited evidence"),
    "created organisation": lazy("created the organisation"),
    "changed organisation": lazy("changed the organisation"),
    "added member": lazy("added a member"),
    "changed role": lazy("changed a role"),
    "removed member": lazy("removed a member"),
    "made link to set a password": lazy("made a link to set a password"),
    "created account": lazy("created an account"),
    "changed profile": lazy("changed the profile"),
    "set password": lazy("set a password"),
    "closed account": lazy("closed an account"),
    "opened account": lazy("opened an account"),
    "signed in": lazy("signed in"),
    "changed address": lazy("changed the e-mail address"),
    "added sign-in key": lazy("added a key for signing in"),
    "removed sign-in key": lazy("removed a key for signing in"),
    "renewed sign-in key": lazy("renewed codes for signing in"),
}
SUBJECTS: dict[str, str | Promise] = {
    "assessment": lazy("Assessment"),
    "organisation": lazy("Organisation"),
    "person": lazy("Person"),
    "rating": lazy("Rating"),
    "answer": lazy("Answer"),
    "evidence": lazy("Evidence"),
    "finding": lazy("Finding"),
    "judgement": lazy("Judgement"),
    "theme": lazy("Theme"),
    "scope": lazy("Scope"),
    "context": lazy("Context"),
    "known": lazy("What is known"),
    "dataset": lazy("Published results"),
    "job": lazy("Work in the background"),
    "report": lazy("Report"),
    "comment": lazy("Comment"),
}
FIELDS: dict[str, str | Promise] = {
    "position": lazy("Position"),
    "reason": lazy("Reason"),
    "text": lazy("Text"),
    "title": lazy("Title"),
    "name": lazy("Name"),
    "email": lazy("E-mail address"),
    "role": lazy("Role"),
    "kind": lazy("Kind"),
    "origin": lazy("Origin"),
    "confidentiality": lazy("Confidentiality"),
    "period_start": lazy("Period from"),
    "period_end": lazy("Period to"),
    "lead": lazy("Lead"),
    "due": lazy("Due"),
    "in_scope": lazy("In scope"),
    "grade": lazy("Grade"),
    "reasons": lazy("Reasons"),
    "stage": lazy("Stage"),
    "jurisdiction": lazy("Country"),
    "homes": lazy("Homes"),
    "landlord_code": lazy("Code in published results"),
    "shortcuts": lazy("Shortcuts"),
    "active": lazy("May sign in"),
    "source": lazy("Source"),
    "url": lazy("Address"),
    "locator": lazy("Place in it"),
    "direction": lazy("What it shows"),
    "type": lazy("Type"),
}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
#: Longest text compared word by word; a longer one is shown whole, before and after.
COMPARED = 6000


@dataclass(frozen=True)
class Piece:
    """A run of words that stayed, went or came."""

    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """One field, before and after, as pieces to read in a row."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Line:
    """An event as a page shows it."""

    event: AuditEvent
    verb: str
    subject_kind: str
    subject: str
    url: str
    changes: tuple[Change, ...]


def verb(kept: str) -> str:
    """A verb in the reader's words."""
    return str(VERBS.get(kept, kept))


def subject_kind(kept: str) -> str:
    """A kind of subject in the reader's words."""
    return str(SUBJECTS.get(kept, kept.replace("_", " ").capitalize()))


def _value(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(_value(name, v) for v in value)
    if isinstance(value, dict):
        return "; ".join(f"{k}: {_value(k, v)}" for k, v in value.items())
    text = str(value)
    if _DIGEST.fullmatch(text):
        return f"{text[:12]}…"
    if _DATE.fullmatch(text):
        with suppress(ValueError):
            return day(date.fromisoformat(text))
    if name == "position":
        return position_label(text)
    if name == "role":
        return role_name(text)
    return str(WORDS.get(text, text))


def _pieces(before: str, after: str) -> tuple[Piece, ...]:
    if not before or not after or max(len(before), len(after)) > COMPARED or " " not in before:
        found = [Piece("del", before)] * bool(before) + [Piece("ins", after)] * bool(after)
        return tuple(found) or (Piece("same", "–"),)
    old, new = before.split(" "), after.split(" ")
    found = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Piece("same", " ".join(old[a:b])))
            continue
        if b > a:
            found.append(Piece("del", " ".join(old[a:b])))
        if d > c:
            found.append(Piece("ins", " ".join(new[c:d])))
    return tuple(found)


def changes(
    before: dict[str, Any] | None, after: dict[str, Any] | None, subject: str = ""
) -> tuple[Change, ...]:
    """What an event changed, field by field, without what stayed or what the subject says."""
    old, new = before or {}, after or {}
    found = []
    for name in dict.fromkeys([*old, *new]):
        was, now = _value(name, old.get(name)), _value(name, new.get(name))
        nothing = not was and not now
        stayed = bool(old and new) and was == now
        told = subject and {was, now} - {""} == {subject} and not (was and now)
        if nothing or stayed or told:
            continue
        label = str(FIELDS.get(name, name.replace("_", " ").capitalize()))
        pieces = (
            _pieces(was, now)
            if old and new
            else (Piece("del" if not new else "same", was or now or "–"),)
        )
        found.append(Change(label, pieces))
    return tuple(found)


def _named(event: AuditEvent, pinned: Pinned | None) -> str:
    """The subject's name where the event or the framework tells it, else its identifier."""
    told = {**(event.before or {}), **(event.after or {})}
    for key in ("title", "name", "email"):
        if told.get(key) and isinstance(told[key], str):
            return str(told[key])
    kept = event.subject_id
    if pinned is None or "/" not in kept:
        return "" if len(kept) == 36 and kept.count("-") == 4 else kept
    parts = kept.split(":", 1)[0].split("/")
    try:
        if len(parts) == 4 and event.subject_kind == "rating":
            return str(pinned.criterion("/".join(parts)).title)
        if len(parts) >= 3:
            theme = pinned.theme("/".join(parts[:3]))
            rest = "/".join(parts[3:])
            return f"{theme.number} {theme.title}" + (f" ({rest})" if rest else "")
        kloe = pinned.kloe("/".join(parts))
        return f"{kloe.label} {kloe.title}"
    except NotFound:
        return kept


def _url(event: AuditEvent) -> str:
    """The page on which the subject is now, where there is one."""
    parts = event.subject_id.split(":", 1)[0].split("/")
    try:
        if event.assessment_id and len(parts) >= 3:
            address = reverse("theme", args=[event.assessment_id, "/".join(parts[:3])])
            if len(parts) == 4:
                prefix = "q" if event.subject_kind == "answer" else "c"
                return f"{address}#{prefix}-{parts[3]}"
            return address
        if event.assessment_id and event.subject_kind == "evidence":
            return reverse("evidence-item", args=[event.assessment_id, UUID(event.subject_id)])
        if event.subject_kind == "assessment":
            return reverse("overview", args=[UUID(event.subject_id)])
        if event.subject_kind == "organisation":
            return reverse("organisation", args=[UUID(event.subject_id)])
    except (NoReverseMatch, ValueError):
        pass
    return ""


def line(event: AuditEvent, pinned: Pinned | None = None) -> Line:
    """An event with everything a page says of it."""
    subject = _named(event, pinned)
    return Line(
        event=event,
        verb=verb(event.verb),
        subject_kind=subject_kind(event.subject_kind),
        subject=subject,
        url=_url(event),
        changes=changes(event.before, event.after, subject),
    )
