"""Complaints, contacts, requests for documents, and what residents are offered and told."""

from __future__ import annotations

import numpy as np

from kloe.records.generator.casework import someone
from kloe.records.generator.draws import (
    DAY_SECONDS,
    NULL,
    Ints,
    ints,
    moment,
    only_where,
    until,
)
from kloe.records.generator.frames import Frame, join
from kloe.records.generator.world import World


def make(world: World) -> None:
    """Make every table of voice but the surveys."""
    _complaints(world)
    _contacts(world)
    _documents(world)
    _involvement(world)
    _publications(world)
    _offered(world)


def _complaints(world: World) -> None:
    rates, draw, end = world.rates, world.draw("complaint"), world.end
    n = world.at_least(rates.number("services.complaints_per_home_year") * world.years, least=24)
    day = draw.when(
        n,
        world.start,
        end,
        [1.15, 1.1, 1.1, 0.95, 0.95, 0.9, 0.9, 0.85, 0.95, 1.0, 1.1, 1.05],
        0.09,
    )
    home, _tenancy, person = someone(world, "complaint", day)
    areas = rates.shares("services.complaint_areas")
    area = draw.pick(list(areas.values()), n)
    kind = draw.between(0, 7, n)
    first = _stage(world, np.arange(n), day, 0, home, person, area, kind)
    answered = first["responded_on"] != NULL
    again = answered & draw.chance(n, rates.number("services.second_stage"))
    when = first["responded_on"] + draw.between(3, 40, n)
    rows = np.flatnonzero(again & (when <= end))
    second = _stage(world, rows, when[rows], 1, home[rows], person[rows], area[rows], kind[rows])
    frame = join([first, second])
    order = np.lexsort((frame["stage"], frame["complaint_ref"]))
    frame = frame.taken(ints(order))
    upheld = frame.is_code("outcome", "upheld", "partly")
    # What is learnt: one action for a few complaints of a kind.
    learnt = np.flatnonzero(upheld)
    number = np.full(frame.rows, NULL)
    number[learnt] = np.arange(len(learnt)) // 4
    frame["learning_action_ref"] = number
    world.notes["learning"] = (
        ints(
            np.bincount(number[learnt], weights=frame["responded_on"][learnt])
            // np.maximum(np.bincount(number[learnt]), 1)
        )
        if len(learnt)
        else ints([])
    )
    paid = upheld & draw.chance(frame.rows, 0.5)
    base = 60 + frame["category"] * 35
    frame["compensation"] = only_where(
        paid, base * draw.spread([55, 85, 100, 120, 190], frame.rows) // 100 // 5 * 500
    )
    world.add(frame)
    limit = np.where(frame["extended_to"] == NULL, frame["due_on"], frame["extended_to"])
    waiting = frame["responded_on"] == NULL
    stage_late = np.where(waiting, limit <= world.end, frame["responded_on"] > limit)
    for slug, at in (("complaint-late-stage-1", 0), ("complaint-late-stage-2", 1)):
        rows = np.flatnonzero(stage_late & (frame["stage"] == at))
        world.planter.note(slug, frame, ints(rows), "responded_on")
    _orders(world, frame)


def _stage(
    world: World,
    ref: Ints,
    day: Ints,
    stage: int,
    home: Ints,
    person: Ints,
    area: Ints,
    kind: Ints,
) -> Frame:
    rates, draw, end = world.rates, world.draw(f"complaint stage {stage}"), world.end
    n = len(ref)
    frame = Frame("complaint", n)
    frame.code("stage", ["1", "2"], np.full(n, stage))
    areas, channels = (
        rates.shares("services.complaint_areas"),
        rates.shares("services.complaint_channels"),
    )
    outcomes = rates.shares("services.complaint_outcomes")
    frame.code("service_area", list(areas), area)
    frame.code("channel", list(channels), draw.pick(list(channels.values()), n))
    frame.code("outcome", list(outcomes), draw.pick(list(outcomes.values()), n))
    frame.text("category", rates.words("services.complaint_categories"), kind)
    days = 28 if stage else 14
    due = day + days
    extended = draw.chance(n, rates.number("services.extended"))
    limit = np.where(extended, due + 14, due)
    taken = days * draw.between(20, 100, n) // 100
    responded = np.where(extended, due + draw.between(1, 14, n), day + taken)
    late = world.planter.pick(f"complaint-late-stage-{stage + 1}", n)
    responded = np.where(late, limit + draw.between(1, 30, n), responded)
    answered = responded <= end
    frame.update(
        complaint_ref=ref,
        person_ref=person,
        property_ref=home,
        received_on=day,
        acknowledged_on=until(day + draw.between(0, 4, n), end),
        due_on=due,
        extended_to=only_where(extended, until(due + 14, end + 60)),
        responded_on=only_where(answered, responded),
        outcome=only_where(answered, frame["outcome"]),
    )
    return frame


def _orders(world: World, complaint: Frame) -> None:
    rates, draw, end = world.rates, world.draw("ombudsman_order"), world.end
    second = complaint["stage"] == 1
    of = complaint["complaint_ref"][second & (complaint["responded_on"] != NULL)]
    n = world.at_least(
        rates.number("services.orders_per_home_year") * world.years, least=5 * world.years
    )
    issued = np.sort(draw.between(world.start + 60, end - 10, n))
    frame = Frame("ombudsman_order", n).own()
    due = issued + draw.between(20, 42, n)
    picked = of[draw.between(0, max(len(of) - 1, 0), n)] if len(of) else np.full(n, NULL)
    frame.update(
        complaint_ref=picked,
        issued_on=issued,
        due_on=due,
        complied_on=until(due - draw.between(0, 15, n), end),
    )
    world.add(frame)


def _contacts(world: World) -> None:
    rates, draw, end = world.rates, world.draw("contact"), world.end
    n = round(rates.number("services.contacts_per_home_year") * world.homes * world.years)
    day = draw.when(n, world.start, end, rates.numbers("repairs.months"))
    home = draw.between(0, world.homes - 1, n)
    person = world.person_on(home, day)
    frame = Frame("contact", n)
    channels, standards = (
        rates.shares("services.contact_channels"),
        rates.shares("services.contact_standards"),
    )
    channel = draw.pick(list(channels.values()), n)
    names = list(channels)
    frame.code("channel", names, channel)
    enquiries = rates.shares("services.enquiries")
    frame.code("enquiry_type", list(enquiries), draw.pick(list(enquiries.values()), n))
    standard = ints([round(standards[k]) for k in names])[channel]
    spoken = np.isin(channel, [names.index("telephone"), names.index("out_of_hours")])
    gone = spoken & draw.chance(n, rates.number("services.abandoned"))
    waited = standard * draw.spread([1, 14, 30, 52, 78, 100], n) // 100
    late = world.planter.pick("contact-answered-late", n, ~gone)
    waited = np.where(late, standard * draw.between(105, 420, n) // 100, waited)
    hours = np.where(
        channel == names.index("out_of_hours"),
        draw.time_of_day(n, 18, 24),
        draw.time_of_day(n, 8, 18),
    )
    known = draw.chance(n, 0.9)
    solved = draw.chance(n, rates.number("services.resolved_first")) & ~gone
    last = (end + 1) * DAY_SECONDS - 1
    frame.update(
        at=np.minimum(moment(day, hours), last),
        person_ref=only_where(known & ~gone, person),
        answered_in_s=only_where(~gone, waited),
        standard_s=standard,
        abandoned=gone,
        resolved_first=only_where(~gone, solved.astype(np.int64)),
        outcome_told=only_where(~gone, 1),
    )
    order = np.argsort(frame["at"], kind="stable")
    frame = frame.taken(ints(order)).own()
    world.add(frame)
    answered = frame["answered_in_s"]
    slow = np.flatnonzero((answered != NULL) & (answered > frame["standard_s"]))
    world.planter.note("contact-answered-late", frame, ints(slow), "answered_in_s")


def _documents(world: World) -> None:
    draw, end = world.draw("document_request"), world.end
    n = world.at_least(0.008 * world.years, least=9 * world.years)
    day = draw.when(n, world.start, end)
    _home, _tenancy, person = someone(world, "document_request", day)
    wanted = [
        "Polish",
        "Arabic",
        "Bengali",
        "Somali",
        "Welsh",
        "large print",
        "audio",
        "braille",
        "easy read",
        "sign language video",
    ]
    frame = Frame("document_request", n).own()
    frame.text("wanted", wanted, draw.between(0, len(wanted) - 1, n))
    met = day + draw.between(1, 20, n)
    frame.update(
        person_ref=person, requested_on=day, met=only_where(met <= end, 1), met_on=until(met, end)
    )
    world.add(frame)


def _involvement(world: World) -> None:
    rates, draw, end = world.rates, world.draw("involvement_body"), world.end
    groups, areas = rates.words("services.groups"), rates.words("stock.areas")
    names = [*groups, *(f"{a} tenants and residents" for a in areas)]
    n = len(names)
    at = np.arange(n)
    local = at >= len(groups)
    active = np.where(at == 3, 0, 1)
    wanted = local & (at % 6 != 1)
    frame = Frame("involvement_body", n).own()
    frame.text("name", names, at)
    frame.text("area", areas, only_where(local, at - len(groups)))
    frame.update(
        active=active,
        compact_wanted=only_where(local, wanted.astype(np.int64)),
        compact_on=only_where(wanted, end - draw.between(60, 1500, n)),
        profile_breakdown_on=only_where(active == 1, end - draw.between(10, 340, n)),
    )
    world.add(frame)
    current = world.current()
    per_body = min(18, max(6, len(current) // 60))
    body = np.repeat(at, per_body)
    # Older tenants come forward more often.
    lead = np.unique(world.let["lead"][current])
    born = world.frames["person"]["birth_year"][lead]
    order = np.lexsort((lead, born + draw.between(0, 55, len(lead))))
    pool = lead[order[: max(per_body * 2, len(order) * 2 // 3)]]
    person = pool[draw.between(0, len(pool) - 1, len(body))]
    key = np.unique(body * 10_000_000 + person)
    body, person = key // 10_000_000, key % 10_000_000
    since = end - draw.between(30, 2200, len(body))
    over = draw.chance(len(body), 0.2)
    member = Frame("involvement_member", len(body))
    member.update(
        body_ref=body,
        person_ref=person,
        from_on=since,
        to_on=only_where(over, draw.between(since, np.full(len(body), end), len(body))),
    )
    world.add(member)

    topics = [
        "Rents",
        "Repairs standard",
        "Cleaning",
        "Parking",
        "New offices",
        "Investment",
        "Pets",
        "Safety in flats",
        "Digital services",
        "Estate plans",
    ]
    n = max(8, 6 * world.years)
    closed = np.sort(draw.between(world.start, end - 20, n))
    talk = Frame("consultation", n).own()
    talk.text("title", topics, draw.between(0, len(topics) - 1, n))
    talk.update(closed_on=closed, outcome_published_on=until(closed + draw.between(15, 80, n), end))
    world.add(talk)


def _publications(world: World) -> None:
    draw, end = world.draw("publication"), world.end
    letters = world.start + 30 + np.arange(4 * world.years) * 91
    letters = letters[letters <= end - 10]
    n = len(letters) + 26 + 10 * world.years
    at = np.arange(n)
    others = ["leaflet", "handbook", "annual_report", "web_page", "letter", "form"]
    kind = draw.pick([0.34, 0.04, 0.06, 0.26, 0.14, 0.16], n)
    frame = Frame("publication", n)
    frame.code("kind", ["newsletter", *others], np.where(at < len(letters), 0, kind + 1))
    planned = draw.between(world.start, end - 10, n)
    planned[: len(letters)] = letters
    frame.update(
        planned_on=planned,
        issued_on=until(planned + draw.between(0, 9, n), end),
        resident_content=np.where(at < len(letters), 1, draw.chance(n, 0.3)),
        readability_checked=1,
        readability_pass=1,
        other_formats=1,
    )
    world.add(frame.taken(ints(np.argsort(planned, kind="stable"))).own())


def _offered(world: World) -> None:
    rates, draw, end = world.rates, world.draw("service_point"), world.end
    services = rates.words("services.services")
    n = len(services)
    at = np.arange(n)
    frame = Frame("service_catalogue", n).own()
    frame.text("name", services, at)
    frame.update(active=np.where(at == n - 1, 0, 1), online=at % 3 != 2, downloadable=at % 4 != 3)
    world.add(frame)
    points = rates.words("services.points")
    n = len(points)
    frame = Frame("service_point", n).own()
    frame.text("name", points, np.arange(n))
    frame.update(
        active=np.where(np.arange(n) == n - 1, 0, 1),
        step_free=1,
        hearing_loop=1,
        private_room=1,
        interpreter=1,
        checked_on=end - draw.between(20, 350, n),
    )
    world.add(frame)
