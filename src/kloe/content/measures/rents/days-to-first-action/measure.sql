-- One row for each arrears case that opens in the period, with its first action.
WITH opened AS (
    SELECT
        c.landlord,
        c.case_ref,
        c.opened_on,
        c.reason,
        MIN(a.action_on) AS acted_on
    FROM arrears_case AS c
    LEFT JOIN arrears_action AS a
        ON a.landlord = c.landlord
        AND a.account_ref = c.account_ref
        AND a.action_on >= c.opened_on
        AND a.action_on <= COALESCE(c.closed_on, a.action_on)
    GROUP BY c.landlord, c.case_ref, c.opened_on, c.reason
)

SELECT
    o.landlord,
    p.period_id,
    o.case_ref,
    DATE_DIFF('day', o.opened_on, o.acted_on) AS value,
    CASE WHEN o.acted_on IS NULL THEN 'no-action' ELSE NULL END AS excluded,
    o.reason
FROM opened AS o
JOIN period AS p ON o.opened_on BETWEEN p.start_on AND p.end_on
