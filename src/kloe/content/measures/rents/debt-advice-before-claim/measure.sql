-- One row for each claim. Referrals are kept in one of two tables, or in both.
WITH advised AS (
    SELECT
        r.landlord,
        r.account_ref,
        r.referred_on AS advised_on
    FROM advice_referral AS r
    WHERE r.kind = 'debt'
    UNION ALL
    SELECT
        a.landlord,
        a.account_ref,
        a.action_on AS advised_on
    FROM arrears_action AS a
    WHERE a.kind = 'advice_referral'
)

SELECT
    c.landlord,
    p.period_id,
    c.action_ref AS case_ref,
    CASE WHEN COUNT(d.advised_on) > 0 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    k.tenancy_ref
FROM arrears_action AS c
JOIN period AS p ON c.action_on BETWEEN p.start_on AND p.end_on
LEFT JOIN rent_account AS k
    ON k.landlord = c.landlord
    AND k.account_ref = c.account_ref
LEFT JOIN advised AS d
    ON d.landlord = c.landlord
    AND d.account_ref = c.account_ref
    AND d.advised_on < c.action_on
    AND d.advised_on + :days >= c.action_on
WHERE c.kind = 'claim'
GROUP BY c.landlord, p.period_id, c.action_ref, k.tenancy_ref
