-- One row for each consultation that closed in the period.
SELECT
    c.landlord,
    p.period_id,
    c.consultation_ref AS case_ref,
    CASE WHEN c.outcome_published_on <= c.closed_on + :days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM consultation AS c
JOIN period AS p ON c.closed_on BETWEEN p.start_on AND p.end_on
