-- One row for each inspection done in the period.
SELECT
    e.landlord,
    p.period_id,
    e.inspection_ref AS case_ref,
    CASE WHEN e.grade IN ('a', 'b') THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN e.grade IS NULL THEN 'no-grade' ELSE NULL END AS excluded,
    e.estate
FROM estate_inspection AS e
JOIN period AS p ON e.done_on BETWEEN p.start_on AND p.end_on
