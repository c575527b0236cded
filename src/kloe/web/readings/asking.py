"""Asking for blind second readings: what is proposed and why, the random sample, who is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any
from uuid import UUID

from django.db import transaction

from kloe.assessment import readings as rules
from kloe.assessment.permissions import ROLE_PERMISSIONS, Permission, Role
from kloe.assessment.vocabulary import Direction
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import Message, _
from kloe.frameworks.model import Criterion, Theme
from kloe.measures.outlook import Aim
from kloe.records import sampling
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, CriterionState, Participation, Rating, ThemeWork
from kloe.web.indicators.models import ComputedPlacing
from kloe.web.inspections.actions import trace
from kloe.web.inspections.models import BroughtTheme
from kloe.web.library.store import Pinned
from kloe.web.organisations.models import Membership
from kloe.web.readings.models import BlindRequest, Calibration, Opening, Reading

_RATERS = tuple(r.value for r in Role if Permission.RATE in ROLE_PERMISSIONS[r])


def raters(assessment: Assessment) -> list[User]:
    """Who may rate in an inspection, by name: two queries."""
    parts = dict(Participation.objects.filter(assessment=assessment).values_list("user", "role"))
    members = dict(
        Membership.objects.filter(organisation=assessment.organisation_id).values_list(
            "user", "role"
        )
    )
    # A role in the team decides alone.
    may = [who for who, role in {**members, **parts}.items() if role in _RATERS]
    return sorted(User.objects.filter(pk__in=may), key=lambda u: str(u).casefold())


# What is proposed ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposal:
    """A criterion for which a second reading is proposed, or was asked for."""

    criterion: Criterion
    reasons: tuple[str, ...]
    asked: list[BlindRequest]
    pinned: Pinned

    @property
    def words(self) -> list[str]:
        """Why, in sentences."""
        return [words_of(self.pinned, reason) for reason in self.reasons]


@dataclass(frozen=True)
class ThemeProposal:
    """A theme read by two, with what is proposed of it."""

    theme: Theme
    work: ThemeWork
    opened: bool
    proposals: list[Proposal]

    @property
    def open_ones(self) -> list[Proposal]:
        """Those nobody is asked for yet."""
        return [p for p in self.proposals if not p.asked]


def words_of(pinned: Pinned, reason: str) -> str:
    """A reason as a sentence; a limit with its own words."""
    why, _colon, which = reason.partition(":")
    if why == rules.Why.LIMIT:
        for framework in pinned.frameworks:
            for limit in framework.rules.limits:
                if limit.id == which:
                    return str(Message("It carries a limit: %(why)s", why=str(limit.reason)))
    return str(rules.words_of(reason))


def limits_of(pinned: Pinned) -> dict[str, str]:
    """Criteria that carry a limit, with its identifier."""
    return {
        limit.of: limit.id
        for framework in pinned.frameworks
        for limit in framework.rules.limits
        if limit.kind == "criterion"
    }


def _facts(assessment: Assessment, themes: list[Theme]) -> dict[str, rules.Facts]:
    """What is known of every criterion without asking its readers: four queries."""
    contradicted = set(
        CriterionState.objects.filter(assessment=assessment, contradicted=True).values_list(
            "criterion", flat=True
        )
    )
    ours = dict(
        Rating.objects.filter(assessment=assessment, author=None).values_list(
            "criterion", "position"
        )
    )
    theirs: dict[str, Mapping[str, Any]] = {}
    for content in BroughtTheme.objects.filter(assessment=assessment).values_list(
        "content", flat=True
    ):
        theirs |= content.get("criteria") or {}
    aims: dict[str, list[str]] = defaultdict(list)
    for name, aim in (
        ComputedPlacing.objects.filter(assessment=assessment)
        .exclude(criterion="")
        .exclude(bearing=Direction.CONTEXT.value)
        .values_list("criterion", "summary__aim")
    ):
        aims[name].append(aim)
    found = {}
    for theme in themes:
        for criterion in theme.criteria:
            said = theirs.get(criterion.id) or {}
            found[criterion.id] = rules.Facts(
                form=criterion.form,
                theirs=said.get("position", ""),
                ours=ours.get(criterion.id, ""),
                on=aims[criterion.id].count(Aim.ON),
                off=aims[criterion.id].count(Aim.OFF),
                contradicted=criterion.id in contradicted,
                theirs_contradicted=bool(said.get("contradicted")),
            )
    return found


def proposals(assessment: Assessment, pinned: Pinned) -> list[ThemeProposal]:
    """Per theme read by two, the criteria worth a second reading and why: eight queries."""
    works = list(
        assessment.themes.filter(in_scope=True)
        .exclude(lead=None)
        .exclude(second=None)
        .select_related("lead", "second")
    )
    opened = set(Opening.objects.filter(assessment=assessment).values_list("theme", flat=True))
    asked: dict[str, list[BlindRequest]] = defaultdict(list)
    for one in BlindRequest.objects.filter(assessment=assessment).select_related("reader"):
        asked[one.criterion].append(one)
    themes = [pinned.theme(w.theme) for w in works]
    facts = _facts(assessment, themes)
    draw = Calibration.objects.filter(assessment=assessment).first()
    limits = limits_of(pinned)
    found = []
    for work, theme in zip(works, themes, strict=True):
        why = rules.reasons(
            {c.id: facts[c.id] for c in theme.criteria},
            limits=limits,
            sampled=draw.criteria if draw else (),
        )
        lines = []
        for criterion in theme.criteria:
            # What was asked for keeps the reasons it was asked for.
            kept = list(dict.fromkeys(r for one in asked[criterion.id] for r in one.reasons))
            reasons = tuple(kept) or why.get(criterion.id, ())
            if asked[criterion.id] or (reasons and theme.id not in opened):
                lines.append(Proposal(criterion, reasons, asked[criterion.id], pinned))
        found.append(ThemeProposal(theme, work, theme.id in opened, lines))
    return found


# The sample ----------------------------------------------------------------------------------


@transaction.atomic
def draw(
    *, assessment: Assessment, pinned: Pinned, share: int, by: User, seed: str = ""
) -> Calibration:
    """Draw criteria at random from the themes read by two that are not open. Each draw is kept.

    :param share: of a hundred; rounded up.
    :param seed: where an earlier draw is repeated; else nobody chooses it.
    :raises InvalidInput: for no share, or where there is nothing to draw from.
    """
    if not 1 <= share <= 100:
        raise InvalidInput(
            _("A share of %(share)d per cent.", share=share),
            _("Between 1 and 100 of a hundred criteria are drawn."),
            _("Usual is %(usual)d.", usual=rules.USUAL_SHARE),
        )
    opened = Opening.objects.filter(assessment=assessment).values("theme")
    works = (
        assessment.themes.filter(in_scope=True)
        .exclude(lead=None)
        .exclude(second=None)
        .exclude(theme__in=opened)
    )
    frame = [c.id for w in works for c in pinned.theme(w.theme).criteria]
    if not frame:
        raise InvalidInput(
            _("There is nothing to draw from."),
            _("Criteria are drawn from themes with a lead and a second reader, until they open."),
            _("Name the readers of themes in the plan of enquiry first."),
        )
    sample = sampling.draw(
        frame, ceil(len(frame) * share / 100), seed=seed or sampling.new_seed(), frame="criteria"
    )
    row = Calibration.objects.create(
        assessment=assessment,
        share=share,
        sample=sample.as_dict(),
        criteria=sorted(sample.refs),
        by=by,
    )
    trace(
        assessment, by, "drew calibration sample", kind="reading", subject=str(row.pk),
        after={"share": share, "criteria": len(row.criteria), "seed": sample.seed},
    )  # fmt: skip
    return row


# Asking --------------------------------------------------------------------------------------


@transaction.atomic
def ask(
    *, assessment: Assessment, pinned: Pinned, wanted: Mapping[str, UUID], by: User
) -> list[BlindRequest]:
    """Ask people to rate criteria unseen; what was asked already is left as it is.

    :param wanted: by criterion, who is asked.
    :raises NotFound: for a criterion no second reading is proposed of.
    :raises InvalidInput: for somebody who may not rate, or leads the theme.
    """
    known = {
        p.criterion.id: (t, p)
        for t in proposals(assessment, pinned)
        if not t.opened
        for p in t.proposals
    }
    people = {u.pk: u for u in raters(assessment)}
    made = []
    for criterion, who in wanted.items():
        if criterion not in known:
            raise NotFound(
                _("No second reading is proposed of %(id)s.", id=criterion[:160]),
                _("Proposed is what carries a limit, is contested or was drawn, until it opens."),
                _("Load the page again and choose from the list."),
            )
        theme, proposal = known[criterion]
        if who not in people:
            raise InvalidInput(
                _("Somebody who was chosen may not rate here."),
                _("Lead inspectors and inspectors of the team rate."),
                _("Choose somebody from the list."),
            )
        if who == theme.work.lead_id:
            raise InvalidInput(
                _(
                    "%(who)s leads the theme %(number)s.",
                    who=str(people[who]),
                    number=theme.theme.number,
                ),
                _("A second reading is made by somebody else."),
                _("Choose its second reader, or another inspector."),
            )
        if any(one.reader_id == who for one in proposal.asked):
            continue
        row = BlindRequest.objects.create(
            assessment=assessment,
            criterion=criterion,
            theme=theme.theme.id,
            reader=people[who],
            reasons=list(proposal.reasons),
            asked_by=by,
        )
        # Whoever was done has something to rate again.
        Reading.objects.filter(assessment=assessment, theme=theme.theme.id, reader=who).delete()
        trace(
            assessment, by, "asked for blind reading", kind="reading", subject=criterion,
            after={"reader": str(people[who]), "why": list(proposal.reasons)},
        )  # fmt: skip
        made.append(row)
    return made


@transaction.atomic
def take_back(*, assessment: Assessment, pk: UUID, by: User) -> None:
    """Take a request back, as long as its theme is not open.

    :raises NotFound: if there is none such.
    :raises InvalidInput: if it was given or can no longer be.
    """
    row = (
        BlindRequest.objects.select_for_update(of=("self",))
        .filter(assessment=assessment, pk=pk)
        .select_related("reader")
        .first()
    )
    if row is None:
        raise NotFound(
            _("There is no such request."),
            _("It may have been taken back meanwhile."),
            _("Load the page again."),
        )
    if Opening.objects.filter(assessment=assessment, theme=row.theme).exists():
        raise InvalidInput(
            _("The readings of this theme are open."),
            _("What was asked for stays in the record."),
            _("There is nothing left to take back."),
        )
    row.delete()
    trace(
        assessment, by, "took back blind reading", kind="reading", subject=row.criterion,
        after={"reader": str(row.reader)},
    )  # fmt: skip
