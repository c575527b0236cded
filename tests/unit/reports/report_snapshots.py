"""Realistic snapshots of an invented landlord, made from the frameworks with a seeded draw.

Everything is deterministic: the same arguments give an equal snapshot.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from kloe.assessment import snapshot as s
from kloe.assessment.positions import BESIDES, PLACINGS, SHADES, Position
from kloe.assessment.snapshot_filling import edition_of, scales_of
from kloe.core.messages import Message, Text
from kloe.core.periods import Period
from kloe.frameworks.model import Framework, Theme

TAKEN = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)
START, END = date(2025, 4, 1), date(2026, 3, 31)
KINDS = ("document", "data", "observation", "testimony", "tenant voice")
ORIGIN = {
    "document": "landlord",
    "data": "system",
    "observation": "inspector",
    "testimony": "landlord",
    "tenant voice": "tenant",
}
REASONS = (
    "Staff could describe it and the procedure says it, but of {n} files read {m} lacked a dated "
    "record. The last internal audit said the same.",
    "Seen to work in both area offices. Tenants on the panel recognised it without prompting.",
    "The standard is written down and published; nobody measures it, so how often it is met is "
    "not known.",
    "Works well in the north of the area and hardly at all in the two schemes taken over in 2023.",
    "The figures say so for every quarter of the year, and the {n} cases drawn at random bear "
    "them out.",
    "What the policy promises and what tenants told the survey do not fit together yet.",
)
ANSWERS = (
    "For most people, yes. Letters and the website say plainly what to expect, and the service "
    "centre answers within its own standard. Outside office hours the service falls back to "
    "emergencies only.",
    "In part. The arrangements are sound on paper and known to staff, but they are not followed "
    "the same way in every team, and what is learned in one is not passed to the others.",
    "Better than two years ago. A named manager holds the budget and reports each quarter; the "
    "reports reach the board, the tenants' panel and the staff who do the work.",
    "Not yet. The information is collected but nobody brings it together, so that the service "
    "cannot say who is left out or why.",
)
STRENGTHS = (
    "People who call are answered by somebody who knows the service and stays with the matter "
    "until it is settled.",
    "Tenants helped to write the standards and see each quarter how far they were met.",
    "Cases are followed up by a named officer, and the records show it.",
)
FAULTS = (
    "What happened after the first contact is often not recorded, so that nobody can tell how "
    "long people wait.",
    "Costs are known in total and not by service, and nobody compares them with what others pay.",
    "The needs that people told us about are not passed to those who visit their homes.",
)
TODO = (
    "Record each contact about {theme} and its outcome in the one system, and report every month "
    "how long people waited, from April 2027.",
    "Set out the cost of {theme} and compare it with ten similar landlords by March 2027.",
    "Show vulnerability and language needs on every job sheet, with the tenant's consent.",
)
PRACTICE = (
    "A tenant inspector joins each empty home's final check and signs it off; other landlords "
    "have asked to copy the form.",
)
TITLES = {
    "document": (
        "Repairs policy",
        "Allocations procedure",
        "Minutes of the tenants' panel",
        "Service standards leaflet",
        "Internal audit of lettings",
    ),
    "data": (
        "Arrears by cause, monthly",
        "Jobs past target",
        "Contacts answered in standard",
        "Re-let times by scheme",
        "Complaints by stage",
    ),
    "observation": (
        "Estate walkabout, Glan-yr-afon",
        "Visit to recent repairs",
        "Call listening, twenty calls",
    ),
    "testimony": (
        "Interview with the head of income",
        "Interview with caretakers",
        "Focus group of front-line staff",
    ),
    "tenant voice": (
        "Focus group of tenants in sheltered housing",
        "Tenants' survey",
        "Leaseholders' forum notes",
    ),
}
MEASURES = (
    ("TP01", "Satisfied with the landlord overall", "%", "higher"),
    ("TP02", "Satisfied with the repairs service", "%", "higher"),
    ("TP03", "Satisfied with time taken for the latest repair", "%", "higher"),
    ("TP04", "Satisfied that the home is well maintained", "%", "higher"),
    ("TP05", "Satisfied that the home is safe", "%", "higher"),
    ("TP06", "Satisfied that the landlord listens and acts", "%", "higher"),
    ("TP08", "Agree that the landlord treats them fairly", "%", "higher"),
    ("RP01", "Homes below the Decent Homes Standard", "%", "lower"),
    ("RP02-1", "Non-emergency repairs in target time", "%", "higher"),
    ("BS01", "Homes with gas safety checks done", "%", "higher"),
    ("NM01-1", "Anti-social behaviour cases per 1,000 homes", "per 1,000", "none"),
    ("CH01-1", "Stage 1 complaints per 1,000 homes", "per 1,000", "none"),
)


def all_of(kind: type, value: Any) -> Iterator[Any]:
    """Every value of a class in a tree of frozen dataclasses and tuples, in order."""
    if isinstance(value, kind):
        yield value
    if isinstance(value, tuple):
        for item in value:
            yield from all_of(kind, item)
    elif is_dataclass(value):
        for f in fields(value):
            yield from all_of(kind, getattr(value, f.name))


def snapshot_of(
    frameworks: Sequence[Framework],
    *,
    seed: int = 20261112,
    evidence: int = 300,
    final: bool = False,
    invented: bool = True,
    only: frozenset[str] | None = None,
) -> s.Snapshot:
    """An assessment of all themes of these frameworks but two, well under way.

    :param only: numbers of the lines of enquiry wanted, where not all are.
    """
    maker = _Maker(frameworks, random.Random(seed), evidence, final, invented)
    return maker.snapshot(only)


class _Maker:
    def __init__(
        self,
        frameworks: Sequence[Framework],
        rng: random.Random,
        evidence: int,
        final: bool,
        invented: bool,
    ) -> None:
        self.frameworks, self.rng, self.final, self.invented = frameworks, rng, final, invented
        self.evidence = tuple(self._item(n) for n in range(1, evidence + 1))
        self.open = [e.number for e in self.evidence if not e.restricted]
        self.findings: list[s.Finding] = []
        self.judgements: list[s.Judgement] = []

    def snapshot(self, only: frozenset[str] | None = None) -> s.Snapshot:
        scales = tuple(x for f in self.frameworks for x in scales_of(f))
        self.scales = {(x.framework, x.judgement): x for x in scales}
        self.leading = next((f for f in self.frameworks if f.leading), self.frameworks[0])
        kloes = tuple(
            self._kloe(f, k)
            for f in self.frameworks
            for k in f.kloes
            if only is None or k.number in only
        )
        for key in ("service", "prospects"):
            scale = self.scales.get((self.leading.id, key))
            if scale:
                self._judge(key, key, scale, 2 if key == "service" else 3, "agreed")
        return s.Snapshot(
            taken_at=TAKEN,
            organisation=s.Organisation(
                "Tai Porth Arian", "Housing association", "wales", 6412, "", self.invented
            ),
            assessment=s.Assessment(
                id="0192f3c2-0000-7000-8000-000000000001",
                kind="self-assessment",
                title="Self-assessment 2025/26",
                period_start=START,
                period_end=END,
                lead="Gwen Prosser",
                conducted_by="Tai Porth Arian",
                final_at=TAKEN if self.final else None,
                editions=tuple(self._edition(f) for f in self.frameworks),
            ),
            scales=scales,
            kloes=kloes,
            context=s.ContextRecord(
                baseline="Formed in 2009 from two council transfers. The last inspection, in 2019, "
                "judged repairs satisfactory and involvement good.",
                stock="6,412 homes in four valleys: two thirds built before 1945, a tenth in 14 "
                "sheltered schemes. 88 homes have solid-fuel heating.",
                area="Incomes are a fifth below the average for Wales; one household in six has "
                "nobody in work. Welsh is the first language of a third of tenants.",
                constraints="The planned works programme was cut by £2.1 million in 2024 after the "
                "cladding works at Tŵr Gwyn.",
                policy_choices="The board keeps rents in the lowest quarter in Wales and holds "
                "evictions for arrears to cases of refusal to pay.",
            ),
            known=self._known(kloes),
            findings=tuple(self.findings),
            judgements=tuple(self.judgements),
            prospects=self._prospects(),
            indicators=tuple(self._indicators(kloes)),
            evidence=self.evidence,
        )

    def _edition(self, f: Framework) -> s.Edition:
        return edition_of(f, leading=f is self.leading)

    def _item(self, n: int) -> s.EvidenceItem:
        kind = self.rng.choice(KINDS)
        if n % 37 == 0:
            return s.EvidenceItem.withheld(n, kind)
        start = START + timedelta(days=self.rng.randrange(300))
        return s.EvidenceItem(
            number=n,
            kind=kind,
            title=f"{self.rng.choice(TITLES[kind])}, {start:%B %Y}",
            origin=ORIGIN[kind],
            form=self.rng.choice(("file", "file", "link", "note")),
            period_start=start,
            period_end=min(END, start + timedelta(days=60)),
            source=self.rng.choice(("Housing system", "Policy team", "Tenants' panel", "")),
            confidentiality=self.rng.choice(("open", "internal")),
            digest=f"{self.rng.getrandbits(256):064x}",
        )

    def _kloe(self, f: Framework, k: object) -> s.Kloe:
        scale = self.scales[(f.id, k.judgement)]
        themes = tuple(self._theme(t, scale) for t in k.themes)
        if k.judgement == "service":
            self._judge(k.id, "kloe", scale, self.rng.choice((2, 2, 3, 3, 4)), "proposed")
        for q in k.main_questions:
            self._judge(q.id, "main question", scale, self.rng.choice((2, 3)), "agreed")
        return s.Kloe(
            k.id,
            f.id,
            k.label,
            k.title,
            k.judgement,
            themes,
            k.about,
            tuple(s.MainQuestion(q.id, q.title, q.text, q.themes) for q in k.main_questions),
        )

    def _theme(self, t: Theme, scale: s.Scale) -> s.Theme:
        scoped = t.number not in {"1.5/7", "2.2/9"}
        rng = self.rng
        questions = tuple(
            s.Question(
                q.id,
                q.text,
                rng.choice((*ANSWERS, *ANSWERS, "")),
                tuple(sorted(rng.sample(self.open, rng.randrange(3)))),
                tuple(
                    s.DetailedAnswer(d.text, rng.choice(ANSWERS) if rng.random() < 0.3 else "")
                    for d in t.detailed_questions
                    if d.question == q.id
                ),
            )
            for q in t.questions
        )
        criteria = tuple(self._criterion(c) for c in t.criteria)
        if scoped:
            self._conclude(t, criteria, scale)
        return s.Theme(
            t.id,
            t.number,
            t.title,
            t.strand,
            questions,
            criteria,
            t.main_question,
            scoped,
            "" if scoped else "Looked at in depth by the auditors in January 2026.",
            rng.choice(("Gwen Prosser", "Huw Tŷ-Isaf", "Aisha Khan")),
        )

    def _criterion(self, c: object) -> s.Criterion:
        rng = self.rng
        placings = PLACINGS[c.form]
        draw = rng.random()
        position = (
            ""
            if draw < 0.12
            else rng.choice(BESIDES).value
            if draw < 0.2
            else rng.choices(placings, (3, 4, 4, 1)[: len(placings)])[0].value
        )
        links = []
        for number in sorted(
            rng.sample(range(1, len(self.evidence) + 1), rng.choice((0, 1, 1, 2, 3)))
        ):
            d = rng.choice(c.descriptors)
            item = self.evidence[number - 1]
            direction = rng.choices(("shows this", "shows otherwise", "context"), (6, 2, 1))[0]
            agrees = None if direction == "context" or not position else rng.random() < 0.85
            links.append(
                s.LinkedEvidence(
                    number,
                    d.id,
                    d.side,
                    direction,
                    ""
                    if item.restricted
                    else rng.choice(("", "p. 6", "rows 14 to 30", "minute 7")),
                    "",
                    agrees,
                )
            )
        kinds = tuple(sorted({self.evidence[x.number - 1].kind for x in links}))
        asked = {d.decisive for d in c.descriptors if d.decisive}
        reason = rng.choice(REASONS).format(n=rng.randrange(10, 40), m=rng.randrange(2, 9))
        return s.Criterion(
            id=c.id,
            title=c.title,
            form=c.form,
            descriptors=tuple(
                s.Descriptor(d.id, d.side, d.text, d.sources, d.polarity, d.nature, d.decisive)
                for d in c.descriptors
            ),
            position=position,
            reason=reason if position else "",
            evidence=tuple(links),
            triangulation=s.Triangulation(
                kinds,
                tuple(sorted({ORIGIN[k] for k in kinds})),
                len(kinds) > 1 and len({ORIGIN[k] for k in kinds}) > 1,
                tuple(sorted(asked - set(kinds))),
            ),
            contradicted=any(x.agrees is False for x in links),
            questions=c.questions,
            weighs=c.weighs,
        )

    def _conclude(self, t: Theme, criteria: tuple[s.Criterion, ...], scale: s.Scale) -> None:
        rng = self.rng
        shades = [SHADES[Position(c.position)] for c in criteria if c.placed]
        if shades and rng.random() < 0.9:
            rank = min(4, max(1, round(sum(shades) / len(shades))))
            self._judge(t.id, "theme", scale, rank, "proposed")
        chosen = [c.id for c in criteria if c.placed]
        for kind, pool, most in (
            ("strength", STRENGTHS, 2),
            ("area for improvement", FAULTS, 2),
            ("positive practice", PRACTICE, 1),
        ):
            improve = kind == "area for improvement"
            for n in rng.sample(range(len(pool)), rng.randrange(most + 1)):
                self.findings.append(
                    s.Finding(
                        f"f{len(self.findings) + 1}",
                        t.id,
                        kind,
                        pool[n],
                        tuple(chosen[:1]),
                        tuple(sorted(rng.sample(self.open, 2))),
                        TODO[n].format(theme=str(t.title).lower()) if improve else "",
                        rng.choice(("high", "medium", "medium", "low")) if improve else "",
                    )
                )

    def _judge(self, subject: str, kind: str, scale: s.Scale, rank: int, stage: str) -> None:
        grade = scale.grades[len(scale.grades) - rank]
        lower = scale.grades[len(scale.grades) - max(1, rank - 1)]
        suggested = self.rng.choice((grade, grade, lower))
        self.judgements.append(
            s.Judgement(
                subject,
                kind,
                stage,
                grade,
                len(scale.grades),
                "What tenants get is sound and in places very good. Records and comparison lag "
                "behind, so that not everything said here could be shown.",
                "Gwen Prosser",
                date(2026, 10, 30),
                s.Suggestion(
                    suggested,
                    (Message("Half of the placings reach the upper column."),),
                    (Message("%(n)d criteria stand at the lower column.", n=3),),
                    (Message("None is worse than the lower column."),),
                ),
                "kept" if suggested is grade else "changed",
            )
        )
        if kind in {"kloe", "service"} and self.rng.random() < 0.3:
            self.judgements.append(
                s.Judgement(
                    subject,
                    kind,
                    "dissent",
                    lower,
                    len(scale.grades),
                    "One assessor holds that the backlog alone should decide.",
                    "Aisha Khan",
                    date(2026, 10, 31),
                )
            )

    def _known(self, kloes: tuple[s.Kloe, ...]) -> tuple[s.KnownFact, ...]:
        first = kloes[0].themes[0].id
        return (
            s.KnownFact(
                "regulator's judgement",
                date(2026, 2, 3),
                "Housing regulator",
                "Compliant for governance; the regulator asked for better stock data.",
                "https://example.org/judgement?a=1&b=2",
                (first,),
                "neutral",
            ),
            s.KnownFact(
                "Ombudsman determination",
                date(2025, 11, 18),
                "Ombudsman 202503411",
                "Maladministration in handling of damp: 11 months from report to cure.",
                "",
                (),
                "against",
            ),
            s.KnownFact(
                "audit",
                date(2025, 9, 1),
                "Internal audit",
                "Substantial assurance on gas safety.",
                "",
                (),
                "for",
            ),
        )

    def _prospects(self) -> s.Prospects:
        words = ("yes", "in part", "no")
        return s.Prospects(
            tuple(
                s.Weakness(
                    f.text,
                    f.theme,
                    i % 4 == 0,
                    self.rng.choice(words),
                    self.rng.choice(words),
                    self.rng.choice((*words, "")),
                    "The plan names an owner and a date." if i % 3 == 0 else "",
                )
                for i, f in enumerate(
                    [f for f in self.findings if f.kind == "area for improvement"][:9]
                )
            ),
            (
                "A new chief executive and a board that asks for proof.",
                "One housing system in place of three since June 2025.",
            ),
            ("The repairs contract runs to 2028 and pays for jobs, not for results.",),
        )

    def _indicators(self, kloes: tuple[s.Kloe, ...]) -> list[s.Indicator]:
        rng, out = self.rng, []
        quarters = ("best", "better", "worse", "worst")
        themes = [t.id for k in kloes for t in k.themes if t.in_scope]
        for i, (measure, title, unit, direction) in enumerate(MEASURES):
            common = {
                "measure": measure,
                "title": title,
                "unit": unit,
                "direction": direction,
                "period": Period(date(2024, 4, 1), date(2025, 3, 31)),
                "source": "Regulator of Social Housing, Tenant Satisfaction Measures 2024/25",
                "population": "LCRA",
                "themes": tuple(rng.sample(themes, 3)),
                "criteria": (),
            }
            if i == 6:
                out.append(s.Indicator(**common, reason=Message("not required of this landlord")))
                continue
            low = Decimal(rng.randrange(300, 700)) / 10
            steps = [Decimal(rng.randrange(20, 90)) / 10 for _ in range(4)]
            q1, median = low + steps[0], low + steps[0] + steps[1]
            q3, high = median + steps[2], median + steps[2] + steps[3]
            denominator = Decimal(rng.randrange(700, 6400))
            value = low + (high - low) * Decimal(rng.randrange(100)) / 100
            numerator = (value * denominator / 100).quantize(Decimal(1))
            place = (
                "worst"
                if value < q1
                else "worse"
                if value < median
                else ("better" if value < q3 else "best")
            )
            if direction == "lower":
                place = {"worst": "best", "worse": "better", "better": "worse", "best": "worst"}[
                    place
                ]
            out.append(
                s.Indicator(
                    **common,
                    value=numerator * 100 / denominator,
                    numerator=numerator,
                    denominator=denominator,
                    peers=s.Peers(
                        353,
                        Text({"en": "landlords with 5,000 to 10,000 homes"}),
                        low,
                        q1,
                        median,
                        q3,
                        high,
                        rng.randrange(
                            88 * quarters.index(place) + 1, 88 * quarters.index(place) + 88
                        )
                        if direction != "none"
                        else None,
                        "" if direction == "none" else place,
                    ),
                    notes=(Text({"en": "Targets differ between landlords from 15 to 90 days."}),)
                    if measure == "RP02-1"
                    else (),
                )
            )
        return out
