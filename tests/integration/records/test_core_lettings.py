"""The national export of lettings logs loads as it is published."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from records_ground import Ground

from kloe.records.loading import load_records
from kloe.records.mapping import read_mapping

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
NAME = "lettings_log_csv_export_codes_26.csv"
CORE = {"by": "tester", "landlord": "acme", "as_at": date(2026, 4, 30)}


@pytest.mark.shared
def test_the_specimen_as_published(ground: Ground) -> None:
    shutil.copyfile(SHARED / NAME, ground.folder / NAME)
    result = load_records(ground.data, read_mapping("core-lettings-2026"), ground.folder, **CORE)
    assert {t.table: (t.rows, t.rejects) for t in result.tables} == dict.fromkeys(
        ("property", "tenancy", "letting", "void", "person", "tenancy_member"), (1, 0)
    )
    assert not result.warnings
    assert ground.rows(
        "property", "property_ref, area, postcode, property_type, bedrooms, tenure_type,"
        " needs_type, adapted, weekly_rent, uprn, source_row",
    ) == [
        ("ABCDEFG", "Barnet", "NW9 5LL", "house", 3, "affordable_rent", "general_needs", True,
         Decimal("100.00"), None, 3)
    ]  # fmt: skip
    assert ground.rows("tenancy", "tenancy_ref, tenure, start_on, starter, joint") == [
        ("HIJKLMN", "fixed_term", date(2026, 4, 1), True, None)
    ]
    # The home was void from 30 March: the tenancy before ended the day before.
    assert ground.rows("void", "ended_on, let_on, works_class, works_to, end_reason") == [
        (date(2026, 3, 29), date(2026, 4, 1), "major", date(2026, 3, 31), "abandoned")
    ]
    assert ground.rows("letting", "homeless_duty, cbl, renewal, household_needs_adapted") == [
        (False, False, False, True)
    ]
    assert ground.rows("person", "person_ref, birth_year, gender, ethnicity, disability") == [
        ("HIJKLMN", 1991, "female", "white_irish", None)
    ]


@pytest.mark.shared
def test_its_quirks(ground: Ground) -> None:
    with (SHARED / NAME).open(encoding="utf-8", newline="") as file:
        labels, codes, log = csv.reader(file)
    logs = []
    changes: list[dict[str, str]] = [
        {},
        {"tenancycode": "T2", "age1": "-9", "sexrab1": "R", "gender_same_as_sex1": "3",
         "ethnic": "17"},
        {"tenancycode": "T3", "rsnvac": "14", "renewal": "1", "voiddate": "", "mrcdate": "",
         "startdate": "2026-05-01"},
        {"tenancycode": "", "propcode": "P4"},
        {"tenancycode": "T5", "status": "deleted"},
        {"tenancycode": "T6", "rsnvac": "15", "propcode": "P6"},
        {"tenancycode": "T7", "propcode": "P7", "unittype_gn": "", "beds": "", "homeless": "11"},
    ]  # fmt: skip
    for change in changes:
        one = dict(zip(codes, log, strict=True)) | change
        logs.append([one[c] for c in codes])
    with (ground.folder / NAME).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([labels, codes, *logs])
    result = load_records(ground.data, read_mapping("core-lettings-2026"), ground.folder, **CORE)
    assert not any(t.rejects for t in result.tables)
    assert [r[0] for r in ground.rows("tenancy", "tenancy_ref")] == [
        "HIJKLMN", "T2", "T3", "T6", "T7",
    ]  # fmt: skip
    assert {r[0] for r in ground.rows("property", "property_ref")} == {"ABCDEFG", "P4", "P6", "P7"}
    assert {r[0] for r in ground.rows("void", "property_ref")} == {"ABCDEFG", "P4", "P7"}
    assert ground.rows("person", "birth_year, gender, ethnicity", "person_ref = 'T2'") == [
        (None, "not_said", "not_said")
    ]
    assert ground.rows("letting", "renewal, let_on", "tenancy_ref = 'T3'") == [
        (True, date(2026, 5, 1))
    ]
    assert ground.rows("letting", "homeless_duty", "tenancy_ref = 'T7'") == [(True,)]
