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
from django.utils.translation import gettext as _

from kloe.core.errors import NotFound
from kloe.web.audit.models import AuditEvent
from kloe.web.audit.words import FIELDS, SUBJECTS, VERBS
from kloe.web.library.store import Pinned
from kloe.web.organisations.models import Organisation
from kloe.web.site.wording import WORDS, day, period, position_label, role_name

#: Words of an organisation, which the vocabulary of assessments does not have.
_KINDS = {**dict(Organisation.Kind.choices), **dict(Organisation.Jurisdiction.choices)}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
#: Subjects that are shown on the page of a check.
_CHECKS = frozenset({"check", "check entry", "check outcome"})
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


#: An identifier of a framework: its name, a KLOE's number, and what is within.
_IDENTIFIER = re.compile(r"[a-z][a-z0-9-]*/\d[\d.]*(/[\w.-]+)*")


def _identified(kept: str, pinned: Pinned | None) -> str:
    """The name of what a framework's identifier means; the identifier itself where unknown."""
    if pinned is None or not _IDENTIFIER.fullmatch(kept):
        return kept
    parts = kept.split("/")
    try:
        if len(parts) == 2:
            kloe = pinned.kloe(kept)
            return f"{kloe.label} {kloe.title}"
        theme = pinned.theme("/".join(parts[:3]))
        if len(parts) == 3:
            return f"{theme.number} {theme.title}"
        for criterion in theme.criteria:
            if criterion.key == parts[3]:
                side = "" if len(parts) < 5 else f" ({parts[4]})"
                return f"{theme.number} {criterion.title}{side}"
        return f"{theme.number} {theme.title} ({'/'.join(parts[3:])})"
    except NotFound:
        return kept


def _label(name: str, pinned: Pinned | None) -> str:
    if name in FIELDS:
        return str(FIELDS[name])
    if re.fullmatch(r"[a-z_ ]+", name):
        return name.replace("_", " ").capitalize()
    return _identified(name, pinned)


def _value(name: str, value: Any, pinned: Pinned | None = None) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "period" and isinstance(value, list | tuple) and len(value) == 2:
        with suppress(TypeError, ValueError):
            return period([date.fromisoformat(v) for v in value])
    if isinstance(value, list | tuple):
        return ", ".join(_value(name, v, pinned) for v in value)
    if isinstance(value, dict):
        said = ((_label(k, pinned), _value(k, v, pinned)) for k, v in value.items())
        return "; ".join(f"{label}: {text}" for label, text in said if text)
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
    return str(WORDS.get(text) or _KINDS.get(text) or _identified(text, pinned))


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
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    subject: str = "",
    pinned: Pinned | None = None,
) -> tuple[Change, ...]:
    """What an event changed, field by field, without what stayed or what the subject says."""
    old, new = before or {}, after or {}
    found = []
    for name in dict.fromkeys([*old, *new]):
        was = _value(name, old.get(name), pinned)
        now = _value(name, new.get(name), pinned)
        nothing = not was and not now
        stayed = bool(old and new) and was == now
        told = subject and {was, now} - {""} == {subject} and not (was and now)
        if nothing or stayed or told:
            continue
        pieces = (
            _pieces(was, now)
            if old and new
            else (Piece("del" if not new else "same", was or now or "–"),)
        )
        found.append(Change(_label(name, pinned), pieces))
    return tuple(found)


def _named(event: AuditEvent, pinned: Pinned | None) -> str:
    """The subject's name where the event or the framework tells it, else its identifier."""
    told = {**(event.before or {}), **(event.after or {})}
    for key in ("title", "name", "email"):
        if told.get(key) and isinstance(told[key], str):
            return str(told[key])
    kept = _whole(event.subject_id)
    with suppress(ValueError):
        UUID(kept)
        return ""
    return _identified(kept, pinned)


def _whole(subject: str) -> str:
    """The identifier in a subject, without the row a ``|`` adds to it."""
    return subject.split("|", 1)[0]


def _url(event: AuditEvent) -> str:
    """The page on which the subject is now, where there is one."""
    parts = _whole(event.subject_id).split("/")
    try:
        if event.assessment_id and event.subject_kind == "text":
            return reverse("text", args=[event.assessment_id, event.subject_id])
        if event.assessment_id and len(parts) == 2:
            return reverse("kloe-judgement", args=[event.assessment_id, "/".join(parts)])
        if event.assessment_id and len(parts) >= 3:
            address = reverse("theme", args=[event.assessment_id, "/".join(parts[:3])])
            if len(parts) == 4:
                prefix = "q" if event.subject_kind == "answer" else "c"
                return f"{address}#{prefix}-{parts[3]}"
            return address
        if event.assessment_id and event.subject_kind == "evidence":
            return reverse("evidence-item", args=[event.assessment_id, UUID(event.subject_id)])
        if event.assessment_id and event.subject_kind in _CHECKS:
            return reverse("check", args=[event.assessment_id, UUID(_whole(event.subject_id))])
        if event.assessment_id and event.subject_kind == "urgent risk":
            return reverse("risk", args=[event.assessment_id, UUID(event.subject_id)])
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
        changes=changes(event.before, event.after, subject, pinned),
    )
