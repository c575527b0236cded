"""Records that hold what landlords have published, row by row, to compute it again from.

From the words of the *Tenant Satisfaction Measures: Technical requirements* (Regulator of Social
Housing, 2023): so many homes of which so many failed, so many repairs of which so many in time.
Beside what counts stands in every landlord's records what the requirements leave out: garages,
leases, homes of earlier years, planned works, withdrawn jobs, answers without an opinion.

Each of the tables is one SELECT over ``counted(landlord, x, y)``, numerator and denominator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from kloe.core.periods import Period
from kloe.records.layouts import layout
from kloe.records.store import DataFile, Filled, RecordSet, Table, write_manifest

#: The year of the workbook.
YEAR = Period(date(2024, 4, 1), date(2025, 3, 31))
FIRST, LAST, NEXT = "DATE '2024-04-01'", "DATE '2025-03-31'", "DATE '2025-04-01'"
#: Numbered from 1, as many as there are of something in each landlord's figure.
EACH = "FROM counted AS c, LATERAL (SELECT unnest(range(1, CAST({} AS BIGINT) + 1)) AS i) AS r"

RENT, OWN = "social_rent", "shared_ownership"
#: Other terms on which homes of the same population are held.
OTHERS = {RENT: "affordable_rent", OWN: OWN}

Counts = Mapping[str, tuple[Decimal, Decimal]]
Selects = Mapping[str, str]


def each(what: str) -> str:
    """As many rows for each landlord as an expression over x and y says."""
    return EACH.format(what)


def homes(tenure: str, status: str = "'pass'") -> str:
    """The homes of the denominator, and beside them what is no such home of that year."""
    return f"""
        SELECT c.landlord, 'P' || r.i AS property_ref, 'house' AS property_type,
            CASE WHEN r.i % 10 = 0 THEN '{OTHERS[tenure]}' ELSE '{tenure}' END AS tenure_type,
            {status} AS dhs_status,
            CASE WHEN r.i % 7 = 0 THEN {LAST} WHEN r.i % 7 = 1 THEN {FIRST} END AS acquired_on,
            CASE WHEN r.i % 11 = 0 THEN {NEXT} END AS disposed_on
        {each("c.y")}
        UNION ALL BY NAME
        SELECT c.landlord, o.property_ref, o.property_type, o.tenure_type, 'fail' AS dhs_status,
            o.acquired_on, o.disposed_on
        FROM counted AS c CROSS JOIN (VALUES
            ('G1', 'garage', 'social_rent', NULL, NULL),
            ('G2', 'parking', 'social_rent', NULL, NULL),
            ('L1', 'flat', 'leasehold', NULL, NULL),
            ('M1', 'flat', 'market_rent', NULL, NULL),
            ('S1', 'house', 'social_rent', NULL, {LAST}),
            ('N1', 'house', 'social_rent', {NEXT}, NULL)
        ) AS o(property_ref, property_type, tenure_type, acquired_on, disposed_on)
    """


def failing() -> Selects:
    """Homes of which some fail the standard."""
    return {"property": homes(RENT, "CASE WHEN r.i <= c.x THEN 'fail' ELSE 'pass' END")}


def repairs(priorities: str, late: str) -> str:
    """Repairs of which some are done in time, some of them at the last moment.

    :param late: what is added to the target of one that is only just late.
    """
    return f"""
        SELECT c.landlord, 'R' || r.i AS job_ref, 'completed' AS status,
            CASE WHEN r.i % 2 = 0 THEN {priorities} END AS priority,
            {LAST} - CAST(r.i % 365 AS INTEGER) + INTERVAL 12 HOUR AS target_at,
            {LAST} - CAST(r.i % 365 AS INTEGER) - INTERVAL 30 DAY AS reported_at,
            CASE
                WHEN r.i > c.x THEN {late}
                WHEN r.i % 3 = 0 THEN INTERVAL 0 DAY
                ELSE INTERVAL '-1' HOUR
            END AS later
        {each("c.y")}
    """


def jobs(one: str, other: str, late: str) -> Selects:
    """Repairs of one urgency, and beside them those that are none of the figure."""
    made = f"""
        SELECT m.* EXCLUDE (later, priority), COALESCE(m.priority, '{other}') AS priority,
            -- Late ones of the last day would be completed in the next year.
            CASE
                WHEN CAST(m.target_at + m.later AS DATE) > {LAST} THEN m.target_at - INTERVAL 9 DAY
                ELSE m.target_at
            END AS target_at_,
            target_at_ + m.later AS completed_at
        FROM ({repairs(f"'{one}'", late)}) AS m
    """
    return {
        "repair_job": f"""
        SELECT j.* EXCLUDE (target_at, target_at_), j.target_at_ AS target_at FROM ({made}) AS j
        UNION ALL BY NAME
        SELECT c.landlord, o.job_ref, o.status, o.priority, o.completed_at - INTERVAL 5 DAY
            AS reported_at, o.completed_at, o.completed_at - INTERVAL 2 DAY AS target_at
        FROM counted AS c CROSS JOIN (VALUES
            ('X1', 'completed', 'planned', TIMESTAMP '2024-06-03 12:00:00'),
            ('X2', 'cancelled', '{one}', TIMESTAMP '2024-06-03 12:00:00'),
            ('X3', 'completed', '{one}', TIMESTAMP '2024-03-31 23:59:00'),
            ('X4', 'completed', '{one}', TIMESTAMP '2025-04-01 00:00:00'),
            ('X5', 'open', '{one}', NULL)
        ) AS o(job_ref, status, priority, completed_at)
        """
    }


def complaints(stage: int, tenure: str = RENT) -> Selects:
    """Complaints received at one stage, and the homes they are set against."""
    other = 3 - stage
    return {
        "property": homes(tenure),
        "complaint": f"""
        SELECT c.landlord, 'C' || r.i AS complaint_ref, '{stage}' AS stage,
            {LAST} - CAST(r.i % 365 AS INTEGER) AS received_on
        {each("c.x")}
        UNION ALL BY NAME
        SELECT c.landlord, o.complaint_ref, o.stage, o.received_on
        FROM counted AS c CROSS JOIN (VALUES
            ('X1', '{other}', {FIRST}), ('X2', '{stage}', {NEXT}),
            ('X3', '{stage}', {FIRST} - 1)
        ) AS o(complaint_ref, stage, received_on)
        """,
    }


def answers(stage: int) -> Selects:
    """Complaints of a year, some answered in time: on the day, or as far as it was put off."""
    return {
        "complaint": f"""
        SELECT c.landlord, 'C' || r.i AS complaint_ref, '{stage}' AS stage,
            {LAST} - CAST(r.i % 300 AS INTEGER) AS limit_on, limit_on - 30 AS received_on,
            CASE WHEN r.i % 4 = 0 THEN limit_on - 10 ELSE limit_on END AS due_on,
            CASE WHEN r.i % 4 = 0 THEN limit_on END AS extended_to, 'upheld' AS outcome,
            CASE WHEN r.i <= c.x THEN limit_on WHEN r.i % 2 = 0 THEN limit_on + 1 END
                AS responded_on
        {each("c.y")}
        UNION ALL BY NAME
        SELECT c.landlord, 'W1' AS complaint_ref, '{stage}' AS stage, {FIRST} AS received_on,
            {FIRST} + 14 AS due_on, 'withdrawn' AS outcome
        FROM counted AS c
        UNION ALL BY NAME
        SELECT c.landlord, 'O1' AS complaint_ref, '{3 - stage}' AS stage,
            {FIRST} AS received_on, {FIRST} + 14 AS due_on
        FROM counted AS c
        """
    }


def nuisance(kind: str, besides: str) -> Selects:
    """Cases of antisocial behaviour, and the homes they are set against."""
    return {
        "property": homes(RENT),
        "asb_case": f"""
        SELECT c.landlord, 'A' || r.i AS case_ref, 'b' AS category, {kind} AS kind,
            {LAST} - CAST(r.i % 365 AS INTEGER) + INTERVAL 1439 MINUTE AS opened_at
        {each("c.x")}
        UNION ALL BY NAME
        SELECT c.landlord, o.case_ref, 'b' AS category, o.kind, o.opened_at
        FROM counted AS c CROSS JOIN (VALUES {besides}) AS o(case_ref, kind, opened_at)
        """,
    }


def checks(kind: str) -> Selects:
    """Homes that need a check, and its certificates: in date for some, run out for others."""
    return {
        "property": homes(RENT),
        "safety_requirement": f"""
        SELECT c.landlord, 'P' || r.i AS asset_ref, 'property' AS asset_kind, '{kind}' AS kind,
            1 AS homes, CASE WHEN r.i % 13 = 0 THEN {LAST} END AS to_on
        {each("c.y")}
        UNION ALL BY NAME
        SELECT c.landlord, o.asset_ref, 'property' AS asset_kind, o.kind, 1 AS homes, o.to_on
        FROM counted AS c CROSS JOIN (VALUES
            ('G1', '{kind}', NULL), ('S1', '{kind}', NULL), ('N1', '{kind}', NULL),
            ('M1', '{kind}', {LAST} - 1), ('L1', 'electrical', NULL)
        ) AS o(asset_ref, kind, to_on)
        """,
        "compliance_certificate": certificates(kind, "property", "'P' || r.i", each("c.y"), "c.x"),
    }


def certificates(kind: str, of: str, ref: str, rows: str, good: str) -> str:
    """A certificate for each, in date on the last day for the first of them."""
    return f"""
        SELECT c.landlord, 'Z' || r.i AS certificate_ref, {ref} AS asset_ref,
            '{of}' AS asset_kind, '{kind}' AS kind, {LAST} - 300 AS issued_on,
            CASE WHEN r.i > {good} THEN {LAST} - 1 WHEN r.i % 2 = 0 THEN {LAST} ELSE {NEXT} END
                AS expires_on
        {rows}
    """


def buildings(kind: str) -> Selects:
    """Buildings that need a check, each with its homes: one large one in date, one not, and more.

    The homes of the numerator lie in two buildings, those left over in a third.
    """
    rows = """
        FROM counted AS c CROSS JOIN (VALUES (1), (2), (3)) AS r(i)
    """
    size = """CASE r.i WHEN 1 THEN c.x - c.x // 3 WHEN 2 THEN c.x // 3 ELSE c.y - c.x END"""
    return {
        "safety_requirement": f"""
        SELECT c.landlord, 'B' || r.i AS asset_ref, 'block' AS asset_kind, '{kind}' AS kind,
            CAST({size} AS INTEGER) AS homes
        {rows}
        UNION ALL BY NAME
        SELECT c.landlord, 'B9' AS asset_ref, 'block' AS asset_kind, '{kind}' AS kind,
            40 AS homes, {LAST} - 1 AS to_on
        FROM counted AS c
        """,
        "compliance_certificate": certificates(kind, "block", "'B' || r.i", rows, "2"),
    }


def survey(code: str) -> Selects:
    """Answers to a question of a survey of all tenants, weighted where the figures are.

    What is left of a figure beyond its whole number is one answer of that weight.
    """
    return {
        "survey": f"""
        SELECT c.landlord, o.survey_ref, o.kind, 'tsm' AS standard, {FIRST} AS from_on,
            {LAST} AS to_on
        FROM counted AS c CROSS JOIN (VALUES ('S1', 'perception'), ('S2', 'transaction'))
            AS o(survey_ref, kind)
        """,
        "survey_response": f"""
        WITH parts AS (
            SELECT c.landlord, TRUE AS satisfied, c.x AS much FROM counted AS c
            UNION ALL
            SELECT c.landlord, FALSE AS satisfied, c.y - c.x AS much FROM counted AS c
        )
        SELECT p.landlord, p.satisfied || '-' || r.i AS response_ref, '{code}' AS question_code,
            'S1' AS survey_ref, {LAST} - CAST(r.i % 365 AS INTEGER) AS answered_on,
            CASE
                WHEN p.satisfied THEN CASE WHEN r.i % 2 = 0 THEN 'very' ELSE 'fairly' END
                    || '_satisfied'
                WHEN r.i % 3 = 0 THEN 'neither'
                WHEN r.i % 3 = 1 THEN 'fairly_dissatisfied'
                ELSE 'very_dissatisfied'
            END AS answer,
            CASE WHEN r.i > floor(p.much) THEN p.much - floor(p.much) END AS weight
        FROM parts AS p, LATERAL (SELECT unnest(range(1, CAST(ceil(p.much) AS BIGINT) + 1)) AS i)
            AS r
        UNION ALL BY NAME
        SELECT c.landlord, o.response_ref, o.question_code, o.survey_ref, o.answered_on, o.answer
        FROM counted AS c CROSS JOIN (VALUES
            ('N1', '{code}', 'S1', {LAST}, 'not_applicable'),
            ('N2', '{code}', 'S1', {LAST}, 'dont_know'),
            ('N3', '{code}', 'S2', {LAST}, 'very_satisfied'),
            ('N4', '{code}', 'S1', {NEXT}, 'very_satisfied'),
            ('N5', 'value', 'S1', {LAST}, 'very_satisfied')
        ) AS o(response_ref, question_code, survey_ref, answered_on, answer)
        """,
    }


def made(folder: Path, counts: Counts, selects: Iterable[tuple[str, str]]) -> RecordSet:
    """A set of records of all these landlords, every column of every layout in its type."""
    folder.mkdir(parents=True)
    tables = []
    with duckdb.connect() as base:
        base.execute("CREATE TABLE counted(landlord VARCHAR, x DECIMAL(18,6), y DECIMAL(18,6))")
        base.executemany(
            "INSERT INTO counted VALUES (?, ?, ?)", [(k, x, y) for k, (x, y) in counts.items()]
        )
        for name, select in selects:
            types = layout(name).types
            base.execute(f"CREATE TABLE {name} ({', '.join(f'{c} {t}' for c, t in types.items())})")
            there = [row[0] for row in base.execute(f"DESCRIBE {select}").fetchall()]
            wanted = ", ".join(c for c in there if c in types)
            base.execute(f"INSERT INTO {name} BY NAME SELECT {wanted} FROM ({select})")
            path = folder / f"{name}.parquet"
            base.execute(f"COPY {name} TO '{path}' (FORMAT parquet)")
            filled = base.execute(
                f"SELECT COUNT(*), {', '.join(f'COUNT({c})' for c in types)} FROM {name}"
            ).fetchone()
            assert filled is not None
            columns = {c: Filled(True, n) for c, n in zip(types, filled[1:], strict=True)}
            tables.append(Table(name, (DataFile.of(folder, path, filled[0]),), columns))
    return write_manifest(
        folder, landlord="sector", as_at=YEAR.end, tables=tables, landlords=tuple(counts)
    )
