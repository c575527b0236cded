"""Rents, from the words of their measures: arrears cases, advice, new tenants and standards."""

from __future__ import annotations

from datetime import date, timedelta

from kloe.core.periods import Period
from recompute.common import LEASES, home_of, leads, satisfied, standards, tenancies_of_homes
from recompute.ground import (
    Cases,
    Records,
    Row,
    case,
    in_force,
    left_out,
    measure,
    months_before,
    value,
    within,
)
from recompute.rents import balance, lasts, rent_accounts

MONEY_ADVICE = {"debt", "benefits_check", "budgeting", "energy", "employment"}
PERSONAL = {"call", "visit", "meeting"}
DAY = timedelta(days=1)


def referrals(records: Records, account_ref: str, kinds: set[str]) -> list[date]:
    """Days on which the holder of an account was referred for advice of these kinds."""
    rows = records.by("advice_referral", "account_ref").get(account_ref, [])
    return [row["referred_on"] for row in rows if row["kind"] in kinds]


def actions(records: Records, case_: Row) -> list[Row]:
    """What was done about an account from the first day of an arrears case to its last."""
    until = case_["closed_on"] or date.max
    return [
        row
        for row in records.by("arrears_action", "account_ref").get(case_["account_ref"], [])
        if case_["opened_on"] <= row["action_on"] <= until
    ]


@measure("rents/advice-before-arrears")
def advice_before_arrears(records: Records, period: Period) -> Cases:
    for row in records.rows("advice_referral"):
        if row["kind"] in MONEY_ADVICE and within(row["referred_on"], period):
            if row["in_arrears"] is None:
                yield left_out(row["referral_ref"], "not-known")
            else:
                yield case(row["referral_ref"], int(not row["in_arrears"]), 1)


@measure("rents/advice-in-arrears")
def advice_in_arrears(records: Records, period: Period) -> Cases:
    for row in records.rows("arrears_case"):
        if within(row["opened_on"], period):
            days = referrals(records, row["account_ref"], MONEY_ADVICE)
            until = row["closed_on"] or date.max
            advised = any(row["opened_on"] <= day <= until for day in days)
            yield case(row["case_ref"], int(advised), 1)


@measure("rents/advice-referrals")
def advice_referrals(records: Records, period: Period) -> Cases:
    for row in records.rows("advice_referral"):
        if row["kind"] in MONEY_ADVICE and within(row["referred_on"], period):
            yield case(row["referral_ref"], 1, 0)
    for row in tenancies_of_homes(records, period.end):
        yield case(row["tenancy_ref"], 0, 1)


@measure("rents/affordability-checked")
def affordability_checked(records: Records, period: Period) -> Cases:
    for row in records.rows("letting"):
        if not within(row["let_on"], period):
            continue
        ref, checked, accepted = (
            row["letting_ref"], row["affordability_check_on"], row["accepted_on"],
        )  # fmt: skip
        if row["renewal"]:
            yield left_out(ref, "renewal")
        elif checked is not None and accepted is None:
            yield left_out(ref, "no-acceptance-day")
        else:
            yield case(ref, int(checked is not None and checked <= accepted), 1)


@measure("rents/agreements-kept")
def agreements_kept(records: Records, period: Period) -> Cases:
    for row in records.rows("arrears_agreement"):
        ended = row["ended_on"]
        if row["agreed_on"] <= period.end and (ended is None or ended > period.end):
            if ended is not None:
                yield left_out(row["agreement_ref"], "ended-since")
            elif row["status"] == "withdrawn":
                yield left_out(row["agreement_ref"], "withdrawn")
            else:
                yield case(row["agreement_ref"], int(row["status"] in {"kept", "completed"}), 1)


@measure("rents/alternative-remedies")
def alternative_remedies(records: Records, period: Period) -> Cases:
    other = {"attachment", "small_claim", "deduction"}
    court = {"claim", "order", "warrant", "eviction"}
    done: dict[str, set[str]] = {}
    for row in records.rows("arrears_action"):
        if within(row["action_on"], period) and row["kind"] in other | court:
            done.setdefault(row["account_ref"], set()).add(row["kind"])
    for ref, kinds in done.items():
        yield case(ref, int(bool(kinds & other)), 1)


@measure("rents/arrears-acted-on-early")
def arrears_acted_on_early(records: Records, period: Period, *, days: int) -> Cases:
    for row in records.rows("arrears_case"):
        last = row["opened_on"] + timedelta(days=int(days))
        if not within(last, period):
            continue
        done = records.by("arrears_action", "account_ref").get(row["account_ref"], [])
        early = any(row["opened_on"] <= a["action_on"] <= last for a in done)
        if not early and row["closed_on"] is not None and row["closed_on"] <= last:
            yield left_out(row["case_ref"], "cleared")
        else:
            yield case(row["case_ref"], int(early), 1)


def age_band(birth_year: int, year: int) -> str:
    """The band of the age somebody reaches in a year."""
    age = year - birth_year
    return "under 35" if age < 35 else "35-54" if age < 55 else "55 and over"


def ethnic_group(code: str | None) -> str | None:
    """The group an ethnic group is counted in."""
    if code in {None, "not_said"}:
        return None
    if code in {"white_british", "mixed"}:
        return code
    first = code.partition("_")[0]
    return {"white": "white_other", "asian": "asian", "black": "black"}.get(first, "other")


@measure("rents/arrears-gap")
def arrears_gap(records: Records, period: Period) -> Cases:
    for account, tenancy in rent_accounts(records):
        if not lasts(account, tenancy, period.end):
            continue
        ref = account["account_ref"]
        owes = int(balance(records, ref, period.end) > 0)
        lead = leads(records, period.end).get(tenancy["tenancy_ref"])
        if lead is None:
            continue
        born = lead["birth_year"]
        told = {
            "ethnicity": ethnic_group(lead["ethnicity"]),
            "disability": lead["disability"] if lead["disability"] in {"yes", "no"} else None,
            "age": age_band(born, period.end.year) if born is not None else None,
        }
        for characteristic, grp in told.items():
            if grp is None:
                yield left_out(ref, "not-known", characteristic, grp)
            else:
                yield case(ref, owes, 1, characteristic, grp)


@measure("rents/arrears-reason-recorded")
def arrears_reason_recorded(records: Records, period: Period) -> Cases:
    for row in records.rows("arrears_case"):
        if within(row["opened_on"], period):
            yield case(row["case_ref"], int(row["reason"] is not None), 1)


@measure("rents/benefits-checked-at-start")
def benefits_checked_at_start(records: Records, period: Period, *, days: int) -> Cases:
    lettings = records.by("letting", "tenancy_ref")
    advice = records.by("advice_referral", "tenancy_ref")
    for row in records.rows("tenancy"):
        if not within(row["start_on"], period):
            continue
        ref = row["tenancy_ref"]
        if row["tenure"] in LEASES:
            yield left_out(ref, "not-rented")
        elif not home_of(records, row):
            yield left_out(ref, "no-home")
        else:
            checks = [one["benefits_check_on"] for one in lettings.get(ref, [])]
            checks += [
                a["seen_on"] or a["referred_on"]
                for a in advice.get(ref, [])
                if a["kind"] == "benefits_check"
            ]
            last = row["start_on"] + timedelta(days=int(days))
            yield case(ref, int(any(day is not None and day <= last for day in checks)), 1)


@measure("rents/contacts-in-time")
def contacts_in_time(records: Records, period: Period) -> Cases:
    for row in records.rows("contact"):
        if row["enquiry_type"] != "rents" or not within(row["at"].date(), period):
            continue
        ref, took, standard = row["contact_ref"], row["answered_in_s"], row["standard_s"]
        if standard is None:
            yield left_out(ref, "no-standard")
        elif row["abandoned"]:
            yield case(ref, 0, 1)
        elif took is None:
            yield left_out(ref, "no-time")
        else:
            yield case(ref, int(took <= standard), 1)


@measure("rents/days-to-first-action")
def days_to_first_action(records: Records, period: Period) -> Cases:
    for row in records.rows("arrears_case"):
        if within(row["opened_on"], period):
            took = [
                (a["action_on"] - row["opened_on"]).days
                for a in actions(records, row)
                if a["action_on"] >= row["opened_on"]
            ]
            if took:
                yield value(row["case_ref"], min(took))
            else:
                yield left_out(row["case_ref"], "no-action")


@measure("rents/debt-advice-before-claim")
def debt_advice_before_claim(records: Records, period: Period, *, days: int) -> Cases:
    for row in records.rows("arrears_action"):
        if row["kind"] == "claim" and within(row["action_on"], period):
            first = row["action_on"] - timedelta(days=int(days))
            advised = referrals(records, row["account_ref"], {"debt"})
            advised += [
                a["action_on"]
                for a in records.by("arrears_action", "account_ref")[row["account_ref"]]
                if a["kind"] == "advice_referral"
            ]
            before = any(first <= day < row["action_on"] for day in advised)
            yield case(row["action_ref"], int(before), 1)


@measure("rents/documents-as-asked")
def documents_as_asked(records: Records, period: Period) -> Cases:
    for row in records.rows("document_request"):
        if within(row["requested_on"], period):
            if row["met"] is None:
                yield left_out(row["request_ref"], "not-noted")
            else:
                yield case(row["request_ref"], int(row["met"]), 1)


@measure("rents/homelessness-referred")
def homelessness_referred(records: Records, period: Period, *, days: int, after: int) -> Cases:
    for row in records.rows("arrears_action"):
        if row["kind"] in {"order", "warrant"} and within(row["action_on"], period):
            first = row["action_on"] - timedelta(days=int(days))
            last = row["action_on"] + timedelta(days=int(after))
            told = referrals(records, row["account_ref"], {"homelessness"})
            told += [
                a["action_on"]
                for a in records.by("arrears_action", "account_ref")[row["account_ref"]]
                if a["kind"] == "homelessness_referral"
            ]
            yield case(row["action_ref"], int(any(first <= day <= last for day in told)), 1)


@measure("rents/income-gained")
def income_gained(records: Records, period: Period) -> Cases:
    for row in records.rows("advice_referral"):
        if row["kind"] in MONEY_ADVICE and within(row["closed_on"], period):
            yield case(row["referral_ref"], row["annual_gain"] or 0, 1)


@measure("rents/personal-contact-before-notice")
def personal_contact_before_notice(records: Records, period: Period) -> Cases:
    for row in records.rows("arrears_case"):
        notices = [a["action_on"] for a in actions(records, row) if a["kind"] == "nosp"]
        if not row["vulnerable"] or not notices or not within(min(notices), period):
            continue
        spoken = any(
            a["kind"] in PERSONAL and row["opened_on"] <= a["action_on"] <= min(notices)
            for a in actions(records, row)
        )
        yield case(row["case_ref"], int(spoken), 1)


@measure("rents/personal-contact-share")
def personal_contact_share(records: Records, period: Period) -> Cases:
    for row in records.rows("arrears_action"):
        contact = row["kind"] in PERSONAL | {"letter", "text_message"}
        if contact and within(row["action_on"], period):
            yield case(row["action_ref"], int(row["kind"] in PERSONAL), 1)


@measure("rents/satisfaction-rent-service")
def satisfaction_rent_service(records: Records, period: Period) -> Cases:
    yield from satisfied(records, period, "rent_service", kinds=None)


@measure("rents/standards-monitored")
def standards_monitored(records: Records, period: Period) -> Cases:
    first = months_before(period.end, 12) + DAY
    for row in standards(records, period.end):
        if row["service_area"] != "rents" or row["kind"] != "standard":
            continue
        measured = row["measured_on"]
        if measured is not None and measured > period.end:
            yield left_out(row["standard_ref"], "measured-since")
        else:
            known = row["last_result"] is not None and measured is not None
            recent = known and measured >= first
            yield case(row["standard_ref"], int(recent), 1)


@measure("rents/tenant-profile-recorded")
def tenant_profile_recorded(records: Records, period: Period) -> Cases:
    tenancies = records.one("tenancy", "tenancy_ref")
    people = records.one("person", "person_ref")
    tenants = {
        row["person_ref"]
        for row in records.rows("tenancy_member")
        if row["role"] in {"lead", "joint"}
        and (row["from_on"] is None or row["from_on"] <= period.end)
        and (row["to_on"] is None or row["to_on"] >= period.end)
        and row["tenancy_ref"] in tenancies
        and in_force(tenancies[row["tenancy_ref"]], period.end)
        and row["person_ref"] in people
    }
    for ref in tenants:
        person = people[ref]
        yield case(ref, int(bool(person["ethnicity"] or person["ethnicity_given"])), 1)
        yield case(ref, int(bool(person["disability"])), 1)
        yield case(ref, int(bool(person["vulnerability"])), 1)
