-- One row for each person with a year of birth.
SELECT
    x.landlord,
    p.period_id,
    x.person_ref AS case_ref,
    CASE WHEN EXTRACT(YEAR FROM p.end_on) - x.birth_year > :years THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM person AS x
CROSS JOIN period AS p
WHERE x.birth_year IS NOT NULL
