-- One row for each standard in force. Only the last result is kept of each.
SELECT
    s.landlord,
    p.period_id,
    s.standard_ref AS case_ref,
    CASE
        WHEN s.last_result IS NOT NULL AND s.measured_on > CAST(p.end_on - INTERVAL 12 MONTH AS DATE) THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator,
    CASE WHEN s.measured_on > p.end_on THEN 'measured-since' ELSE NULL END AS excluded
FROM service_standard AS s
JOIN period AS p ON COALESCE(s.from_on, p.end_on) <= p.end_on
WHERE s.service_area = 'rents'
    AND s.kind = 'standard'
    AND COALESCE(s.to_on, p.end_on) >= p.end_on
