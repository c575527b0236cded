-- One row for each case of the period.
SELECT
    x.landlord,
    p.period_id,
    x.void_ref AS case_ref,
    CASE WHEN x.works_from < DATE '1950-01-01' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM void AS x
JOIN period AS p ON x.ended_on BETWEEN p.start_on AND p.end_on
WHERE x.works_from IS NOT NULL
