-- One row for each eviction and one for each tenancy in force on the last day.
SELECT
    t.landlord,
    p.period_id,
    t.tenancy_ref AS case_ref,
    1 AS numerator,
    0 AS denominator,
    t.property_ref
FROM tenancy AS t
JOIN period AS p ON t.end_on BETWEEN p.start_on AND p.end_on
WHERE t.end_reason = 'eviction_asb'
UNION ALL
SELECT
    t.landlord,
    p.period_id,
    t.tenancy_ref AS case_ref,
    0 AS numerator,
    1 AS denominator,
    t.property_ref
FROM tenancy AS t
JOIN period AS p ON t.start_on <= p.end_on
WHERE
    (t.end_on IS NULL OR t.end_on >= p.end_on)
    AND (t.tenure IS NULL OR t.tenure NOT IN ('leaseholder', 'shared_owner'))
