-- One row for each standard or indicator with a target that was measured in the period.
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
    CASE
        WHEN s.direction IS NULL THEN 'no-direction'
        WHEN s.last_result IS NULL THEN 'no-result'
        ELSE NULL
    END AS excluded,
    s.kind
FROM service_standard AS s
JOIN period AS p
    ON s.measured_on BETWEEN p.start_on AND p.end_on
    AND COALESCE(s.from_on, p.end_on) <= p.end_on
    AND COALESCE(s.to_on, p.end_on) >= p.end_on
WHERE s.service_area = 'repairs' AND s.target IS NOT NULL
