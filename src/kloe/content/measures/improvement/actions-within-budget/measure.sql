-- One row for each action completed in the period; without a budget or a cost it is left out.
SELECT
    a.landlord,
    p.period_id,
    a.action_ref AS case_ref,
    CASE WHEN a.spend <= a.budget THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN a.budget IS NULL THEN 'no-budget'
        WHEN a.spend IS NULL THEN 'no-cost'
        ELSE NULL
    END AS excluded,
    a.origin
FROM action AS a
JOIN period AS p ON a.done_on BETWEEN p.start_on AND p.end_on
