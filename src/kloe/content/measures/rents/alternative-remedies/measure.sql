-- One row for each account with a remedy in the period.
WITH remedies AS (
    SELECT
        a.landlord,
        p.period_id,
        a.account_ref,
        MAX(CASE WHEN a.kind IN ('attachment', 'small_claim', 'deduction') THEN 1 ELSE 0 END) AS other
    FROM arrears_action AS a
    JOIN period AS p ON a.action_on BETWEEN p.start_on AND p.end_on
    WHERE a.kind IN ('claim', 'order', 'warrant', 'eviction', 'attachment', 'small_claim', 'deduction')
    GROUP BY a.landlord, p.period_id, a.account_ref
)

SELECT
    r.landlord,
    r.period_id,
    r.account_ref AS case_ref,
    r.other AS numerator,
    1 AS denominator,
    c.tenancy_ref
FROM remedies AS r
LEFT JOIN rent_account AS c
    ON c.landlord = r.landlord
    AND c.account_ref = r.account_ref
