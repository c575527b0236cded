-- One row for each comparison made in the period.
SELECT
    b.landlord,
    p.period_id,
    b.benchmark_ref AS case_ref,
    CASE
        WHEN b.direction = 'higher' AND b.own < b.median THEN 1
        WHEN b.direction = 'lower' AND b.own > b.median THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE
        WHEN b.direction IS NULL THEN 'no-direction'
        WHEN b.own IS NULL OR b.median IS NULL THEN 'no-figures'
        ELSE NULL
    END AS excluded,
    b.service_area
FROM benchmark AS b
JOIN period AS p ON b.compared_on BETWEEN p.start_on AND p.end_on
