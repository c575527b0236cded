-- One row for each newsletter planned for the period.
SELECT
    b.landlord,
    p.period_id,
    b.publication_ref AS case_ref,
    CASE WHEN b.issued_on <= b.planned_on + :days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM publication AS b
JOIN period AS p ON b.planned_on BETWEEN p.start_on AND p.end_on
WHERE b.kind = 'newsletter'
