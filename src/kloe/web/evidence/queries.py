"""Reading evidence for the pages of criteria: what speaks to a criterion, and what could.

Restricted items show their number and kind to those who may not see them. Every reading here
takes the person's access and blanks what is not for them; without access, all that is
restricted is blank.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kloe.assessment.permissions import Permission
from kloe.assessment.vocabulary import LABELS, Confidentiality, Direction, EvidenceKind
from kloe.core.errors import NotFound
from kloe.core.messages import _ as message
from kloe.frameworks.model import Criterion, Descriptor
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.models import Assessment
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.library import store
from kloe.web.library.store import Pinned
from kloe.web.prepared import Prepared
from kloe.web.sent import MOST_WORDS

RESTRICTED = Confidentiality.RESTRICTED.value
#: Sign and chip of each direction: never colour alone.
SIGNS = {
    Direction.SHOWS.value: ("+", "supports"),
    Direction.OTHERWISE.value: ("−", "contradicts"),
    Direction.CONTEXT.value: ("·", "context"),
}


# Who sees what -------------------------------------------------------------------------------


def may_see(access: AssessmentAccess | None, confidentiality: str, added_by: UUID | None) -> bool:
    """Whether a person sees an item in full: restricted ones need a permission or be theirs."""
    if confidentiality != RESTRICTED:
        return True
    if access is None:
        return False
    return access.may(Permission.EVIDENCE_RESTRICTED) or added_by == access.user.pk


def may_change(access: AssessmentAccess, added_by: UUID | None) -> bool:
    """Whether a person may change an item or link: their own, or with the permission any."""
    if access.may(Permission.EVIDENCE_MANAGE):
        return True
    return access.may(Permission.EVIDENCE_ADD) and added_by == access.user.pk


def hidden_from(access: AssessmentAccess | None) -> Q:
    """The items of which a person sees number and kind only, as a condition on items."""
    if access is not None and access.may(Permission.EVIDENCE_RESTRICTED):
        return Q(pk__in=[])
    hidden = Q(confidentiality=RESTRICTED)
    return hidden if access is None else hidden & ~Q(added_by=access.user.pk)


_BLANK = {
    "origin": "",
    "source": "",
    "text": "",
    "url": "",
    "file_name": "",
    "media_type": "",
    "form": "",
    "period_start": None,
    "period_end": None,
    "file_id": None,
    "added_by_id": None,
    "deleted_reason": "",
}


def veiled(access: AssessmentAccess | None, items: Iterable[EvidenceItem]) -> list[EvidenceItem]:
    """The items as a person may see them: copies to show, never to save.

    Each gets ``hidden``; of a hidden one, number, kind and confidentiality are left.
    """
    shown = []
    for item in items:
        one = copy.copy(item)
        one.hidden = not may_see(access, item.confidentiality, item.added_by_id)  # type: ignore[attr-defined]
        if one.hidden:  # type: ignore[attr-defined]
            one._state = copy.copy(item._state)
            one._state.fields_cache = {}
            one.title = _("Restricted")
            for name, blank in _BLANK.items():
                setattr(one, name, blank)
        shown.append(one)
    return shown


def item_of(assessment: Assessment, pk: UUID) -> EvidenceItem:
    """An item of this assessment, live or deleted, with its file and people.

    :raises NotFound: if this assessment has none.
    """
    found = (
        EvidenceItem.objects.select_related("file", "added_by", "deleted_by")
        .filter(assessment=assessment, pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(
            message("This assessment has no such evidence."),
            "",
            message("Look for it in the list of evidence."),
        )
    return found


def link_of(assessment: Assessment, pk: UUID) -> EvidenceLink:
    """A link of this assessment with its item.

    :raises NotFound: if this assessment has none.
    """
    found = EvidenceLink.objects.select_related("item").filter(assessment=assessment, pk=pk).first()
    if found is None:
        raise NotFound(
            message("This assessment has no such link."),
            "",
            message("Somebody may have removed it. Load the page again."),
        )
    return found


# What speaks to a criterion ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A link as a page shows it."""

    id: UUID
    descriptor: str
    criterion: str
    side: str
    polarity: str
    direction: str
    locator: str
    note: str
    by_id: UUID | None
    item_id: UUID
    number: int
    title: str
    kind: str
    origin: str
    hidden: bool
    url: str

    @property
    def label(self) -> str:
        """E12: how people speak of the item."""
        return f"E{self.number}"

    @property
    def sign(self) -> str:
        return SIGNS[self.direction][0]

    @property
    def chip(self) -> SafeString:
        """The chip of a theme page: direction, side, item and place, built without a template
        since a page shows a hundred."""
        words = _chip_words(get_language() or "")
        title = words["restricted", self.kind] if self.hidden else escape(_short(self.title, 48))
        place = f", {escape(_short(self.locator, 24))}" if self.locator else ""
        sign, way = SIGNS[self.direction]
        # Only title and place are people's words, and both are escaped.
        return SafeString(
            f'<a class="chip" data-dir="{way}" href="{self.url}">'
            f'<span class="dir" aria-hidden="true">{sign}</span>'
            f'<span class="visually-hidden">{words["direction", self.direction]}: </span>'
            f'<span class="muted">{words["side", self.side]}</span>'
            f"<span>E{self.number} {title}{place}</span></a>"
        )

    @property
    def dir(self) -> str:
        """What the chip's ``data-dir`` says."""
        return SIGNS[self.direction][1]


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


@lru_cache(maxsize=8)
def _chip_words(language: str) -> dict[tuple[str, str], str]:
    """The fixed words of a chip in the language of the request."""
    found = {("direction", d.value): str(LABELS[d]) for d in Direction}
    found |= {("side", "upper"): _("upper"), ("side", "lower"): _("lower")}
    for kind in EvidenceKind:
        label = str(LABELS[kind])
        found["restricted", kind.value] = _("%(kind)s, restricted") % {"kind": label}
    return found


@lru_cache(maxsize=1024)
def _library(assessment_id: UUID) -> str:
    return reverse("evidence-list", args=[assessment_id])


_SHOWN = (
    "id",
    "descriptor",
    "criterion",
    "side",
    "polarity",
    "direction",
    "locator",
    "note",
    "by_id",
    "item_id",
    "item__number",
    "item__title",
    "item__kind",
    "item__origin",
    "item__confidentiality",
    "item__added_by_id",
)


def _shown(
    rows: Iterable[Sequence[Any]], assessment: Assessment, access: AssessmentAccess | None
) -> list[ShownLink]:
    library, restricted = _library(assessment.pk), _("Restricted")
    found = []
    for row in rows:
        (pk, descriptor, criterion, side, polarity, direction, locator, note, by) = row[:9]
        item, number, title, kind, origin, confidentiality, added_by = row[9:16]
        hidden = not may_see(access, confidentiality, added_by)
        found.append(
            ShownLink(
                id=pk,
                descriptor=descriptor,
                criterion=criterion,
                side=side,
                polarity=polarity,
                direction=direction,
                locator="" if hidden else locator,
                note="" if hidden else note,
                by_id=by,
                item_id=item,
                number=number,
                title=restricted if hidden else title,
                kind=kind,
                origin="" if hidden else origin,
                hidden=hidden,
                url=f"{library}{item}/",
            )
        )
    return found


def _live_links(assessment: Assessment) -> QuerySet[EvidenceLink]:
    return EvidenceLink.objects.filter(assessment=assessment, item__deleted_at=None)


@lru_cache(maxsize=8)
def _links_of_theme(per_criterion: int) -> Prepared:
    return Prepared(
        lambda assessment, theme: (
            EvidenceLink.objects.filter(assessment=assessment, item__deleted_at=None, theme=theme)
            .annotate(
                place=Window(RowNumber(), partition_by=F("criterion"), order_by=["at", "id"]),
                total=Window(Count("id"), partition_by=F("criterion")),
            )
            .filter(place__lte=per_criterion)
            .order_by("criterion", "place")
            .values_list(*_SHOWN, "total")
        ),
        UUID,
        str,
    )


def links_for_theme(
    assessment: Assessment,
    theme_id: str,
    per_criterion: int = 5,
    *,
    access: AssessmentAccess | None = None,
) -> dict[str, tuple[list[ShownLink], int]]:
    """The first links of each criterion of a theme, and how many it has: one query.

    Criteria without evidence are left out.
    """
    rows = _links_of_theme(per_criterion)(assessment.pk, theme_id)
    totals = {row[2]: row[-1] for row in rows}
    found: dict[str, list[ShownLink]] = {}
    for shown in _shown(rows, assessment, access):
        found.setdefault(shown.criterion, []).append(shown)
    return {criterion: (links, totals[criterion]) for criterion, links in found.items()}


def links_of_criterion(
    assessment: Assessment,
    criterion: str,
    *,
    access: AssessmentAccess | None = None,
    first: int = 0,
    count: int | None = None,
) -> tuple[list[ShownLink], int]:
    """Links of one criterion in the order they were made, and how many there are: two queries."""
    links = _live_links(assessment).filter(criterion=criterion).order_by("at", "id")
    part = links[first : first + count] if count is not None else links[first:]
    shown = _shown(part.values_list(*_SHOWN), assessment, access)
    if count is None and not first:
        return shown, len(shown)
    return shown, links.count()


# What could speak to it ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """An item that speaks to the same aspect elsewhere, and what taking it over would say."""

    link: ShownLink
    #: The descriptor here that answers to the one there.
    descriptor: Descriptor
    #: The criterion the item is linked to.
    there: Criterion

    @property
    def field(self) -> str:
        """Name of the direction's field in the form of the criterion."""
        return direction_field(self.descriptor)


def direction_field(descriptor: Descriptor) -> str:
    """Name of the field that holds what is said of a descriptor."""
    return f"direction-{descriptor.id.rpartition('/')[2]}"


def _counterpart(criterion: Criterion, there: Criterion, descriptor: str) -> Descriptor | None:
    """The descriptor here that says what one elsewhere says: the same words, else its place."""
    source = next((d for d in there.descriptors if d.id == descriptor), None)
    if source is None:
        return None
    same = [d for d in criterion.descriptors if d.text == source.text and d.side == source.side]
    if same:
        return same[0]
    here, others = getattr(criterion, source.side), getattr(there, source.side)
    if len(here) == len(others):
        return here[others.index(source)]
    return here[0] if len(here) == 1 else None


def offered_by_common(
    assessment: Assessment,
    criterion: Criterion,
    *,
    access: AssessmentAccess | None = None,
    pinned: Pinned | None = None,
    most: int = 20,
) -> list[Offer]:
    """Items linked to the same common criterion in other themes and not here yet.

    What they say is offered; a placing never is.
    """
    if criterion.common is None:
        return []
    pinned = pinned or store.pinned(assessment)
    others = {
        c.id: c
        for framework in pinned.frameworks
        for c in framework.sharing(criterion.common)
        if c.id != criterion.id
    }
    if not others:
        return []
    here = _live_links(assessment).filter(criterion=criterion.id).values("item")
    links = (
        _live_links(assessment)
        .filter(criterion__in=list(others))
        .exclude(item__in=here)
        .order_by("at", "id")
    )
    offers: dict[tuple[UUID, str], Offer] = {}
    for shown in _shown(links.values_list(*_SHOWN), assessment, access):
        there = others[shown.criterion]
        descriptor = _counterpart(criterion, there, shown.descriptor)
        if shown.hidden or descriptor is None:
            continue
        offers.setdefault((shown.item_id, descriptor.id), Offer(shown, descriptor, there))
        if len(offers) == most:
            break
    return list(offers.values())


@dataclass(frozen=True, slots=True)
class Choice:
    """An item that can be chosen for a criterion."""

    item: EvidenceItem
    chosen: bool
    here: bool


def choices_for(
    assessment: Assessment,
    criterion: str,
    words: str,
    *,
    access: AssessmentAccess,
    chosen: Iterable[UUID] = (),
    most: int = 20,
) -> tuple[list[Choice], int]:
    """Items to choose from, those already chosen first; and how many there are in all."""
    ticked = set(chosen)
    live = EvidenceItem.objects.filter(assessment=assessment, deleted_at=None).exclude(
        hidden_from(access)
    )
    found = live.filter(matching(words)).exclude(pk__in=ticked).order_by("-number")
    here = set(_live_links(assessment).filter(criterion=criterion).values_list("item", flat=True))
    items = [*(live.filter(pk__in=ticked).order_by("-number") if ticked else ()), *found[:most]]
    total = found.count() + len(ticked)
    return [Choice(i, i.pk in ticked, i.pk in here) for i in items], total


def matching(words: str) -> Q:
    """Items in whose number, title, source, text, address or file name every word occurs."""
    condition = Q()
    for word in words[:MOST_WORDS].split()[:12]:
        one = Q()
        for name in ("title", "source", "text", "url", "file_name"):
            one |= Q(**{f"{name}__icontains": word})
        number = word.removeprefix("E").removeprefix("e")
        if number.isascii() and number.isdigit() and len(number) < 9:
            one |= Q(number=int(number))
        condition &= one
    return condition
