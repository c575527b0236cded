-- One row for each referral.
SELECT
    r.landlord,
    p.period_id,
    r.referral_ref AS case_ref,
    CASE WHEN r.in_arrears THEN 0 ELSE 1 END AS numerator,
    1 AS denominator,
    CASE WHEN r.in_arrears IS NULL THEN 'not-known' ELSE NULL END AS excluded,
    r.person_ref,
    r.kind
FROM advice_referral AS r
JOIN period AS p ON r.referred_on BETWEEN p.start_on AND p.end_on
WHERE r.kind IN ('debt', 'benefits_check', 'budgeting', 'energy', 'employment')
