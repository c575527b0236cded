-- One row for each action set in the period that needs money.
SELECT
    a.landlord,
    p.period_id,
    a.action_ref AS case_ref,
    CASE WHEN a.budget > 0 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    a.origin
FROM action AS a
JOIN period AS p ON a.made_on BETWEEN p.start_on AND p.end_on
WHERE a.needs_money
