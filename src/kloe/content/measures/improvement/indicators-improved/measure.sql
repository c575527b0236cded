-- One row for each indicator with results two years apart. The period's financial year is the
-- one its first day lies in, named by the calendar year in which it begins.
SELECT
    v.landlord,
    p.period_id,
    v.indicator_ref AS case_ref,
    CASE
        WHEN v.direction = 'higher' AND v.value - b.value > COALESCE(v.noise, 0) THEN 1
        WHEN v.direction = 'lower' AND b.value - v.value > COALESCE(v.noise, 0) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE WHEN v.direction IS NULL THEN 'no-direction' ELSE NULL END AS excluded
FROM indicator_value AS v
JOIN period AS p ON v.year = EXTRACT(YEAR FROM CAST(p.start_on - INTERVAL 3 MONTH AS DATE))
JOIN indicator_value AS b
    ON b.landlord = v.landlord
    AND b.indicator_ref = v.indicator_ref
    AND b.year = v.year - 2
WHERE v.value IS NOT NULL AND b.value IS NOT NULL
