"""Antisocial behaviour, estates, adaptations, requests, visits and support."""

from __future__ import annotations

import numpy as np

from kloe.records.generator.draws import (
    DAY_SECONDS,
    NULL,
    Ints,
    date_of,
    day_of,
    day_part,
    ints,
    moment,
    only_where,
    until,
)
from kloe.records.generator.frames import Frame
from kloe.records.generator.world import World


def make(world: World) -> None:
    """Make every table of casework."""
    _antisocial(world)
    _adaptations(world)
    _estates(world)
    _requests(world)
    _visits(world)
    _cases(world)
    _support(world)


def someone(world: World, stream: str, days: Ints) -> tuple[Ints, Ints, Ints]:
    """A home that was let on each day, its tenancy and tenant."""
    draw = world.draw(f"someone {stream}")
    n = len(days)
    home = draw.between(0, world.homes - 1, n)
    tenancy = world.tenancy_on(home, days)
    for _attempt in range(8):
        left = np.flatnonzero(tenancy == NULL)
        if not len(left):
            break
        home[left] = draw.between(0, world.homes - 1, len(left))
        tenancy[left] = world.tenancy_on(home[left], days[left])
    lead = world.let["lead"][np.maximum(tenancy, 0)]
    return home, tenancy, np.where(tenancy == NULL, NULL, lead)


def _antisocial(world: World) -> None:
    rates, draw, end = world.rates, world.draw("asb_case"), world.end
    n = world.at_least(
        rates.number("services.asb_per_home_year") * world.years, least=24 * world.years
    )
    day = draw.when(n, world.start, end, rates.numbers("services.asb_months"), 0.03)
    home, _tenancy, person = someone(world, "asb_case", day)
    frame = Frame("asb_case", n).own()
    kinds = rates.shares("services.asb_kinds")
    names = list(kinds)
    kind = draw.pick(list(kinds.values()), n)
    # However small the landlord, some hate incidents and some domestic abuse.
    kind[draw.choose(n, 3)] = names.index("hate")
    kind[draw.choose(n, 2)] = names.index("domestic_abuse")
    frame.code("kind", names, kind)
    grave = np.isin(kind, [names.index(k) for k in ("hate", "domestic_abuse", "violence")])
    middle = np.isin(kind, [names.index(k) for k in ("harassment", "drugs")])
    level = np.where(grave, 0, np.where(middle, 1, 2))
    frame.code("category", ["a", "b", "c"], level)
    hours = ints([round(v) for v in rates.shares("services.asb_hours").values()])[level]
    days = ints([round(v) for v in rates.shares("services.asb_days").values()])[level]
    last = (end + 1) * DAY_SECONDS - 1
    opened = np.minimum(moment(day, draw.time_of_day(n)), last)
    contact = opened + hours * draw.between(3, 97, n) * 36 // 60 * 60
    due = day + days
    closed = until(day + days * draw.between(12, 100, n) // 100, end)
    done = closed != NULL
    outcomes = rates.shares("services.asb_outcomes")
    outcome = draw.pick(list(outcomes.values()), n)
    frame.code("outcome", list(outcomes), outcome)
    unresolved = [list(outcomes).index(k) for k in ("no_evidence", "withdrawn", "other")]
    places = ["At home", "Stairs", "Street", "Play area", "Car park", "Green"]
    frame.text("location", places, draw.between(0, len(places) - 1, n))
    contacted = only_where(contact <= last, contact)
    told = np.where(done, closed, np.maximum(day, end - draw.between(0, 9, n)))
    frame.update(
        property_ref=home,
        person_ref=person,
        opened_at=opened,
        first_contact_due_at=opened + hours * 3600,
        first_contact_at=contacted,
        action_plan_on=until(day_part(contact) + draw.between(0, 6, n), end),
        last_update_on=told,
        victim_support_offered=1,
        risk_assessed_on=until(day_part(contact) + draw.between(0, 2, n), end),
        due_on=due,
        closed_on=closed,
        outcome=only_where(done, frame["outcome"]),
        resolved=only_where(done, (~np.isin(outcome, unresolved)).astype(np.int64)),
    )
    plan = frame["action_plan_on"]
    frame["action_plan_on"] = np.where(done & (plan > closed), closed, plan)
    world.add(frame)
    steps = [
        "warning",
        "mediation",
        "contract",
        "support",
        "target_hardening",
        "victim_support",
        "update",
        "notice",
        "injunction",
        "possession",
        "referral",
        "demotion",
        "closure",
        "other",
    ]
    count = 2 + draw.pick([0.3, 0.35, 0.25, 0.1], n)
    case = np.repeat(np.arange(n), count)
    number = np.arange(len(case)) - np.repeat(np.cumsum(count) - count, count)
    what = draw.pick(
        [0.26, 0.06, 0.08, 0.1, 0.04, 0.0, 0.3, 0.05, 0.02, 0.02, 0.06, 0.005, 0.004, 0.001],
        len(case),
    )
    dispute = np.isin(kind[case], [names.index("noise"), names.index("neighbour")])
    mediated = dispute & draw.chance(len(case), 0.3)
    what = np.where(mediated, 1, what)
    what = np.where(number == 0, 5, what)
    stop = np.where(closed == NULL, end, closed)[case]
    begin = np.minimum(day_part(np.where(contacted == NULL, opened, contacted))[case], stop)
    on = np.where(number == 0, begin, draw.between(begin, stop, len(case)))
    order = np.lexsort((what, case, on))
    action = Frame("asb_action", len(order)).own()
    action.code("remedy", steps, what[order])
    action.update(case_ref=case[order], action_on=on[order])
    world.add(action)


def _adaptations(world: World) -> None:
    rates, draw, end = world.rates, world.draw("adaptation"), world.end
    n = world.at_least(
        rates.number("services.adaptations_per_home_year") * world.years, least=14 * world.years
    )
    asked = draw.when(n, world.start - 150, end)
    home, _tenancy, person = someone(world, "adaptation", asked)
    minor = draw.chance(n, 0.62)
    target = np.where(minor, 42, 196)
    due = asked + target
    assessed = asked + target * draw.between(5, 25, n) // 100
    approved = assessed + target * draw.between(3, 20, n) // 100
    completed = approved + target * draw.between(5, 50, n) // 100
    u = draw.uniform(n)
    dropped = u < 0.07
    state = np.where(
        dropped,
        np.where(u < 0.04, 3, 4),
        np.where(completed <= end, 2, np.where(approved <= end, 1, 0)),
    )
    done = state == 2
    frame = Frame("adaptation", n).own()
    frame.code("class", ["major", "minor"], minor.astype(np.int64))
    frame.code("status", ["open", "approved", "completed", "refused", "withdrawn"], state)
    frame.code(
        "funding", ["landlord", "grant", "council", "other"], draw.pick([0.55, 0.33, 0.1, 0.02], n)
    )
    cost = np.where(minor, draw.between(40, 900, n), draw.between(2800, 16000, n)) * 100
    frame.update(
        property_ref=home,
        person_ref=person,
        requested_on=asked,
        assessed_on=until(assessed, end),
        approved_on=only_where((state == 1) | (state == 2), approved),
        due_on=due,
        completed_on=only_where(done, completed),
        cost=only_where(done, cost),
        recycled=only_where(done, draw.chance(n, 0.16).astype(np.int64)),
    )
    world.add(frame)


def _estates(world: World) -> None:
    rates, draw, end = world.rates, world.draw("estate_inspection"), world.end
    names = world.notes["estates"]
    each = round(rates.number("services.inspections_per_estate_year")) * world.years
    estate = np.repeat(np.arange(len(names)), each)
    step = (end - world.start) // each
    due = world.start + np.tile(np.arange(each), len(names)) * step + 20 + estate % 40
    order = np.lexsort((estate, due))
    estate, due = estate[order], due[order]
    n = len(due)
    frame = Frame("estate_inspection", n).own()
    frame.text("estate", names, estate)
    done = np.minimum(due - draw.between(0, 12, n), end)
    later = due > end
    done = np.where(later, NULL, done)
    grades = rates.shares("services.grades")
    frame.code("grade", list(grades), draw.pick(list(grades.values()), n))
    present = draw.chance(n, 0.72)
    frame.update(
        due_on=due,
        done_on=done,
        grade=only_where(~later, frame["grade"]),
        resident_present=only_where(~later, present.astype(np.int64)),
    )
    world.add(frame)

    known = np.flatnonzero(done != NULL)
    found = np.repeat(known, draw.pick([0.2, 0.25, 0.25, 0.2, 0.1], len(known)))
    k = len(found)
    action = Frame("estate_action", k).own()
    action.text("estate", names, estate[found])
    raised = done[found]
    target = draw.between(7, 42, k)
    action.update(
        inspection_ref=found,
        raised_on=raised,
        target_on=raised + target,
        closed_on=until(raised + target * draw.between(5, 100, k) // 100, end),
    )
    world.add(action)

    plays = np.arange(0, len(names), 3)
    visits = 12 * world.years
    estate = np.repeat(plays, visits)
    on = world.start + np.tile(np.arange(visits), len(plays)) * 30 + estate % 20
    n = len(on)
    keep = on <= end
    defect = draw.chance(n, 0.22)
    target = draw.between(1, 14, n)
    play = Frame("asset_inspection", n)
    play.text("estate", names, estate)
    play.update(
        inspected_on=on,
        due_on=on + draw.between(0, 3, n),
        defect=defect,
        target_on=only_where(defect, on + target),
        made_safe_on=only_where(defect, until(on + target * draw.between(0, 100, n) // 100, end)),
    )
    order = np.lexsort((estate, on))
    world.add(play.taken(ints(order[keep[order]])).own())


def _requests(world: World) -> None:
    rates, draw, end = world.rates, world.draw("service_request"), world.end
    n = world.at_least(
        rates.number("services.requests_per_home_year") * world.years, least=240 * world.years
    )
    day = draw.when(n, world.start, end, [0.8, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.3, 1.1, 0.9, 0.8, 0.8])
    day = _with_jump(world, day)
    n = len(day)
    home, _tenancy, _person = someone(world, "service_request", day)
    kinds, hours_by = rates.shares("services.request_kinds"), rates.shares("services.request_hours")
    kind = draw.pick(list(kinds.values()), n)
    kind[draw.choose(n, 5)] = list(kinds).index("offensive_graffiti")
    hours = ints([round(hours_by[k]) for k in kinds])[kind]
    last = (end + 1) * DAY_SECONDS - 1
    reported = np.minimum(moment(day, draw.time_of_day(n)), last)
    closed = reported + hours * draw.between(4, 98, n) * 36 // 60 * 60
    frame = Frame("service_request", n)
    frame.code("kind", list(kinds), kind)
    frame.text("estate", world.notes["estates"], world.home["estate"][home])
    frame.update(
        property_ref=home,
        reported_at=reported,
        due_at=reported + hours * 3600,
        closed_at=only_where(closed <= last, closed),
    )
    world.add(frame.taken(ints(np.argsort(reported, kind="stable"))).own())


def _with_jump(world: World, day: Ints) -> Ints:
    """One month, in the middle of the records, with three times as many reports."""
    if world.planter.faults["volume-jump"].share <= 0:
        return day
    month = date_of(world.end - 120).replace(day=1)
    first = day_of(month)
    draw = world.draw("volume-jump")
    more = max(30, round(len(day) * 30 / (world.end - world.start) * 2.5))
    world.planter.note_whole("volume-jump", f"{month:%Y-%m}", f"{month:%Y-%m}")
    return ints(np.sort(np.concatenate([day, draw.between(first, first + 27, more)])))


def _visits(world: World) -> None:
    """New tenants are visited within six weeks, all tenancies every five years."""
    draw, let, end = world.draw("tenancy_visit"), world.let, world.end
    letting, tenancy = world.frames["letting"], world.frames["tenancy"]
    fresh, on = letting["tenancy_ref"], letting["follow_up_visit_on"]
    due = let["first"][fresh] + 42
    outcomes = ["All well", "Advice given", "Repair ordered", "Support offered", "Nobody in"]
    checked = np.flatnonzero(
        (tenancy["last_checked_on"] != NULL)
        & (let["garage"] == 0)
        & (tenancy["last_checked_on"] > let["first"])
    )
    extra = np.flatnonzero((let["last"] > end) & (let["garage"] == 0) & (let["vulnerable"] == 1))
    extra = extra[draw.choose(len(extra), len(extra) // 3)]
    when = np.maximum(
        world.start + draw.between(0, end - world.start, len(extra)), let["first"][extra]
    )
    audited = tenancy["last_checked_on"][checked]
    who = np.concatenate([fresh, checked, extra])
    kind = np.concatenate([np.zeros(len(fresh)), np.ones(len(checked)), np.full(len(extra), 2)])
    due = np.concatenate([due, audited + draw.between(0, 60, len(checked)), when])
    done = np.concatenate([on, audited, when])
    gone = (kind == 0) & (let["last"][who] < due)
    done = np.where((kind == 0) & (let["last"][who] <= let["first"][who] + 5), NULL, done)
    order = np.lexsort((who, due))
    frame = Frame("tenancy_visit", len(who))
    frame.code("kind", ["new_tenant", "audit", "support"], ints(kind))
    frame.text(
        "outcome", outcomes, only_where(done != NULL, draw.between(0, len(outcomes) - 1, len(who)))
    )
    frame.update(tenancy_ref=who, due_on=np.where(gone, NULL, due), done_on=done)
    world.add(frame.taken(ints(order)).own())


def _cases(world: World) -> None:
    rates, draw, end = world.rates, world.draw("tenancy_case"), world.end
    n = world.at_least(rates.number("tenancies.cases_per_home_year") * world.years, least=12)
    day = draw.when(n, world.start, end)
    home, tenancy, _person = someone(world, "tenancy_case", day)
    kinds = rates.shares("tenancies.case_kinds")
    frame = Frame("tenancy_case", n).own()
    frame.code("kind", list(kinds), draw.pick(list(kinds.values()), n))
    frame.update(
        tenancy_ref=tenancy,
        property_ref=home,
        reported_on=day,
        resolved_on=until(day + draw.spread([3, 14, 30, 60, 120, 260], n), end),
    )
    world.add(frame)


def _support(world: World) -> None:
    """Every vulnerable new tenant has a plan on the day the tenancy starts."""
    draw, let, end = world.draw("support_plan"), world.let, world.end
    fresh = np.flatnonzero((let["fresh"] == 1) & (let["vulnerable"] == 1))
    old = np.flatnonzero(
        (let["fresh"] == 0) & (let["vulnerable"] == 1) & (let["last"] > end) & (let["garage"] == 0)
    )
    old = old[draw.choose(len(old), round(len(old) * 0.55))]
    who = np.concatenate([fresh, old])
    n = len(who)
    agreed = np.where(
        np.arange(n) < len(fresh),
        let["first"][who] - draw.between(0, 10, n),
        np.maximum(let["first"][who], end - draw.between(200, 1800, n)),
    )
    ended = only_where(let["last"][who] <= end, let["last"][who])
    asof = np.where(ended == NULL, end, ended)
    reviewed = np.maximum(asof - draw.between(3, 350, n), agreed)
    order = np.lexsort((who, agreed))
    frame = Frame("support_plan", n)
    frame.update(
        person_ref=let["lead"][who],
        tenancy_ref=who,
        agreed_on=agreed,
        last_reviewed_on=reviewed,
        ended_on=ended,
    )
    world.add(frame.taken(ints(order)).own())
