-- One row for each line of cost and one for each home. The financial year is the one the period's
-- first day lies in, named by the calendar year in which it begins.
SELECT
    c.landlord,
    p.period_id,
    c.cost_ref AS case_ref,
    c.outturn AS numerator,
    CAST(0 AS DECIMAL(14, 2)) AS denominator
FROM cost AS c
JOIN period AS p ON c.year = EXTRACT(YEAR FROM CAST(p.start_on - INTERVAL 3 MONTH AS DATE))
WHERE c.kind = 'responsive' AND c.outturn IS NOT NULL
UNION ALL
SELECT
    h.landlord,
    p.period_id,
    h.property_ref AS case_ref,
    CAST(0 AS DECIMAL(14, 2)) AS numerator,
    CAST(1 AS DECIMAL(14, 2)) AS denominator
FROM property AS h
JOIN period AS p
    ON COALESCE(h.acquired_on, p.end_on) <= p.end_on
    AND (h.disposed_on IS NULL OR h.disposed_on > p.end_on)
WHERE COALESCE(h.property_type, 'other') NOT IN ('garage', 'parking')
