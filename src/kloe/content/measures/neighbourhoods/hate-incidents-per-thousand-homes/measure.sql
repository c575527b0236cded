-- One row for each case and one for each home.
SELECT
    c.landlord,
    p.period_id,
    c.case_ref,
    1 AS numerator,
    0 AS denominator
FROM asb_case AS c
JOIN period AS p ON CAST(c.opened_at AS DATE) BETWEEN p.start_on AND p.end_on
WHERE c.kind = 'hate'
UNION ALL
SELECT
    h.landlord,
    p.period_id,
    h.property_ref AS case_ref,
    0 AS numerator,
    1 AS denominator
FROM property AS h
JOIN period AS p ON COALESCE(h.acquired_on, p.end_on) <= p.end_on
WHERE
    (h.disposed_on IS NULL OR h.disposed_on > p.end_on)
    AND COALESCE(h.property_type, 'other') NOT IN ('garage', 'parking')
    AND h.tenure_type IN ('social_rent', 'affordable_rent', 'intermediate_rent', 'shared_ownership')
