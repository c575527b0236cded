"""Applicants, bids, offers, nominations, and what is done when a home is let."""

from __future__ import annotations

import numpy as np

from kloe.records.generator import people
from kloe.records.generator.draws import NULL, Bools, Ints, ints, only_where, until
from kloe.records.generator.frames import Frame, codes, join
from kloe.records.generator.world import World


def make(world: World) -> None:
    """Make ``application``, ``offer``, ``letting`` and the tables around them."""
    let = world.let
    tenancy = np.flatnonzero(let["fresh"] == 1)
    tenancy = tenancy[np.argsort(let["first"][tenancy], kind="stable")]
    void = _void_of(world, tenancy)
    housed = _applications(world, tenancy)
    offers = _offers(world, tenancy, void, housed)
    _lettings(world, tenancy, housed, offers)


def _void_of(world: World, tenancy: Ints) -> Ints:
    """The empty period each tenancy ended; none for homes let for the first time."""
    void, let = world.frames["void"], world.let
    key = void["property_ref"] * 100_000 + np.where(void["let_on"] == NULL, 0, void["let_on"])
    order = np.argsort(key, kind="stable")
    wanted = let["home"][tenancy] * 100_000 + let["first"][tenancy]
    at = np.minimum(np.searchsorted(key[order], wanted), max(len(order) - 1, 0))
    if not len(order):
        return np.full(len(tenancy), NULL)
    return np.where(key[order][at] == wanted, order[at], NULL)


def _applications(world: World, tenancy: Ints) -> Ints:
    """Applications: of those housed, of those still waiting, and those closed otherwise."""
    rates, draw, let = world.rates, world.draw("application"), world.let
    k = len(tenancy)
    live = world.at_least(rates.number("tenancies.applicants_per_home"), least=12)
    shut = world.at_least(rates.number("tenancies.closed_per_year") * (world.years + 1), least=6)
    n = k + live + shut
    first, end = let["first"][tenancy], world.end
    waited = draw.spread([20, 70, 160, 330, 700, 1900], n)
    received = np.empty(n, dtype=np.int64)
    accepted = first - draw.between(7, 20, k)
    received[:k] = accepted - np.maximum(waited[:k], 30)
    received[k : k + live] = end - np.maximum(waited[k : k + live] - 15, 2)
    ended = draw.between(world.origin, end - 3, shut)
    received[k + live :] = ended - waited[k + live :]
    closed = np.full(n, NULL)
    closed[:k] = first
    closed[k + live :] = ended
    world.notes["accepted on"] = accepted

    new_people = live + shut
    year = people.world_year(world)
    born = year - draw.spread([17, 22, 27, 31, 36, 42, 50, 61, 88], new_people)
    extra = people.more(world, "applicants", born)
    person = np.concatenate([let["lead"][tenancy], extra])
    transfer = np.zeros(n, dtype=bool)
    transfer[:k] = let["moved from"][tenancy] != NULL
    # Some of those waiting are tenants who want another home.
    current = world.current()
    wants = np.flatnonzero(draw.chance(n, 0.25) & (np.arange(n) >= k))
    person[wants] = let["lead"][current[draw.between(0, len(current) - 1, len(wants))]]
    transfer[wants] = True
    routes = rates.shares("tenancies.routes")
    others = [r for r in routes if r != "transfer"]
    route = 1 + draw.pick([routes[r] for r in others], n)
    order = np.argsort(received, kind="stable")
    number = np.empty(n, dtype=np.int64)
    number[order] = np.arange(n)
    frame = Frame("application", n)
    frame.code("route", ["transfer", *others], np.where(transfer, 0, route))
    bands = rates.shares("tenancies.bands")
    frame.code("band", list(bands), draw.pick(list(bands.values()), n))
    suspended = draw.chance(n, 0.05)
    state = np.where(np.arange(n) < k, 2, np.where(np.arange(n) < k + live, 0, 3))
    state = np.where((state == 0) & suspended, 1, state)
    frame.code("status", ["live", "suspended", "housed", "closed"], state)
    registered = received + draw.spread([0, 3, 6, 10, 16, 27], n)
    asof = np.where(closed == NULL, end, closed)
    registered = np.minimum(registered, asof)
    reviewed = np.maximum(asof - draw.between(2, 340, n), registered)
    told = np.maximum(asof - draw.between(2, 340, n), registered)
    frame.update(
        application_ref=number,
        person_ref=person,
        received_on=received,
        registered_on=registered,
        last_reviewed_on=reviewed,
        next_review_on=only_where(closed == NULL, reviewed + 365),
        position_notice_on=told,
        closed_on=closed,
        needs_adapted=draw.chance(n, rates.number("tenancies.needs_adapted")),
    )
    world.notes["live from"] = (registered[order], asof[order])
    ordered = frame.taken(ints(order))
    ordered.own()
    world.add(ordered)
    return number[:k]


def _someone(world: World, days: Ints, draw_name: str) -> Ints:
    """An application that was waiting on each day; no value where none was found."""
    draw = world.draw(draw_name)
    begins, ends = world.notes["live from"]
    found = np.full(len(days), NULL)
    for _attempt in range(6):
        left = np.flatnonzero(found == NULL)
        at = draw.between(0, len(begins) - 1, len(left))
        fits = (begins[at] <= days[left]) & (ends[at] >= days[left])
        found[left[fits]] = at[fits]
    return found


def _offers(world: World, tenancy: Ints, void: Ints, housed: Ints) -> Ints:
    """The accepted offer of each letting, refused and withdrawn ones before it, open ones."""
    rates, draw, let = world.rates, world.draw("offer"), world.let
    k, end = len(tenancy), world.end
    accepted = world.notes["accepted on"]
    ready = np.where(
        void == NULL, accepted - 5, world.frames["void"]["ended_on"][np.maximum(void, 0)]
    )
    mine = Frame("offer", k)
    offered = np.maximum(accepted - draw.between(1, 5, k), np.minimum(ready, accepted))
    mine.code("result", "accepted")
    mine.update(
        application_ref=housed,
        property_ref=let["home"][tenancy],
        void_ref=void,
        offered_on=offered,
        decided_on=accepted,
        viewed_on=draw.between(offered, accepted, k),
    )

    extra = rates.number("tenancies.refusals_per_letting")
    back = rates.number("tenancies.withdrawn_per_letting")
    times = draw.pick([1 - extra * 0.8, extra * 0.55, extra * 0.17, extra * 0.08], k)
    at = np.repeat(np.arange(k), times)
    n = len(at)
    day = offered[at] - draw.between(3, 16, n)
    day = np.maximum(day, np.minimum(ready[at], offered[at]))
    who = _someone(world, day, "refusing")
    at, day, who = at[who != NULL], day[who != NULL], who[who != NULL]
    n = len(at)
    other = Frame("offer", n)
    gone = draw.chance(n, back / max(extra, 0.01))
    other.code("result", ["refused", "withdrawn"], gone.astype(np.int64))
    reasons = rates.shares("tenancies.refusal_reasons")
    other.code("refusal_reason", list(reasons), draw.pick(list(reasons.values()), n))
    other["refusal_reason"] = only_where(~gone, other["refusal_reason"])
    decided = day + draw.between(1, 4, n)
    viewed = draw.chance(n, 0.7) & ~gone
    other.update(
        application_ref=who,
        property_ref=let["home"][tenancy[at]],
        void_ref=void[at],
        offered_on=day,
        decided_on=decided,
        viewed_on=only_where(viewed, draw.between(day, decided, n)),
    )

    voids = world.frames["void"]
    waiting = np.flatnonzero((voids["let_on"] == NULL) & (voids["ready_on"] != NULL))
    waiting = waiting[voids["ready_on"][waiting] <= end - 4]
    day = np.maximum(voids["ready_on"][waiting], end - draw.between(1, 6, len(waiting)))
    who = _someone(world, day, "undecided")
    waiting, day, who = waiting[who != NULL], day[who != NULL], who[who != NULL]
    open_ = Frame("offer", len(waiting))
    open_.code("result", "open")
    open_.update(
        application_ref=who,
        property_ref=voids["property_ref"][waiting],
        void_ref=waiting,
        offered_on=np.minimum(day, end),
    )
    frame = join([mine, other, open_])
    frame["viewing_accompanied"] = only_where(frame["viewed_on"] != NULL, 1)
    order = np.lexsort((frame["property_ref"], frame["offered_on"]))
    number = np.empty(frame.rows, dtype=np.int64)
    number[order] = np.arange(frame.rows)
    world.add(frame.taken(ints(order))).own()
    return number[:k]


def _lettings(world: World, tenancy: Ints, housed: Ints, offers: Ints) -> None:
    rates, draw, let = world.rates, world.draw("letting"), world.let
    n, end = len(tenancy), world.end
    first, home = let["first"][tenancy], let["home"][tenancy]
    accepted = world.notes["accepted on"]
    frame = Frame("letting", n).own()
    application = world.frames["application"]
    names = ["transfer", "new", "homeless", "nomination"]
    route = application["route"][housed]
    lookup = {int(codes("application", "route", [r])[0]): at for at, r in enumerate(names)}
    frame.code("route", names, ints([lookup[int(v)] for v in route]))
    homeless = frame.is_code("route", "homeless")
    nominated = frame.is_code("route", "nomination")
    duty = homeless | (nominated & draw.chance(n, 0.12))
    cbl = draw.chance(n, rates.number("tenancies.cbl")) & ~nominated
    bids = np.where(cbl, draw.spread(rates.numbers("tenancies.bids_per_letting"), n), 0)
    bids = _bids(world, home, accepted, housed, cbl, bids)
    vulnerable = let["vulnerable"][tenancy] == 1
    flagged = vulnerable | draw.chance(n, 0.06)
    adapted = world.home["adapted"][home] == 1
    needs = np.where(adapted, draw.chance(n, 0.72), draw.chance(n, 0.03))
    visit = first + draw.between(12, 40, n)
    frame.update(
        tenancy_ref=tenancy,
        property_ref=home,
        application_ref=housed,
        offer_ref=offers,
        let_on=first,
        accepted_on=accepted,
        homeless_duty=duty,
        nomination=nominated,
        cbl=cbl,
        bids=only_where(cbl, bids),
        affordability_check_on=accepted - draw.between(0, 6, n),
        benefits_check_on=until(first + draw.between(0, 24, n), end),
        risk_flagged=flagged,
        risk_assessed_on=only_where(flagged, first - draw.between(1, 7, n)),
        gas_certificate_issued_on=only_where(
            world.home["gas"][home] == 1, first - draw.between(0, 3, n)
        ),
        electrical_certificate_issued_on=first - draw.between(0, 3, n),
        follow_up_visit_on=until(np.minimum(visit, let["last"][tenancy]), end),
        household_needs_adapted=needs,
        renewal=0,
    )
    world.add(frame)
    adjusted = application["needs_adapted"].copy()
    adjusted[housed] = needs
    application["needs_adapted"] = adjusted
    _checks(world, frame, tenancy, housed)


def _bids(world: World, home: Ints, accepted: Ints, housed: Ints, cbl: Bools, bids: Ints) -> Ints:
    """Bids for homes let by choice; the household housed is among those who bid."""
    draw = world.draw("bid")
    chosen = np.flatnonzero(cbl)
    at = np.repeat(chosen, np.maximum(bids[chosen] - 1, 0))
    day = accepted[at] - draw.between(6, 20, len(at))
    who = _someone(world, day, "bidding")
    own_day = accepted[chosen] - draw.between(6, 20, len(chosen))
    registered = world.frames["application"]["registered_on"][housed[chosen]]
    own_day = np.maximum(own_day, np.minimum(registered, accepted[chosen]))
    at = np.concatenate([chosen, at])
    day = np.concatenate([own_day, day])
    who = np.concatenate([housed[chosen], who])
    rest = np.arange(len(at)) >= len(chosen)
    known = (who != NULL) & ~(rest & (who == housed[at]))
    at, day, who = at[known], day[known], who[known]
    # Each applicant bids once for a home.
    key = at * 10_000_000 + who
    _keys, once = np.unique(key, return_index=True)
    at, day, who = at[once], day[once], who[once]
    order = np.lexsort((who, day))
    frame = Frame("bid", len(order)).own()
    frame.update(application_ref=who[order], property_ref=home[at[order]], bid_on=day[order])
    world.add(frame)
    return ints(np.bincount(at, minlength=len(home)))


def _checks(world: World, letting: Frame, tenancy: Ints, housed: Ints) -> None:
    """Advice given on the way in, noted for the table of referrals."""
    referrals = world.notes.setdefault("referrals", [])
    kinds = codes(
        "advice_referral",
        "kind",
        ["affordability", "benefits_check", "budgeting", "energy", "employment", "debt"],
    )
    person = world.let["lead"][tenancy]
    none = np.full(len(tenancy), NULL)
    zeros = np.zeros(len(tenancy), dtype=np.int64)
    referrals.append(
        {
            "kind": np.full(len(tenancy), kinds[0]),
            "account": none,
            "tenancy": none,
            "person": person,
            "application": housed,
            "referred": letting["affordability_check_on"],
            "in_arrears": zeros,
        }
    )
    some = np.flatnonzero(letting["benefits_check_on"] != NULL)
    referrals.append(
        {
            "kind": np.full(len(some), kinds[1]),
            "account": tenancy[some],
            "tenancy": tenancy[some],
            "person": person[some],
            "application": none[some],
            "referred": letting["benefits_check_on"][some],
            "in_arrears": zeros[some],
        }
    )
    draw = world.draw("other referrals")
    current = world.current()
    n = world.at_least(0.03 * world.years, least=10)
    account = current[draw.between(0, len(current) - 1, n)]
    day = np.maximum(draw.when(n, world.start, world.end), world.let["first"][account])
    referrals.append(
        {
            "kind": kinds[1:][draw.between(0, 4, n)],
            "account": account,
            "tenancy": account,
            "person": world.let["lead"][account],
            "application": np.full(n, NULL),
            "referred": day,
            "in_arrears": draw.chance(n, 0.2).astype(np.int64),
        }
    )
