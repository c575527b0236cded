"""Faults that need more than one table, or more than one row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kloe.records.generator.draws import DAY_SECONDS, NULL, Bools, Ints, date_of, day_of, ints
from kloe.records.generator.frames import Frame
from kloe.records.generator.world import SPAN, World

PERSONAL = ("call", "visit", "meeting")
#: Days between two repairs in a home within which one could be taken for the other's recall.
NEAR = 75


def break_all(world: World) -> None:
    """Plant them."""
    _spare_neighbours(world)
    _taken_up_late(world)
    _skipped_steps(world)
    _batch(world)
    _reopened(world)
    _first_of_month(world)
    _benefits(world)
    _unchecked(world)
    _overlapping(world)


def _taken_up_late(world: World) -> None:
    """Everything done about some arrears comes weeks later."""
    slug, cases, actions = "arrears-taken-up-late", *_arrears(world)
    first = _first(actions["case_ref"], actions["action_on"], cases.rows)
    shift = world.planter.draw(slug, 1).between(16, 40, cases.rows)
    lasts = np.where(cases["closed_on"] == NULL, world.end, cases["closed_on"])
    fits = (first < NULL * -1) & (first + shift <= lasts) & (cases["vulnerable"] == 0)
    # Cases that came to court keep their days: other records hang on them.
    legal = np.zeros(cases.rows, dtype=bool)
    legal[actions["case_ref"][actions.is_code("kind", "claim", "agreement", "advice_referral")]] = 1
    chosen = world.planter.pick(slug, cases.rows, fits & ~legal)
    case = actions["case_ref"]
    moved = np.where(chosen[case], actions["action_on"] + shift[case], actions["action_on"])
    actions["action_on"] = moved
    kept = moved <= np.where(chosen[case], lasts[case], world.end)
    world.frames["arrears_action"] = _again(actions, kept)
    world.planter.note(slug, cases, ints(np.flatnonzero(chosen)))


def _skipped_steps(world: World) -> None:
    """Notice without a visit, claims without advice, orders without a referral."""
    cases, actions = _arrears(world)
    case = actions["case_ref"]
    has = {
        kind: _any(case[actions.is_code("kind", kind)], cases.rows)
        for kind in ("nosp", "claim", "order")
    }
    notice = _first(
        case, np.where(actions.is_code("kind", "nosp"), actions["action_on"], -NULL), cases.rows
    )
    vulnerable = cases["vulnerable"] == 1
    taken = np.zeros(cases.rows, dtype=bool)
    gone = np.zeros(actions.rows, dtype=bool)
    referral = world.frames["advice_referral"]
    lost = np.zeros(referral.rows, dtype=bool)
    bearing: dict[str, Bools] = {}
    for slug, among, kinds, advice in (
        ("vulnerable-noticed-unseen", has["nosp"] & vulnerable, PERSONAL, ""),
        ("claim-without-advice", has["claim"], ("advice_referral",), "debt"),
        ("order-without-homelessness-referral", has["order"], ("homelessness_referral",),
         "homelessness"),
    ):  # fmt: skip
        chosen = world.planter.pick(slug, cases.rows, among & ~taken)
        taken |= chosen
        mine = chosen[case] & actions.is_code("kind", *kinds)
        if slug == "vulnerable-noticed-unseen":
            mine &= actions["action_on"] <= notice[case]
        gone |= mine
        if advice:
            accounts = cases["account_ref"][chosen]
            lost |= np.isin(referral["account_ref"], accounts) & referral.is_code("kind", advice)
        bearing[slug] = chosen
    actions = world.frames["arrears_action"] = _again(actions, ~gone)
    world.frames["advice_referral"] = _again(referral, ~lost)
    unseen = "vulnerable-noticed-unseen"
    world.planter.note(unseen, cases, ints(np.flatnonzero(bearing[unseen])))
    # Of the others, at fault is the step taken too soon; there may be two in one case.
    for slug, soon in (
        ("claim-without-advice", ["claim"]),
        ("order-without-homelessness-referral", ["order", "warrant"]),
    ):
        steps = bearing[slug][actions["case_ref"]] & actions.is_code("kind", *soon)
        named = actions.refs(ints(np.flatnonzero(steps)))
        world.planter.note(slug, cases, actions["case_ref"][steps], cases=named)


def _batch(world: World) -> None:
    """Repairs of a fortnight are all closed in the last minutes of a month."""
    slug, jobs = "repair-closed-in-batch", world.frames["repair_job"]
    middle = date_of(world.end - 150).replace(day=1)
    close = day_of(middle) - 1
    moment = close * DAY_SECONDS + 17 * 3600 + 30 * 60
    fits = jobs.is_code("status", "completed") & (jobs["completed_at"] < moment)
    fits &= (jobs["completed_at"] > moment - 40 * DAY_SECONDS) & (jobs["target_at"] > moment)
    fits &= (jobs["recall_of"] == NULL) & ~_recalled(jobs)
    fits &= ~_crowded(jobs, jobs["property_ref"] * 16 + jobs["trade"])
    share = world.planter.faults[slug].share
    wanted = 0 if share <= 0 else max(world.planter.faults[slug].least, round(share * jobs.rows))
    rows = np.flatnonzero(fits)
    rows = rows[world.planter.draw(slug).choose(len(rows), min(wanted, len(rows)))]
    _set(world, slug, jobs, rows, "completed_at", np.full(len(rows), moment))


def _reopened(world: World) -> None:
    """Recalls within two weeks that stand as new jobs."""
    slug, jobs = "repair-reopened-as-new", world.frames["repair_job"]
    before = np.maximum(jobs["recall_of"], 0)
    since = jobs["reported_at"] - jobs["completed_at"][before]
    fits = (jobs["recall_of"] != NULL) & (since < 14 * DAY_SECONDS) & (since >= 0)
    rows = np.flatnonzero(world.planter.pick(slug, jobs.rows, fits))
    # The job that came back bears no other fault either: it would hide this one.
    world.planter.hold(jobs, ints(before[rows]))
    _set(world, slug, jobs, rows, "recall_of", np.full(len(rows), NULL))


def _first_of_month(world: World) -> None:
    slug, voids = "void-first-of-month", world.frames["void"]
    day = voids["keys_in_on"]
    known = np.where(day == NULL, 0, day)
    month = known.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]")
    first = month.astype(np.int64)
    fits = (day != NULL) & (day != first) & (voids["ended_on"] >= world.start)
    rows = np.flatnonzero(world.planter.pick(slug, voids.rows, fits))
    _set(world, slug, voids, rows, "keys_in_on", first[rows])


def _benefits(world: World) -> None:
    """New tenants whose benefits nobody checked: neither at the letting nor as a referral."""
    slug, lettings = "benefits-unchecked", world.frames["letting"]
    fits = (lettings["let_on"] >= world.start) & (lettings["benefits_check_on"] != NULL)
    rows = np.flatnonzero(world.planter.pick(slug, lettings.rows, fits))
    tenancies = lettings["tenancy_ref"][rows]
    _set(world, slug, lettings, ints(rows), "benefits_check_on", np.full(len(rows), NULL))
    referral = world.frames["advice_referral"]
    lost = referral.is_code("kind", "benefits_check") & np.isin(referral["tenancy_ref"], tenancies)
    world.frames["advice_referral"] = _again(referral, ~lost)


def _unchecked(world: World) -> None:
    """Tenancies that nobody has checked: neither a visit nor a day is recorded."""
    slug, tenancies = "tenancy-check-missed", world.frames["tenancy"]
    fits = (tenancies["end_on"] == NULL) & (tenancies["last_checked_on"] != NULL)
    fits &= tenancies["start_on"] < world.end - 1900
    rows = np.flatnonzero(world.planter.pick(slug, tenancies.rows, fits))
    _set(world, slug, tenancies, ints(rows), "last_checked_on", np.full(len(rows), NULL))
    visits = world.frames["tenancy_visit"]
    missed = visits.is_code("kind", "audit") & np.isin(visits["tenancy_ref"], rows)
    visits["done_on"] = np.where(missed, NULL, visits["done_on"])
    visits["outcome"] = np.where(missed, NULL, visits["outcome"])


def _overlapping(world: World) -> None:
    """Tenancies that go on, by the records, after the next one in the home has begun."""
    slug, tenancies = "tenancy-overlaps", world.frames["tenancy"]
    order = np.lexsort((tenancies["start_on"], tenancies["property_ref"]))
    before, after = order[:-1], order[1:]
    same = tenancies["property_ref"][before] == tenancies["property_ref"][after]
    begins = np.full(tenancies.rows, NULL)
    begins[before[same]] = tenancies["start_on"][after[same]]
    shift = world.planter.draw(slug, 1).between(3, 12, tenancies.rows)
    fits = (begins >= world.start) & (begins + 12 <= world.end)
    # The next tenancy has to last longer than the one before overlaps it.
    ends = np.full(tenancies.rows, NULL)
    ends[before[same]] = tenancies["end_on"][after[same]]
    fits &= (ends == NULL) | (ends > begins + 12)
    rows = np.flatnonzero(world.planter.pick(slug, tenancies.rows, fits))
    following = np.full(tenancies.rows, NULL)
    following[before[same]] = after[same]
    cases = tenancies.refs(following[rows])
    _set(world, slug, tenancies, ints(rows), "end_on", begins[rows] + shift[rows], cases)


def _set(
    world: World,
    slug: str,
    frame: Frame,
    rows: Ints,
    column: str,
    new: Ints,
    cases: Sequence[str] = (),
) -> None:
    rows = ints(rows)
    before = frame.shown(column, rows)
    values = frame[column].astype(np.int64)
    values[rows] = new
    frame[column] = values
    world.planter.note(slug, frame, rows, column, before, cases)


def _arrears(world: World) -> tuple[Frame, Frame]:
    return world.frames["arrears_case"], world.frames["arrears_action"]


def _first(case: Ints, days: Ints, n: int) -> Ints:
    found = np.full(n, -NULL)
    np.minimum.at(found, case, days)
    return found


def _any(case: Ints, n: int) -> Bools:
    found = np.zeros(n, dtype=bool)
    found[case] = True
    return found


def _spare_neighbours(world: World) -> None:
    """Leave the day and trade of repairs alone where others in the home were about then.

    Moved or coded otherwise, such a job would look like one reopened, or hide one that is.
    """
    jobs = world.frames["repair_job"]
    same = jobs["property_ref"] * 16 + jobs["trade"]
    world.planter.hold(jobs, ints(np.flatnonzero(_crowded(jobs, same))), "completed_at")
    any_ = jobs["property_ref"]
    world.planter.hold(jobs, ints(np.flatnonzero(_crowded(jobs, any_))), "trade")


def _crowded(jobs: Frame, group: Ints) -> Bools:
    """Which repairs have another of their group (home, or home and trade) soon before or after."""
    order = np.lexsort((jobs["reported_at"], group))
    home = group[order]
    reported = jobs["reported_at"][order] // DAY_SECONDS
    ended = np.where(jobs["completed_at"] == NULL, 0, jobs["completed_at"])[order] // DAY_SECONDS
    lasting = np.maximum(ended, reported)
    # The latest end so far in each group: they come one after the other, so one run does.
    latest = np.maximum.accumulate(home * SPAN + lasting)
    crowded = np.zeros(jobs.rows, dtype=bool)
    near = (home[1:] == home[:-1]) & (reported[1:] - (latest[:-1] - home[:-1] * SPAN) < NEAR)
    crowded[1:] |= near
    following = (home[1:] == home[:-1]) & (reported[1:] - lasting[:-1] < NEAR)
    crowded[:-1] |= following
    found = np.zeros(jobs.rows, dtype=bool)
    found[order] = crowded
    return found


def _recalled(jobs: Frame) -> Bools:
    found = np.zeros(jobs.rows, dtype=bool)
    before = jobs["recall_of"]
    found[before[before != NULL]] = True
    return found


def _again(frame: Frame, kept: Bools) -> Frame:
    """The rows kept, with keys in order."""
    return frame.taken(ints(np.flatnonzero(kept))).own()
