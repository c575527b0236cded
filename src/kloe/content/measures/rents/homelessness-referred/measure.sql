-- One row for each order and warrant. Referrals are kept in one of two tables, or in both.
WITH referred AS (
    SELECT
        r.landlord,
        r.account_ref,
        r.referred_on
    FROM advice_referral AS r
    WHERE r.kind = 'homelessness'
    UNION ALL
    SELECT
        a.landlord,
        a.account_ref,
        a.action_on AS referred_on
    FROM arrears_action AS a
    WHERE a.kind = 'homelessness_referral'
)

SELECT
    s.landlord,
    p.period_id,
    s.action_ref AS case_ref,
    CASE WHEN COUNT(h.referred_on) > 0 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    k.tenancy_ref,
    s.kind
FROM arrears_action AS s
JOIN period AS p ON s.action_on BETWEEN p.start_on AND p.end_on
LEFT JOIN rent_account AS k
    ON k.landlord = s.landlord
    AND k.account_ref = s.account_ref
LEFT JOIN referred AS h
    ON h.landlord = s.landlord
    AND h.account_ref = s.account_ref
    AND h.referred_on <= s.action_on + :after
    AND h.referred_on + :days >= s.action_on
WHERE s.kind IN ('order', 'warrant')
GROUP BY s.landlord, p.period_id, s.action_ref, k.tenancy_ref, s.kind
