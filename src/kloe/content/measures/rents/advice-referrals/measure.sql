-- One row for each referral, and one for each tenancy in force on the last day.
SELECT
    r.landlord,
    p.period_id,
    r.referral_ref AS case_ref,
    1 AS numerator,
    0 AS denominator
FROM advice_referral AS r
JOIN period AS p ON r.referred_on BETWEEN p.start_on AND p.end_on
WHERE r.kind IN ('debt', 'benefits_check', 'budgeting', 'energy', 'employment')
UNION ALL
SELECT
    t.landlord,
    p.period_id,
    t.tenancy_ref AS case_ref,
    0 AS numerator,
    1 AS denominator
FROM tenancy AS t
JOIN period AS p ON t.start_on <= p.end_on
LEFT JOIN property AS h
    ON h.landlord = t.landlord
    AND h.property_ref = t.property_ref
WHERE COALESCE(t.end_on, p.end_on) >= p.end_on
    AND COALESCE(t.tenure, 'other') NOT IN ('leaseholder', 'shared_owner')
    AND COALESCE(h.property_type, 'other') NOT IN ('garage', 'parking')
