-- One row for each home empty on the last day.
SELECT
    v.landlord,
    p.period_id,
    v.void_ref AS case_ref,
    CASE WHEN v.ended_on < CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE) THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN v.held THEN 'held' ELSE NULL END AS excluded,
    v.property_ref
FROM void AS v
JOIN period AS p ON v.ended_on < p.end_on
WHERE v.let_on IS NULL OR v.let_on > p.end_on
