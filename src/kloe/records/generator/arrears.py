"""What follows from the ledger: cases, actions, agreements, referrals and statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kloe.records.generator import ledger
from kloe.records.generator.draws import NULL, Bools, Ints, ints, only_where, until
from kloe.records.generator.frames import Frame, codes
from kloe.records.generator.world import World

#: Steps in their order: kind, first and last day after the case was opened, chance where it is
#: still open then, the step it needs before it. Vulnerable tenants are always seen before notice.
STEPS: tuple[tuple[str, int, int, float, str], ...] = (
    ("letter", 1, 6, 0.62, ""),
    ("text_message", 1, 5, 1.0, "no letter"),
    ("call", 9, 14, 0.55, ""),
    ("letter", 16, 22, 0.35, ""),
    ("visit", 24, 34, 0.30, "or vulnerable"),
    ("advice_referral", 30, 44, 0.55, "or claim"),
    ("agreement", 28, 48, 0.42, ""),
    ("meeting", 45, 55, 0.12, ""),
    ("nosp", 60, 75, 0.45, "or eviction"),
    ("deduction", 80, 100, 0.20, ""),
    ("attachment", 85, 120, 0.05, ""),
    ("small_claim", 90, 125, 0.02, ""),
    ("claim", 110, 130, 0.30, "nosp"),
    ("order", 150, 165, 0.60, "claim"),
    ("homelessness_referral", 168, 175, 1.0, "order"),
    ("warrant", 180, 195, 0.40, "order"),
)
OUTCOMES = [
    "Told of the balance",
    "Promised to pay",
    "No answer",
    "Agreed to pay",
    "Sent on",
    "Carried out",
]


@dataclass(frozen=True)
class Part:
    """A block of accounts after its time in the ledger."""

    block: ledger.Block
    told: ledger.Told
    periods: Ints
    weekly: bool


def make(world: World, parts: list[Part], balance: Ints) -> None:
    """Make arrears cases, actions, agreements, the referrals in them, and statements."""
    found = [_cases(world, part) for part in parts]
    cases = {name: np.concatenate([f[name] for f in found]) for name in found[0]}
    order = np.lexsort((cases["account"], cases["opened"]))
    cases = {name: values[order] for name, values in cases.items()}
    rates, draw = world.rates, world.draw("arrears_case")
    n = len(order)
    frame = Frame("arrears_case", n).own()
    reasons = rates.shares("rents.reasons")
    frame.code("reason", list(reasons), draw.pick(list(reasons.values()), n))
    vulnerable = world.let["vulnerable"][cases["account"]]
    frame.update(
        account_ref=cases["account"],
        opened_on=cases["opened"],
        closed_on=cases["closed"],
        vulnerable=vulnerable,
    )
    world.add(frame)
    evicted = world.frames["tenancy"].is_code("end_reason", "eviction_arrears")
    last = world.let["last"][cases["account"]]
    ends = evicted[cases["account"]] & (last <= world.end) & (last >= cases["opened"] + 200)
    ends &= (cases["closed"] == NULL) | (cases["closed"] >= last - 7)
    _actions(world, cases, vulnerable == 1, ends, last, balance_on(parts, cases))
    _statements(world, parts)


def balance_on(parts: list[Part], cases: dict[str, Ints]) -> Any:
    """A lookup of the balance of cases' accounts on days."""
    where = np.zeros(len(cases["account"]), dtype=np.int64)
    row = np.zeros_like(where)
    for number, part in enumerate(parts):
        known = np.isin(cases["account"], part.block.account)
        where[known] = number
        row[known] = np.searchsorted(part.block.account, cases["account"][known])

    def look(rows: Ints, days: Ints) -> Ints:
        found = np.zeros(len(rows), dtype=np.int64)
        for number, part in enumerate(parts):
            mine = where[rows] == number
            at = np.searchsorted(part.periods, days[mine], side="right") - 1
            at = np.clip(at, 0, part.told.history.shape[1] - 1)
            found[mine] = part.told.history[row[rows[mine]], at]
        return found

    return look


def _cases(world: World, part: Part) -> dict[str, Ints]:
    opened = _flat(part.told.opened)
    closed = _flat(part.told.closed)
    at = np.searchsorted(closed, opened, side="right")
    row, period = opened // 10_000, opened % 10_000
    following = closed[np.minimum(at, len(closed) - 1)] if len(closed) else opened * 0 - 1
    matched = (at < len(closed)) & (following // 10_000 == row)
    close_day = part.periods[np.where(matched, following % 10_000, 0) + 1] - 1
    close_day = np.maximum(close_day, part.periods[period + 1] - 1)
    return {
        "account": part.block.account[row],
        "opened": part.periods[period + 1] - 1,
        "closed": only_where(matched, close_day),
    }


def _flat(told: list[tuple[Ints, int]]) -> Ints:
    if not told:
        return ints([])
    return np.sort(np.concatenate([rows * 10_000 + p for rows, p in told]))


def _actions(
    world: World, cases: dict[str, Ints], vulnerable: Bools, ends: Bools, last: Ints, look: Any
) -> None:
    draw = world.draw("arrears_action")
    n = len(vulnerable)
    closed = np.where(cases["closed"] == NULL, world.end + 1, cases["closed"])
    closed = np.minimum(closed, np.where(last <= world.end, last + 1, closed))
    closed = np.where(ends, last, closed)
    u = {kind: draw.uniform(n) for kind, *_rest in STEPS}
    taken: dict[str, Bools] = {}
    on: dict[str, Ints] = {}
    will_claim = (u["nosp"] < 0.45) & (u["claim"] < 0.30) | ends
    rows: list[Ints] = []
    days: list[Ints] = []
    kinds: list[Ints] = []

    def note(kind: str, mask: Bools, day: Ints) -> None:
        some = np.flatnonzero(mask & (day <= world.end))
        rows.append(some)
        days.append(day[some])
        kinds.append(np.full(len(some), codes("arrears_action", "kind", [kind])[0]))

    for number, (kind, low, high, share, needs) in enumerate(STEPS):
        day = cases["opened"] + draw.between(low, high, n)
        chosen = u[kind] < share if number != 3 else draw.chance(n, share)
        match needs:
            case "no letter":
                chosen = ~taken["letter"]
            case "or vulnerable":
                chosen = chosen | vulnerable
            case "or claim":
                chosen = chosen | will_claim
            case "or eviction":
                chosen = chosen | ends
            case "nosp" | "claim" | "order":
                chosen = (chosen | ends) & taken[needs]
        # The first step is always taken, even where the arrears are soon cleared.
        open_then = (day < closed) | (number < 2)
        mask = chosen & open_then
        taken[kind] = taken[kind] | mask if kind in taken and number != 3 else mask
        on[kind] = np.where(mask, day, NULL)
        note(kind, mask, day)
    note("eviction", ends, last)

    case, day, kind_at = (np.concatenate(x) for x in (rows, days, kinds))
    order = np.lexsort((kind_at, case, day))
    case, day, kind_at = case[order], day[order], kind_at[order]
    frame = Frame("arrears_action", len(order)).own()
    frame["kind"] = kind_at
    frame.text("code", [f"AR{k:02d}" for k in range(int(kind_at.max(initial=0)) + 1)], kind_at)
    frame.text("outcome", OUTCOMES, draw.between(0, len(OUTCOMES) - 1, len(order)))
    frame.update(
        case_ref=case, account_ref=cases["account"][case], action_on=day, balance=look(case, day)
    )
    world.add(frame)
    _agreements(world, cases, on["agreement"], closed)
    referrals = world.notes.setdefault("referrals", [])
    for kind, name in (("advice_referral", "debt"), ("homelessness_referral", "homelessness")):
        some = np.flatnonzero((on[kind] != NULL) & (on[kind] <= world.end))
        account = cases["account"][some]
        referrals.append(
            {
                "kind": np.full(len(some), codes("advice_referral", "kind", [name])[0]),
                "account": account,
                "tenancy": account,
                "person": world.let["lead"][account],
                "application": np.full(len(some), NULL),
                "referred": on[kind][some],
                "in_arrears": np.ones(len(some), dtype=np.int64),
            }
        )
    claims = np.flatnonzero((on["claim"] != NULL) & (on["claim"] <= world.end))
    world.notes["court costs"] = (cases["account"][claims], on["claim"][claims])


def _agreements(world: World, cases: dict[str, Ints], agreed: Ints, closed: Ints) -> None:
    draw = world.draw("arrears_agreement")
    some = np.flatnonzero((agreed != NULL) & (agreed <= world.end))
    n = len(some)
    frame = Frame("arrears_agreement", n).own()
    start = agreed[some]
    over = closed[some] <= world.end
    breaks = draw.chance(n, 0.26)
    stop = np.where(over, closed[some], NULL)
    early = np.minimum(start + draw.between(20, 90, n), world.end)
    stop = np.where(
        breaks & (over | draw.chance(n, 0.6)),
        np.where(over, np.minimum(early, closed[some]), early),
        stop,
    )
    state = np.where(breaks & (stop != NULL), 1, np.where(over, 2, 0))
    state = np.where(over & ~breaks & draw.chance(n, 0.05), 3, state)
    frame.code("status", ["kept", "broken", "completed", "withdrawn"], state)
    frame.update(
        account_ref=cases["account"][some],
        agreed_on=start,
        ended_on=np.where(stop == NULL, NULL, np.maximum(stop, start)),
        weekly_amount=draw.between(4, 30, n) * 100,
    )
    world.add(frame)


def _statements(world: World, parts: list[Part]) -> None:
    """A statement a quarter; the first shows what was brought forward."""
    draw = world.draw("rent_statement")
    found: list[dict[str, Ints]] = []
    for part in parts:
        step = 13 if part.weekly else 3
        account, history = part.block.account, part.told.history
        issue = draw.between(2, 7, len(account))
        count = history.shape[1]
        for upto in range(0, count + 1, step):
            first = int(part.periods[max(upto - step, 0)]) if upto else world.start - 91
            to = int(part.periods[upto]) - 1
            # Statements go on until the account is closed, long after the tenancy perhaps.
            open_ = (part.told.cleared < 0) | (part.told.cleared > to)
            open_ &= (part.block.opening != 0) | (part.block.last >= world.start)
            live = ((part.block.last >= to) | open_) & (part.block.first <= to)
            issued = to + issue
            some = np.flatnonzero(live & (issued <= world.end))
            if upto:
                opening = (
                    history[some, upto - step - 1] if upto > step else part.block.opening[some]
                ).astype(np.int64)
                closing = history[some, upto - 1].astype(np.int64)
            else:
                opening, closing = np.zeros(len(some), np.int64), part.block.opening[some]
            found.append(
                {
                    "account": account[some],
                    "from": np.maximum(part.block.first[some], first),
                    "to": np.full(len(some), to),
                    "issued": issued[some],
                    "opening": opening,
                    "closing": closing,
                }
            )
    all_ = {name: np.concatenate([f[name] for f in found]) for name in found[0]}
    order = np.lexsort((all_["account"], all_["issued"]))
    n = len(order)
    frame = Frame("rent_statement", n).own()
    formats = world.rates.shares("rents.statement_formats")
    kind = draw.pick(list(formats.values()), 200_003)
    frame.code("format", list(formats), kind[all_["account"][order] % 200_003])
    frame.update(
        account_ref=all_["account"][order],
        issued_on=all_["issued"][order],
        from_on=all_["from"][order],
        to_on=all_["to"][order],
        opening=all_["opening"][order],
        closing=all_["closing"][order],
    )
    world.add(frame)


def referrals(world: World) -> None:
    """Make ``advice_referral`` of all that were noted on the way."""
    draw = world.draw("advice_referral")
    noted = world.notes.get("referrals", [])
    all_ = {name: np.concatenate([f[name] for f in noted]) for name in noted[0]}
    order = np.lexsort((all_["kind"], all_["referred"]))
    all_ = {name: values[order] for name, values in all_.items()}
    n = len(order)
    frame = Frame("advice_referral", n).own()
    frame["kind"] = all_["kind"]
    seen = until(all_["referred"] + draw.between(0, 12, n), world.end)
    closed = until(all_["referred"] + draw.spread([5, 20, 45, 90, 200], n), world.end)
    closed = np.where(seen == NULL, NULL, np.where(closed == NULL, NULL, np.maximum(closed, seen)))
    gains = np.where(draw.chance(n, 0.55), 0, draw.spread([100, 600, 1400, 2900, 9000], n) * 100)
    frame.update(
        person_ref=all_["person"],
        account_ref=all_["account"],
        tenancy_ref=all_["tenancy"],
        application_ref=all_["application"],
        referred_on=all_["referred"],
        seen_on=seen,
        closed_on=closed,
        annual_gain=only_where(closed != NULL, gains),
        in_arrears=all_["in_arrears"],
    )
    world.add(frame)
