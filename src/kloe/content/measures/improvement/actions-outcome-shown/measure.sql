-- One row for each action completed in the period.
SELECT
    a.landlord,
    p.period_id,
    a.action_ref AS case_ref,
    CASE WHEN a.outcome_evidenced THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    a.origin
FROM action AS a
JOIN period AS p ON a.done_on BETWEEN p.start_on AND p.end_on
