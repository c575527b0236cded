-- One row for each arrears case whose days for the first action ran out in the period.
WITH opened AS (
    SELECT
        c.landlord,
        c.case_ref,
        c.opened_on,
        c.closed_on,
        c.reason,
        COUNT(a.action_ref) AS actions
    FROM arrears_case AS c
    LEFT JOIN arrears_action AS a
        ON a.landlord = c.landlord
        AND a.account_ref = c.account_ref
        AND a.action_on >= c.opened_on
        AND a.action_on <= c.opened_on + :days
    GROUP BY c.landlord, c.case_ref, c.opened_on, c.closed_on, c.reason
)

SELECT
    o.landlord,
    p.period_id,
    o.case_ref,
    CASE WHEN o.actions > 0 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN o.actions = 0 AND o.closed_on <= o.opened_on + :days THEN 'cleared' ELSE NULL END AS excluded,
    o.reason
FROM opened AS o
JOIN period AS p ON o.opened_on + :days BETWEEN p.start_on AND p.end_on
