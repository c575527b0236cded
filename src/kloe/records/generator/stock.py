"""Homes, garages, blocks, estates and who owns what, of an invented landlord."""

from __future__ import annotations

import numpy as np

from kloe.records.generator.draws import NULL, Ints, ints, only_where
from kloe.records.generator.frames import Frame
from kloe.records.generator.world import World

POSTCODE_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


def estates(world: World) -> list[str]:
    """Names of the landlord's estates, all different."""
    first, last = world.rates.words("stock.estate_first"), world.rates.words("stock.estate_last")
    count = max(4, round(world.homes / world.rates.number("stock.homes_per_estate")))
    shift = int(world.draw("estates").between(0, len(first) - 1, 1)[0])
    found = []
    for n in range(count):
        a = first[(n + shift) % len(first)]
        b = last[(n // len(first) + n + shift) % len(last)]
        again = n // (len(first) * len(last))
        found.append(f"{a} {b}" + (f" {again + 1}" if again else ""))
    return found


def make(world: World) -> None:
    """Make ``property``; leave rents and places of homes in the world."""
    rates, draw, homes = world.rates, world.draw("property"), world.homes
    owned = homes + world.at_least(rates.number("stock.leasehold"))
    owned += world.at_least(rates.number("stock.shared_ownership"))
    garages = world.at_least(rates.number("stock.garages"), least=4)
    leasehold = owned - world.at_least(rates.number("stock.shared_ownership"))
    rows = owned + garages
    at = np.arange(rows)
    is_garage, is_home = at >= owned, at < homes

    names = estates(world)
    per_block = round(rates.number("stock.homes_per_block"))
    group = _groups(world, rows, homes, per_block)
    groups = int(group.max()) + 1
    flat_group = draw.chance(groups, rates.number("stock.flat_groups"))
    flat_group[group[homes:owned]] = True
    flat_group[: min(2, groups)] = [True, False][: min(2, groups)]
    estate_of = (np.arange(groups) * len(names) // groups).astype(np.int64)
    estate = estate_of[group]
    areas = rates.words("stock.areas")
    area = estate * len(areas) // len(names)

    flats = flat_group[group] & ~is_garage
    block_number = np.cumsum(flat_group) - 1
    frame = Frame("property", rows).own()
    frame["block_ref"] = only_where(flats, block_number[group])
    frame["scheme_ref"] = only_where(flats, estate)
    frame.text(
        "uprn",
        [f"{100_090_000_000 + world_number(world) * 1_000_003 + n * 7}" for n in range(rows)],
        at,
    )
    frame.text("estate", names, estate)
    frame.text("area", areas, area)
    frame.text("postcode", [_postcode(n) for n in range(groups)], group)
    flat_types, house_types = rates.shares("stock.flat_types"), rates.shares("stock.house_types")
    kinds = [*flat_types, *house_types, "garage"]
    kind = np.where(
        flats,
        draw.pick(list(flat_types.values()), rows),
        len(flat_types) + draw.pick(list(house_types.values()), rows),
    )
    kind = np.where(is_garage, len(kinds) - 1, kind)
    frame.code("property_type", kinds, kind)
    beds = np.where(
        flats,
        draw.pick([0, 0.55, 0.38, 0.07], rows),
        draw.pick([0, 0.08, 0.36, 0.46, 0.08, 0.02], rows),
    )
    beds = np.where(kind == kinds.index("bedsit"), 0, beds)
    frame["bedrooms"] = only_where(~is_garage, beds)
    years = rates.shares("stock.build_years")
    built = ints([int(y) for y in years])[draw.pick(list(years.values()), groups)]
    built = (built + draw.between(0, 9, groups))[group]
    tenure = np.where(draw.chance(rows, rates.number("stock.affordable")), 1, 0)
    tenure = np.where(at >= homes, 2, tenure)
    tenure = np.where((at >= leasehold) & ~is_garage, 3, tenure)
    frame.code(
        "tenure_type",
        ["social_rent", "affordable_rent", "leasehold", "shared_ownership"],
        np.where(is_garage, 0, tenure),
    )
    frame["tenure_type"] = np.where(is_garage, NULL, frame["tenure_type"])
    needs = rates.shares("stock.needs")
    frame.code("needs_type", list(needs), draw.pick(list(needs.values()), groups)[group])
    frame["needs_type"] = only_where(is_home, frame["needs_type"])
    frame["self_contained"] = ~is_garage
    communal = (draw.chance(groups, 0.10) & flat_group)[group]
    gas = draw.chance(rows, rates.number("stock.gas") / 0.95) & ~communal & is_home
    frame["gas"] = gas
    frame["communal_heating"] = communal & ~is_garage
    adapted = draw.chance(rows, rates.number("stock.adapted")) & is_home
    frame["adapted"] = adapted
    whqs = rates.shares("stock.whqs")
    frame.code("whqs_status", list(whqs), draw.pick(list(whqs.values()), rows))
    fails = draw.chance(rows, rates.number("stock.dhs_fail"))
    frame.code("dhs_status", ["pass", "fail"], np.where(fails, 1, 0))
    epc = rates.shares("stock.epc")
    frame.code("epc_band", list(epc), draw.pick(list(epc.values()), rows))
    for name in ("whqs_status", "dhs_status", "epc_band"):
        frame[name] = only_where(is_home, frame[name])

    new = draw.chance(rows, rates.number("stock.acquired_per_year") * (world.years + 1)) & is_home
    recent = draw.between(world.origin, world.end - 60, rows)
    built = np.where(new, 2020 + (recent - world.origin) // 400, built)
    old = ((built - 1970) * 365.2425).astype(np.int64) + draw.between(20, 700, rows)
    acquired = np.where(new, recent, np.minimum(old, world.origin - 500))
    frame.update(build_year=only_where(~is_garage, built), acquired_on=acquired)
    frame["lettable"] = is_home | is_garage
    frame["lettable_from"] = only_where(is_home, acquired + draw.between(0, 10, rows))

    table = ints([round(v * 100) for v in rates.numbers("stock.weekly_rent")])
    place = 100 + (area * 5 % 11) - 5
    rent = table[beds] * place // 100 + draw.between(-600, 900, rows)
    rent = np.where(tenure == 1, rent * 118 // 100, rent)
    rent = np.where(is_garage, 1150 + draw.between(0, 3, rows) * 125, rent)
    rent = np.where((at >= homes) & ~is_garage, 0, rent)
    frame["weekly_rent"] = only_where(rent > 0, rent)
    world.home = {
        "rent": rent,
        "estate": estate,
        "area": area,
        "acquired": acquired,
        "new": new.astype(np.int64),
        "block": frame["block_ref"],
        "gas": gas.astype(np.int64),
        "adapted": adapted.astype(np.int64),
        "built": built,
        "needs": frame["needs_type"],
    }
    world.notes.update(estates=names, areas=areas, owned=owned, blocks=int(flat_group.sum()))
    block_estate = np.zeros(max(1, int(flat_group.sum())), dtype=np.int64)
    block_estate[block_number[flat_group]] = estate_of[flat_group]
    world.notes["block estate"] = block_estate
    world.add(frame)


def world_number(world: World) -> int:
    """A small number of the landlord, from its code."""
    return int("".join(c for c in world.landlord if c.isdigit()) or 0)


def _groups(world: World, rows: int, homes: int, per_block: int) -> Ints:
    """Which homes stand together; those that are not rented and the garages among them."""
    groups = max(2, homes // per_block)
    draw = world.draw("groups")
    found = np.minimum(np.arange(rows) // per_block, groups - 1)
    found[homes:] = draw.between(0, groups - 1, rows - homes)
    return ints(found)


def _postcode(n: int) -> str:
    """A postcode in an area that no real postcode has (ZZ)."""
    a, b = n % 20, n // 20 % 20
    return f"ZZ{1 + n // 4000 % 98} {n // 400 % 10}{POSTCODE_LETTERS[a]}{POSTCODE_LETTERS[b]}"
