"""Surveys of tenants, and each answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kloe.records.generator import people
from kloe.records.generator.draws import Ints, ints, months_of, years_of
from kloe.records.generator.frames import Frame, codes
from kloe.records.generator.world import World

PERCEPTION = (
    "TP01",
    "TP02",
    "TP03",
    "TP04",
    "TP05",
    "TP06",
    "TP07",
    "TP08",
    "TP09",
    "TP10",
    "TP11",
    "TP12",
    "rent_service",
    "participation",
    "contact_ease",
    "estate",
    "value",
    "compact_known",
    "standards_known",
)
KNOWN = ("compact_known", "standards_known")


@dataclass
class Asked:
    """One survey: what it asks of whom."""

    name: str
    kind: str
    standard: str
    questions: tuple[str, ...]
    people: Ints
    days: Ints
    invited: int
    population: int
    first: int
    last: int


def make(world: World) -> None:
    """Make ``survey`` and ``survey_response``."""
    asked: list[Asked] = []
    for year in range(world.years):
        first = world.start + year * (world.end - world.start + 1) // world.years
        last = world.start + (year + 1) * (world.end - world.start + 1) // world.years - 1
        asked += [_perception(world, year, first, last), *_transactions(world, year, first, last)]
    methods = list(world.rates.shares("services.methods"))
    n = len(asked)
    draw = world.draw("survey")
    frame = Frame("survey", n).own()
    frame.text("name", [a.name for a in asked], np.arange(n))
    for column in ("kind", "standard"):
        names = sorted({getattr(a, column) for a in asked})
        frame.code(column, names, ints([names.index(getattr(a, column)) for a in asked]))
    mixed = [*methods, "mixed"]
    method = draw.pick(list(world.rates.shares("services.methods").values()), n)
    is_perception = ints([a.kind == "perception" for a in asked]) == 1
    frame.code("method", mixed, np.where(is_perception, len(methods), method))
    for name in ("population", "invited"):
        frame[name] = ints([getattr(a, name) for a in asked])
    frame.update(
        from_on=ints([a.first for a in asked]), to_on=ints([a.last for a in asked]), broken_down=1
    )
    world.add(frame)
    _responses(world, asked)


def _perception(world: World, year: int, first: int, last: int) -> Asked:
    draw = world.draw(f"survey {year}")
    opens, shuts = first + 150, min(first + 230, last)
    let = world.let
    live = np.flatnonzero((let["first"] <= opens) & (let["last"] > opens) & (let["garage"] == 0))
    n = round(min(len(live) * 0.32, 240 + len(live) * 0.06))
    chosen = let["lead"][live[draw.choose(len(live), n)]]
    days = np.sort(draw.between(opens, shuts, n))
    label = int(years_of(ints([first]))[0])
    return Asked(
        f"Tenants' survey {label}",
        "perception",
        "tsm",
        PERCEPTION,
        chosen,
        days,
        round(n * (4.1 - 0.1 * year)),
        len(live),
        opens,
        shuts,
    )


def _transactions(world: World, year: int, first: int, last: int) -> list[Asked]:
    found = []
    label = int(years_of(ints([first]))[0])
    letting, repair = world.frames["letting"], world.frames["repair_job"]
    adapted, asb = world.frames["adaptation"], world.frames["asb_case"]
    done = repair["completed_at"] // 86_400
    for name, questions, who, on, share in (
        (
            "New tenants",
            ("letting", "moving_in"),
            world.let["lead"][letting["tenancy_ref"]],
            letting["let_on"] + 20,
            0.45,
        ),
        ("Repairs", ("repair_done",), repair["person_ref"], done + 4, 0.06),
        ("Adaptations", ("adaptation",), adapted["person_ref"], adapted["completed_on"] + 10, 0.5),
        ("Antisocial behaviour", ("TP12",), asb["person_ref"], asb["closed_on"] + 10, 0.3),
    ):
        draw = world.draw(f"survey {name} {year}")
        fits = np.flatnonzero((on >= first) & (on <= last) & (who >= 0))
        n = max(min(len(fits), 12), round(len(fits) * share))
        rows = fits[draw.choose(len(fits), n)]
        found.append(
            Asked(
                f"{name} {label}",
                "transaction",
                "own",
                questions,
                who[rows],
                on[rows],
                round(len(rows) * 2.4) + 1,
                len(fits),
                first,
                last,
            )
        )
    return found


def _responses(world: World, asked: list[Asked]) -> None:
    rates, draw = world.rates, world.draw("survey_response")
    counts = [len(a.people) for a in asked]
    total = sum(counts)
    survey = np.repeat(np.arange(len(asked)), counts)
    person = np.concatenate([a.people for a in asked])
    on = np.concatenate([a.days for a in asked])
    width = ints([len(a.questions) for a in asked])[survey]
    response = np.repeat(np.arange(total), width)
    names = sorted({q for a in asked for q in a.questions})
    question = np.concatenate(
        [np.tile(ints([names.index(q) for q in a.questions]), len(a.people)) for a in asked]
    )
    n = len(response)
    satisfied, shares = rates.shares("services.satisfied"), rates.shares("services.asked")
    level = np.asarray([satisfied[q] for q in names])[question]
    # People differ in how they answer everything; groups differ a little; years move slowly.
    mood = (draw.uniform(total) - 0.5) * 0.5
    profile = world.frames["person"]
    born = profile["birth_year"][person]
    old = (people.world_year(world) - born) > 62
    disabled = profile.is_code("disability", "yes")[person]
    group = np.where(old, 0.05, -0.02) - np.where(disabled, 0.03, -0.02)
    year = (on - world.end) / 365.0 * rates.number("services.growth")
    winter = np.isin(months_of(on), [12, 1, 2]) * -0.01
    chance = level + (mood + group + year + winter)[response]
    known = np.isin(question, [names.index(q) for q in KNOWN if q in names])
    u, v = draw.uniform(n), draw.uniform(n)
    good = u < chance
    bad = ~good & (v < 0.72)
    answers = [
        "very_satisfied",
        "fairly_satisfied",
        "neither",
        "fairly_dissatisfied",
        "very_dissatisfied",
        "yes",
        "no",
        "not_applicable",
        "dont_know",
    ]
    answer = np.where(good, np.where(v < 0.52, 0, 1), np.where(bad, np.where(v < 0.38, 3, 4), 2))
    answer = np.where(known, np.where(good, 5, 6), answer)
    perception = ints([a.kind == "perception" for a in asked])[survey] == 1
    wants = np.asarray([shares.get(q, 0.985) for q in names])[question]
    wants = np.where(perception[response], wants, 1.0)
    skipped = draw.uniform(n) >= wants
    answer = np.where(skipped, np.where(wants > 0.9, 8, 7), answer)
    weight = np.where(perception, np.where(old, 880_000, 1_070_000), 1_000_000)
    frame = Frame("survey_response", n)
    frame["response_ref"] = response
    frame["question_code"] = codes("survey_response", "question_code", names)[question]
    frame.code("answer", answers, answer)
    frame.update(
        survey_ref=survey[response],
        person_ref=person[response],
        answered_on=on[response],
        weight=weight[response],
    )
    world.add(frame)
