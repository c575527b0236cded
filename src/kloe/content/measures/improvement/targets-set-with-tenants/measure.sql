-- One row for each standard or indicator with a target on the last day.
SELECT
    s.landlord,
    p.period_id,
    s.standard_ref AS case_ref,
    CASE WHEN s.agreed_with_tenants THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    s.service_area
FROM service_standard AS s
JOIN period AS p ON COALESCE(s.from_on, p.end_on) <= p.end_on
WHERE (s.to_on IS NULL OR s.to_on >= p.end_on) AND s.target IS NOT NULL
