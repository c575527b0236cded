-- One row for each comparison of a service in both cost and quality.
SELECT
    b.landlord,
    p.period_id,
    b.benchmark_ref AS case_ref,
    CASE
        WHEN b.cost_own > b.cost_median THEN 0
        WHEN b.direction = 'higher' AND b.own >= b.median THEN 1
        WHEN b.direction = 'lower' AND b.own <= b.median THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE WHEN b.direction IS NULL THEN 'no-direction' ELSE NULL END AS excluded,
    b.service_area
FROM benchmark AS b
JOIN period AS p ON b.compared_on BETWEEN p.start_on AND p.end_on
WHERE
    b.cost_own IS NOT NULL
    AND b.cost_median IS NOT NULL
    AND b.own IS NOT NULL
    AND b.median IS NOT NULL
