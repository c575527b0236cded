"""People: tenants, those who live with them, and applicants. References only, no names."""

from __future__ import annotations

import numpy as np

from kloe.records.generator.draws import NULL, Bools, Ints, ints, only_where, years_of
from kloe.records.generator.frames import Frame, code, join
from kloe.records.generator.world import World

VULNERABLE_WORDS_AT = 1


def make(world: World) -> None:
    """Make ``person`` and ``tenancy_member``; the lead tenant of each tenancy into the world."""
    let, rates, draw = world.let, world.rates, world.draw("person")
    rows = len(let["home"])
    garage = let["garage"] == 1
    moved = let["moved from"]
    fresh_lead = ~garage & (moved == NULL)
    lead = np.full(rows, NULL)
    lead[fresh_lead] = np.arange(int(fresh_lead.sum()))
    order = np.flatnonzero(~garage & (moved != NULL))
    lead[order] = lead[moved[order]]
    count = int(fresh_lead.sum())
    ages = draw.spread(rates.numbers("people.ages"), count)
    began = years_of(let["first"][fresh_lead])
    born_lead = np.minimum(began - 18, world_year(world) - ages)

    joint = draw.chance(rows, rates.number("people.joint")) & ~garage & fresh_lead
    beds = np.maximum(world.frames["property"]["bedrooms"][let["home"]], 0)
    others = np.where(fresh_lead, draw.between(0, np.maximum(beds, 0), rows) * 3 // 4, 0)
    homes_joint = np.flatnonzero(joint)
    homes_other = np.repeat(np.arange(rows), others)
    second = count + np.arange(len(homes_joint))
    third = count + len(homes_joint) + np.arange(len(homes_other))
    child = draw.chance(len(homes_other), 0.7)
    year = world_year(world)
    born = np.concatenate(
        [
            born_lead,
            np.minimum(
                born_lead[lead[homes_joint]] + draw.between(-7, 7, len(homes_joint)), year - 18
            ),
            np.where(
                child,
                year - draw.between(0, 17, len(homes_other)),
                year - draw.between(18, 60, len(homes_other)),
            ),
        ]
    )
    frame = profiles(world, "person", born, year)
    # A joint tenant or a child is mostly of the lead's own group.
    group = frame["ethnicity"].copy()
    same = draw.chance(len(group), 0.85)
    from_lead = np.concatenate([np.arange(count), lead[homes_joint], lead[homes_other]])
    group = np.where(same, group[np.where(from_lead == NULL, 0, from_lead)], group)
    frame["ethnicity"] = group
    frame["ethnicity_given"] = group
    world.add(frame)

    garages = np.flatnonzero(garage)
    with_home = np.flatnonzero(~garage & (let["last"] > world.end))
    lead[garages] = lead[with_home[draw.between(0, len(with_home) - 1, len(garages))]]
    let["lead"] = lead
    _members(world, joint, homes_joint, second, homes_other, third, child)
    vulnerable = frame["vulnerability"][lead] != 0
    tenancy = world.frames["tenancy"]
    tenancy["joint"] = joint
    tenancy["vulnerable_at_start"] = vulnerable & ~garage
    let["vulnerable"] = vulnerable.astype(np.int64)


def world_year(world: World) -> int:
    """The calendar year in which the records end."""
    return int(years_of(ints([world.end]))[0])


def profiles(world: World, stream: str, born: Ints, year: int) -> Frame:
    """People with their profile, all of it recorded."""
    rates, draw, n = world.rates, world.draw(f"profile {stream}"), len(born)
    frame = Frame("person", n).own()
    frame["birth_year"] = born
    for column in (
        "gender",
        "ethnicity",
        "language",
        "comm_preference",
        "religion",
        "sexual_orientation",
    ):
        shares = rates.shares(f"people.{column}")
        frame.code(column, list(shares), draw.pick(list(shares.values()), n))
    labels = rates.raw("people.given")
    from kloe.records.layouts import layout

    names = list(layout("person").column("ethnicity").codes)
    frame.text(
        "ethnicity_given", [labels.get(c, "Prefer not to say") for c in names], frame["ethnicity"]
    )
    old = (year - born) > 62
    disabled = draw.chance(n, np.where(old, 0.55, 0.30) * rates.number("people.disability") / 0.37)
    frame.code("disability", ["no", "yes"], disabled.astype(np.int64))
    needs = rates.shares("people.vulnerability")
    kind = draw.pick(list(needs.values()), n)
    kind = np.where((kind == list(needs).index("age")) & (year - born < 60), 0, kind)
    both = [*needs, "mental_health;illness", "age;illness"]
    kind = np.where((kind > 0) & draw.chance(n, 0.1), len(needs), kind)
    frame.text("vulnerability", both, kind)
    frame["carer"] = draw.chance(n, rates.number("people.carer"))
    frame["profile_checked_on"] = world.end - draw.between(5, 1000, n)
    return frame


def _members(
    world: World,
    joint: Bools,
    homes_joint: Ints,
    second: Ints,
    homes_other: Ints,
    third: Ints,
    child: Bools,
) -> None:
    let = world.let
    rows = len(let["home"])
    tenancy = np.concatenate([np.arange(rows), homes_joint, homes_other])
    person = np.concatenate([let["lead"], second, third])
    frame = Frame("tenancy_member", len(tenancy))
    role = np.concatenate(
        [
            np.zeros(rows, dtype=np.int64),
            np.ones(len(homes_joint), dtype=np.int64),
            np.where(child, 3, 2),
        ]
    )
    last = let["last"][tenancy]
    frame.code("role", ["lead", "joint", "occupant", "child"], role)
    frame.update(
        tenancy_ref=tenancy,
        person_ref=person,
        from_on=let["first"][tenancy],
        to_on=only_where(last <= world.end, last),
    )
    order = np.argsort(tenancy, kind="stable")
    world.add(frame.taken(ints(order)))


def more(world: World, stream: str, born: Ints) -> Ints:
    """More people (applicants, say): their rows."""
    have = world.frames["person"]
    found = profiles(world, stream, born, world_year(world))
    found.first = have.rows
    found.own()
    found["ethnicity_given"] = found["ethnicity"]
    world.frames["person"] = join([have, found])
    return have.rows + np.arange(found.rows)


def is_vulnerable(world: World, people: Ints) -> Ints:
    """Whether each person has a need recorded."""
    values = world.frames["person"]["vulnerability"]
    return np.where(people == NULL, 0, values[np.maximum(people, 0)] > 0).astype(np.int64)


def has_code(world: World, column: str, name: str) -> Ints:
    """Which people have a code."""
    return world.frames["person"][column] == code("person", column, name)
