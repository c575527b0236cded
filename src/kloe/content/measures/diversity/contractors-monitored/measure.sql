-- One row for each in use.
SELECT
    x.landlord,
    p.period_id,
    x.contractor AS case_ref,
    CASE
        WHEN x.equality_return_on > CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    -- Only the last is kept: of the one before nothing is known.
    CASE WHEN x.equality_return_on > p.end_on THEN 'returned-since' ELSE NULL END AS excluded
FROM contractor AS x
CROSS JOIN period AS p
WHERE x.active
