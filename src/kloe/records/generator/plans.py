"""Planned works, improvement plans, checks, nominations and appeals."""

from __future__ import annotations

import numpy as np

from kloe.records.generator.corporate import first_of, fiscal
from kloe.records.generator.draws import NULL, Ints, ints, only_where, until
from kloe.records.generator.frames import Frame, join
from kloe.records.generator.world import World


def make(world: World) -> None:
    """Make every table that remains."""
    _projects(world)
    _improvement(world)
    _nominations(world)
    _appeals(world)


def _projects(world: World) -> None:
    rates, draw, end = world.rates, world.draw("project"), world.end
    names, years = rates.words("corporate.programmes"), fiscal(world)
    years = ints([*years, int(years[-1]) + 1, int(years[-1]) + 2])
    each = len(names)
    n = each * len(years)
    what, year = np.tile(np.arange(each), len(years)), np.repeat(years, each)
    begun = np.repeat(ints([first_of(y) for y in years.tolist()]), each)
    planned_end = begun + draw.between(150, 355, n)
    frame = Frame("project", n).own()
    frame.text("title", names, what)
    frame.code(
        "kind",
        ["planned", "cyclical", "environmental"],
        np.where(what == 8, 1, np.where(what == 11, 2, 0)),
    )
    budget = draw.between(40, 900, n) * world.homes * 10
    over = until(planned_end - draw.between(0, 40, n), end)
    spent = budget * draw.between(930, 1000, n) // 1000
    frame.update(
        year=year,
        budget=budget,
        outturn=only_where(over != NULL, spent),
        planned_end_on=planned_end,
        actual_end_on=over,
    )
    world.add(frame)
    _items(world, frame, what, year, begun)


def _items(world: World, project: Frame, what: Ints, year: Ints, begun: Ints) -> None:
    draw, end = world.draw("planned_work_item"), world.end
    elements = ["kitchen", "bathroom", "boiler", "roof", "windows", "doors", "wiring", "insulation"]
    with_items = np.flatnonzero(what < len(elements))
    each = max(4, round(world.homes * 0.03))
    at = np.repeat(with_items, each)
    n = len(at)
    home = draw.between(0, world.homes - 1, n)
    gone = world.home["gone"][home]
    key = np.unique(at * 10_000_000 + home, return_index=True)[1]
    keep = np.sort(key[gone[key] == NULL])
    at, home = at[keep], home[keep]
    n = len(at)
    finish = project["planned_end_on"][at]
    done = draw.between(begun[at] + 20, finish, n)
    over = project["actual_end_on"][at] != NULL
    done = only_where((done <= end - 40) & over, np.minimum(done, project["actual_end_on"][at]))
    frame = Frame("planned_work_item", n)
    frame.code("element", elements, what[at])
    updated = only_where(done != NULL, np.minimum(done + draw.between(1, 28, n), end))
    frame.update(
        project_ref=at, property_ref=home, year=year[at], completed_on=done, db_updated_on=updated
    )
    world.add(frame.own())
    # What was renewed shows in the record of the home's components.
    component = world.frames["component"]
    names = list(world.rates.shares("safety.element_lives"))
    some = np.flatnonzero(done != NULL)
    ids = ints([names.index(e) for e in elements])[what[at[some]]]
    from kloe.records.generator.frames import codes

    order = codes("component", "element", names)
    wanted = home[some] * 100 + order[ids]
    have = component["property_ref"] * 100 + component["element"]
    place = np.argsort(have, kind="stable")
    found = np.minimum(np.searchsorted(have[place], wanted), len(have) - 1)
    hit = have[place][found] == wanted
    row = place[found[hit]]
    installed, updated_on = component["install_year"].copy(), component["updated_on"].copy()
    left = component["remaining_life"].copy()
    from kloe.records.generator.draws import years_of

    installed[row] = years_of(done[some][hit])
    updated_on[row] = updated[some][hit]
    lives = ints([round(v) for v in world.rates.shares("safety.element_lives").values()])
    left[row] = lives[ids[hit]]
    component.update(install_year=installed, updated_on=updated_on, remaining_life=left)


def _improvement(world: World) -> None:
    """Recommendations, the actions of plans (those from complaints first), and checks."""
    draw, end = world.draw("action"), world.end
    k = 16 * world.years
    made = np.sort(draw.between(world.start, end - 20, k))
    recommendation = Frame("recommendation", k).own()
    recommendation.code(
        "origin",
        [
            "inspection",
            "self_assessment",
            "audit",
            "peer_review",
            "ombudsman",
            "residents",
            "other",
        ],
        draw.pick([0.2, 0.18, 0.2, 0.1, 0.08, 0.22, 0.02], k),
    )
    accepted = draw.chance(k, 0.92)
    due = made + draw.between(90, 300, k)
    done = until(due - draw.between(0, 40, k), end)
    recommendation.update(
        made_on=made, accepted=accepted, implemented_on=only_where(accepted, done)
    )
    world.add(recommendation)

    learnt = world.notes["learning"]
    a = len(learnt)
    first = Frame("action", a)
    first.code("origin", "complaint")
    second_rows = np.flatnonzero(accepted)
    second = Frame("action", len(second_rows))
    second.code("origin", "recommendation")
    other = 8 * world.years
    third = Frame("action", other)
    third.code(
        "origin",
        ["survey", "staff", "residents", "board"],
        draw.pick([0.35, 0.2, 0.3, 0.15], other),
    )
    first.update(made_on=learnt, due_on=learnt + draw.between(30, 150, a))
    first["done_on"] = first["due_on"] - draw.between(0, 25, a)
    second.update(
        recommendation_ref=second_rows,
        made_on=made[second_rows],
        due_on=due[second_rows],
        done_on=done[second_rows],
    )
    start = draw.between(world.start, end - 40, other)
    third.update(made_on=start, due_on=start + draw.between(60, 260, other))
    third["done_on"] = third["due_on"] - draw.between(0, 30, other)
    off = _off_target(world)
    fourth = Frame("action", len(off))
    fourth.code("origin", "board")
    begun = np.full(len(off), end - 200) + draw.between(0, 60, len(off))
    fourth.update(indicator_ref=off, made_on=begun, due_on=begun + 180)
    fourth["done_on"] = fourth["due_on"] - draw.between(0, 30, len(off))
    frame = join([first, second, third, fourth])
    frame.first = 0
    n = frame.rows
    needs = draw.chance(n, 0.45)
    budget = only_where(needs, draw.between(2, 90, n) * 50_000)
    finished = np.where(frame["done_on"] == NULL, NULL, until(frame["done_on"], end))
    spent = budget * draw.between(900, 1000, n) // 1000
    texts = ["Share done on time", "Satisfaction", "Cost per home", "Days taken", "Cases open"]
    aims = ["To the best quarter", "Ten per cent better", "None over target", "All in date"]
    frame.text("measure", texts, draw.between(0, len(texts) - 1, n))
    frame.text("target", aims, draw.between(0, len(aims) - 1, n))
    frame.update(
        owner=draw.between(0, 11, n),
        done_on=finished,
        needs_money=needs,
        budget=budget,
        spend=only_where(needs & (finished != NULL), spent),
        outcome_evidenced=only_where(finished != NULL, 1),
    )
    world.add(frame.own())

    c = 24 * world.years
    check = Frame("check_result", c).own()
    kinds = [
        "interview",
        "focus_group",
        "file_check",
        "case_tracer",
        "walkthrough",
        "visit",
        "walkabout",
        "mystery_shop",
        "observation",
        "document",
    ]
    check.code("kind", kinds, draw.between(0, len(kinds) - 1, c))
    themes = ["1.2/3", "1.2/4", "1.3/3", "1.3/4", "1.4/4", "1.4/5", "1.5/4", "1.5/6", "2.2/6"]
    check.text("theme", themes, draw.between(0, len(themes) - 1, c))
    check.code(
        "result",
        ["confirms", "contradicts", "mixed", "nothing"],
        draw.pick([0.6, 0.15, 0.2, 0.05], c),
    )
    check["on_date"] = draw.when(c, world.start, end)
    world.add(check)


def _off_target(world: World) -> Ints:
    """Indicators whose last result misses its target."""
    frame = world.frames["indicator_value"]
    last = frame["year"] == frame["year"].max()
    lower = frame.is_code("direction", "lower")
    misses = np.where(lower, frame["value"] > frame["target"], frame["value"] < frame["target"])
    return ints(np.unique(frame["indicator_ref"][last & misses]))


def _nominations(world: World) -> None:
    rates, draw, end = world.rates, world.draw("nomination"), world.end
    letting = world.frames["letting"]
    rows = np.flatnonzero((letting["nomination"] == 1) & (letting["accepted_on"] >= world.origin))
    asked = letting["accepted_on"][rows] - draw.between(6, 14, len(rows))
    voids = world.frames["void"]
    open_ = np.flatnonzero((voids["let_on"] == NULL) & (voids["ready_on"] != NULL))[:5]
    k = len(rows)
    n = k + len(open_)
    home = np.concatenate([letting["property_ref"][rows], voids["property_ref"][open_]])
    day = np.concatenate([asked, np.minimum(voids["ready_on"][open_], end)])
    frame = Frame("nomination", n)
    came = day + draw.between(1, 5, n)
    frame.code("result", ["accepted", "open"], (np.arange(n) >= k).astype(np.int64))
    frame.update(
        property_ref=home,
        requested_on=day,
        due_on=day + 5,
        received_on=only_where(np.arange(n) < k, came),
    )
    world.add(frame.taken(ints(np.lexsort((home, day)))).own())
    areas = rates.words("stock.areas")
    half = (len(areas) + 1) // 2
    agreement = Frame("nomination_agreement", half).own()
    agreement.text("authority", [f"{a} Council" for a in areas[:half]], np.arange(half))
    agreement.text("area", areas[:half], np.arange(half))
    agreement.update(
        from_on=world.start - 900,
        to_on=only_where(np.arange(half) == 0, end + 400),
        quota_share=500_000 + 50_000 * (np.arange(half) % 3),
    )
    world.add(agreement)


def _appeals(world: World) -> None:
    rates, draw, end = world.rates, world.draw("appeal"), world.end
    offer = world.frames["offer"]
    n = max(10, round(offer.rows * rates.number("tenancies.appeals_per_offer")))
    refused = np.flatnonzero(offer.is_code("result", "refused", "withdrawn"))
    picked = offer["application_ref"][refused[draw.between(0, len(refused) - 1, n)]]
    received = draw.when(n, world.start, end)
    decided = until(received + draw.between(5, 28, n), end)
    frame = Frame("appeal", n).own()
    frame.code(
        "outcome",
        ["upheld", "partly", "rejected", "withdrawn"],
        draw.pick([0.2, 0.12, 0.6, 0.08], n),
    )
    frame.update(
        application_ref=picked,
        received_on=received,
        due_on=received + 28,
        decided_on=decided,
        outcome=only_where(decided != NULL, frame["outcome"]),
    )
    world.add(frame)
