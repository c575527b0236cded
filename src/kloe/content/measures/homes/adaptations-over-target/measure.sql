-- One row for each adaptation that was due by the last day and not completed before the period.
SELECT
    a.landlord,
    p.period_id,
    a.case_ref,
    CASE WHEN a.completed_on <= a.due_on THEN 0 ELSE 1 END AS numerator,
    1 AS denominator,
    CASE WHEN a.status IN ('refused', 'withdrawn') THEN 'not-pursued' ELSE NULL END AS excluded,
    a.property_ref,
    a.class
FROM adaptation AS a
JOIN period AS p ON a.due_on <= p.end_on
WHERE a.completed_on IS NULL OR a.completed_on >= p.start_on
