-- One row for each standard of tenancy management with a recent result.
SELECT
    s.landlord,
    p.period_id,
    s.standard_ref AS case_ref,
    CASE
        WHEN s.direction = 'higher' AND s.last_result >= s.target THEN 1
        WHEN s.direction = 'lower' AND s.last_result <= s.target THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE WHEN s.target IS NULL OR s.direction IS NULL THEN 'no-target' ELSE NULL END AS excluded
FROM service_standard AS s
JOIN period AS p
    ON s.measured_on > CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE)
    AND s.measured_on <= p.end_on
WHERE s.service_area = 'tenancies' AND s.last_result IS NOT NULL
