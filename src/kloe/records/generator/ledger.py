"""The ledger: charges, help with the rent and payments, period by period, for many accounts.

All accounts of a block go through the weeks (or months) together. A balance is kept as the sum
of what has been posted, so that the ledger adds up by construction.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kloe.records.generator.draws import Bools, Draw, Ints, ints, months_of
from kloe.records.generator.frames import Frame, codes

#: What a posting can be: kind, debt, charge code, text.
POSTINGS = (
    ("adjustment", "rent", "BAL", "Balance brought forward"),
    ("charge", "rent", "RNT", "Rent"),
    ("charge", "service_charge", "SVC", "Service charge"),
    ("charge", "garage", "GAR", "Garage rent"),
    ("payment", "rent", "PAY", "Payment"),
    ("payment", "service_charge", "PAY", "Payment, service charge"),
    ("payment", "garage", "PAY", "Payment, garage"),
    ("hb", "rent", "HB", "Housing benefit"),
    ("uc_apa", "rent", "UC", "Universal credit, paid to the landlord"),
    ("adjustment", "rent", "ADJ", "Correction of the rent"),
    ("write_off", "rent", "WOF", "Former arrears written off"),
    ("refund", "rent", "REF", "Credit paid back"),
    ("charge", "court_cost", "CRT", "Court costs"),
    ("payment", "court_cost", "PAY", "Payment, court costs"),
    ("charge", "recharge_repair", "RCH", "Rechargeable repair"),
    ("payment", "recharge_repair", "PAY", "Payment, rechargeable repair"),
    ("charge", "rent", "RCH", "Rechargeable repair"),
)
KIND = codes("rent_transaction", "kind", [p[0] for p in POSTINGS])
DEBT = codes("rent_transaction", "debt_type", [p[1] for p in POSTINGS])
CODES = sorted({p[2] for p in POSTINGS})
CODE_AT = ints([CODES.index(p[2]) for p in POSTINGS])
TEXTS = [p[3] for p in POSTINGS]
FORWARD, RENT, SERVICE, GARAGE, PAID, PAID_SERVICE, PAID_GARAGE, HB, UC, FIX, OFF, BACK = range(12)
COURT, PAID_COURT, RECHARGE, PAID_RECHARGE, WRONG = range(12, 17)
REASONS = [
    "Tenant has died, no estate",
    "Uneconomic to pursue",
    "Cannot be traced",
    "Charged twice",
    "Rent set wrongly",
]
Small = npt.NDArray[np.int32]


@dataclass
class Block:
    """Accounts that go through the periods together: what does not change over time."""

    account: Ints
    first: Ints
    last: Ints
    rent: Ints
    service: Ints
    garage: Bools
    #: Help with the rent in hundredths of it: housing benefit, universal credit to the landlord.
    hb: Ints
    uc: Ints
    method: Ints
    #: Periods between payments, and how many of them are paid ahead.
    every: Ints
    ahead: Ints
    #: From when nothing is paid any more (those evicted for arrears).
    stops: Ints
    opening: Ints
    #: Rechargeable repairs wrongly posted as rent: row, day and pence.
    wrong: tuple[Ints, Ints, Ints]


@dataclass
class Posted:
    """Postings, part by part."""

    account: list[Small] = field(default_factory=list)
    day: list[Small] = field(default_factory=list)
    amount: list[Small] = field(default_factory=list)
    what: list[npt.NDArray[np.int8]] = field(default_factory=list)
    method: list[npt.NDArray[np.int8]] = field(default_factory=list)
    extra: list[npt.NDArray[np.int8]] = field(default_factory=list)

    def post(
        self,
        rows: Ints,
        account: Ints,
        day: Ints,
        amount: Ints,
        what: int | Ints,
        method: Ints | int = -1,
        extra: Ints | int = -1,
    ) -> None:
        """Post ``amount`` to the accounts of ``rows`` where it is not nought."""
        rows = rows[amount[rows] != 0]
        if not len(rows):
            return
        self.account.append(account[rows].astype(np.int32))
        self.day.append(day[rows].astype(np.int32))
        self.amount.append(amount[rows].astype(np.int32))
        for into, value in ((self.what, what), (self.method, method), (self.extra, extra)):
            if isinstance(value, int):
                into.append(np.full(len(rows), value, dtype=np.int8))
            else:
                into.append(value[rows].astype(np.int8))

    def frame(self, first: int) -> Frame:
        """The postings as a part of ``rent_transaction``, by account and day."""
        if not self.account:
            return Frame("rent_transaction", 0, first)
        account, day = np.concatenate(self.account), np.concatenate(self.day)
        what = np.concatenate(self.what)
        order = np.lexsort((what, day, account))
        frame = Frame("rent_transaction", len(account), first).own()
        what = what[order].astype(np.int64)
        method = np.concatenate(self.method)[order].astype(np.int64)
        extra = np.concatenate(self.extra)[order].astype(np.int64)
        frame["account_ref"] = account[order]
        frame["posted_on"] = day[order]
        frame["amount"] = np.concatenate(self.amount)[order].astype(np.int64)
        frame["kind"] = KIND[what]
        frame["debt_type"] = DEBT[what]
        frame.text("charge_code", CODES, CODE_AT[what])
        frame.text("description", TEXTS, what)
        empty = frame["method"].copy()
        frame["method"] = np.where(method >= 0, method, empty)
        frame.text("reason", REASONS, np.where(extra >= 0, extra, empty))
        frame["approved_by"] = np.where(extra >= 0, extra % 3, empty)
        return frame


@dataclass
class Told:
    """What the ledger tells about the accounts of a block."""

    balance: Ints
    cleared: Ints
    #: Balance after each period, and what of it waits for benefit.
    history: Small
    waiting: Small
    opened: list[tuple[Ints, int]] = field(default_factory=list)
    closed: list[tuple[Ints, int]] = field(default_factory=list)


def run(
    block: Block,
    periods: Ints,
    end: int,
    weekly: bool,
    rates: dict[str, object],
    draw: Draw,
    benefit_method: int,
    posted: Posted,
) -> Told:
    """Post everything from the first period to the day ``end``."""
    n, count = len(block.account), len(periods) - 1
    steps = 4 if weekly else 1
    into = np.asarray(rates["months"]) * float(rates["into"]) / steps  # type: ignore[arg-type]
    out = float(rates["out"]) / steps  # type: ignore[arg-type]
    balance = block.opening.copy()
    waiting = np.zeros(n, dtype=np.int64)
    trouble = np.zeros(n, dtype=bool)
    phase = draw.between(0, block.every - 1, n)
    garage_code = np.where(block.garage, GARAGE, RENT)
    paid_code = np.where(block.garage, PAID_GARAGE, PAID)
    uplift = rates["uplift"]
    everyone = np.arange(n)
    history = np.zeros((n, count), dtype=np.int32)
    held = np.zeros((n, count), dtype=np.int32)
    cleared = np.full(n, -1, dtype=np.int64)
    in_case = np.zeros(n, dtype=bool)
    told = Told(balance, cleared, history, held)
    posted.post(everyone, block.account, np.full(n, periods[0] - 1), block.opening, FORWARD)
    months = months_of(periods)
    hundred = block.hb + block.uc
    offset = draw.between(0, 3, n)
    helped_in = draw.between(0, 3, n)
    for p in range(count):
        start, stop = int(periods[p]), int(periods[p + 1]) - 1
        length = stop - start + 1
        begins = np.maximum(block.first, start)
        occupied = np.clip(np.minimum(block.last, stop) - begins + 1, 0, length)
        level = uplift[p]  # type: ignore[index]
        whole = block.rent * level // 10_000
        service = block.service * level // 10_000
        if not weekly:
            whole, service = whole * 52 // 12, service * 52 // 12
        rent = whole * occupied // length
        service = service * occupied // length
        live = occupied > 0
        posted.post(everyone, block.account, begins, rent, garage_code)
        posted.post(everyone, block.account, begins, service, SERVICE)
        due = rent + service
        balance += due
        balance += _wrongly(block, start, stop, posted)
        helped = due * hundred // 100
        waiting += helped
        # Help with the rent comes in arrears, every four weeks or month.
        comes_now = (p + helped_in) % 4 == 3 if weekly else np.ones(n, dtype=bool)
        if comes_now.any():
            pay_day = np.maximum(begins, start + 1)
            arrives = np.where(comes_now, waiting, 0)
            comes = np.where(block.hb > 0, arrives, 0)
            posted.post(
                everyone, block.account, np.minimum(pay_day, stop), -comes, HB, benefit_method
            )
            apa = np.where(block.hb > 0, 0, arrives)
            posted.post(
                everyone, block.account, np.minimum(pay_day, stop), -apa, UC, benefit_method
            )
            balance -= arrives
            waiting -= arrives
        u = draw.uniform(n)
        trouble = np.where(trouble, u >= out, u < into[months[p] - 1])
        stopped = stop > block.stops
        _pay(
            block,
            balance,
            waiting,
            live,
            trouble | stopped,
            stopped,
            p,
            phase,
            (whole + service) * (100 - hundred) // 100,
            begins,
            stop,
            offset,
            draw,
            posted,
            paid_code,
        )
        _rare(block, balance, live, begins, stop, end, draw, posted)
        _former(block, balance, waiting, start, stop, draw, posted, paid_code)
        gone = (block.last < start) & (balance == 0) & (cleared < 0)
        cleared[gone] = stop if stop <= end else end
        history[:, p] = balance
        held[:, p] = waiting
        # Own arrears: beyond what benefit will bring and four weeks (a month) of own rent.
        own = (balance - waiting) - (whole + service) * (100 - hundred) // 100 * steps
        falls = live & ~in_case & (own > 3000) & ~block.garage
        leaves = in_case & ((balance - waiting <= 2000) | (block.last < start))
        if falls.any():
            told.opened.append((np.flatnonzero(falls), p))
        if leaves.any():
            told.closed.append((np.flatnonzero(leaves), p))
        in_case = (in_case | falls) & ~leaves
    return told


def _wrongly(block: Block, start: int, stop: int, posted: Posted) -> Ints:
    """Post what does not belong on a rent account; what it adds to each balance."""
    rows, days, pence = block.wrong
    some = np.flatnonzero((days >= start) & (days <= stop))
    posted.post(some, block.account[rows], days, pence, WRONG)
    added = np.zeros(len(block.account), dtype=np.int64)
    np.add.at(added, rows[some], pence[some])
    return added


def _pay(
    block: Block,
    balance: Ints,
    waiting: Ints,
    live: Bools,
    trouble: Bools,
    stopped: Bools,
    p: int,
    phase: Ints,
    each: Ints,
    begins: Ints,
    stop: int,
    offset: Ints,
    draw: Draw,
    posted: Posted,
    paid_code: Ints,
) -> None:
    turn = live & ((p - phase) % block.every == 0)
    if not turn.any():
        return
    n = len(balance)
    usual = each * block.every
    owed = balance - waiting + each * block.ahead
    amount = np.minimum(owed, usual * 13 // 10)
    amount = np.where(owed <= usual + 200, owed, amount)
    amount = np.maximum(amount, 0)
    u = draw.uniform(n)
    amount = np.where(trouble & (u < 0.55), 0, np.where(trouble, amount // 2, amount))
    amount = np.where(turn & ~stopped, amount, 0)
    day = np.minimum(begins + offset, np.minimum(stop, np.maximum(block.last, begins)))
    total = np.maximum(block.rent + block.service, 1)
    service = np.where(block.service > 0, amount * block.service // total, 0)
    # A few payments come another way than usual.
    method = np.where(u > 0.985, (block.method + 1) % 7, block.method)
    everyone = np.arange(n)
    posted.post(everyone, block.account, day, -(amount - service), paid_code, method)
    posted.post(everyone, block.account, day, -service, PAID_SERVICE, method)
    balance -= amount


def _rare(
    block: Block,
    balance: Ints,
    live: Bools,
    begins: Ints,
    stop: int,
    end: int,
    draw: Draw,
    posted: Posted,
) -> None:
    """Corrections: seldom, small, with a reason."""
    n = len(balance)
    rows = np.flatnonzero(live & draw.chance(n, 0.0006) & ~block.garage)
    amount = np.zeros(n, dtype=np.int64)
    amount[rows] = -draw.between(400, 4000, len(rows))
    posted.post(
        rows,
        block.account,
        np.minimum(begins + 1, min(stop, end)),
        amount,
        FIX,
        extra=np.where(amount < -1500, 4, 3),
    )
    balance += amount


def _former(
    block: Block,
    balance: Ints,
    waiting: Ints,
    start: int,
    stop: int,
    draw: Draw,
    posted: Posted,
    paid_code: Ints,
) -> None:
    """What happens to an account once the tenancy has ended."""
    since = start - block.last
    ended = since > 0
    if not ended.any():
        return
    n = len(balance)
    u = draw.uniform(n)
    day = np.full(n, min(start + 2, stop))
    back = np.where(ended & (balance < 0) & (since > 14) & (waiting == 0), -balance, 0)
    posted.post(np.arange(n), block.account, day, back, BACK)
    balance += back
    owes = ended & (balance > 0) & (waiting == 0)
    small = owes & (since > 20) & (u < 0.06)
    paid = np.where(small, np.minimum(balance, np.maximum(balance // 5, 1500)), 0)
    posted.post(np.arange(n), block.account, day, -paid, paid_code, block.method)
    balance -= paid
    off = np.where(owes & ~small & (since > 200) & (u > 0.985), balance, 0)
    posted.post(np.arange(n), block.account, day, -off, OFF, extra=(block.account % 3))
    balance -= off
