-- One row for each standard in force on the last day.
SELECT
    s.landlord,
    p.period_id,
    s.standard_ref AS case_ref,
    CASE
        WHEN s.tested_by_customers_on > CAST(p.end_on - :months * INTERVAL 1 MONTH AS DATE) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    -- Only the last is kept: of the one before nothing is known.
    CASE WHEN s.tested_by_customers_on > p.end_on THEN 'tested-since' ELSE NULL END AS excluded,
    s.service_area
FROM service_standard AS s
JOIN period AS p ON COALESCE(s.from_on, p.end_on) <= p.end_on
WHERE s.kind = 'standard' AND (s.to_on IS NULL OR s.to_on >= p.end_on)
