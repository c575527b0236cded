"""Safety, from the words of its measures: checks in date, gas, asbestos and hazards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from kloe.core.periods import Period
from recompute.common import NO_HOMES
from recompute.ground import Case, Cases, Records, Row, case, left_out, measure, within
from recompute.homes import units

Asset = tuple[str, str]


def needed(row: Row, day: date) -> bool:
    """Whether a check was needed on a day; an unknown day is far away."""
    begun = row["from_on"] is None or row["from_on"] <= day
    return begun and (row["to_on"] is None or row["to_on"] >= day)


def requirements(records: Records, kind: str, day: date) -> list[Row]:
    """The checks of a kind needed on a day."""
    return [
        row
        for row in records.rows("safety_requirement")
        if row["kind"] == kind and needed(row, day)
    ]


def certificates(records: Records, kind: str) -> dict[Asset, list[Row]]:
    """The certificates of a kind by what they are for."""

    def make() -> dict[Asset, list[Row]]:
        found: dict[Asset, list[Row]] = {}
        for row in records.rows("compliance_certificate"):
            if row["kind"] == kind:
                found.setdefault((row["asset_kind"], row["asset_ref"]), []).append(row)
        return found

    return records.kept(("certificates", kind), make)


def in_date(records: Records, kind: str, asset: Asset, day: date, days: int) -> bool:
    """Whether any certificate of a home or building stands on a day."""
    return any(
        row["issued_on"] <= day
        and day <= (row["expires_on"] or row["issued_on"] + timedelta(days=days))
        for row in certificates(records, kind).get(asset, [])
    )


def assets_of(home: Row) -> Iterator[Asset]:
    """A home itself and the building it stands in."""
    yield "property", home["property_ref"]
    if home["block_ref"] is not None:
        yield "block", home["block_ref"]


def homes_checked(records: Records, period: Period, kind: str, days: int) -> Cases:
    """Homes that need a check, their own or their building's, with every one in date."""
    day = period.end
    wanted = {(r["asset_kind"], r["asset_ref"]) for r in requirements(records, kind, day)}
    for home in units(records, day):
        own = [asset for asset in assets_of(home) if asset in wanted]
        if own:
            stand = all(in_date(records, kind, asset, day, days) for asset in own)
            yield case(home["property_ref"], int(stand), 1)


def dependent_homes(
    records: Records, period: Period, kind: str, days: int, *, buildings: bool = True
) -> Cases:
    """Homes that depend on a check, by the home or building it is of.

    :param buildings: whether only the checks of buildings are asked for.
    """
    for row in requirements(records, kind, period.end):
        asset = row["asset_kind"], row["asset_ref"]
        if buildings and row["asset_kind"] != "block":
            continue
        if row["homes"] is None:
            yield left_out(row["asset_ref"], "homes-unknown")
        else:
            stands = in_date(records, kind, asset, period.end, days)
            yield case(row["asset_ref"], row["homes"] if stands else 0, row["homes"])


@measure("safety/asbestos-known")
def asbestos_known(records: Records, period: Period, *, year: int) -> Cases:
    entries = records.by("asbestos_record", "asset_ref")
    for home in units(records, period.end):
        ref, built = home["property_ref"], home["build_year"]
        if built is not None and built >= year:
            yield left_out(ref, "built-later")
        elif home["property_type"] is None:
            yield left_out(ref, "type-unknown")
        else:
            own = [
                row
                for row in entries.get(ref, [])
                if row["asset_kind"] == "property"
                and (row["surveyed_on"] is None or row["surveyed_on"] <= period.end)
            ]
            current = all(
                row["reinspect_due"] is not None and row["reinspect_due"] >= period.end
                for row in own
                if row["finding"] != "none"
            )
            yield case(ref, int(bool(own) and current), 1)


@measure("safety/asbestos-surveys")
def asbestos_surveys(records: Records, period: Period, *, days: int) -> Cases:
    yield from dependent_homes(records, period, "asbestos", days)


@measure("safety/asbestos-told")
def asbestos_told(records: Records, period: Period, *, year: int) -> Cases:
    properties = records.one("property", "property_ref")
    for row in records.rows("repair_job"):
        ordered = row["ordered_at"]
        if ordered is None or not within(ordered.date(), period) or not row["intrusive"]:
            continue
        built = properties.get(row["property_ref"], {}).get("build_year")
        if row["status"] == "cancelled":
            yield left_out(row["job_ref"], "cancelled")
        elif built is not None and built >= year:
            yield left_out(row["job_ref"], "built-later")
        else:
            yield case(row["job_ref"], int(bool(row["asbestos_info_issued"])), 1)


@measure("safety/certificates-at-letting")
def certificates_at_letting(records: Records, period: Period) -> Cases:
    properties = records.one("property", "property_ref")
    for row in records.rows("letting"):
        home = properties.get(row["property_ref"], {})
        if not within(row["let_on"], period) or home.get("property_type") in NO_HOMES:
            continue
        if row["renewal"]:
            yield left_out(row["letting_ref"], "renewal")
            continue
        wanted = ["electrical_certificate_issued_on"]
        if home.get("gas") is not False:
            wanted.append("gas_certificate_issued_on")
        given = all(row[name] is not None and row[name] <= row["let_on"] for name in wanted)
        yield case(row["letting_ref"], int(given), 1)


@measure("safety/communal-heating")
def communal_heating(records: Records, period: Period, *, days: int) -> Cases:
    yield from dependent_homes(records, period, "heating", days)


@measure("safety/electrical-checks")
def electrical_checks(records: Records, period: Period, *, days: int) -> Cases:
    yield from homes_checked(records, period, "electrical", days)


@measure("safety/fire-assessments")
def fire_assessments(records: Records, period: Period, *, days: int) -> Cases:
    yield from dependent_homes(records, period, "fire", days, buildings=False)


@measure("safety/forced-entry")
def forced_entry(records: Records, period: Period, *, attempts: int, days: int) -> Cases:
    tried = records.by("access_attempt", "property_ref")
    for row in records.rows("access_attempt"):
        on = row["attempted_on"]
        if row["stage"] != "forced" or row["kind"] != "gas" or not within(on, period):
            continue
        earlier = [
            other
            for other in tried[row["property_ref"]]
            if other["kind"] == "gas"
            and other["stage"] != "forced"
            and on - timedelta(days=days) <= other["attempted_on"] < on
        ]
        last_resort = len(earlier) >= attempts and bool(row["legal_sign_off"])
        yield case(row["attempt_ref"], int(last_resort), 1)


@measure("safety/gas-checks")
def gas_checks(records: Records, period: Period, *, days: int) -> Cases:
    yield from homes_checked(records, period, "gas", days)


def ran_out(rows: list[Row]) -> Iterator[tuple[date, date | None]]:
    """Days on which the checks of a home or building ran out, and when the next was done."""
    rows = sorted(rows, key=lambda row: (row["issued_on"], row["certificate_ref"]))
    before: date | None = None
    for row in rows:
        # What is recorded with a check goes before what the earlier one says.
        last = row["previous_expires_on"] or before
        if last is not None:
            yield last, row["issued_on"]
        before = row["expires_on"]
    if before is not None:
        yield before, None


@measure("safety/gas-checks-late")
def gas_checks_late(records: Records, period: Period) -> Cases:
    properties = records.one("property", "property_ref")
    lists = {
        (row["asset_kind"], row["asset_ref"]): row
        for row in records.rows("safety_requirement")
        if row["kind"] == "gas"
    }
    for asset, rows in certificates(records, "gas").items():
        home = properties.get(asset[1]) if asset[0] == "property" else None
        for last, done in ran_out(rows):
            if not within(last, period):
                continue
            listed = lists.get(asset)
            over = listed is not None and listed["to_on"] is not None and listed["to_on"] < last
            gone = home is not None and home["disposed_on"] is not None
            if over or (gone and home["disposed_on"] <= last):
                yield left_out(asset[1], "not-needed")
            elif done is None:
                # What runs out on the last day may still be renewed that day.
                yield case(asset[1], int(last < period.end), 1)
            else:
                yield case(asset[1], int(done > last), 1)


@measure("safety/gas-homes-registered")
def gas_homes_registered(records: Records, period: Period) -> Cases:
    day = period.end
    wanted = {(r["asset_kind"], r["asset_ref"]) for r in requirements(records, "gas", day)}
    for home in units(records, day):
        if home["gas"]:
            on_list = any(asset in wanted for asset in assets_of(home))
            yield case(home["property_ref"], int(on_list), 1)


@measure("safety/gas-remedials")
def gas_remedials(records: Records, period: Period) -> Cases:
    checks = {
        row["certificate_ref"]
        for row in records.rows("compliance_certificate")
        if row["kind"] == "gas"
    }
    for row in records.rows("repair_job"):
        if row["remedial_of"] not in checks:
            continue
        due, done = row["target_at"], row["completed_at"]
        if not within((due or row["reported_at"]).date(), period):
            continue
        if row["status"] == "cancelled":
            yield left_out(row["job_ref"], "cancelled")
        elif due is None:
            yield left_out(row["job_ref"], "no-target")
        else:
            in_time = done is not None and done.date() <= due.date()
            yield case(row["job_ref"], int(in_time), 1)


# Hazards -----------------------------------------------------------------------------------


def after_working_days(day: date, days: int) -> date:
    """The last of so many working days after a day, Mondays to Fridays."""
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def in_time(ref: str, done: date | None, last: date, period: Period) -> Iterator[Case]:
    """Whether a step was taken by its last day, unless that is still to come."""
    if done is not None:
        yield case(ref, int(done <= last), 1)
    elif last > period.end:
        yield left_out(ref, "running")
    else:
        yield case(ref, 0, 1)


def after_investigation(
    records: Records,
    period: Period,
    step: str,
    last: Callable[[date], date],
    wanted: Callable[[Row], bool],
) -> Cases:
    """Hazards whose investigation ended in the period: those where the next step was in time."""
    for row in records.rows("hazard_case"):
        ended = row["investigated_on"]
        if within(ended, period) and wanted(row):
            yield from in_time(row["case_ref"], row[step], last(ended), period)


@measure("safety/hazards-emergency")
def hazards_emergency(records: Records, period: Period, *, hours: int) -> Cases:
    for row in records.rows("hazard_case"):
        reported = row["reported_at"]
        if row["triage"] != "emergency" or not within(reported.date(), period):
            continue
        last, safe = reported + timedelta(hours=hours), row["made_safe_at"]
        if safe is None:
            yield from in_time(row["case_ref"], row["made_safe_on"], last.date(), period)
        else:
            yield case(row["case_ref"], int(safe <= last), 1)


@measure("safety/hazards-investigated")
def hazards_investigated(records: Records, period: Period, *, days: int) -> Cases:
    for row in records.rows("hazard_case"):
        reported = row["reported_at"].date()
        if row["triage"] == "significant" and within(reported, period):
            last = after_working_days(reported, days)
            yield from in_time(row["case_ref"], row["investigated_on"], last, period)


@measure("safety/hazards-made-safe")
def hazards_made_safe(records: Records, period: Period, *, days: int) -> Cases:
    yield from after_investigation(
        records,
        period,
        "made_safe_on",
        lambda day: after_working_days(day, days),
        lambda row: row["triage"] == "significant",
    )


@measure("safety/hazards-summary")
def hazards_summary(records: Records, period: Period, *, days: int) -> Cases:
    yield from after_investigation(
        records,
        period,
        "summary_sent_on",
        lambda day: after_working_days(day, days),
        lambda row: row["triage"] in {"emergency", "significant"},
    )


@measure("safety/hazards-works-started")
def hazards_works_started(records: Records, period: Period, *, days: int) -> Cases:
    yield from after_investigation(
        records,
        period,
        "works_started_on",
        lambda day: day + timedelta(days=days),
        lambda row: (
            row["triage"] == "significant" and bool(row["works_needed"] or row["works_started_on"])
        ),
    )


@measure("safety/legionella-assessments")
def legionella_assessments(records: Records, period: Period, *, days: int) -> Cases:
    yield from homes_checked(records, period, "legionella", days)


@measure("safety/lifts")
def lifts(records: Records, period: Period, *, days: int) -> Cases:
    yield from dependent_homes(records, period, "lift", days)


@measure("safety/play-areas")
def play_areas(records: Records, period: Period, *, days: int) -> Cases:
    yield from dependent_homes(records, period, "play", days)
