-- One row for each record for which something was given.
SELECT
    x.landlord,
    p.period_id,
    x.person_ref AS case_ref,
    CASE WHEN x.ethnicity IS NOT NULL THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    'people' AS records
FROM person AS x
CROSS JOIN period AS p
WHERE TRIM(x.ethnicity_given) <> ''
UNION ALL
SELECT
    s.landlord,
    p.period_id,
    s.staff_ref AS case_ref,
    CASE WHEN s.ethnicity IS NOT NULL THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    'staff' AS records
FROM staff AS s
CROSS JOIN period AS p
WHERE TRIM(s.ethnicity_given) <> ''
