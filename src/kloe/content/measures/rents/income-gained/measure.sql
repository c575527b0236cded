-- One row for each referral whose advice ended.
SELECT
    r.landlord,
    p.period_id,
    r.referral_ref AS case_ref,
    COALESCE(r.annual_gain, 0) AS numerator,
    1 AS denominator,
    r.person_ref,
    r.kind
FROM advice_referral AS r
JOIN period AS p ON r.closed_on BETWEEN p.start_on AND p.end_on
WHERE r.kind IN ('debt', 'benefits_check', 'budgeting', 'energy', 'employment')
