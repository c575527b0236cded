"""Staff, board, money, contracts, policies, risks and what the landlord measures itself by."""

from __future__ import annotations

import numpy as np

from kloe.records.generator.draws import (
    NULL,
    Ints,
    day_of,
    ints,
    only_where,
    until,
    years_of,
)
from kloe.records.generator.frames import Frame
from kloe.records.generator.people import world_year
from kloe.records.generator.world import World

MILLION = 1_000_000


def make(world: World) -> None:
    """Make every corporate table but projects and plans."""
    _staff(world)
    _board(world)
    _community(world)
    _costs(world)
    _contracts(world)
    _indicators(world)
    _standards(world)
    _papers(world)
    _gains(world)
    _leasehold(world)


def fiscal(world: World) -> Ints:
    """Financial years of the records, by their first calendar year."""
    last = world_year(world) - 1
    return ints(np.arange(last - world.years + 1, last + 1))


def first_of(year: int) -> int:
    """First day of a financial year."""
    from datetime import date

    return day_of(date(int(year), 4, 1))


def _profile(world: World, frame: Frame, stream: str, prefix: str = "staff") -> None:
    rates, draw, n = world.rates, world.draw(stream), frame.rows
    for column, entry in (
        ("gender", f"{prefix}_gender"),
        ("ethnicity", f"{prefix}_ethnicity"),
        ("age_band", "age_bands"),
    ):
        shares = rates.shares(f"corporate.{entry}")
        frame.code(column, list(shares), draw.pick(list(shares.values()), n))
    disabled = draw.chance(n, rates.number("corporate.staff_disability"))
    frame.code("disability", ["no", "yes"], disabled.astype(np.int64))


def _staff(world: World) -> None:
    rates, draw, end = world.rates, world.draw("staff"), world.end
    n = max(36, round(world.homes / rates.number("corporate.homes_per_post")))
    frame = Frame("staff", n).own()
    grades = rates.shares("corporate.grades")
    grade = draw.pick(list(grades.values()), n)
    # Every level has somebody, however small the landlord.
    grade[: 2 * len(grades)] = np.repeat(np.arange(len(grades)), 2)
    frame.code("grade_band", list(grades), grade)
    _profile(world, frame, "staff profile")
    labels = rates.raw("people.given")
    from kloe.records.layouts import layout

    names = list(layout("staff").column("ethnicity").codes)
    frame.text(
        "ethnicity_given", [labels.get(c, "Prefer not to say") for c in names], frame["ethnicity"]
    )
    joined = end - draw.spread([20, 400, 1100, 2300, 4200, 9000], n)
    left = draw.chance(n, 0.05 * world.years) & (joined < world.start)
    gone = only_where(left, draw.between(world.start, end - 5, n))
    asof = np.where(gone == NULL, end, gone)
    senior = grade < 3
    frame.update(
        customer_facing=(grade >= 2) & draw.chance(n, 0.75),
        joined_on=joined,
        left_on=gone,
        appraised_on=np.maximum(asof - draw.between(5, 350, n), joined),
        declaration_required=senior,
        declaration_on=only_where(senior, np.maximum(asof - draw.between(5, 350, n), joined)),
    )
    world.add(frame)
    subjects = rates.shares("corporate.subjects")
    count = 2 + draw.pick([0.3, 0.4, 0.3], n)
    who = np.repeat(np.arange(n), count)
    k = len(who)
    subject = draw.pick(list(subjects.values()), k)
    step = np.arange(k) - np.repeat(np.cumsum(count) - count, count)
    # Everybody is trained in customer care, once: of two, one would hide that the other lapsed.
    subject = np.where(step == 0, 0, np.maximum(subject, 1))
    identified = np.maximum(asof[who] - draw.between(120, 600, k), joined[who])
    due = identified + 120
    done = np.minimum(draw.between(identified, due, k), asof[who])
    training = Frame("staff_training", k)
    training.code("subject", list(subjects), subject)
    training.update(
        staff_ref=who, identified_on=identified, due_on=due, done_on=done, valid_to=done + 1095
    )
    world.add(training.taken(ints(np.lexsort((who, identified)))).own())


def _board(world: World) -> None:
    rates, draw, end = world.rates, world.draw("board_member"), world.end
    n = round(rates.number("corporate.board_size"))
    frame = Frame("board_member", n).own()
    _profile(world, frame, "board profile")
    joined = end - draw.between(200, 2500, n)
    left = np.arange(n) == n - 1
    frame.update(
        tenant=np.arange(n) % 4 == 0,
        joined_on=joined,
        left_on=only_where(left, end - 100),
        skills_review_on=np.maximum(end - draw.between(10, 340, n), joined),
        declaration_on=np.maximum(end - draw.between(10, 340, n), joined),
    )
    world.add(frame)


def _community(world: World) -> None:
    rates, draw = world.rates, world.draw("community_profile")
    areas = rates.words("stock.areas")
    parts = {
        "ethnicity": rates.shares("corporate.community"),
        "gender": {"female": 0.51, "male": 0.485, "other": 0.005},
        "disability": {"yes": 0.19, "no": 0.81},
        "age_band": {
            "16_24": 0.13,
            "25_34": 0.17,
            "35_44": 0.16,
            "45_54": 0.16,
            "55_64": 0.15,
            "65_plus": 0.23,
        },
    }
    rows = [
        (a, kind, group, share)
        for a in range(len(areas))
        for kind, groups in parts.items()
        for group, share in groups.items()
    ]
    n = len(rows)
    words = [r[2] for r in rows]
    frame = Frame("community_profile", n)
    frame.text("area", areas, ints([r[0] for r in rows]))
    names = list(parts)
    frame.code("characteristic", names, ints([names.index(r[1]) for r in rows]))
    frame.text("grp", words, np.arange(n))
    size = world.homes * 14 // len(areas)
    vary = draw.between(80, 120, n)
    frame["people"] = np.maximum(ints([round(r[3] * size) for r in rows]) * vary // 100, 1)
    frame.text("source", ["Census 2021 (shares invented)"], 0)
    frame["source_year"] = 2021
    world.add(frame)


def _costs(world: World) -> None:
    rates, draw = world.rates, world.draw("cost")
    per_home, kinds = rates.shares("corporate.cost_per_home"), rates.raw("corporate.cost_kinds")
    method_cost = rates.shares("corporate.method_cost")
    years = fiscal(world)
    activities = ["Staff", "Contractors", "Offices", "Systems"]
    split = [0.52, 0.33, 0.08, 0.07]
    lines = []
    for year in years.tolist():
        age = int(years[-1]) - year
        for service, pounds in per_home.items():
            for at, share in enumerate(split):
                amount = pounds * share * world.homes * (1 - 0.035 * age)
                lines.append((year, service, at, kinds[service], "", amount, 0))
        for method, pounds in method_cost.items():
            units = round(world.homes * 18 * rates.shares("rents.methods").get(method, 0.02))
            lines.append((year, "rents", 4, "collection", method, pounds * units, units))
        lines.append((year, "involvement", 5, "training", "", world.homes * 1.4, world.homes // 40))
        lines.append((year, "access", 5, "training", "", world.homes * 1.1, world.homes // 50))
    n = len(lines)
    frame = Frame("cost", n).own()
    services = list(per_home)
    frame["year"] = ints([x[0] for x in lines])
    frame.code("service", services, ints([services.index(x[1]) for x in lines]))
    frame.text(
        "activity", [*activities, "Collecting payments", "Training"], ints([x[2] for x in lines])
    )
    names = sorted({x[3] for x in lines})
    frame.code("kind", names, ints([names.index(x[3]) for x in lines]))
    methods = list(method_cost)
    paid_by = ints([methods.index(x[4]) if x[4] else 0 for x in lines])
    frame.code("method", methods, paid_by)
    paid = np.asarray([bool(x[4]) for x in lines])
    frame["method"] = only_where(paid, frame["method"])
    budget = ints([round(x[5]) * 100 for x in lines])
    counted = ints([x[6] for x in lines])
    frame.update(
        budget=budget,
        outturn=budget * draw.between(965, 1030, n) // 1000,
        units=only_where(counted > 0, counted),
    )
    world.add(frame)
    flats = np.unique(world.frames["property"]["scheme_ref"])
    flats = flats[flats != NULL]
    scheme, year = np.repeat(flats, len(years)), np.tile(years, len(flats))
    charge = Frame("service_charge_scheme", len(scheme))
    cost = draw.between(9000, 24000, len(scheme)) * 100
    charge.update(
        scheme_ref=scheme,
        year=year,
        cost=cost,
        income=cost * draw.between(965, 1030, len(scheme)) // 1000,
    )
    world.add(charge)


def _contracts(world: World) -> None:
    rates, draw, end = world.rates, world.draw("contract"), world.end
    firms = round(rates.number("repairs.contractors")) + 2
    frame = Frame("contractor", firms).own()
    at = np.arange(firms)
    frame.update(
        in_house=at == 0,
        active=np.where(at == firms - 1, 0, 1),
        equality_return_on=end - draw.between(10, 340, firms),
    )
    world.add(frame)
    n = 18
    contract = Frame("contract", n).own()
    value = draw.spread([8_000, 40_000, 120_000, 350_000, 1_200_000], n) * 100
    tested = end - draw.between(60, 1700, n)
    over = value > 5_000_000
    contract.update(
        contractor=1 + np.arange(n) % (firms - 1),
        annual_value=value,
        tested_on=tested,
        procured_on=tested + 30,
        over_threshold=over,
        residents_involved=only_where(over, 1),
        ends_on=tested + draw.between(1000, 2600, n),
    )
    world.add(contract)


def _indicators(world: World) -> None:
    rates, draw = world.rates, world.draw("indicator_value")
    names, years = rates.words("corporate.indicators"), fiscal(world)
    years = ints([years[0] - 2, years[0] - 1, *years])
    n = len(names)
    lower = np.isin(np.arange(n), [3, 4, 6, 7, 13, 14, 15, 16, 17, 18])
    base = draw.between(60, 96, n) * MILLION
    base = np.where(lower, draw.between(2, 60, n) * MILLION, base)
    each = len(years)
    at, step = np.repeat(np.arange(n), each), np.tile(np.arange(each), n)
    better = draw.between(-6, 14, n)[at] * step * base[at] // 1000
    value = base[at] + np.where(lower[at], -better, better)
    value += base[at] * draw.between(-8, 8, n * each) // 1000
    # In any year a few get clearly worse.
    worse = np.where(draw.chance(n * each, 0.15), base[at] * 35 // 1000, 0)
    value += np.where(lower[at], worse, -worse)
    target = base[at] * np.where(lower[at], 1005, 995) // 1000
    frame = Frame("indicator_value", n * each)
    frame.code("direction", ["higher", "lower"], lower[at].astype(np.int64))
    frame.update(
        indicator_ref=at,
        year=years[step],
        value=value,
        target=target,
        noise=base[at] * 8 // 1000,
        quality=(at < 15) | (at == 19),
    )
    world.add(frame)
    last = np.flatnonzero(step == each - 1)
    benchmark = Frame("benchmark", n).own()
    areas = list(rates.raw("corporate.indicators").values())
    unique = sorted(set(areas))
    benchmark.code("service_area", unique, ints([unique.index(a) for a in areas[:n]]))
    benchmark.text("indicator", names, np.arange(n))
    benchmark["direction"] = frame["direction"][last]
    own = value[last]
    middle = own * draw.between(830, 1190, n) // 1000
    benchmark.update(
        key_area=np.arange(n) < 15,
        compared_on=world.end - draw.between(20, 340, n),
        own=own,
        q1=middle * 92 // 100,
        median=middle,
        q3=middle * 108 // 100,
        n=draw.between(14, 220, n),
        cost_own=draw.between(40, 400, n) * MILLION,
        cost_median=draw.between(40, 400, n) * MILLION,
    )
    world.add(benchmark)


def _standards(world: World) -> None:
    rates, draw, end = world.rates, world.draw("service_standard"), world.end
    texts = [*rates.words("services.standards"), *rates.words("corporate.indicators")]
    promised = len(rates.words("services.standards"))
    n = len(texts)
    at = np.arange(n)
    areas = [
        *rates.raw("services.standards").values(),
        *rates.raw("corporate.indicators").values(),
    ]
    unique = sorted(set(areas))
    frame = Frame("service_standard", n).own()
    frame.code("service_area", unique, ints([unique.index(a) for a in areas[:n]]))
    frame.code("kind", ["standard", "indicator"], (at >= promised).astype(np.int64))
    frame.text("text", texts, at)
    target = draw.between(80, 99, n) * MILLION
    frame.code("direction", "higher")
    since = world.start - draw.between(200, 1500, n)
    frame.update(
        target=target,
        last_result=target + draw.between(0, 12, n) * MILLION // 10,
        measured_on=end - draw.between(5, 330, n),
        published_on=since + draw.between(5, 60, n),
        agreed_with_tenants=at % 5 != 4,
        tested_by_customers_on=only_where(at % 3 != 2, end - draw.between(10, 330, n)),
        tested_on=end - draw.between(5, 330, n),
        benchmarked_on=end - draw.between(10, 340, n),
        from_on=since,
        to_on=only_where(at == n - 1, end - 60),
    )
    world.add(frame)
    k = world.at_least(0.012 * world.years, least=30)
    shop = Frame("mystery_shop", k).own()
    day = draw.when(k, world.start, end)
    shop.code(
        "channel",
        ["telephone", "email", "letter", "visit", "online"],
        draw.pick([0.45, 0.2, 0.05, 0.15, 0.15], k),
    )
    shop.update(
        on_date=day,
        by_residents=draw.chance(k, 0.55),
        standard_ref=draw.between(0, promised - 1, k),
        passed=draw.chance(k, 0.88),
    )
    world.add(shop)


def _papers(world: World) -> None:
    rates, draw, end = world.rates, world.draw("policy_document"), world.end
    titles = rates.words("corporate.policies")
    n = len(titles)
    at = np.arange(n)
    kinds = ["tenancy_agreement", "handbook", "policy", "procedure", "strategy", "compact"]
    kind = np.where(at < 2, at, np.where(at == n - 1, 5, 2 + at % 3))
    frame = Frame("policy_document", n).own()
    frame.code("kind", kinds, kind)
    frame.text("title", titles, at)
    reviewed = end - draw.between(10, 340, n)
    frame.update(
        last_reviewed_on=reviewed,
        next_review_on=reviewed + 365,
        law_changed_on=reviewed - draw.between(10, 700, n),
        in_force=np.where(at == n - 2, 0, 1),
    )
    world.add(frame)
    k = 26
    risk = Frame("risk", k).own()
    opened = end - draw.between(120, 1600, k)
    closed = only_where(np.arange(k) % 7 == 6, end - draw.between(5, 100, k))
    due = end - draw.between(0, 90, k)
    risk.update(
        opened_on=opened,
        closed_on=closed,
        review_due_on=due,
        reviewed_on=np.maximum(due - draw.between(0, 20, k), opened),
        owner=draw.between(0, 5, k),
    )
    world.add(risk)


def _gains(world: World) -> None:
    draw, years = world.draw("efficiency_gain"), fiscal(world)
    n = 7 * len(years)
    frame = Frame("efficiency_gain", n).own()
    target = draw.between(8, 120, n) * 100_000
    frame.update(
        year=np.repeat(years, 7),
        target=target,
        achieved=target * draw.between(100, 118, n) // 100,
        cashable=draw.chance(n, 0.6),
        validated=1,
        indicator_ref=draw.between(0, 17, n),
    )
    world.add(frame)
    k = 5 * len(years)
    bid = Frame("funding_bid", k).own()
    day = np.sort(draw.between(world.start, world.end - 5, k))
    asked = draw.between(20, 600, k) * 100_000
    u = draw.uniform(k)
    won = np.where(u < 0.45, asked, np.where(u < 0.6, asked // 2, 0))
    bid.update(bid_on=day, asked=asked, won=only_where(day < world.end - 90, won))
    world.add(bid)


def _leasehold(world: World) -> None:
    draw, years = world.draw("leasehold_account"), fiscal(world)
    home = np.arange(world.homes, world.notes["owned"])
    owner, year = np.repeat(home, len(years)), np.tile(years, len(home))
    charged = ints([first_of(y) for y in years.tolist()])[np.tile(np.arange(len(years)), len(home))]
    extra = draw.chance(len(owner), 0.3)
    rows = np.concatenate([np.arange(len(owner)), np.flatnonzero(extra)])
    n = len(rows)
    works = np.arange(n) >= len(owner)
    day = charged[rows] + np.where(works, draw.between(60, 300, n), draw.between(10, 40, n))
    billed = np.where(works, draw.between(600, 9000, n), draw.between(420, 1600, n)) * 100
    frame = Frame("leasehold_account", n)
    frame.code(
        "kind",
        ["service_charge", "major_works", "repair", "ground_rent"],
        np.where(works, 1, draw.pick([0.86, 0, 0.06, 0.08], n)),
    )
    paid = np.where(draw.chance(n, 0.82), billed, billed * draw.between(0, 95, n) // 100)
    frame.update(
        property_ref=owner[rows], billed_on=until(day, world.end), billed=billed, collected=paid
    )
    kept = np.flatnonzero(frame["billed_on"] != NULL)
    order = kept[np.lexsort((frame["property_ref"][kept], frame["billed_on"][kept]))]
    world.add(frame.taken(ints(order)).own())
    assert int(years_of(ints([world.end]))[0]) >= int(year.max())
