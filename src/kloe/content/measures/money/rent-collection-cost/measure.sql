-- One row for each line of cost and one for each home.
SELECT
    c.landlord,
    p.period_id,
    c.cost_ref AS case_ref,
    c.outturn AS numerator,
    0 AS denominator,
    CASE WHEN c.outturn IS NULL THEN 'not-spent-yet' ELSE NULL END AS excluded
FROM cost AS c
JOIN period AS p ON c.year = EXTRACT(YEAR FROM CAST(p.start_on - INTERVAL 3 MONTH AS DATE))
WHERE c.service = 'rents'
UNION ALL
SELECT
    h.landlord,
    p.period_id,
    h.property_ref AS case_ref,
    0 AS numerator,
    1 AS denominator,
    CAST(NULL AS VARCHAR(20)) AS excluded
FROM property AS h
JOIN period AS p ON COALESCE(h.acquired_on, p.end_on) <= p.end_on
WHERE (h.disposed_on IS NULL OR h.disposed_on > p.end_on)
    AND COALESCE(h.property_type, 'other') NOT IN ('garage', 'parking')
    AND COALESCE(h.tenure_type, 'other') <> 'leasehold'
