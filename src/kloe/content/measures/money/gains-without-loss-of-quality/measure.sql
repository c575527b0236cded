-- One row for each gain achieved that names an indicator with results for both years.
-- The financial year is the one the period's first day lies in, named by the year it begins in.
SELECT
    g.landlord,
    p.period_id,
    g.gain_ref AS case_ref,
    CASE
        WHEN v.direction = 'higher' AND b.value - v.value > COALESCE(v.noise, 0) THEN 0
        WHEN v.direction = 'lower' AND v.value - b.value > COALESCE(v.noise, 0) THEN 0
        ELSE 1
    END AS numerator,
    1 AS denominator,
    CASE WHEN v.direction IS NULL THEN 'no-direction' ELSE NULL END AS excluded
FROM efficiency_gain AS g
JOIN period AS p ON g.year = EXTRACT(YEAR FROM CAST(p.start_on - INTERVAL 3 MONTH AS DATE))
JOIN indicator_value AS v
    ON v.landlord = g.landlord
    AND v.indicator_ref = g.indicator_ref
    AND v.year = g.year
JOIN indicator_value AS b
    ON b.landlord = g.landlord
    AND b.indicator_ref = g.indicator_ref
    AND b.year = g.year - 1
WHERE g.achieved > 0 AND v.quality AND v.value IS NOT NULL AND b.value IS NOT NULL
