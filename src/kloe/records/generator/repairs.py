"""Repairs, from the report to the inspection afterwards."""

from __future__ import annotations

import numpy as np

from kloe.records.generator.draws import (
    DAY_SECONDS,
    NULL,
    Bools,
    Ints,
    day_part,
    ints,
    moment,
    months_of,
    only_where,
)
from kloe.records.generator.frames import Frame, code, codes, join, written
from kloe.records.generator.world import SPAN, World

HOUR = 3600
#: Days after a job within which another of its kind in the same home is a recall.
SOON = 28


def make(world: World) -> None:
    """Make ``repair_job``; leave what tenants have to pay for in the world."""
    rates, draw = world.rates, world.draw("repair_job")
    count = round(rates.number("repairs.per_home_year") * world.homes * world.years)
    days = draw.when(
        count,
        world.start,
        world.end,
        rates.numbers("repairs.months"),
        rates.number("repairs.growth"),
    )
    # Some homes need far more repairs than others.
    u = draw.uniform(count)
    home = ints(np.floor(u * u * world.homes)) * 7919 % world.homes
    months = months_of(days)
    trade = np.zeros(count, dtype=np.int64)
    names = list(rates.shares("repairs.trades"))
    for entry, mask in (
        ("repairs.winter_trades", np.isin(months, [11, 12, 1, 2])),
        ("repairs.trades", np.isin(months, [3, 4, 5, 9, 10])),
        ("repairs.summer_trades", np.isin(months, [6, 7, 8])),
    ):
        trade[mask] = draw.pick(list(rates.shares(entry).values()), int(mask.sum()))
    priorities = rates.shares("repairs.priorities")
    priority = draw.pick(list(priorities.values()), count)
    first = _jobs(world, "jobs", home, days, trade, priority, np.full(count, NULL), names)
    done = np.flatnonzero(first.is_code("status", "completed"))
    again = done[draw.choose(len(done), round(len(done) * rates.number("repairs.recall")))]
    later = day_part(first["completed_at"][again]) + draw.spread([2, 9, 25, 60, 300], len(again))
    again, later = again[later <= world.end], later[later <= world.end]
    second = _jobs(
        world,
        "recalls",
        first["property_ref"][again],
        later,
        first["trade"][again],
        first["priority"][again],
        again,
        None,
    )
    frame = join([first, second, _remedials(world, first.rows)])
    order = np.argsort(frame["reported_at"], kind="stable")
    number = np.empty(frame.rows, dtype=np.int64)
    number[order] = np.arange(frame.rows)
    recall = frame["recall_of"]
    frame["recall_of"] = np.where(recall == NULL, NULL, number[np.maximum(recall, 0)])
    frame = frame.taken(ints(order)).own()
    _apart(frame)
    _link(frame)
    world.add(frame)
    _late(world, frame)
    _recharges(world, frame)


def _jobs(
    world: World,
    name: str,
    home: Ints,
    days: Ints,
    trade: Ints,
    priority: Ints,
    recall: Ints,
    trades: list[str] | None,
    late: bool = True,
) -> Frame:
    rates, draw = world.rates, world.draw(f"repair_job {name}")
    n, end = len(home), (world.end + 1) * DAY_SECONDS - 1
    frame = Frame("repair_job", n)
    if trades is not None:
        frame.code("trade", trades, trade)
        frame.code("priority", list(rates.shares("repairs.priorities")), priority)
    else:
        frame["trade"], frame["priority"] = trade, priority
    level = frame["priority"]
    hours_by = rates.shares("repairs.target_hours")
    hours = np.zeros(n, dtype=np.int64)
    for kind, value in hours_by.items():
        hours[level == code("repair_job", "priority", kind)] = round(value)
    emergency = level == code("repair_job", "priority", "emergency")
    reported = moment(days, draw.time_of_day(n, 0, 24))
    reported = np.where(emergency, reported, moment(days, draw.time_of_day(n)))
    reported = np.minimum(reported, end - 2 * HOUR)
    ordered = reported + draw.between(1, 50, n) * 60
    target = reported + hours * HOUR
    share = draw.spread([8, 20, 38, 62, 85, 99], n)
    completed = reported + np.maximum(hours * share * 36, HOUR)
    slow = np.zeros(n, dtype=bool)
    for slug, among in (
        ("repair-late-emergency", emergency & late),
        ("repair-late-other", ~emergency & late),
    ):
        slow |= world.planter.pick(slug, n, among)
    over = np.where(
        emergency,
        draw.spread([1, 3, 7, 15, 40], n) * HOUR,
        draw.spread([1, 3, 7, 14, 30, 75], n) * DAY_SECONDS,
    )
    completed = np.where(slow, target + over, completed) // 60 * 60
    completed = np.maximum(completed, ordered + 20 * 60)
    u = draw.uniform(n)
    refused = u < rates.number("repairs.no_access")
    cancelled = (
        ~refused
        & (u < rates.number("repairs.no_access") + rates.number("repairs.cancelled"))
        & ~slow
    )
    shut = refused & (draw.uniform(n) < 0.4) & ~slow
    open_ = (completed > end) & ~cancelled & ~shut
    done = ~open_ & ~cancelled & ~shut
    frame.code(
        "status",
        ["open", "completed", "cancelled", "no_access"],
        np.where(open_, 0, np.where(done, 1, np.where(cancelled, 2, 3))),
    )
    appointable = ~emergency & (draw.uniform(n) < 0.88)
    visits = 1 + draw.pick([rates.number("repairs.first_visit"), 0.12, 0.04], n)
    visits = np.where(refused, visits + 1, visits)
    attended = reported + (completed - reported) * np.where(visits > 1, 55, 100) // 100
    attended = np.maximum(attended // 60 * 60, ordered)
    appointed = appointable & (attended <= end) & ~cancelled
    no_access = np.where(refused, day_part(np.minimum(attended, end)), NULL)
    trade_names = [
        "plumbing",
        "electrical",
        "heating",
        "joinery",
        "roofing",
        "plastering",
        "glazing",
        "groundwork",
        "damp",
        "other",
    ]
    damp = frame.is_code("trade", "damp")
    communal = (
        draw.chance(n, rates.number("repairs.communal"))
        & (world.home["block"][home] != NULL)
        & (recall == NULL)
    )
    intrusive = draw.chance(n, rates.number("repairs.intrusive")) | frame.is_code(
        "trade", "plastering"
    )
    chargeable = draw.chance(n, rates.number("repairs.rechargeable")) & ~communal
    day = day_part(reported)
    person = np.where(communal, NULL, world.person_on(home, day))
    post = done & draw.chance(n, rates.number("repairs.post_inspected"))
    selection = rates.shares("repairs.post_selection")
    frame.code("post_selected_by", list(selection), draw.pick(list(selection.values()), n))
    base = rates.shares("repairs.mean_cost")
    cost = np.zeros(n, dtype=np.int64)
    for kind, value in base.items():
        cost[level == code("repair_job", "priority", kind)] = round(value * 100)
    sor = [f"{kind[:2].upper()}{k:04d}" for kind in trade_names for k in range(1, 31)]
    frame.text("sor_code", sor, frame["trade"] % 10 * 30 + draw.between(0, 29, n))
    flagged = _flagged(world, person)
    frame.update(
        property_ref=home,
        block_ref=np.where(communal, world.home["block"][home], NULL),
        person_ref=person,
        reported_at=reported,
        ordered_at=ordered,
        target_at=target,
        target_set_at=reported,
        appointable=appointable,
        appointment_at=only_where(appointed, attended // 1800 * 1800),
        appointment_kept=only_where(appointed, 1),
        attended_at=only_where(done | (shut & (attended <= end)), attended),
        completed_at=only_where(done, completed),
        no_access_on=no_access,
        visits=only_where(done, visits),
        trades=only_where(done, 1 + draw.chance(n, np.where(visits > 1, 0.5, 0.07))),
        first_visit_complete=only_where(done, (visits == 1).astype(np.int64)),
        recall_of=recall,
        contractor=_contractor(world, frame["trade"]),
        communal=communal,
        intrusive=intrusive,
        rechargeable=chargeable,
        cost_notice_on=only_where(chargeable, day),
        pre_inspected=draw.chance(n, rates.number("repairs.pre_inspected")) & ~emergency,
        post_inspected=only_where(done, post.astype(np.int64)),
        post_pass=only_where(post, (draw.uniform(n) < 0.93).astype(np.int64)),
        post_selected_by=only_where(post, frame["post_selected_by"]),
        asbestos_info_issued=only_where(intrusive & (world.home["built"][home] < 2000), 1),
        resident_flagged=flagged,
        flag_passed=only_where(flagged == 1, 1),
        damp_mould=damp,
        cost=only_where(done, cost * draw.spread([35, 60, 90, 125, 300], n) // 100),
    )
    return frame


def _remedials(world: World, _before: int) -> Frame:
    """Jobs that put right what a safety check has found."""
    certificate, home, day = world.notes["remedials"]
    n = len(home)
    kind = world.frames["compliance_certificate"].is_code("kind", "gas")[certificate]
    trade = np.where(kind, code_of("trade", "heating"), code_of("trade", "electrical"))
    none = np.full(n, NULL)
    urgent = np.full(n, code_of("priority", "urgent"))
    frame = _jobs(world, "remedials", home, day, ints(trade), urgent, none, None, late=False)
    frame["remedial_of"] = certificate
    return frame


def _apart(frame: Frame) -> None:
    """No home reports the same twice on a day: the second is of another trade."""
    other = (frame["recall_of"] == NULL) & (frame["remedial_of"] == NULL)
    day = day_part(frame["reported_at"])
    for _attempt in range(6):
        key = (frame["property_ref"] * 16 + frame["trade"]) * SPAN + day
        order = np.lexsort((~other, key))
        again = order[1:][key[order[1:]] == key[order[:-1]]]
        again = again[other[again]]
        if not len(again):
            return
        trade = frame["trade"].copy()
        trade[again] = (trade[again] + 1) % code_of("trade", "damp")
        frame["trade"] = trade


def _link(frame: Frame) -> None:
    """A job of the same trade in the same home soon after another is its recall."""
    group = frame["property_ref"] * 16 + frame["trade"]
    ended = day_part(frame["completed_at"])
    known = np.flatnonzero(ended != NULL)
    keys = group[known] * SPAN + ended[known]
    order = np.argsort(keys, kind="stable")
    known, keys = known[order], keys[order]
    day = day_part(frame["reported_at"])
    at = np.searchsorted(keys, group * SPAN + day, side="right")
    mine = np.arange(frame.rows)
    recall = frame["recall_of"].copy()
    for back in (1, 2, 3):
        place = at - back
        before = known[np.maximum(place, 0)]
        fits = (place >= 0) & (group[before] == group) & (before != mine)
        fits &= (ended[before] >= day - SOON) & (ended[before] <= day)
        fits &= frame["reported_at"][before] <= frame["reported_at"]
        fits &= recall == NULL
        recall[fits] = before[fits]
    frame["recall_of"] = recall


def _flagged(world: World, person: Ints) -> Ints:
    """Whether each household carries a flag (kept beside ``person_alert``)."""
    carries: Bools = world.notes["flagged people"]
    return np.where(person == NULL, 0, carries[np.maximum(person, 0)]).astype(np.int64)


def _contractor(world: World, trade: Ints) -> Ints:
    """Each trade has a firm; the first is the landlord's own team."""
    firms = round(world.rates.number("repairs.contractors"))
    return ints([0, 0, 1, 0, 2, 3, 4, 5, 6, 0])[trade % 10] % firms


def _late(world: World, frame: Frame) -> None:
    """List the jobs that were made late, and open ones whose target has passed."""
    emergency = frame.is_code("priority", "emergency")
    done = frame.is_code("status", "completed")
    slow = done & (frame["completed_at"] > frame["target_at"])
    for slug, mask in (
        ("repair-late-emergency", slow & emergency),
        ("repair-late-other", slow & ~emergency),
    ):
        world.planter.note(slug, frame, ints(np.flatnonzero(mask)), "completed_at")
    last = world.end * DAY_SECONDS
    overdue = frame.is_code("status", "open") & (frame["target_at"] < last)
    world.planter.note("repair-overdue", frame, ints(np.flatnonzero(overdue)), "status")


def _recharges(world: World, frame: Frame) -> None:
    chosen = np.flatnonzero((frame["rechargeable"] == 1) & frame.is_code("status", "completed"))
    day = day_part(frame["completed_at"][chosen])
    tenancy = world.tenancy_on(frame["property_ref"][chosen], day)
    some = tenancy != NULL
    pence = frame["cost"][chosen]
    wrong = world.planter.pick("recharge-as-rent", len(chosen), some)
    # The account of a tenancy has its number.
    accounts = written("rent_account", tenancy[wrong], tenancy[wrong] < 0).to_pylist()
    world.planter.note("recharge-as-rent", frame, ints(chosen[wrong]), cases=accounts)
    world.notes["recharges as rent"] = (tenancy[wrong], day[wrong], pence[wrong])
    some &= ~wrong
    world.notes["recharges"] = (tenancy[some], day[some], pence[some])


def alerts(world: World) -> None:
    """Make ``person_alert``: who is to be treated with more care, and how."""
    draw = world.draw("person_alert")
    person = world.frames["person"]
    kinds = ["access_need", "hearing", "sight", "language", "two_staff", "medical", "safeguarding"]
    disabled = person.is_code("disability", "yes")
    foreign = ~person.is_code("language", "english", "welsh")
    chance = np.where(foreign, 0.55, np.where(disabled, 0.22, 0.015))
    some = np.flatnonzero(draw.chance(person.rows, chance))
    n = len(some)
    frame = Frame("person_alert", n).own()
    kind = draw.pick([0.4, 0.18, 0.12, 0.0, 0.12, 0.12, 0.06], n)
    frame.code("kind", kinds, np.where(foreign[some], kinds.index("language"), kind))
    begun = world.start - draw.between(10, 1500, n)
    over = draw.chance(n, 0.06)
    frame.update(
        person_ref=some,
        from_on=begun,
        to_on=only_where(over, begun + draw.between(1, 9, n)),
    )
    world.add(frame)
    carries = np.zeros(person.rows, dtype=np.int64)
    carries[some[~over]] = 1
    world.notes["flagged people"] = carries


def code_of(column: str, name: str) -> int:
    """A code of ``repair_job``."""
    return int(codes("repair_job", column, [name])[0])
