"""Checks that the law asks for, what is known of the homes' condition, and hazards."""

from __future__ import annotations

import numpy as np

from kloe.records.generator.draws import (
    DAY_SECONDS,
    NULL,
    Bools,
    Draw,
    Ints,
    day_part,
    ints,
    moment,
    only_where,
    until,
    years_of,
)
from kloe.records.generator.frames import BLOCKS, Frame, code, codes
from kloe.records.generator.world import World

#: How early a check is made before the one before runs out, in days.
EARLY = {"gas": 55, "electrical": 170, "lift": 25, "legionella": 60}
#: Checks whose lapse is planted.
LAPSES = (
    "gas",
    "electrical",
    "fire",
    "asbestos",
    "legionella",
    "lift",
    "play",
    "heating",
    "energy",
    "smoke_co",
)


def make(world: World) -> None:
    """Make requirements, certificates and attempts to get in."""
    needed = _needed(world)
    kinds = list(world.rates.shares("safety.valid_days"))
    asset = np.concatenate([needed[k][0] for k in kinds])
    kind = np.concatenate([np.full(len(needed[k][0]), n) for n, k in enumerate(kinds)])
    since = np.concatenate([needed[k][1] for k in kinds])
    frame = Frame("safety_requirement", len(asset))
    frame.code("kind", kinds, kind)
    is_block = asset >= BLOCKS
    frame.code("asset_kind", ["property", "block"], is_block.astype(np.int64))
    block = world.home["block"][: world.homes]
    in_block = np.bincount(block[block != NULL], minlength=world.notes["blocks"] + 1)
    homes = np.where(is_block, in_block[np.where(is_block, asset - BLOCKS, 0)], 1)
    gone = world.home["gone"]
    to = np.where(is_block, NULL, gone[np.where(is_block, 0, asset)])
    frame.update(asset_ref=asset, from_on=since, homes=np.maximum(homes, 1), to_on=to)
    world.add(frame)
    _certificates(world, frame, kinds, kind, asset, since)


def _needed(world: World) -> dict[str, tuple[Ints, Ints]]:
    """Which assets need each check, and since when."""
    draw, home = world.draw("safety_requirement"), world.home
    n = world.homes
    at = np.arange(n)
    acquired = home["acquired"][:n]
    gas = at[home["gas"][:n] == 1]
    blocks = np.arange(world.notes["blocks"])
    block = home["block"][:n]
    built = np.full(len(blocks), 1975)
    inside = block != NULL
    built[block[inside]] = home["built"][:n][inside]
    begun = np.full(len(blocks), world.origin - 4000)
    lifts = blocks[
        draw.choose(len(blocks), _some(len(blocks), world.rates.number("stock.lift_blocks")))
    ]
    plays = blocks[draw.choose(len(blocks), _some(len(blocks), 0.15))]
    wet = blocks[draw.choose(len(blocks), _some(len(blocks), 0.5))]
    communal = np.zeros(len(blocks), dtype=bool)
    heated = world.frames["property"]["communal_heating"][:n] == 1
    communal[block[heated & inside]] = True
    old = blocks[built < 2000]

    def blocks_of(some: Ints) -> tuple[Ints, Ints]:
        return ints(some + BLOCKS), begun[: len(some)]

    return {
        "gas": (gas, acquired[gas]),
        "electrical": (at, acquired),
        "fire": blocks_of(blocks),
        "asbestos": blocks_of(old),
        "legionella": blocks_of(wet),
        "lift": blocks_of(lifts),
        "play": blocks_of(plays),
        "heating": blocks_of(blocks[communal]),
        "energy": (at, acquired),
        "smoke_co": (at, acquired),
    }


def _some(n: int, share: float) -> int:
    return min(n, max(2, round(n * share)))


def _certificates(
    world: World, needed: Frame, kinds: list[str], kind: Ints, asset: Ints, since: Ints
) -> None:
    draw, end = world.draw("compliance_certificate"), world.end
    days = world.rates.shares("safety.valid_days")
    found: list[dict[str, Ints]] = []
    for number, name in enumerate(kinds):
        rows = np.flatnonzero(kind == number)
        chain = _chain(
            world, draw, asset[rows], since[rows], round(days[name]), EARLY.get(name, 40)
        )
        if name == "gas":
            _renew_late(world, chain)
        if name in LAPSES:
            lapsed = world.planter.pick(f"check-lapsed-{name.replace('_', '-')}", len(rows))
            drop = np.isin(chain["asset"], asset[rows[lapsed]]) & (chain["expires"] >= end)
            chain = {key: values[~drop] for key, values in chain.items()}
            world.planter.note(f"check-lapsed-{name.replace('_', '-')}", needed, ints(rows[lapsed]))
        chain["kind"] = np.full(len(chain["asset"]), number)
        found.append(chain)
    all_ = {key: np.concatenate([f[key] for f in found]) for key in found[0]}
    order = np.lexsort((all_["asset"], all_["kind"], all_["issued"]))
    all_ = {key: values[order] for key, values in all_.items()}
    n = len(order)
    frame = Frame("compliance_certificate", n).own()
    frame.code("kind", kinds, all_["kind"])
    is_block = all_["asset"] >= BLOCKS
    frame.code("asset_kind", ["property", "block"], is_block.astype(np.int64))
    results = world.rates.shares("safety.results")
    result = draw.pick(list(results.values()), n)
    energy = frame.is_code("kind", "energy")
    result = np.where(energy, 0, result)
    frame.code("result", list(results), result)
    recent = (result > 0) & (all_["issued"] > end - 25)
    frame.update(
        asset_ref=all_["asset"],
        issued_on=all_["issued"],
        expires_on=all_["expires"],
        previous_expires_on=all_["before"],
        remedials_open=np.where(recent, draw.between(1, 3, n), 0),
        issued_to_tenant_on=only_where(
            ~is_block, until(all_["issued"] + draw.between(0, 24, n), end)
        ),
    )
    world.add(frame)
    late = frame.is_code("kind", "gas") & (frame["previous_expires_on"] != NULL)
    late &= frame["issued_on"] > frame["previous_expires_on"]
    world.planter.note("gas-renewed-late", frame, ints(np.flatnonzero(late)), "issued_on")
    remedial = (result > 0) & ~is_block & frame.is_code("kind", "gas", "electrical")
    remedial &= all_["issued"] >= world.start
    rows = np.flatnonzero(remedial & (all_["issued"] + 2 <= end))
    world.notes["remedials"] = (rows, all_["asset"][rows], all_["issued"][rows] + 1)
    _attempts(world, frame)


def _chain(
    world: World, draw: Draw, asset: Ints, since: Ints, valid: int, early: int
) -> dict[str, Ints]:
    """Check after check of each asset, each before the one before runs out."""
    n = len(asset)
    issued = np.where(
        since > world.origin - valid,
        since - draw.between(0, 6, n),
        world.origin - draw.between(0, max(valid - 5, 1), n),
    )
    before = np.full(n, NULL)
    parts: list[tuple[Ints, Ints, Ints, Ints]] = []
    rows = np.arange(n)
    while len(rows):
        parts.append((asset[rows], issued[rows], issued[rows] + valid, before[rows]))
        before[rows] = issued[rows] + valid
        issued[rows] = issued[rows] + valid - draw.between(2, early, len(rows))
        # A home sold needs no more checks.
        home = np.where(asset[rows] >= BLOCKS, 0, asset[rows])
        gone = np.where(asset[rows] >= BLOCKS, NULL, world.home["gone"][home])
        rows = rows[(issued[rows] <= world.end) & ((gone == NULL) | (issued[rows] <= gone))]
    names = ("asset", "issued", "expires", "before")
    if not parts:
        return dict.fromkeys(names, ints([]))
    return {name: np.concatenate([p[i] for p in parts]) for i, name in enumerate(names)}


def _renew_late(world: World, chain: dict[str, Ints]) -> None:
    """Some renewals come after the anniversary, though never over the end of a year."""
    before, issued = chain["before"], chain["issued"]
    room = (before != NULL) & (before > world.start) & (before + 35 <= world.end)
    since_end = (before - world.end) % 365
    room &= (since_end > 5) & (since_end < 310)
    # The next check has to stay in order: only the last or well before the next.
    late = world.planter.pick("gas-renewed-late", len(before), room)
    by = world.draw("gas late").between(1, 30, len(before))
    chain["issued"] = np.where(late, before + by, issued)
    chain["expires"] = np.where(late, chain["issued"] + 365, chain["expires"])


def _attempts(world: World, certificates: Frame) -> None:
    rates, draw = world.rates, world.draw("access_attempt")
    may = certificates.is_code("kind", "gas", "electrical") & (
        certificates["issued_on"] > world.start + 70
    )
    rows = np.flatnonzero(may & draw.chance(len(may), rates.number("safety.no_access_renewals")))
    n = len(rows)
    forced = draw.chance(n, rates.number("safety.forced"))
    if n > 20:
        forced[draw.choose(n, 4 * world.years)] = True
    tries = np.where(forced, 6, 1 + draw.pick([0.5, 0.3, 0.15, 0.05], n))
    at = np.repeat(np.arange(n), tries)
    step = np.arange(len(at)) - np.repeat(np.cumsum(tries) - tries, tries)
    left = tries[at] - 1 - step
    day = certificates["issued_on"][rows[at]] - left * 8 - np.where(left > 0, 2, 0)
    frame = Frame("access_attempt", len(at))
    names = ["letter", "call", "visit", "final_notice", "legal", "forced"]
    stage = np.where(forced[at], step, np.where(left == 0, 2, np.minimum(step, 3)))
    frame.code("stage", names, stage)
    gas = certificates.is_code("kind", "gas")[rows[at]]
    frame.code("kind", ["electrical", "gas"], gas.astype(np.int64))
    tried = draw.pick([0.75, 0.1, 0.15], len(at))
    frame.code(
        "outcome", ["no_access", "refused", "rearranged", "access"], np.where(left == 0, 3, tried)
    )
    frame.update(
        property_ref=certificates["asset_ref"][rows[at]],
        attempted_on=day,
        legal_sign_off=only_where(stage >= 4, 1),
    )
    order = np.argsort(day, kind="stable")
    world.add(frame.taken(ints(order)).own())


def condition(world: World) -> None:
    """Make stock surveys, components and the asbestos register; name the archetypes."""
    _surveys(world)
    _components(world)
    _asbestos(world)


def _surveys(world: World) -> None:
    rates, draw, n = world.rates, world.draw("stock_condition"), world.homes
    home = world.frames["property"]
    names = rates.words("stock.archetypes")
    flat, maisonette = (
        home.is_code("property_type", "flat", "bedsit"),
        home.is_code("property_type", "maisonette"),
    )
    built = np.where(home["build_year"] == NULL, 1975, home["build_year"])
    kind = np.where(built < 1945, 0, np.where(draw.chance(home.rows, 0.5), 1, 2))
    kind = np.where(home.is_code("property_type", "bungalow"), 3, kind)
    tall = (home["block_ref"] != NULL) & (home["block_ref"] % 5 == 0)
    kind = np.where(flat, np.where(tall, 5, 4), np.where(maisonette, 6, kind))
    home.text("archetype", names, only_where(np.arange(home.rows) < world.notes["owned"], kind))
    live = np.flatnonzero(world.home["gone"][:n] == NULL)
    cycle = round(rates.number("safety.survey_cycle_days"))
    surveyed = world.end - draw.between(3, cycle, len(live))
    acquired = world.home["acquired"][live]
    surveyed = np.where(surveyed < acquired, np.minimum(acquired + 5, world.end), surveyed)
    frame = Frame("stock_condition", len(live))
    methods = rates.shares("safety.survey_methods")
    frame.code("method", list(methods), draw.pick(list(methods.values()), len(live)))
    frame.text("archetype", names, kind[live])
    status = ["pass", "conditional", "fail"]
    whqs = codes("property", "whqs_status", status)
    lookup = np.zeros(int(whqs.max()) + 2, dtype=np.int64)
    lookup[whqs] = np.arange(3)
    frame.code("whqs_result", status, lookup[home["whqs_status"][live]])
    fails = home["dhs_status"][live] == code("property", "dhs_status", "fail")
    frame.code("dhs_result", ["pass", "fail"], fails.astype(np.int64))
    serious = draw.chance(len(live), np.where(fails, 0.5, 0.01))
    frame.update(
        property_ref=live,
        surveyed_on=surveyed,
        hhsrs_cat1=np.where(serious, draw.between(1, 2, len(live)), 0),
    )
    world.add(frame.taken(ints(np.lexsort((live, surveyed)))).own())


def _components(world: World) -> None:
    draw, n = world.draw("component"), world.homes
    lives = world.rates.shares("safety.element_lives")
    home = np.repeat(np.arange(n), len(lives))
    element = np.tile(np.arange(len(lives)), n)
    life = ints([round(v) for v in lives.values()])[element]
    year = int(years_of(ints([world.end]))[0])
    built = world.home["built"][home]
    age = draw.between(0, 100, len(home)) * life * 11 // 1000
    installed = np.maximum(year - age, np.minimum(built, year))
    boiler = np.isin(element, [list(lives).index("boiler"), list(lives).index("heating")])
    kept = ~boiler | (world.home["gas"][home] == 1)
    frame = Frame("component", len(home))
    frame.code("element", list(lives), element)
    updated = np.minimum(
        ((installed - 1970) * 365.2425).astype(np.int64) + draw.between(30, 400, len(home)),
        world.end - 40,
    )
    frame.update(
        property_ref=home,
        install_year=installed,
        remaining_life=np.maximum(life - (year - installed), 0),
        updated_on=updated,
    )
    world.add(frame.taken(ints(np.flatnonzero(kept))))


def _asbestos(world: World) -> None:
    rates, draw = world.rates, world.draw("asbestos_record")
    owned = world.notes["owned"]
    standing = (world.home["built"] < 2000) & (world.home["gone"] == NULL)
    old = np.flatnonzero(standing[:owned])
    needed = world.frames["safety_requirement"]
    blocks = needed["asset_ref"][needed.is_code("kind", "asbestos")]
    asset = np.concatenate([np.repeat(old, draw.between(1, 2, len(old))), blocks])
    k = len(asset)
    frame = Frame("asbestos_record", k).own()
    places, materials = (
        rates.words("safety.asbestos_places"),
        rates.words("safety.asbestos_materials"),
    )
    findings, conditions = rates.shares("safety.findings"), rates.shares("safety.conditions")
    frame.text("location", places, draw.between(0, len(places) - 1, k))
    finding = draw.pick(list(findings.values()), k)
    frame.code("finding", list(findings), finding)
    there = finding != list(findings).index("none")
    frame.text("material", materials, only_where(there, draw.between(0, len(materials) - 1, k)))
    frame.code("condition", list(conditions), draw.pick(list(conditions.values()), k))
    surveyed = world.end - draw.between(5, 700, k)
    frame.update(
        asset_ref=asset,
        condition=only_where(there, frame["condition"]),
        surveyed_on=surveyed,
        reinspect_due=only_where(there, surveyed + 730),
    )
    frame.code("asset_kind", ["property", "block"], (asset >= BLOCKS).astype(np.int64))
    world.add(frame)


def hazards(world: World) -> None:
    """Make ``hazard_case``: each step within the days the law allows."""
    rates, draw = world.rates, world.draw("hazard_case")
    n = world.at_least(
        rates.number("safety.hazards_per_home_year") * world.years, least=18 * world.years
    )
    day = draw.when(n, world.start, world.end, rates.numbers("safety.hazard_months"), 0.12)
    frame = Frame("hazard_case", n).own()
    kinds, triage = rates.shares("safety.hazard_kinds"), rates.shares("safety.triage")
    frame.code("kind", list(kinds), draw.pick(list(kinds.values()), n))
    level = draw.pick(list(triage.values()), n)
    frame.code("triage", list(triage), level)
    urgent, real = level == 0, level < 2
    last = (world.end + 1) * DAY_SECONDS - 1
    reported = moment(day, draw.time_of_day(n, 8, 17))
    ended = reported + draw.between(60, 23 * 60, n) * 60
    looked = np.where(urgent, day_part(ended), day + draw.between(1, 9, n))
    safe_at = np.minimum(ended + draw.between(5, 55, n) * 60, reported + 1435 * 60)
    safe = np.where(urgent, day_part(safe_at), looked + draw.between(0, 4, n))
    began = looked + draw.between(1, 4, n)
    over = began + draw.spread([1, 6, 15, 30, 80], n)
    frame.update(
        property_ref=draw.between(0, world.homes - 1, n),
        reported_at=np.minimum(reported, last),
        investigated_on=until(looked, world.end),
        investigated_at=only_where(urgent & (ended <= last), ended),
        summary_sent_on=until(looked + draw.between(0, 2, n), world.end),
        made_safe_on=only_where(real, until(safe, world.end)),
        made_safe_at=only_where(urgent & (safe_at <= last), safe_at),
        works_started_on=only_where(real, until(began, world.end)),
        works_completed_on=only_where(real, until(over, world.end)),
        works_needed=only_where(looked <= world.end, real.astype(np.int64)),
        decanted=_decanted(draw, urgent),
    )
    world.add(frame)


def _decanted(draw: Draw, urgent: Bools) -> Bools:
    return draw.chance(len(urgent), np.where(urgent, 0.25, 0.02))
