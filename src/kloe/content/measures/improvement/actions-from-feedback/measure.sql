-- One row for each action completed in the period.
SELECT
    a.landlord,
    p.period_id,
    a.action_ref AS case_ref,
    CASE WHEN a.origin IN ('complaint', 'survey', 'staff', 'residents') THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN a.origin IS NULL THEN 'no-origin' ELSE NULL END AS excluded
FROM action AS a
JOIN period AS p ON a.done_on BETWEEN p.start_on AND p.end_on
