-- One row for each standard or indicator with a recent result.
SELECT
    s.landlord,
    p.period_id,
    s.standard_ref AS case_ref,
    CASE
        WHEN s.target IS NOT NULL THEN 1
        WHEN s.benchmarked_on > CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE) AND s.benchmarked_on <= p.end_on THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    s.service_area
FROM service_standard AS s
JOIN period AS p
    ON s.measured_on > CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE)
    AND s.measured_on <= p.end_on
    AND COALESCE(s.from_on, p.end_on) <= p.end_on
WHERE s.last_result IS NOT NULL AND (s.to_on IS NULL OR s.to_on >= p.end_on)
