"""The SQL of single values: texts, codes, numbers, pseudonyms; what cannot be had is NULL."""

from __future__ import annotations

from collections.abc import Sequence

from kloe.records.extracts.pieces import quoted
from kloe.records.layouts import Column
from kloe.records.mapping_model import ColumnMap, Numbers

#: What spreadsheets show in place of a value.
ERRORS = ("#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#ERROR")
#: Days beyond are no days of records; 1900-01-01 and 9999-12-31 are, and are left to the tests.
FIRST_DAY, LAST_DAY = "1600-01-01", "9999-12-31"
DECIMAL = "DECIMAL(18,6)"


def ident(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def listed(words: Sequence[str]) -> str:
    """Texts as an SQL list for ``IN``."""
    return "(" + ", ".join(quoted(w) for w in words) + ")"


def keyed_hash(text: str) -> str:
    """HMAC-SHA256 of a text in hexadecimal, its first half; the key is set as two variables."""
    inner = f"unhex(sha256(getvariable('kloe_inner') || encode({text})))"
    return f"substring(sha256(getvariable('kloe_outer') || {inner}), 1, 32)"


def within(day: str, value: str) -> str:
    """A value where a day is one of records."""
    return f"CASE WHEN {day} BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}' THEN {value} END"


def no_error(text: str) -> str:
    """Whether a text is none of what spreadsheets show in place of a value."""
    # Two comparisons for nearly all texts, instead of one with each of the errors.
    return f"({text} < '#' OR {text} >= '$' OR {text} NOT IN {listed(ERRORS)})"


def words(text: str, mapped: ColumnMap) -> str:
    """A text, or the words the mapping has for it."""
    cases = " ".join(f"WHEN {quoted(a)} THEN {quoted(b)}" for a, b in mapped.codes.items() if a)
    return f"CASE {text} {cases} ELSE {text} END" if cases else text


def code(text: str, mapped: ColumnMap, column: Column) -> str:
    """One of the codes of a column, by the mapping's list."""
    pairs = {theirs: ours for theirs, ours in mapped.codes.items() if theirs}
    if not mapped.codes:
        if mapped.otherwise in ("reject", "empty"):
            return f"CASE WHEN {text} IN {listed(tuple(column.codes))} THEN {text} END"
        pairs = {ours: ours for ours in column.codes}
    cases = " ".join(
        f"WHEN {quoted(theirs)} THEN {quoted(ours) if ours != 'empty' else 'NULL'}"
        for theirs, ours in pairs.items()
    )
    otherwise = quoted(mapped.otherwise) if mapped.otherwise not in ("reject", "empty") else "NULL"
    blank = mapped.codes.get("")
    nothing = quoted(blank) if blank and blank != "empty" else "NULL"
    return (
        f"CASE WHEN {text} IS NULL THEN {nothing} ELSE CASE {text} {cases} ELSE {otherwise} END END"
    )


def outcomes(mapped: ColumnMap, column: Column) -> tuple[str, ...]:
    """What :func:`code` can come to."""
    found = list(mapped.codes.values()) if mapped.codes else list(column.codes)
    found.append(mapped.otherwise)
    return tuple(dict.fromkeys(f for f in found if f not in ("reject", "empty")))


def enumerated(text: str, values: Sequence[str]) -> str:
    """A text that is one of a few, as an enumeration of them."""
    return f"CAST({text} AS ENUM{listed(values)})" if values else text


def amount(text: str, mapped: ColumnMap, numbers: Numbers) -> str:
    """The SQL of a number: the plain form at once, others taken apart."""
    inner = text
    if mapped.negative == "brackets":
        inner = f"CASE WHEN {inner} LIKE '(%)' THEN '-' || {inner}[2:-2] ELSE {inner} END"
    elif mapped.negative == "trailing":
        inner = f"CASE WHEN {inner} LIKE '%-' THEN '-' || {inner}[:-2] ELSE {inner} END"
    elif mapped.negative == "suffix":
        credit, debit = mapped.credit.upper(), mapped.debit.upper()
        inner = (
            f"CASE WHEN ends_with(upper({inner}), {quoted(credit)})"
            f" THEN '-' || trim({inner}[:-{len(credit) + 1}])"
            f" WHEN ends_with(upper({inner}), {quoted(debit)})"
            f" THEN trim({inner}[:-{len(debit) + 1}]) ELSE {inner} END"
        )
    inner = f"replace(replace({inner}, '£', ''), ' ', '')"
    point = r"\." if numbers.decimal == "." else ","
    if numbers.thousands:
        by = {".": r"\.", " ": ""}.get(numbers.thousands, numbers.thousands)
        groups = rf"(\d{{1,3}}({by}\d{{3}})+|\d+)" if by else r"\d+"
        form = rf"[-+]*{groups}({point}\d*)?"
        inner = (
            f"CASE WHEN regexp_full_match({inner}, {quoted(form)})"
            f" THEN replace({inner}, {quoted(numbers.thousands)}, '') END"
        )
    elif numbers.decimal == ",":
        form = rf"[-+]*\d*({point}\d*)?"
        inner = f"CASE WHEN regexp_full_match({inner}, {quoted(form)}) THEN {inner} END"
    if numbers.decimal == ",":
        inner = f"replace({inner}, ',', '.')"
        return f"TRY_CAST({inner} AS {DECIMAL})"
    return f"coalesce(TRY_CAST({text} AS {DECIMAL}), TRY_CAST({inner} AS {DECIMAL}))"
