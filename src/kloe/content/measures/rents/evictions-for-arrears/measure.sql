-- One row for each eviction for arrears, and one for each tenancy in force on the last day.
SELECT
    t.landlord,
    p.period_id,
    t.tenancy_ref AS case_ref,
    1 AS numerator,
    0 AS denominator,
    t.property_ref,
    t.tenancy_ref,
    t.tenure
FROM tenancy AS t
JOIN period AS p ON t.end_on BETWEEN p.start_on AND p.end_on
LEFT JOIN property AS h
    ON h.landlord = t.landlord
    AND h.property_ref = t.property_ref
WHERE t.end_reason = 'eviction_arrears'
    AND COALESCE(t.tenure, 'other') NOT IN ('leaseholder', 'shared_owner')
    AND COALESCE(h.property_type, 'other') NOT IN ('garage', 'parking')
UNION ALL
SELECT
    t.landlord,
    p.period_id,
    t.tenancy_ref AS case_ref,
    0 AS numerator,
    1 AS denominator,
    t.property_ref,
    t.tenancy_ref,
    t.tenure
FROM tenancy AS t
JOIN period AS p ON t.start_on <= p.end_on
LEFT JOIN property AS h
    ON h.landlord = t.landlord
    AND h.property_ref = t.property_ref
WHERE COALESCE(t.end_on, p.end_on) >= p.end_on
    AND COALESCE(t.tenure, 'other') NOT IN ('leaseholder', 'shared_owner')
    AND COALESCE(h.property_type, 'other') NOT IN ('garage', 'parking')
