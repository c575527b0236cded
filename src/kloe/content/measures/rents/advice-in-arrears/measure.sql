-- One row for each arrears case that opens in the period.
SELECT
    c.landlord,
    p.period_id,
    c.case_ref,
    CASE WHEN COUNT(r.referral_ref) > 0 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    c.reason
FROM arrears_case AS c
JOIN period AS p ON c.opened_on BETWEEN p.start_on AND p.end_on
LEFT JOIN advice_referral AS r
    ON r.landlord = c.landlord
    AND r.account_ref = c.account_ref
    AND r.kind IN ('debt', 'benefits_check', 'budgeting', 'energy', 'employment')
    AND r.referred_on >= c.opened_on
    AND r.referred_on <= COALESCE(c.closed_on, r.referred_on)
GROUP BY c.landlord, p.period_id, c.case_ref, c.reason
