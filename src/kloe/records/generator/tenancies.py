"""Tenancies and the empty periods between them."""

from __future__ import annotations

import numpy as np

from kloe.records.generator.draws import NULL, Ints, ints, months_of, only_where, until
from kloe.records.generator.frames import Frame, code
from kloe.records.generator.world import World

QUARTER = 91
NEVER = 99_000


def make(world: World) -> None:
    """Make ``tenancy`` and ``void``; leave who lived where and when in the world."""
    home, first, last, void = _timeline(world)
    garage_home, garage_first, garage_last = _garages(world)
    let_homes = len(home)
    home = np.concatenate([home, garage_home])
    first = np.concatenate([first, garage_first])
    last = np.concatenate([last, garage_last])
    rows = len(home)
    garage = np.arange(rows) >= let_homes
    world.let = {"home": home, "first": first, "last": last, "garage": garage.astype(np.int64)}
    _tenancies(world, rows)
    _voids(world, void)


def _timeline(world: World) -> tuple[Ints, Ints, Ints, dict[str, Ints]]:
    """Follow every home from tenancy to tenancy, a quarter at a time."""
    rates, draw, n = world.rates, world.draw("timeline"), world.homes
    acquired = world.home["acquired"][:n]
    begun = world.origin - draw.spread(rates.numbers("tenancies.tenancy_ages"), n)
    current = np.maximum(begun, acquired + draw.between(3, 18, n))
    new = world.home["new"][:n] == 1
    current = np.where(new, acquired + draw.between(5, 25, n), current)
    homes = [np.arange(n)]
    firsts = [current.copy()]
    lasts = [np.full(n, NEVER)]
    row = np.arange(n)
    total = n
    turnover = rates.number("tenancies.turnover")
    factor = rates.number("tenancies.first_year_factor")
    reasons = rates.shares("tenancies.end_reasons")
    works = rates.shares("tenancies.works")
    voids: list[dict[str, Ints]] = []
    ended: list[tuple[Ints, Ints]] = []
    open_ = np.ones(n, dtype=bool)
    for begins in range(world.origin, world.end - 10, QUARTER):
        ends = min(begins + QUARTER - 1, world.end - 1)
        live = open_ & (current < begins)
        chance = turnover / 4 * np.where(begins - current < 365, factor, 1.0)
        leaving = np.flatnonzero(live & draw.chance(n, chance))
        k = len(leaving)
        day = np.maximum(draw.between(begins, ends, k), current[leaving] + 28)
        day = np.minimum(day, world.end - 1)
        why = draw.pick(list(reasons.values()), k)
        ended.append((row[leaving], np.stack([day, why])))
        sold = why == list(reasons).index("bought")
        void = _void(world, draw, leaving, day, draw.pick(list(works.values()), k))
        voids.append({name: values[~sold] for name, values in void.items()})
        next_day = np.where(sold, NEVER, void["let_on"])
        next_day = np.where(next_day == NULL, NEVER, next_day)
        again = next_day <= world.end
        newly = leaving[again]
        homes.append(newly)
        firsts.append(next_day[again])
        lasts.append(np.full(len(newly), NEVER))
        open_[leaving] = again
        current[newly] = next_day[again]
        row[newly] = total + np.arange(len(newly))
        total += len(newly)
    last = np.concatenate(lasts)
    reason = np.full(total, NULL)
    for rows, values in ended:
        last[rows] = values[0]
        reason[rows] = values[1]
    first = np.concatenate(firsts)
    home = np.concatenate(homes)
    kept = first <= world.end
    number = np.cumsum(kept) - 1
    world.notes["end reason"] = ints(reason[kept])
    void = {name: np.concatenate([v[name] for v in voids]) for name in voids[0]}
    world.notes["tenancy number"] = number
    return home[kept], first[kept], last[kept], void


def _void(world: World, draw: object, homes: Ints, ended: Ints, works: Ints) -> dict[str, Ints]:
    """When works begin and end and the home is let again; clean, but for those let late."""
    rates, n = world.rates, len(homes)
    own = world.draw(f"void {int(ended.min()) if n else 0}")
    targets = rates.shares("tenancies.target_days")
    target = ints([targets[k] for k in rates.shares("tenancies.works")])[works]
    taken = target * own.between(40, 100, n) // 100
    late = world.planter.pick("void-relet-late", n) if n >= 4 else np.zeros(n, dtype=bool)
    taken = np.where(late, target + own.between(2, 56, n), taken)
    hard = own.chance(n, rates.number("tenancies.hard_to_let")) & late
    taken = np.where(hard, own.between(190, 290, n), taken)
    held = own.chance(n, rates.number("tenancies.held")) & ~late
    keys = own.between(0, 2, n)
    begin = keys + own.between(1, 3, n)
    finish = np.maximum(taken - own.between(4, 8, n), begin)
    let_on = np.where(held, NEVER, ended + taken)
    return {
        "home": homes,
        "ended_on": ended,
        "works": works,
        "target": target,
        "keys_in_on": ended + keys,
        "works_from": ended + begin,
        "works_to": ended + finish,
        "ready_on": ended + finish + own.between(0, 2, n),
        "let_on": until(let_on, world.end),
        "late": late.astype(np.int64),
        "hard": hard.astype(np.int64),
        "held": held.astype(np.int64),
    }


def _garages(world: World) -> tuple[Ints, Ints, Ints]:
    draw, owned = world.draw("garages"), world.notes["owned"]
    count = len(world.home["rent"]) - owned
    let = np.sort(draw.choose(count, max(2, round(count * 0.82))))
    first = world.origin - draw.between(30, 3500, len(let))
    ends = draw.chance(len(let), 0.03 * world.years)
    last = np.where(ends, draw.between(world.start, world.end - 30, len(let)), NEVER)
    return owned + let, first, last


def _tenancies(world: World, rows: int) -> None:
    rates, draw, let = world.rates, world.draw("tenancy"), world.let
    first, last, garage = let["first"], let["last"], let["garage"] == 1
    frame = Frame("tenancy", rows).own()
    frame["property_ref"] = let["home"]
    ended = last <= world.end
    reasons = list(rates.shares("tenancies.end_reasons"))
    why = np.full(rows, reasons.index("notice"))
    known = world.notes["end reason"]
    why[: len(known)] = np.where(known == NULL, 0, known)
    frame.code("end_reason", reasons, why)
    signed = first - draw.between(0, 6, rows)
    starter = draw.chance(rows, 0.8) & (first >= world.origin - 1500) & ~garage
    tenure = np.where(starter & (np.minimum(last, world.end) - first < 365), 1, 0)
    supported = world.home["needs"][let["home"]] == code("property", "needs_type", "supported")
    tenure = np.where(supported & ~garage & draw.chance(rows, 0.5), 2, tenure)
    frame.code("tenure", ["secure", "starter", "licence"], np.where(garage, 2, tenure))
    audits = np.maximum(first, world.end - draw.between(5, 1700, rows))
    frame.update(
        start_on=first,
        end_on=only_where(ended, last),
        end_reason=only_where(ended, frame["end_reason"]),
        signed_on=signed,
        conditions_explained_on=signed,
        written_statement_issued_on=draw.between(signed, first, rows),
        keys_on=first,
        starter=starter,
        last_checked_on=only_where(~ended, audits),
    )
    _transfers(world, frame, draw.uniform(rows))
    let["fresh"] = ((first >= world.origin) & ~garage).astype(np.int64)
    world.add(frame)


def _transfers(world: World, frame: Frame, order: object) -> None:
    """Where a tenancy ended as another began, let some be the same household moving."""
    let = world.let
    fresh = np.flatnonzero((let["first"] >= world.origin) & (let["garage"] == 0))
    fresh = fresh[np.argsort(let["first"][fresh], kind="stable")]
    movers = np.flatnonzero(
        (let["last"] <= world.end)
        & (let["garage"] == 0)
        & frame.is_code("end_reason", "notice", "other")
    )
    movers = movers[np.argsort(let["last"][movers], kind="stable")]
    starts = let["first"][fresh]
    at = np.searchsorted(starts, let["last"][movers], side="left")
    fits = at < len(fresh)
    movers, at = movers[fits], at[fits]
    close = starts[at] - let["last"][movers] <= 10
    movers, at = movers[close], at[close]
    _to, once = np.unique(at, return_index=True)
    movers, to = movers[once], fresh[at[once]]
    apart = (let["home"][movers] != let["home"][to]) & (let["first"][movers] < let["first"][to])
    # A household that moves twice would need its moves in order: only one move each.
    apart &= ~np.isin(movers, to)
    wanted = round(len(fresh) * world.rates.shares("tenancies.routes")["transfer"])
    movers, to = movers[apart], to[apart]
    few = min(wanted, len(movers))
    spaced = np.arange(few) * len(movers) // max(few, 1)
    movers, to = movers[spaced], to[spaced]
    reason = frame["end_reason"].copy()
    reason[movers] = code("tenancy", "end_reason", "transfer")
    frame["end_reason"] = reason
    moved_from = np.full(frame.rows, NULL)
    moved_from[to] = movers
    let["moved from"] = moved_from


def _voids(world: World, found: dict[str, Ints]) -> None:
    rates, draw = world.rates, world.draw("void")
    order = np.argsort(found["ended_on"], kind="stable")
    found = {name: values[order] for name, values in found.items()}
    rows, end = len(order), world.end
    frame = Frame("void", rows).own()
    frame["property_ref"] = found["home"]
    works = list(rates.shares("tenancies.works"))
    frame.code("works_class", works, found["works"])
    tenancy = world.tenancy_on(found["home"], found["ended_on"])
    reason = world.frames["tenancy"]["end_reason"][np.maximum(tenancy, 0)]
    words = [str(t) for t in frame_words()]
    frame.text("end_reason", words, np.where(tenancy == NULL, NULL, reason))
    no_works = found["works"] == works.index("none")
    costs = rates.shares("tenancies.works_cost")
    cost = ints([round(costs[k] * 100) for k in works])[found["works"]]
    works_to = until(found["works_to"], end)
    done = works_to != NULL
    hard = found["hard"] == 1
    action = found["ended_on"] + draw.between(40, 90, rows)
    held = found["held"] == 1
    until_day = np.where(found["let_on"] == NULL, end, found["let_on"])
    inspected = done & draw.chance(rows, 0.62) & ~held
    frame.update(
        ended_on=found["ended_on"],
        keys_in_on=until(_not_first(found["keys_in_on"]), end),
        works_from=until(found["works_from"], end),
        works_to=works_to,
        ready_on=only_where(~held, until(found["ready_on"], end)),
        let_on=found["let_on"],
        target_days=found["target"],
        rent_loss=world.home["rent"][found["home"]] * (until_day - found["ended_on"]) // 7,
        held=held,
        hard_to_let=hard,
        hard_to_let_action_on=only_where(hard, until(action, end)),
        inspected_on=only_where(inspected, found["works_to"]),
        relet_standard_pass=only_where(inspected, 1),
        cost=only_where(done, cost * draw.between(55, 165, rows) // 100),
    )
    frame["works_from"] = only_where(~no_works, frame["works_from"])
    frame["works_to"] = only_where(~no_works, frame["works_to"])
    frame["inspected_on"] = np.where(inspected & no_works, found["ready_on"], frame["inspected_on"])
    frame["inspected_on"] = until(frame["inspected_on"], end)
    frame["relet_standard_pass"] = only_where(frame["inspected_on"] != NULL, 1)
    world.notes["void works"] = found["works"]
    late = np.flatnonzero((found["late"] == 1) & (found["let_on"] != NULL))
    world.planter.note("void-relet-late", frame, ints(late), "let_on")
    world.add(frame)
    _statuses(world, frame)


def frame_words() -> list[str]:
    """Reasons for which tenancies end, in words, in the order of their codes."""
    from kloe.records.layouts import layout

    return [str(t) for t in layout("tenancy").column("end_reason").codes.values()]


def _not_first(days: Ints) -> Ints:
    """The day after where a day is the first of a month, as far too many are in bad records."""
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]")
    return np.where(month.astype(np.int64) == days, days + 1, days)


def _statuses(world: World, void: Frame) -> None:
    """How each home stands on the day of the extract, and since when sold ones are gone."""
    frame, let = world.frames["property"], world.let
    live = np.zeros(frame.rows, dtype=bool)
    live[let["home"][let["last"] > world.end]] = True
    owned = world.notes["owned"]
    at = np.arange(frame.rows)
    live |= (at >= world.homes) & (at < owned)
    sold = np.flatnonzero(
        world.frames["tenancy"].is_code("end_reason", "bought") & (let["last"] <= world.end)
    )
    gone = np.full(frame.rows, NULL)
    gone[let["home"][sold]] = let["last"][sold]
    held = np.zeros(frame.rows, dtype=bool)
    held[void["property_ref"][(void["held"] == 1) & (void["let_on"] == NULL)]] = True
    state = np.where(live, 0, np.where(gone != NULL, 3, np.where(held, 2, 1)))
    frame.code("status", ["occupied", "void", "hold", "disposed"], state)
    frame["disposed_on"] = gone
    frame["lettable"] = (state < 2) & ((at < world.homes) | (at >= owned))
    world.home["gone"] = gone


def season(days: Ints, weights: list[float]) -> Ints:
    """Weight of each day's month in hundredths."""
    return ints(np.round(np.asarray(weights)[months_of(days) - 1] * 100))
