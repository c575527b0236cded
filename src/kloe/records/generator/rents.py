"""Rent accounts and their postings."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from kloe.records.generator import arrears, ledger
from kloe.records.generator.draws import NULL, Draw, Ints, date_of, day_of, ints, only_where
from kloe.records.generator.frames import Frame, codes, join
from kloe.records.generator.world import World

#: Accounts that go through the ledger at once: bounds the memory of the largest landlords.
TOGETHER = 16_384


def make(world: World) -> None:
    """Make accounts, postings, statements and everything that follows from arrears."""
    frame, traits = _accounts(world)
    weekly, monthly = _weeks(world), _months(world)
    world.notes["next posting"] = 0
    parts: list[arrears.Part] = []
    rows = np.arange(frame.rows)
    is_monthly = traits["monthly"] == 1
    balance = np.zeros(frame.rows, dtype=np.int64)
    cleared = np.full(frame.rows, -1, dtype=np.int64)
    for group, periods in ((rows[~is_monthly], weekly), (rows[is_monthly], monthly)):
        for at in range(0, len(group), TOGETHER):
            some = group[at : at + TOGETHER]
            part = _block(world, traits, some, periods, periods is weekly)
            balance[some] = part.told.balance
            cleared[some] = part.told.cleared
            parts.append(part)
            world.tell("rent_transaction")
    owing = _describe(world, frame, traits, balance, cleared)
    arrears.make(world, parts, owing)
    _more_accounts(world, frame)


def _weeks(world: World) -> Ints:
    """Weeks from Sunday; the last day of a year is seldom the first of a rent week then."""
    first = world.start - (world.start + 4) % 7
    first = first if first >= world.start else first + 7
    return ints(
        np.concatenate(
            [
                [world.start] if first > world.start else [],
                np.arange(first, world.end + 1, 7),
                [world.end + 1],
            ]
        )
    )


def _months(world: World) -> Ints:
    first, last = date_of(world.start), date_of(world.end)
    found = [world.start]
    year, month = first.year, first.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        day = date(year, month, 1)
        if day > last:
            return ints([*found, world.end + 1])
        found.append(day_of(day))


def _accounts(world: World) -> tuple[Frame, dict[str, Ints]]:
    rates, draw, let = world.rates, world.draw("rent_account"), world.let
    rows = len(let["home"])
    garage = let["garage"] == 1
    tenancy = world.frames["tenancy"]
    frame = Frame("rent_account", rows).own()
    signed = tenancy["signed_on"]
    opened = draw.between(signed, let["first"], rows)
    frame["tenancy_ref"] = np.arange(rows)
    frame["opened_on"] = opened
    frame["payment_means_issued_on"] = draw.between(opened, let["first"], rows)
    number = 70_000_000 + np.arange(rows) * 11
    frame.text("payment_ref", [str(v) for v in number.tolist()], np.arange(rows))
    shares = rates.shares("rents.methods")
    method = codes("rent_account", "payment_method", list(shares))[
        draw.pick(list(shares.values()), rows)
    ]
    u = draw.uniform(rows)
    hb_share, uc_share = rates.number("rents.hb"), rates.number("rents.uc")
    apa = rates.number("rents.uc_apa")
    cover = ints([round(v * 100) for v in rates.numbers("rents.hb_cover")])
    part = cover[draw.between(0, len(cover) - 1, rows)]
    hb = np.where((u < hb_share) & ~garage, part, 0)
    uc = np.where((u >= hb_share) & (u < hb_share + apa) & ~garage, 85, 0)
    status = np.where(hb > 0, 1, np.where(uc > 0, 3, np.where(u < hb_share + uc_share, 2, 0)))
    status = np.where(garage, 0, status)
    frame.code("hb_uc_status", ["none", "hb", "uc", "uc_apa"], status)
    wholly = hb >= 100
    benefit = codes("rent_account", "payment_method", ["benefit"])[0]
    frame["payment_method"] = np.where(wholly, benefit, method)
    debit = codes("rent_account", "payment_method", ["direct_debit", "standing_order"])
    by_bank = np.isin(method, debit)
    every = np.where(by_bank, 4, ints([1, 1, 2, 2, 4])[draw.between(0, 4, rows)])
    monthly = draw.chance(rows, rates.number("rents.monthly")) & ~garage
    ahead = np.where(draw.chance(rows, rates.number("rents.pays_ahead")), every, 0)
    rent = world.home["rent"][let["home"]]
    flats = world.home["block"][let["home"]] != NULL
    charge = round(rates.number("rents.service_charge") * 100)
    reason = tenancy.is_code("end_reason", "eviction_arrears")
    stops = np.where(reason, let["last"] - draw.between(210, 380, rows), 10**6)
    opening = _opening(world, draw, rent * (100 - hb - uc) // 100, ahead, garage)
    traits = {
        "rent": rent,
        "service": np.where(flats & ~garage, charge + draw.between(0, 500, rows), 0),
        "hb": hb,
        "uc": uc,
        "method": method,
        "every": np.where(monthly, 1, every),
        "ahead": np.where(monthly, np.minimum(ahead, 1), ahead),
        "monthly": monthly.astype(np.int64),
        "stops": stops,
        "opening": opening,
        "garage": garage.astype(np.int64),
    }
    return frame, traits


def _opening(world: World, draw: Draw, own: Ints, ahead: Ints, garage: Any) -> Ints:
    """Balances on the day before the records begin."""
    n, let = len(own), world.let
    old = let["first"] < world.start
    owes = draw.chance(n, world.rates.number("rents.opening_arrears"))
    amount = np.where(owes, own * draw.spread([1, 3, 6, 11, 24], n), -own * ahead // 2)
    gone = let["last"] < world.start
    owes_still = gone & draw.chance(n, 0.35)
    amount = np.where(gone, np.where(owes_still, own * draw.between(2, 12, n), 0), amount)
    return ints(np.where(old & (garage == 0), amount, 0))


def _block(
    world: World, traits: dict[str, Ints], some: Ints, periods: Ints, weekly: bool
) -> arrears.Part:
    let, rates = world.let, world.rates
    draw = world.draw(f"ledger {int(some[0])}")
    years = (periods[:-1] - world.end + 360) // 365
    years = ints(np.ceil(years)) if len(years) else years
    uplift = 1 + rates.number("rents.uplift")
    level = [round(10_000 / uplift ** max(0, -int(y))) for y in years]
    block = ledger.Block(
        account=some,
        first=let["first"][some],
        last=let["last"][some],
        garage=traits["garage"][some] == 1,
        wrong=_wrong(world, some),
        **{
            name: traits[name][some]
            for name in (
                "rent",
                "service",
                "hb",
                "uc",
                "method",
                "every",
                "ahead",
                "stops",
                "opening",
            )
        },
    )
    posted = ledger.Posted()
    benefit = int(codes("rent_transaction", "method", ["benefit"])[0])
    told = ledger.run(
        block,
        periods,
        world.end,
        weekly,
        {
            "into": rates.number("rents.into_trouble"),
            "out": rates.number("rents.out_of_trouble"),
            "months": rates.numbers("rents.trouble_months"),
            "uplift": level,
        },
        draw,
        benefit,
        posted,
    )
    frame = posted.frame(world.notes["next posting"])
    world.notes["next posting"] += frame.rows
    world.emit(frame)
    return arrears.Part(block, told, periods, weekly)


def _wrong(world: World, some: Ints) -> tuple[Ints, Ints, Ints]:
    """Recharges posted as rent on the accounts of a block: row of the block, day and pence."""
    tenancy, day, pence = world.notes["recharges as rent"]
    at = np.searchsorted(some, tenancy)
    inside = (at < len(some)) & (some[np.minimum(at, len(some) - 1)] == tenancy)
    return ints(at[inside]), day[inside], pence[inside]


def _describe(
    world: World, frame: Frame, traits: dict[str, Ints], balance: Ints, cleared: Ints
) -> Ints:
    """Balances, types, causes and closing days, as the ledger has left them."""
    rates, draw, let = world.rates, world.draw("rent_account ends"), world.let
    rows = frame.rows
    ended = let["last"] <= world.end
    garage = let["garage"] == 1
    closed = np.where(ended & (balance == 0), np.maximum(cleared, let["last"]), NULL)
    closed = np.where(
        ended & (let["last"] < world.start) & (traits["opening"] == 0), let["last"] + 7, closed
    )
    # The account goes on after the tenancy; debts of long ago were moved to one of their own.
    former = ended & (let["last"] < world.start) & (let["first"] < world.origin)
    frame.code(
        "account_type",
        ["rent", "garage", "former"],
        np.where(garage, 1, np.where(former & (traits["opening"] > 0), 2, 0)),
    )
    causes = rates.shares("rents.causes")
    cause = draw.pick(list(causes.values()), rows)
    pending = (traits["hb"] > 0) & ~ended & (balance > 0) & draw.chance(rows, 0.5)
    cause = np.where(pending, 0, np.where(cause == 0, 3, cause))
    frame.code("arrears_cause", list(causes), cause)
    frame["arrears_cause"] = only_where((balance > 0) & ~garage, frame["arrears_cause"])
    frame.update(balance=balance, closed_on=closed)
    status = codes("rent_account", "hb_uc_status", ["pending"])[0]
    waits = pending & draw.chance(rows, 0.12)
    frame["hb_uc_status"] = np.where(waits, status, frame["hb_uc_status"])
    world.add(frame)
    _claims(world, frame, traits, waits)
    return balance


def _claims(world: World, frame: Frame, traits: dict[str, Ints], waits: Any) -> None:
    """Claims of housing benefit and universal credit; those of accounts that wait are open."""
    draw, let = world.draw("benefit_claim"), world.let
    helped = np.flatnonzero((frame["hb_uc_status"] > 0) & (let["last"] > world.start))
    open_ = waits[helped]
    n = len(helped)
    claim = Frame("benefit_claim", n).own()
    claim["account_ref"] = helped
    claim.code("kind", ["uc", "hb"], (traits["hb"][helped] > 0).astype(np.int64))
    begun = np.maximum(let["first"][helped] - draw.between(0, 6, n), world.start - 900)
    claimed = np.where(open_, world.end - draw.between(3, 60, n), begun)
    claim["claimed_on"] = np.minimum(claimed, world.end)
    decided = claim["claimed_on"] + draw.spread([6, 14, 20, 27, 48, 90], n)
    decided = np.where(decided > world.end, world.end, decided)
    claim["decided_on"] = only_where(~np.asarray(open_), decided)
    world.add(claim)


def _more_accounts(world: World, frame: Frame) -> None:
    """Court costs and rechargeable repairs: accounts of their own, with what was paid on them."""
    draw = world.draw("other debts")
    courts = world.notes.get("court costs", (ints([]), ints([])))
    charges = world.notes.get("recharges", (ints([]), ints([]), ints([])))
    cost = round(world.rates.number("rents.court_cost") * 100)
    tenancy = np.concatenate([courts[0], charges[0]])
    day = np.concatenate([courts[1], charges[1]])
    owed = np.concatenate([np.full(len(courts[0]), cost), charges[2]])
    is_court = np.arange(len(tenancy)) < len(courts[0])
    n = len(tenancy)
    more = Frame("rent_account", n, frame.rows).own()
    account = more["account_ref"]
    more.code("account_type", ["recharge", "court_cost"], is_court.astype(np.int64))
    posted = ledger.Posted()
    everyone = np.arange(n)
    posted.post(everyone, account, day, owed, np.where(is_court, ledger.COURT, ledger.RECHARGE))
    paid_code = np.where(is_court, ledger.PAID_COURT, ledger.PAID_RECHARGE)
    left = owed.copy()
    pays = draw.spread([0, 0, 2, 5, 10, 10], n)
    share = owed // 10 + 1
    method = frame["payment_method"][tenancy] if n else ints([])
    done = np.full(n, NULL)
    for k in range(10):
        on = day + 30 * (k + 1)
        amount = np.where((k < pays) & (on <= world.end), np.minimum(left, share), 0)
        posted.post(everyone, account, on, -amount, paid_code, np.where(method < 7, method, 2))
        left = left - amount
        done = np.where((left == 0) & (done == NULL), on, done)
    more.update(
        tenancy_ref=tenancy,
        opened_on=day,
        payment_means_issued_on=day,
        balance=left,
        closed_on=done,
        payment_method=np.where(method < 7, method, 2),
    )
    more.code("hb_uc_status", "none")
    # The same number for payments as the rent account of the tenancy, with a letter.
    words = [
        f"{70_000_000 + int(t) * 11}{'C' if c else 'R'}"
        for t, c in zip(tenancy.tolist(), is_court.tolist(), strict=True)
    ]
    more.text("payment_ref", words, everyone)
    known = ["court_cost", "hardship"]
    more.code("arrears_cause", ["other", *known[1:]], (draw.uniform(n) < 0.5).astype(np.int64))
    more["arrears_cause"] = only_where(left > 0, more["arrears_cause"])
    offset = frame.words["payment_ref"]
    more["payment_ref"] = everyone + len(offset)
    joined = join([frame, more])
    joined.words["payment_ref"] = [*offset, *words]
    world.frames["rent_account"] = joined
    last = posted.frame(world.notes["next posting"])
    world.notes["next posting"] += last.rows
    world.emit(last)
